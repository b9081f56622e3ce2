/** Detects that somebody changed the rule of an open grant at AWS beside the bot. */
import type { RuleRecord } from './rule.js';
import { isRuleOf, type SeenRule } from './seen-rule.js';

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
