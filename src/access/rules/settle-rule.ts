/** What becomes of a rule's record once its group was read, or a plan revokes the rule. */
import { hasPassed, type RuleRecord } from './rule.js';
import { isRuleOf, type SeenRule } from './seen-rule.js';

/** True for a record that a read of its group may change: a rule that is coming or going, or open and expired. */
export function isUnsettled(record: RuleRecord, nowMs: number): boolean {
  const { state } = record.stage;
  return state === 'authorizing' || state === 'revoking' || (state === 'open' && hasPassed(record, nowMs));
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
        // The read tells the id of the rule, or is older than the answer to its revoke, or ends an absence.
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

/** The stage of a rule that was seen. The rule's end waits for the deadline of another authorize that may be under way. */
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
