/**
 * What the sweep does with the rules at AWS themselves: those that nothing keeps go, also while the store is away, and
 * leases of which the store knows nothing become grants again.
 */

import { isBeforeOpening, isOver, type Request } from '../../access/request/request.js';
import { isForged, isOwned, nothingKeeps, type SeenRule } from '../../access/rules/ingress.js';
import type { Lease } from '../../access/rules/lease.js';
import { attempt, each } from '../passes.js';
import { AwsUnavailable, type Parts } from '../ports.js';
import { ruleEntry } from '../rules/audit-rule.js';
import { converge } from '../rules/converge.js';
import { rememberClosed, takeClosed } from '../telling/closed-orphans.js';
import { noteLoss } from '../telling/losses.js';
import { tellForgedLater } from '../telling/tell-later.js';
import { adopt, adoptClosed } from './adopt.js';

/** Removes rules that nothing keeps, and adopts leases that the store knows nothing of. */
export async function sweepRules(parts: Parts): Promise<void> {
  try {
    await parts.store.owed(parts.now());
  } catch (err) {
    parts.log.warn({ err }, 'sweep: the store does not answer; rules are judged by their tags');
    return closeByTags(parts);
  }
  await tellClosed(parts);
  const tagged = await parts.firewall.tagged();
  const records = await recordsOf(parts, tagged);
  // One instant for the whole pass: what ends while it goes on must not be left to the next.
  const nowMs = parts.now();
  // What has to end is told to its requester too; this looks nothing up, and so does not wait for Slack.
  let adopted = await adoptAll(parts, tagged, records, ({ endsAtMs }) => endsAtMs <= nowMs);
  const over = [...records].flatMap(([id, request]) => (request && isOver(request) ? [id] : []));
  // A rule that was widened and that no record knows: nobody approved what it lets in now. A lease that was only copied
  // to it stands for the rule that it came from.
  const unchanged = new Set(idsOn(tagged.filter(({ changed }) => !changed)));
  const isLost = (id: string) => records.has(id) && !records.get(id);
  const widened = tagged.filter((rule) => rule.changed && isOwned(rule) && idsOn([rule]).some(isLost));
  over.push(...idsOn(widened).filter((id) => isLost(id) && !unchanged.has(id)));
  const unkept = tagged.filter(
    (rule) => nothingKeeps(rule, parts.now(), over) || (widened.includes(rule) && isForged(rule)),
  );
  await each([...byGroup(unkept)], ([groupId, rules]) =>
    attempt(parts, groupId, () => close(parts, groupId, rules, over)),
  );
  // Their time may have been over only since they were looked at.
  await tellClosed(parts);
  adopted += await adoptAll(parts, tagged, records, ({ endsAtMs }) => endsAtMs > nowMs);
  // After the adoption, so that a loss is told with what was found. A store without a mark is a new one, unless access
  // was open already.
  const lost = lostLeases(tagged, records);
  const mark = await parts.store.mark(adopted > 0 || lost.size > 0);
  if (mark === 'kept') return;
  // It may have been lost after the records were read.
  const recordsNow = await recordsOf(parts, tagged);
  adopted += await adoptAll(parts, tagged, recordsNow, () => true);
  // Others may have adopted some of them.
  const found = Math.max(adopted, new Set([...lost, ...lostLeases(tagged, recordsNow)]).size);
  if (mark === 'lost' || found > 0) await noteLoss(parts, found);
}

/** Whose leases these rules carry. */
function idsOn(rules: readonly SeenRule[]): string[] {
  return rules.flatMap(({ leases }) => leases.map(({ requestId }) => requestId));
}

/** The requests of leases of which the store knows nothing: it knew them before their rules were made. */
function lostLeases(
  tagged: readonly SeenRule[],
  records: ReadonlyMap<string, Request | undefined>,
): Set<string> {
  const ids = idsOn(tagged.filter(({ changed }) => !changed));
  return new Set(ids.filter((id) => records.has(id) && records.get(id) === undefined));
}

/** What the store cannot tell of a group, since somebody broke its records, must not keep a rule there. */
async function close(parts: Parts, groupId: string, rules: SeenRule[], over: string[]): Promise<void> {
  try {
    await converge(parts, groupId, over);
  } catch (err) {
    if (err instanceof AwsUnavailable) throw err;
    parts.log.warn(
      { err, groupId },
      'sweep: the store does not answer for a group; its rules are judged by their tags',
    );
    const passed = rules.filter((rule) => nothingKeeps(rule, parts.now()));
    if (passed.length > 0) await revokeByTags(parts, groupId, passed);
  }
}

/** The request of each lease; undefined where there is none. One that cannot be read is left out. */
async function recordsOf(
  parts: Parts,
  rules: readonly SeenRule[],
): Promise<Map<string, Request | undefined>> {
  const ids = new Set(idsOn(rules));
  const records = new Map<string, Request | undefined>();
  await each([...ids], (id) => attempt(parts, id, async () => records.set(id, await parts.store.load(id))));
  return records;
}

/** Adopts the `wanted` leases of which there is no record; those that end soonest first, since there may be many. */
async function adoptAll(
  parts: Parts,
  tagged: readonly SeenRule[],
  records: ReadonlyMap<string, Request | undefined>,
  wanted: (lease: Lease) => boolean,
): Promise<number> {
  const firstEnd = ({ leases }: SeenRule) => Math.min(...leases.map(({ endsAtMs }) => endsAtMs));
  const rules = tagged.filter(({ changed }) => !changed).sort((a, b) => firstEnd(a) - firstEnd(b));
  let adopted = 0;
  await each(rules, async (rule) => {
    // One after the other: the leases of a rule share its record.
    for (const lease of rule.leases.filter(wanted)) {
      const { requestId } = lease;
      const record = records.get(requestId);
      if (!records.has(requestId) || (record && !isBeforeOpening(record))) continue;
      await attempt(parts, requestId, async () => {
        if (await adopt(parts, rule, requestId, record)) adopted += 1;
      });
    }
  });
  return adopted;
}

/** Of these no tag is left at EC2 to adopt. */
async function tellClosed(parts: Parts): Promise<void> {
  await each(takeClosed(parts), async (rule) => {
    try {
      for (const lease of rule.leases) await adoptClosed(parts, rule, lease);
    } catch (err) {
      parts.log.warn({ err, ruleId: rule.ruleId }, 'sweep: what was closed is told at the next pass');
      rememberClosed(parts, [rule]);
    }
  });
}

/** Without the store: every lease on these rules has passed, and a tag never shows a later end than the record. */
async function closeByTags(parts: Parts): Promise<void> {
  const tagged = await parts.firewall.tagged();
  const unkept = tagged.filter((rule) => nothingKeeps(rule, parts.now()));
  await each([...byGroup(unkept)], ([groupId, rules]) =>
    attempt(parts, groupId, () => revokeByTags(parts, groupId, rules)),
  );
}

async function revokeByTags(parts: Parts, groupId: string, rules: readonly SeenRule[]): Promise<void> {
  const ruleIds = rules.map(({ ruleId }) => ruleId);
  // The store may take no record now, and waiting for it would keep the next group's rules: the log's line has to do.
  const record = (what: string, went: readonly SeenRule[]): void => {
    rememberClosed(parts, went);
    for (const rule of went) {
      const requestIds = rule.leases.map(({ requestId }) => requestId);
      const audit = ruleEntry(parts, what, { ...rule, requestIds });
      parts.log.warn({ audit: { ...audit, who: 'sweep' }, recorded: 'no' }, 'audit');
    }
  };
  try {
    const unanswered: string[] = [];
    const revoked = await parts.firewall.revoke(groupId, ruleIds, (ids) => unanswered.push(...ids));
    const closed = rules.filter(({ ruleId }) => revoked.includes(ruleId));
    record('rule-revoked', closed);
    // The admins read that these were removed: only what EC2 answered is.
    tellForgedLater(parts, closed.filter(isForged));
    record(
      'rule-revoked-unanswered',
      rules.filter(({ ruleId }) => unanswered.includes(ruleId)),
    );
  } catch (cause) {
    // It may have taken effect, and then no tag is left to tell anybody by.
    if (cause instanceof AwsUnavailable && cause.unanswered) record('rule-revoked-unanswered', rules);
    throw cause;
  }
}

function byGroup(rules: readonly SeenRule[]): Map<string, SeenRule[]> {
  const groups = new Map<string, SeenRule[]>();
  for (const rule of rules) groups.set(rule.groupId, [...(groups.get(rule.groupId) ?? []), rule]);
  return groups;
}
