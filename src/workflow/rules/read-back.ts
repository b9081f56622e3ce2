/** The end of a converge: the group is read until it shows what was done, since EC2's reads lag behind its changes. */
import { isUnsettled, type SeenRule, settleRule } from '../../access/rules/ingress.js';
import type { RuleRecord } from '../../access/rules/rule.js';
import type { Converged } from '../converged.js';
import type { Parts } from '../ports.js';

/** Leases that were written to a rule's tags, or taken off them. */
export interface Retagged {
  ruleId: string;
  requestIds: string[];
  isThere: boolean;
}

/** How long a read may lag behind a change before the rest is left to the next try. */
const READ_BACK_SLEEPS_MS = [0, 150, 400, 1000];

/** Reads until every record of the group has settled, or the pauses are used up. */
export async function readBack(
  parts: Parts,
  groupId: string,
  done: { opens: boolean; revoked: string[]; answered: string[]; retagged: Retagged[] },
  converged: Converged,
): Promise<void> {
  const { hindrances } = converged;
  const { opens, revoked, answered, retagged } = done;
  for (const pauseMs of READ_BACK_SLEEPS_MS) {
    const records = await parts.store.rulesOf(groupId);
    const unsettled = records.filter((record) => isUnsettled(record, parts.now()));
    if (unsettled.length === 0 && answered.length === 0 && retagged.length === 0) return;
    if (pauseMs > 0) await parts.sleep(pauseMs);
    const seen = await parts.firewall.rules(groupId);
    converged.seen = seen;
    let waits = revoked.some((id) => seen.some(({ ruleId }) => ruleId === id));
    waits ||= retagged.some((one) => !shows(one, seen));
    for (const record of unsettled) {
      // That a rule was authorized is no proof that it went: somebody may have ended it since.
      const proof = record.stage.state === 'authorizing' ? answered : revoked;
      const next = settleRule(record, seen, proof, parts.now(), parts.times.absentAgainMs);
      if (next) await parts.store.change({ rule: next, audit: [] });
      if (record.stage.state === 'authorizing' && next) hindrances.delete(record.source); // the duplicate was ours
      // Who ends does not wait for what is opening.
      if (opens || record.stage.state !== 'authorizing') waits ||= isStale(record, next, seen, revoked);
    }
    if (!waits) break;
  }
  // EC2 knows a rule with this source and does not show it yet: it may be our own, after a lost answer.
  for (const [source, hindrance] of hindrances) {
    const foreign = converged.seen.some((rule) => rule.source === source && !rule.tagged && !rule.changed);
    if (hindrance === 'foreign' && !foreign) hindrances.delete(source);
  }
}

function shows({ ruleId, requestIds, isThere }: Retagged, seen: readonly SeenRule[]): boolean {
  const rule = seen.find((one) => one.ruleId === ruleId);
  if (!rule) return true;
  const has = (id: string) => rule.leases.some(({ requestId }) => requestId === id);
  return isThere ? rule.marked && requestIds.every(has) : !requestIds.some(has);
}

/** A read that may simply be behind: an authorize or a revoke that was answered does not show yet. */
function isStale(
  record: RuleRecord,
  next: RuleRecord | undefined,
  seen: SeenRule[],
  answered: string[],
): boolean {
  if (next && next.stage.state !== 'revoking') return false;
  if (record.stage.state === 'authorizing') return !seen.some(({ source }) => source === record.source);
  return record.stage.state === 'revoking' && answered.some((id) => seen.some(({ ruleId }) => ruleId === id));
}

/** The rule's record; undefined where it is gone, lost or not ours, so that a forged one cannot keep access open. */
export async function ruleOf(
  parts: Parts,
  groupId: string | undefined,
  source: string,
): Promise<RuleRecord | undefined> {
  const rules = groupId ? await parts.store.rulesOf(groupId) : [];
  return rules.find((rule) => rule.source === source);
}
