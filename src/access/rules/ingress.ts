/**
 * Plans what must change in a group, by comparing the records with the rules that EC2 shows. Rules appear and
 * disappear through this plan alone.
 */
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
   * The rule's group is an access group of this installation. False, since nobody asked, for a rule that is ours in any
   * group: a plain one with a lease that verified.
   */
  inAccessGroup: boolean;
}

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
    // A record protects its rule only while one of its own leases runs: the request that should end may never come.
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

function hasPassed(record: RuleRecord, nowMs: number): boolean {
  return record.leases.every(({ endsAtMs }) => endsAtMs <= nowMs);
}

/** True for a record that a read of its group may change: a rule that is coming or going, or open and expired. */
export function isUnsettled(record: RuleRecord, nowMs: number): boolean {
  const { state } = record.stage;
  return state === 'authorizing' || state === 'revoking' || (state === 'open' && hasPassed(record, nowMs));
}

function sameLease(one: Lease, other: Lease): boolean {
  return one.requestId === other.requestId && one.endsAtMs === other.endsAtMs;
}

/**
 * The record after a read of its group: open once its rule was seen, gone once its removal was seen. Undefined
 * where nothing changed.
 * @param answered ids of rules for which EC2 answered just now: authorizes where the record is authorizing, revokes
 *   where it is not
 * @param absentAgainMs how far apart two reads must lack a rule for which no revoke was answered
 */
export function settleRule(
  record: RuleRecord,
  seen: readonly SeenRule[],
  answered: readonly string[],
  nowMs: number,
  absentAgainMs: number,
): RuleRecord | undefined {
  const own = seen.find((rule) => isRuleOf(record, rule));
  const version = record.version + 1;
  switch (record.stage.state) {
    case 'authorizing':
      return own ? { ...record, version, stage: opened(record.stage, own.ruleId, answered) } : undefined;
    case 'revoking': {
      const before = record.stage;
      if (own) {
        // The read tells the rule's id, or is behind the answer to the revoke, or takes back an absence.
        const wasAnswered = before.answered === true || answered.includes(own.ruleId);
        const same = before.ruleId === own.ruleId && (before.answered === true) === wasAnswered;
        if (same && before.absentSinceMs === undefined) return undefined;
        const { deadlineMs, left } = before;
        const stage = {
          state: 'revoking' as const,
          ruleId: own.ruleId,
          deadlineMs,
          ...(left ? { left } : {}),
        };
        return { ...record, version, stage: wasAnswered ? { ...stage, answered: true } : stage };
      }
      if (nowMs < before.deadlineMs) return undefined;
      const { ruleId } = before;
      const revoked = before.answered === true || (ruleId !== undefined && answered.includes(ruleId));
      const absentLong = before.absentSinceMs !== undefined && nowMs - before.absentSinceMs >= absentAgainMs;
      if (revoked || absentLong) return { ...record, version, stage: { state: 'gone' } };
      if (before.absentSinceMs !== undefined) return undefined;
      return { ...record, version, stage: { ...before, absentSinceMs: nowMs } };
    }
    case 'open': {
      if (own || !hasPassed(record, nowMs)) return undefined;
      // The rule was expired and went by its tags, since the request that owed its end did not come.
      const { ruleId, deadlineMs = nowMs } = record.stage;
      const left = { ...record, version, leases: [] };
      if (!answered.includes(ruleId)) return { ...left, stage: { state: 'revoking', ruleId, deadlineMs } };
      if (nowMs >= deadlineMs) return { ...left, stage: { state: 'gone' } };
      return { ...left, stage: { state: 'revoking', ruleId, deadlineMs, answered: true } };
    }
    case 'gone':
    case 'newer':
      return undefined;
  }
}

/** The stage of a rule that was seen. Where another authorize may still be under way, the rule's end waits for its deadline. */
function opened(
  before: Extract<RuleRecord['stage'], { state: 'authorizing' }>,
  ruleId: string,
  answered: readonly string[],
): RuleRecord['stage'] {
  const deadlineMs = answered.includes(ruleId) ? before.earlierMs : before.deadlineMs;
  return { state: 'open', ruleId, ...(deadlineMs === undefined ? {} : { deadlineMs }) };
}

/**
 * The record of an expired rule that a plan revokes, as `revoking` and without its leases; undefined for every other
 * record.
 * @param revoke ids of the rules that the plan revokes
 */
export function expireRule(
  record: RuleRecord,
  seen: readonly SeenRule[],
  revoke: readonly string[],
  nowMs: number,
): { ruleId: string; rule: RuleRecord } | undefined {
  if (record.stage.state !== 'open' && record.stage.state !== 'authorizing') return undefined;
  const ruleId = record.stage.ruleId ?? seen.find((rule) => isRuleOf(record, rule))?.ruleId;
  if (!ruleId || !revoke.includes(ruleId)) return undefined;
  const deadlineMs = Math.max(nowMs, record.stage.deadlineMs ?? 0);
  const left = record.leases.map(({ requestId }) => requestId);
  const stage = { state: 'revoking' as const, ruleId, deadlineMs, left };
  return { ruleId, rule: { ...record, version: record.version + 1, stage, leases: [] } };
}

/** How the rule of an open grant was changed at AWS beside the bot, judged by one read of its group. */
export type Drift =
  | { kind: 'none' }
  /** The rule is not there; a second read has to confirm that. */
  | { kind: 'absent' }
  /** The rule lets in somebody else now, or on other ports. */
  | { kind: 'changed'; seen: SeenRule }
  /** Leases of these requests are missing or do not verify; all of them count where the installation's tag is missing. */
  | { kind: 'untagged'; seen: SeenRule; requestIds: string[] };

/** Compares the record of an open rule with what EC2 shows under its id. */
export function driftOf(record: RuleRecord, seen: readonly SeenRule[]): Drift {
  if (record.stage.state !== 'open') return { kind: 'none' };
  const own = seen.find((rule) => isRuleOf(record, rule));
  if (!own) return { kind: 'absent' };
  if (!own.plain || own.source !== record.source) return { kind: 'changed', seen: own };
  const requestIds = record.leases
    .filter((lease) => !own.marked || !own.leases.some((tag) => tag.requestId === lease.requestId))
    .map(({ requestId }) => requestId);
  return requestIds.length > 0 ? { kind: 'untagged', seen: own, requestIds } : { kind: 'none' };
}
