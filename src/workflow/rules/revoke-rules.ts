/**
 * The one call that closes a port. Before it, records are marked so that nobody joins the rule; after it, events say
 * what EC2 answered.
 */

import type { RuleRecord } from '../../access/rules/rule.js';
import { isForged, isUnrecorded, nothingKeeps, type SeenRule } from '../../access/rules/seen-rule.js';
import { expireRule } from '../../access/rules/settle-rule.js';
import { endsWait } from '../ends-first.js';
import type { Parts } from '../ports.js';
import type { GroupRules, ReadGroup } from './read-group.js';
import { inLine, type Place, untilRevoked } from './revoke-line.js';
import { called, type Emit, emitTo, type KnownRule, type RuleEvent } from './rule-events.js';

/**
 * The records of expired rules that nobody came to end say so first, so that no newcomer joins a rule that is being
 * removed.
 * @returns the ids that may be revoked
 */
export async function markExpired(
  parts: Parts,
  { records, seen }: ReadGroup,
  revoke: readonly string[],
): Promise<string[]> {
  const kept = new Set<string>();
  const mark = async (record: RuleRecord): Promise<void> => {
    const expired = expireRule(record, seen, revoke, parts.now());
    if (!expired) return;
    // A store that does not take the change takes no newcomer either.
    const stored = await parts.store.change({ rule: expired.rule, audit: [] }).catch((cause: unknown) => {
      parts.log.warn({ err: cause, ruleId: expired.ruleId }, 'revoked, though the store does not take that');
      return undefined;
    });
    if (stored && stored.outcome !== 'done') kept.add(expired.ruleId);
  };
  await Promise.all(records.map(mark));
  return revoke.filter((ruleId) => !kept.has(ruleId));
}

/** Rules that were revoked before any read: those that were asked for, and those for which EC2 answered. */
export interface RevokedUnseen {
  asked: readonly string[];
  revoked: readonly string[];
}

/**
 * Revokes what the records say has to go. `revoking` is final for an id, and EC2 does not reuse ids, so no read has to come
 * first: the read that follows shows what is gone.
 */
export async function revokeRecorded(parts: Parts, groupId: string, place: Place): Promise<RevokedUnseen> {
  const records = await parts.store.rulesOf(groupId);
  const asked = records.flatMap(({ stage }) =>
    stage.state === 'revoking' && stage.ruleId && !stage.answered ? [stage.ruleId] : [],
  );
  if (asked.length === 0) return { asked, revoked: [] };
  const revoked = await revokeRules(parts, { groupId, seen: [], records, place }, asked, emitTo(parts));
  return { asked, revoked };
}

/**
 * Revokes rules of a group by their ids, in one call.
 * @returns the ids for which EC2 answered that it revoked them
 * @throws AwsUnavailable where EC2 does not answer
 */
export async function revokeRules(
  parts: Parts,
  { groupId, seen, records, place }: ReadGroup,
  ruleIds: readonly string[],
  emit: Emit,
): Promise<string[]> {
  if (ruleIds.length === 0) {
    place.leave();
    return [];
  }
  const unrecorded = seen.filter((rule) => isUnrecorded(rule, records));
  // A rule that goes for another reason than its time is not told as expired.
  const expired = unrecorded.filter((rule) => nothingKeeps(rule, parts.now()));
  const forged = unrecorded.filter(isForged);
  const known = (ids: readonly string[]) =>
    ids.map((ruleId) => knownRule({ groupId, seen, records }, ruleId));
  const gone = (ids: readonly string[]): RuleEvent => ({ kind: 'orphaned', rules: withIds(expired, ids) });

  const unanswered: string[] = [];
  const revoked = await called(
    parts,
    emit,
    (why) => [{ kind: 'unanswered', change: 'revoked', rules: known(ruleIds), why }, gone(ruleIds)],
    () =>
      inLine(parts, () =>
        parts.firewall.revoke(
          groupId,
          [...ruleIds],
          (ids) => unanswered.push(...ids),
          () => endsWait(parts),
        ),
      ),
  );
  place.leave();
  // Other groups may still wait for their call.
  await untilRevoked(parts);
  await emit(
    gone([...revoked, ...unanswered]),
    { kind: 'forged', rules: withIds(forged, revoked) },
    { kind: 'revoked', rules: known(revoked) },
    { kind: 'unanswered', change: 'revoked', rules: known(unanswered) },
  );
  return revoked;
}

/** What a read of the group says of a rule, or else its record; nothing more than its id where neither knows the rule. */
function knownRule({ groupId, seen, records }: GroupRules, ruleId: string): KnownRule {
  const rule = seen.find((one) => one.ruleId === ruleId);
  if (rule) {
    const requestIds = rule.leases.map(({ requestId }) => requestId);
    return { groupId, ruleId, source: rule.source, requestIds };
  }
  for (const { stage, source } of records) {
    if (stage.state === 'revoking' && stage.ruleId === ruleId)
      return { groupId, ruleId, source, ...(stage.left ? { requestIds: stage.left } : {}) };
  }
  return { groupId, ruleId };
}

function withIds(rules: readonly SeenRule[], ids: readonly string[]): SeenRule[] {
  return rules.filter(({ ruleId }) => ids.includes(ruleId));
}
