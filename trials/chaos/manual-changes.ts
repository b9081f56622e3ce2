/** Somebody at the AWS console: removes a rule of the bot's, and adds rules of their own from the same address. */
import type { Town } from '../../sandbox/town.js';
import { GROUP_TAG, leaseIdOfTag, leaseTagKey } from '../../src/access/rules/lease.js';
import type { Witness } from '../witness/witness.js';
import type { Trace } from './trace.js';

const TWIN_LIVES_MS = 20_000;

export interface Hands {
  /** Removes the rule that this request's access hangs on, if there is one. */
  removeRuleOf(requestId: string): void;
  /** Adds an untagged rule from the same address where the WorkSpace's own would go, and takes it away later. */
  addTwin(workspaceId: string, source: string): void;
}

export function createHands({ aws }: Town, witness: Witness, trace: Trace): Hands {
  const isThere = (ruleId: string, groupId: string) =>
    aws.rules(groupId).some((rule) => rule.ruleId === ruleId);
  return {
    removeRuleOf(requestId) {
      const rule = aws.rules().find(({ tags }) => tags[leaseTagKey(requestId)] !== undefined);
      if (!rule) return;
      // Others may hold it too: theirs ends as well.
      for (const key of Object.keys(rule.tags)) {
        const id = leaseIdOfTag(key);
        if (id) witness.ended(id);
      }
      trace.note('hand-removes', { ruleId: rule.ruleId });
      witness.byHand(() => aws.removeRule(rule.ruleId));
    },
    addTwin(workspaceId, source) {
      const carried = aws.interfaceOf(workspaceId)?.groups ?? [];
      const groups = aws.groups().filter(({ id }) => carried.includes(id));
      const groupId = (groups.find(({ tags }) => tags[GROUP_TAG]) ?? groups.at(-1))?.id;
      if (!groupId) return;
      try {
        const { ruleId } = witness.byHand(() => aws.addRule(groupId, { cidr: source }));
        trace.note('hand-adds', { ruleId, groupId, source });
        setTimeout(() => {
          if (!isThere(ruleId, groupId)) return;
          trace.note('hand-removes', { ruleId });
          witness.byHand(() => aws.removeRule(ruleId));
        }, TWIN_LIVES_MS).unref();
      } catch (refusal) {
        // EC2 has such a rule already, or as many as it allows.
        trace.note('hand-refused', { groupId, source, why: String(refusal) });
      }
    },
  };
}
