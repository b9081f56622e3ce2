/** Does at AWS what the plan for a group says, and emits each change as it happens. */
import type { IngressPlan } from '../../access/rules/ingress.js';
import type { SeenRule } from '../../access/rules/seen-rule.js';
import type { Hindrance } from '../outcomes.js';
import type { Parts } from '../ports.js';
import { authorize } from './authorize.js';
import { type Retagged, takeTagsOff, writeTags } from './correct-tags.js';
import type { ReadGroup } from './read-group.js';
import { markExpired, revokeRules } from './revoke-rules.js';
import { emitTo } from './rule-events.js';

/** The changes that were made to a group; a read has to show them. */
export interface Applied {
  /** Ids of rules for which EC2 answered the revoke. */
  revoked: string[];
  /** Ids of rules for which EC2 answered the authorize. */
  authorized: string[];
  retagged: Retagged[];
  hindrances: Map<string, Hindrance>;
  fault?: unknown;
}

/**
 * Revokes first, then authorizes and corrects tags.
 * @param ending requests that are ending: their leases come off, whatever the store knows of them
 * @throws AwsUnavailable where the revoke failed; any other failure is kept as `fault`
 */
export async function applyPlan(
  parts: Parts,
  group: ReadGroup,
  plan: IngressPlan,
  ending: readonly string[],
): Promise<Applied> {
  const emit = emitTo(parts);
  const ruleIds = await markExpired(parts, group, plan.revoke);
  const revoked = await revokeRules(parts, group, ruleIds, emit);
  const applied: Applied = { revoked, authorized: [], retagged: [], hindrances: new Map() };
  const changes = [
    ...plan.authorize.map((record) => async () => {
      const answer = await authorize(parts, record, emit);
      if (answer === 'not-called') return;
      if ('ruleId' in answer) applied.authorized.push(answer.ruleId);
      else applied.hindrances.set(record.source, answer.hindrance);
    }),
    ...plan.tag.map(({ seen, leases }) => async () => {
      applied.retagged.push(await writeTags(parts, seen, leases, emit));
    }),
    ...plan.untag.map(({ seen, requestIds }) => async () => {
      if (isLastProof(seen, requestIds, plan, applied)) return;
      const untagged = await takeTagsOff(parts, seen, requestIds, ending, emit);
      if (untagged) applied.retagged.push(untagged);
    }),
  ];
  for (const change of changes) {
    // A failure for one rule must keep no other rule of the group from being changed or seen gone.
    await change().catch((cause: unknown) => {
      applied.fault ??= cause;
    });
  }
  return applied;
}

/**
 * True where these leases are all that prove a rule ours, and those that are to replace them could not be written: without
 * any lease the rule would be nobody's after a loss of the store, and in a group of somebody else's it would stay for ever.
 */
function isLastProof(
  { ruleId, leases }: SeenRule,
  requestIds: readonly string[],
  { tag }: IngressPlan,
  { retagged }: Applied,
): boolean {
  const isWanted = tag.some(({ seen }) => seen.ruleId === ruleId);
  const isWritten = retagged.some((one) => one.ruleId === ruleId && one.isThere);
  return isWanted && !isWritten && leases.every(({ requestId }) => requestIds.includes(requestId));
}
