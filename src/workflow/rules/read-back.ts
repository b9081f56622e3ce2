/** The end of a converge: the group is read until it shows what was done, since EC2's reads lag behind its changes. */

import type { RuleRecord } from '../../access/rules/rule.js';
import type { SeenRule } from '../../access/rules/seen-rule.js';
import { isUnsettled, settleRule } from '../../access/rules/settle-rule.js';
import type { Converged } from '../outcomes.js';
import type { Parts } from '../ports.js';
import type { Applied } from './apply-plan.js';
import type { Retagged } from './correct-tags.js';
import type { ReadGroup } from './read-group.js';

/** How long a read may lag behind a change before the rest is left to the next try. */
const READ_BACK_SLEEPS_MS = [0, 150, 400, 1000];

/** What a turn is taken for. Ends never wait for openings. */
export type Purpose = 'to-close' | 'to-open';

/**
 * Reads until every record of the group has settled and the reads show what was applied, or for so long as reads lag.
 * @param options.purpose only `to-open` waits for rules that are being authorized as well
 * @param options.wasRead whether the group was read after all changes that were applied
 */
export async function readBack(
  parts: Parts,
  group: ReadGroup,
  { purpose, wasRead }: { purpose: Purpose; wasRead: boolean },
  applied: Applied,
): Promise<Converged> {
  const { groupId } = group;
  const { hindrances, revoked, authorized, retagged, fault } = applied;
  const untouched = revoked.length === 0 && authorized.length === 0 && retagged.length === 0;
  let { seen, records } = group;
  let isRead = wasRead;
  for (const sleepMs of READ_BACK_SLEEPS_MS) {
    // Where nothing was done since, and nothing tried, the records are those that were read just now.
    if (!isRead && (!untouched || hindrances.size > 0 || sleepMs > 0))
      records = await parts.store.rulesOf(groupId);
    const unsettled = records.filter((record) => isUnsettled(record, parts.now()));
    // Another replica may have authorized the rule that was in the way: only a read shows whose it is.
    if (unsettled.length === 0 && untouched && hindrances.size === 0)
      return { hindrances, seen, records, fault };
    if (sleepMs > 0) await parts.sleep(sleepMs);
    if (!isRead) seen = await parts.firewall.rules(groupId);
    isRead = false;
    let waits = revoked.some((id) => isShown(id, seen)) || retagged.some((one) => !showsTags(one, seen));
    const settle = async (record: RuleRecord): Promise<RuleRecord | undefined> => {
      if (!unsettled.includes(record)) return record;
      const opening = record.stage.state === 'authorizing';
      // Authorizes count for openings alone: a closing record that took them for revokes would be gone too early.
      const answered = opening ? [...revoked, ...authorized] : revoked;
      const next = settleRule(record, seen, answered, parts.now(), parts.times.absentAgainMs);
      const stored = next && (await parts.store.change({ rule: next, audit: [] }));
      if (opening && next) hindrances.delete(record.source); // the duplicate was our own rule
      // An end does not wait for an opening.
      if (purpose === 'to-open' || !opening) waits ||= isStale(record, next, seen, revoked);
      if (stored && stored.outcome !== 'done') return parts.store.ruleOf(groupId, record.source);
      return next ?? record;
    };
    const settled = await Promise.all(records.map(settle));
    records = settled.filter((record) => record !== undefined).filter(({ stage }) => stage.state !== 'gone');
    if (!waits) break;
  }
  // EC2 knows a duplicate that it does not show yet: the rule may be our own, after a lost answer.
  for (const [source, hindrance] of hindrances) {
    const foreign = seen.some((rule) => rule.source === source && !rule.tagged && rule.plain);
    if (hindrance === 'foreign' && !foreign) hindrances.delete(source);
  }
  return { hindrances, seen, records, fault };
}

function isShown(id: string, seen: readonly SeenRule[]): boolean {
  return seen.some(({ ruleId }) => ruleId === id);
}

/** True also for a rule that is not there: nobody waits for its tags. */
function showsTags({ ruleId, requestIds, isThere }: Retagged, seen: readonly SeenRule[]): boolean {
  const rule = seen.find((one) => one.ruleId === ruleId);
  if (!rule) return true;
  const has = (id: string) => rule.leases.some(({ requestId }) => requestId === id);
  return isThere ? rule.marked && requestIds.every(has) : !requestIds.some(has);
}

/** True for a read that may lag: an authorize or a revoke that was answered does not show yet. */
function isStale(
  record: RuleRecord,
  next: RuleRecord | undefined,
  seen: readonly SeenRule[],
  revoked: readonly string[],
): boolean {
  if (next && next.stage.state !== 'revoking') return false;
  if (record.stage.state === 'authorizing') return !seen.some(({ source }) => source === record.source);
  return record.stage.state === 'revoking' && revoked.some((id) => isShown(id, seen));
}
