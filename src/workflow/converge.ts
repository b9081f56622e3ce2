/**
 * Makes the rules of one group what the records call for: read, plan, apply, read back. Opening, ending and the
 * sweep all come through here; there is one way that a rule comes and one way that it goes.
 */
import { planIngress, type SeenRule, settleRule } from '../access/ingress.js';
import type { Rule } from '../access/lease.js';
import type { AuditEntry, Parts } from './ports.js';

/** Why a rule could not be authorized, by its source. */
export type Hindrance = 'foreign' | 'quota' | 'no-group';

/** How long a read may lag behind a change before the rest is left to the next try. */
const READ_BACK_PAUSES_MS = [0, 150, 400, 1000];

/**
 * Converges a group once. Whoever waits for a rule loads its record afterwards.
 * @returns what hindered an authorize, by source
 * @throws AwsUnavailable where EC2 does not answer; what was done stays done
 */
export async function converge(parts: Parts, groupId: string): Promise<Map<string, Hindrance>> {
  const hindrances = new Map<string, Hindrance>();
  const records = await parts.store.rulesOf(groupId);
  const plan = planIngress(records, await parts.firewall.rules(groupId), parts.now());

  const answered = plan.revoke.length > 0 ? await parts.firewall.revoke(groupId, plan.revoke) : [];
  await audit(parts, answered, (ruleId) => ({ what: 'rule-revoked', ids: { groupId, ruleId } }));
  for (const record of plan.authorize) await authorize(parts, record, hindrances);
  for (const { seen, leases } of plan.tag)
    await parts.firewall.tag(seen.ruleId, groupId, seen.source, leases);
  for (const { seen, requestIds } of plan.untag) await parts.firewall.untag(seen.ruleId, requestIds);

  await readBack(parts, groupId, answered, hindrances);
  return hindrances;
}

async function authorize(parts: Parts, record: Rule, hindrances: Map<string, Hindrance>): Promise<void> {
  if (record.rule.state !== 'authorizing') return;
  const { openByMs } = record.rule;
  // The deadline is stored first: whoever ends this grant meanwhile knows until when the call may still take effect.
  const deadlineMs = parts.now() + parts.times.awsMs;
  const marked: Rule = {
    ...record,
    version: record.version + 1,
    rule: { state: 'authorizing', deadlineMs, openByMs },
  };
  const stored = await parts.store.change({ rule: marked, audit: [] });
  if (stored.outcome !== 'done') return;
  const { groupId, source, leases } = marked;
  const answer = await parts.firewall.authorize(groupId, source, leases, describe(leases));
  if (typeof answer === 'object') {
    const { ruleId } = answer;
    await audit(parts, [ruleId], () => ({ what: 'rule-authorized', ids: { groupId, ruleId, source } }));
  } else hindrances.set(source, answer === 'duplicate' ? 'foreign' : answer);
}

/** Reads until every record of the group has settled, or the pauses are used up. */
async function readBack(
  parts: Parts,
  groupId: string,
  answered: string[],
  hindrances: Map<string, Hindrance>,
): Promise<void> {
  for (const pauseMs of READ_BACK_PAUSES_MS) {
    const records = await parts.store.rulesOf(groupId);
    const unsettled = records.filter(({ rule }) => rule.state === 'authorizing' || rule.state === 'revoking');
    if (unsettled.length === 0) return;
    if (pauseMs > 0) await parts.pause(pauseMs);
    const seen = await parts.firewall.rules(groupId);
    let waits = false;
    for (const record of unsettled) {
      const next = settleRule(record, seen, answered, parts.now(), parts.times.absentAgainMs);
      if (next) await parts.store.change({ rule: next, audit: [] });
      if (record.rule.state === 'authorizing' && next) hindrances.delete(record.source); // the duplicate was ours
      waits ||= isStale(record, next, seen, answered);
    }
    if (!waits) return;
  }
}

/** A read that may simply be behind: an authorize or a revoke that was answered does not show yet. */
function isStale(record: Rule, next: Rule | undefined, seen: SeenRule[], answered: string[]): boolean {
  if (next && next.rule.state !== 'revoking') return false;
  if (record.rule.state === 'authorizing') return !seen.some(({ source }) => source === record.source);
  return record.rule.state === 'revoking' && answered.some((id) => seen.some(({ ruleId }) => ruleId === id));
}

function describe(leases: Rule['leases']): string {
  return `workspace-ssh ${leases.map(({ requestId, user }) => `${requestId} ${user}`).join(', ')}`;
}

async function audit(
  parts: Parts,
  ruleIds: string[],
  entry: (ruleId: string) => Pick<AuditEntry, 'what' | 'ids'>,
): Promise<void> {
  if (ruleIds.length === 0) return;
  await parts.store.audit(ruleIds.map((id) => ({ atMs: parts.now(), who: 'bot', ...entry(id) })));
}
