/**
 * Changes that somebody makes at AWS beside the bot: removes one of its rules, or adds a rule from the same address.
 */
import type { Town } from '../../sandbox/town.js';
import { GROUP_TAG, leaseIdOfTag, leaseTagKey } from '../../src/access/rules/lease.js';
import type { Witness } from '../witness/witness.js';
import type { Trace } from './trace.js';

/** How long an added rule stays before the same person removes the rule again. */
const TWIN_LIVES_MS = 20_000;

export interface ManualChanges {
  /** Removes the rule that carries this request's lease, if there is one. */
  removeRuleOf(requestId: string): void;
  /** Adds an untagged rule from the same address to the group that the bot would use, and removes the rule later. */
  addTwin(workspaceId: string, source: string): void;
}

export function createManualChanges({ aws }: Town, witness: Witness, trace: Trace): ManualChanges {
  const isThere = (ruleId: string, groupId: string) =>
    aws.rules(groupId).some((rule) => rule.ruleId === ruleId);
  return {
    removeRuleOf(requestId) {
      const rule = aws.rules().find(({ tags }) => tags[leaseTagKey(requestId)] !== undefined);
      if (!rule) return;
      // Other requests may share the rule: their access ends with the rule too.
      for (const key of Object.keys(rule.tags)) {
        const id = leaseIdOfTag(key);
        if (id) witness.ended(id);
      }
      trace.note('manual-removal', { ruleId: rule.ruleId });
      witness.manually(() => aws.removeRule(rule.ruleId));
    },
    addTwin(workspaceId, source) {
      const carried = aws.interfaceOf(workspaceId)?.groups ?? [];
      const groups = aws.groups().filter(({ id }) => carried.includes(id));
      const groupId = (groups.find(({ tags }) => tags[GROUP_TAG]) ?? groups.at(-1))?.id;
      if (!groupId) return;
      try {
        const { ruleId } = witness.manually(() => aws.addRule(groupId, { cidr: source }));
        trace.note('manual-rule', { ruleId, groupId, source });
        setTimeout(() => {
          if (!isThere(ruleId, groupId)) return;
          trace.note('manual-removal', { ruleId });
          witness.manually(() => aws.removeRule(ruleId));
        }, TWIN_LIVES_MS).unref();
      } catch (refusal) {
        // EC2 refuses a rule that is there already, and a rule more than the quota.
        trace.note('manual-rule-refused', { groupId, source, why: String(refusal) });
      }
    },
  };
}
