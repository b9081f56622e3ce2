/**
 * Plans what must change in a group, by comparing the records with the rules that EC2 shows. Rules appear and
 * disappear through this plan alone.
 */
import type { Lease } from './lease.js';
import { hasPassed, type RuleRecord } from './rule.js';
import { isForged, isOwned, isRuleOf, nothingKeeps, type SeenRule } from './seen-rule.js';

/** The changes that a group needs. A part is empty where nothing has to change. */
export interface IngressPlan {
  authorize: RuleRecord[];
  /** Ids of rules that have to go. */
  revoke: string[];
  /** Leases that the record has and the rule's tags lack; none where only the installation's tag is missing. */
  tag: { seen: SeenRule; leases: Lease[] }[];
  /** Leases that the tags have and the record lacks. */
  untag: { seen: SeenRule; requestIds: string[] }[];
}

/**
 * Plans the changes that make the rules of one group what the records call for.
 * @param records the group's rule records that are not gone
 * @param seen the group's rules at EC2
 * @param nowMs epoch milliseconds
 * @param ending requests that are ending: where a record was lost, their leases count as passed
 */
export function planIngress(
  records: readonly RuleRecord[],
  seen: readonly SeenRule[],
  nowMs: number,
  ending: readonly string[] = [],
): IngressPlan {
  const plan: IngressPlan = { authorize: [], revoke: [], tag: [], untag: [] };
  const revoke = new Set<string>();
  const handled = new Set<string>();
  for (const record of records) {
    const own = seen.find((rule) => isRuleOf(record, rule));
    // A record protects its rule only while one of its own leases runs: the job that ends a request may never come.
    if (own && !(hasPassed(record, nowMs) && nothingKeeps(own, nowMs, ending))) handled.add(own.ruleId);
    switch (record.stage.state) {
      case 'authorizing': {
        const wanted = record.leases.some(({ endsAtMs }) => endsAtMs > nowMs);
        const may = !own && !record.stage.ruleId && nowMs < record.stage.openByMs;
        if (may && wanted) plan.authorize.push(record);
        break;
      }
      case 'open': {
        if (!own?.plain || own.source !== record.source || hasPassed(record, nowMs)) break;
        const runs = record.leases.filter(({ endsAtMs }) => endsAtMs > nowMs);
        const missing = runs.filter((lease) => !own.leases.some((tag) => sameLease(tag, lease)));
        const extra = own.leases.filter((tag) => !record.leases.some((l) => l.requestId === tag.requestId));
        if (missing.length > 0 || !own.marked) plan.tag.push({ seen: own, leases: missing });
        if (extra.length > 0) plan.untag.push({ seen: own, requestIds: extra.map((l) => l.requestId) });
        break;
      }
      case 'revoking':
        // A known id is revoked even where a stale read does not show the rule: EC2 does not reuse ids.
        if (record.stage.ruleId) revoke.add(record.stage.ruleId);
        if (own) revoke.add(own.ruleId);
        break;
      case 'newer':
        // The newer version knows what the rule needs; the rule goes only once its own leases have passed.
        if (own && !isOwned(own)) handled.add(own.ruleId);
        break;
      case 'gone':
        break;
    }
  }
  for (const rule of seen) {
    if (!handled.has(rule.ruleId) && (nothingKeeps(rule, nowMs, ending) || isForged(rule)))
      revoke.add(rule.ruleId);
  }
  plan.revoke = [...revoke];
  return plan;
}

function sameLease(one: Lease, other: Lease): boolean {
  return one.requestId === other.requestId && one.endsAtMs === other.endsAtMs;
}
