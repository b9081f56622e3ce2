/**
 * The one decision about ingress rules: from what the records say and what EC2 shows, what must change. Rules
 * appear and disappear through this plan alone.
 */
import type { Lease } from './lease.js';
import type { RuleRecord } from './rule.js';

/** An ingress rule for tcp/22 as EC2 shows it. `leases` are those whose signature verified. */
export interface SeenRule {
  ruleId: string;
  groupId: string;
  source: string;
  leases: Lease[];
  /** It carries a tag of ours, verified or not. */
  tagged: boolean;
  /** It carries the installation's tag, by which it is found where its group is not known. */
  marked: boolean;
  /** It lets in tcp/22 from a range of addresses and nothing else, as each rule does that the bot makes. */
  plain: boolean;
  /** Its group is an access group of this installation. */
  inAccessGroup: boolean;
}

export interface IngressPlan {
  authorize: RuleRecord[];
  /** Rule ids. */
  revoke: string[];
  /** Leases that the record has and the rule's tags lack; none where only the installation's tag is missing. */
  tag: { seen: SeenRule; leases: Lease[] }[];
  /** Leases that the tags have and the record lacks. */
  untag: { seen: SeenRule; requestIds: string[] }[];
}

/**
 * What makes the rules of one group what the records call for.
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
    // A record protects its rule only as long as one of its own leases runs: what it owes may never be done.
    if (own && !(hasPassed(record, nowMs) && nothingKeeps(own, nowMs, ending))) handled.add(own.ruleId);
    switch (record.stage.state) {
      case 'authorizing': {
        const wanted = record.leases.some(({ endsAtMs }) => endsAtMs > nowMs);
        const may = !own && !record.stage.ruleId && nowMs < record.stage.openByMs;
        if (may && wanted) plan.authorize.push(record);
        break;
      }
      case 'open': {
        if (!own || !own.plain || own.source !== record.source || hasPassed(record, nowMs)) break;
        const runs = record.leases.filter(({ endsAtMs }) => endsAtMs > nowMs);
        const missing = runs.filter((lease) => !own.leases.some((tag) => sameLease(tag, lease)));
        const extra = own.leases.filter((tag) => !record.leases.some((l) => l.requestId === tag.requestId));
        if (missing.length > 0 || !own.marked) plan.tag.push({ seen: own, leases: missing });
        if (extra.length > 0) plan.untag.push({ seen: own, requestIds: extra.map((l) => l.requestId) });
        break;
      }
      case 'revoking':
        // By the id that is known even where a stale read does not show it: ids are not reused.
        if (record.stage.ruleId) revoke.add(record.stage.ruleId);
        if (own) revoke.add(own.ruleId);
        break;
      case 'newer':
        // Whoever wrote the record knows what the rule needs; only its own leases, once they have passed, say that it goes.
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

/** True where the rule at EC2 is the one that the record speaks of; by its id also where a hand changed its source. */
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
 * A rule of ours that no record knows: its leases have all passed, or it stands in our access group without any
 * that verifies. Elsewhere only a rule that {@link isOwned}.
 */
export function nothingKeeps(rule: SeenRule, nowMs: number, ending: readonly string[] = []): boolean {
  if (!isOwned(rule)) return rule.tagged && rule.inAccessGroup;
  return rule.leases.every(({ endsAtMs, requestId }) => endsAtMs <= nowMs || ending.includes(requestId));
}

/**
 * Of rules that no record knows, those in our access groups that carry our tag and are not as we make them: without a
 * lease that verifies, or for more than tcp/22, which no signature covers.
 */
export function isForged(rule: SeenRule): boolean {
  return rule.inAccessGroup && rule.tagged && (!rule.plain || rule.leases.length === 0);
}

/**
 * Its own tags prove that it is ours. Without a lease that verifies a tag is somebody else's text; and in a group of
 * somebody else's a lease on anything but tcp/22 may be a copy, since no signature covers the ports.
 */
export function isOwned(rule: SeenRule): boolean {
  return rule.leases.length > 0 && (rule.inAccessGroup || rule.plain);
}

function hasPassed(record: RuleRecord, nowMs: number): boolean {
  return record.leases.every(({ endsAtMs }) => endsAtMs <= nowMs);
}

/** Records that a read of their group may change: those on their way, and open ones whose time is over. */
export function isUnsettled(record: RuleRecord, nowMs: number): boolean {
  const { state } = record.stage;
  return state === 'authorizing' || state === 'revoking' || (state === 'open' && hasPassed(record, nowMs));
}

function sameLease(one: Lease, other: Lease): boolean {
  return one.requestId === other.requestId && one.endsAtMs === other.endsAtMs;
}

/**
 * The record after a read of its group: open once its rule was seen, gone once its removal was seen. Undefined
 * where nothing changed. `answered` are rule ids for which EC2 answered just now: authorizes where the record is
 * authorizing, revokes where it is not. `absentAgainMs` is how far apart two reads must lack a rule for which no
 * revoke was answered.
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
        // Now its id is known, or its revoke was answered and the read is behind, or an absence was none.
        const wasAnswered = before.answered === true || answered.includes(own.ruleId);
        const same = before.ruleId === own.ruleId && (before.answered === true) === wasAnswered;
        if (same && before.absentSinceMs === undefined) return undefined;
        const { deadlineMs } = before;
        const stage = { state: 'revoking' as const, ruleId: own.ruleId, deadlineMs };
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
      // Its time was over and it went by its tags, since whoever owed its end did not come.
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

/** Open, as seen. Where another authorize may still be under way, its end waits for that one's deadline. */
function opened(
  before: Extract<RuleRecord['stage'], { state: 'authorizing' }>,
  ruleId: string,
  answered: readonly string[],
): RuleRecord['stage'] {
  const deadlineMs = answered.includes(ruleId) ? before.earlierMs : before.deadlineMs;
  return { state: 'open', ruleId, ...(deadlineMs === undefined ? {} : { deadlineMs }) };
}

/**
 * The record, on its way out, of a rule that a plan revokes since all of its leases have passed; undefined for every
 * other record.
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
  const stage = { state: 'revoking' as const, ruleId, deadlineMs };
  return { ruleId, rule: { ...record, version: record.version + 1, stage, leases: [] } };
}

/** What hands did to the rule of an open grant, judged by one read of its group. */
export type Drift =
  | { kind: 'none' }
  /** It is not there; a second read has to confirm that. */
  | { kind: 'absent' }
  /** It lets in somebody else now, or on other ports. */
  | { kind: 'changed'; seen: SeenRule }
  /** Tags of these requests are missing or do not verify; of all where the installation's is. */
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
