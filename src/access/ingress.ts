/**
 * The one decision about ingress rules: from what the records say and what EC2 shows, what must change. Rules
 * appear and disappear through this plan alone.
 */
import type { Lease, Rule } from './lease.js';

/** An ingress rule for tcp/22 as EC2 shows it. `leases` are those whose signature verified. */
export interface SeenRule {
  ruleId: string;
  groupId: string;
  source: string;
  leases: Lease[];
  /** It carries a tag of ours, verified or not. */
  tagged: boolean;
  /** Its group is an access group of this installation. */
  inAccessGroup: boolean;
}

export interface IngressPlan {
  authorize: Rule[];
  /** Rule ids. */
  revoke: string[];
  /** Leases that the record has and the rule's tags lack. */
  tag: { seen: SeenRule; leases: Lease[] }[];
  /** Leases that the tags have and the record lacks. */
  untag: { seen: SeenRule; requestIds: string[] }[];
}

/**
 * What makes the rules of one group what the records call for.
 * @param records the group's rule records that are not gone
 * @param seen the group's rules at EC2
 * @param nowMs epoch milliseconds
 */
export function planIngress(records: readonly Rule[], seen: readonly SeenRule[], nowMs: number): IngressPlan {
  const plan: IngressPlan = { authorize: [], revoke: [], tag: [], untag: [] };
  const revoke = new Set<string>();
  const handled = new Set<string>();
  for (const record of records) {
    const own = seen.find((rule) => isRuleOf(record, rule));
    if (own) handled.add(own.ruleId);
    switch (record.rule.state) {
      case 'authorizing': {
        const wanted = record.leases.some(({ endsAtMs }) => endsAtMs > nowMs);
        if (!own && wanted && nowMs < record.rule.openByMs) plan.authorize.push(record);
        break;
      }
      case 'open': {
        if (!own) break;
        const missing = record.leases.filter((lease) => !own.leases.some((tag) => sameLease(tag, lease)));
        const extra = own.leases.filter((tag) => !record.leases.some((l) => l.requestId === tag.requestId));
        if (missing.length > 0) plan.tag.push({ seen: own, leases: missing });
        if (extra.length > 0) plan.untag.push({ seen: own, requestIds: extra.map((l) => l.requestId) });
        break;
      }
      case 'revoking':
        // By the id that is known even where a stale read does not show it: ids are not reused.
        if (record.rule.ruleId) revoke.add(record.rule.ruleId);
        if (own) revoke.add(own.ruleId);
        break;
      case 'gone':
        break;
    }
  }
  for (const rule of seen) {
    if (!handled.has(rule.ruleId) && isLeftover(rule, nowMs)) revoke.add(rule.ruleId);
  }
  plan.revoke = [...revoke];
  return plan;
}

/** True where the rule at EC2 is the one that the record speaks of. */
export function isRuleOf(record: Rule, rule: SeenRule): boolean {
  if (rule.source !== record.source || rule.groupId !== record.groupId) return false;
  if ('ruleId' in record.rule && record.rule.ruleId) return rule.ruleId === record.rule.ruleId;
  // A stale read may still show an older rule with this source: only the leases tell them apart.
  if (record.leases.length === 0) return rule.leases.length > 0;
  return rule.leases.some((tag) => record.leases.some(({ requestId }) => requestId === tag.requestId));
}

/**
 * A rule of ours that no record knows: its leases have all passed, or it stands in our access group without any
 * that verifies. Elsewhere a tag without a lease that verifies is somebody else's text, never a reason to act.
 */
export function isLeftover(rule: SeenRule, nowMs: number): boolean {
  if (rule.leases.length === 0) return rule.tagged && rule.inAccessGroup;
  return rule.leases.every(({ endsAtMs }) => endsAtMs <= nowMs);
}

function sameLease(one: Lease, other: Lease): boolean {
  return one.requestId === other.requestId && one.endsAtMs === other.endsAtMs;
}

/**
 * The record after a read of its group: open once its rule was seen, gone once its removal was seen. Undefined
 * where nothing changed. `answered` are rule ids for which EC2 answered a revoke; `absentAgainMs` is how far apart
 * two reads must lack a rule for which no revoke was answered.
 */
export function settleRule(
  record: Rule,
  seen: readonly SeenRule[],
  answered: readonly string[],
  nowMs: number,
  absentAgainMs: number,
): Rule | undefined {
  const own = seen.find((rule) => isRuleOf(record, rule));
  const version = record.version + 1;
  switch (record.rule.state) {
    case 'authorizing':
      return own ? { ...record, version, rule: { state: 'open', ruleId: own.ruleId } } : undefined;
    case 'revoking': {
      const before = record.rule;
      if (own) {
        // Now its id is known, or a revoke that was answered did not take: forget the answer and go on.
        if (before.ruleId === own.ruleId && before.absentSinceMs === undefined) return undefined;
        const { deadlineMs } = before;
        return { ...record, version, rule: { state: 'revoking', ruleId: own.ruleId, deadlineMs } };
      }
      if (nowMs < before.deadlineMs) return undefined;
      const revoked = before.ruleId !== undefined && answered.includes(before.ruleId);
      const absentLong = before.absentSinceMs !== undefined && nowMs - before.absentSinceMs >= absentAgainMs;
      if (revoked || absentLong) return { ...record, version, rule: { state: 'gone' } };
      if (before.absentSinceMs !== undefined) return undefined;
      return { ...record, version, rule: { ...before, absentSinceMs: nowMs } };
    }
    case 'open':
    case 'gone':
      return undefined;
  }
}
