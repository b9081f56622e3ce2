/** An ingress rule as EC2 shows it, and by its tags and the records: whose rule it is, and whether anything keeps it. */
import type { Traffic } from './coverage.js';
import type { Lease } from './lease.js';
import type { RuleRecord } from './rule.js';

/** An ingress rule as EC2 shows it. */
export interface SeenRule {
  ruleId: string;
  groupId: string;
  /** A CIDR; of a rule that lets in a group or a prefix list, its id. */
  source: string;
  /** Leases in the rule's tags whose signature verified. */
  leases: Lease[];
  /** The rule carries a tag of ours, verified or not. */
  tagged: boolean;
  /** The rule carries the installation's tag, by which it is found where its group is not known. */
  marked: boolean;
  /** The rule lets in tcp/22 from one range of addresses and nothing else, as each rule does that the bot makes. */
  plain: boolean;
  /** What the rule lets in, plain or not. */
  traffic: Traffic;
  /**
   * The rule's group is an access group of this installation. Always false for a plain rule with a lease that verified:
   * such a rule is ours in any group, so nobody asks EC2 about the group.
   */
  inAccessGroup: boolean;
}

/** True where the record speaks of this rule at EC2; a known id counts also where somebody changed the source at AWS. */
export function isRuleOf(record: RuleRecord, rule: SeenRule): boolean {
  if (rule.groupId !== record.groupId) return false;
  if ('ruleId' in record.stage && record.stage.ruleId) return rule.ruleId === record.stage.ruleId;
  if (rule.source !== record.source) return false;
  if (record.stage.state === 'newer') return true;
  // A stale read may still show an older rule with this source: only the leases tell them apart.
  if (record.leases.length === 0) return rule.leases.length > 0;
  return rule.leases.some((tag) => record.leases.some(({ requestId }) => requestId === tag.requestId));
}

/** True where none of the records speaks of the rule: nothing but its tags says whose it is. */
export function isUnrecorded(rule: SeenRule, records: readonly RuleRecord[]): boolean {
  return !records.some((record) => isRuleOf(record, rule));
}

/**
 * True for a rule that has to go unless a record keeps it: an expired rule, whose leases have all passed, or a rule in
 * our access group that carries our tag without a lease that verifies. In other groups only a rule that {@link isOwned}
 * can expire.
 */
export function nothingKeeps(rule: SeenRule, nowMs: number, ending: readonly string[] = []): boolean {
  if (!isOwned(rule)) return rule.tagged && rule.inAccessGroup;
  return rule.leases.every(({ endsAtMs, requestId }) => endsAtMs <= nowMs || ending.includes(requestId));
}

/**
 * True for a rule in our access groups that carries our tag and is not as we make rules: without a lease that verifies,
 * or for more than tcp/22, which no signature covers. Only rules that no record knows are asked about: a rule with a
 * record may have drifted instead.
 */
export function isForged(rule: SeenRule): boolean {
  return rule.inAccessGroup && rule.tagged && (!rule.plain || rule.leases.length === 0);
}

/**
 * True where a rule's own tags prove that the rule is ours. Without a lease that verifies a tag is somebody else's text;
 * and in a group of somebody else's a lease on anything but tcp/22 may be a copy, since no signature covers the ports.
 */
export function isOwned(rule: SeenRule): boolean {
  return rule.leases.length > 0 && (rule.inAccessGroup || rule.plain);
}
