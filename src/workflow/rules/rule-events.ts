/**
 * The one place that hears what happens to rules at AWS: it writes the audit records, and remembers who is told later.
 * Events are emitted while the calls are made, since a call may take effect although its answer is lost.
 */
import type { SeenRule } from '../../access/rules/seen-rule.js';
import { AwsUnavailable, type Parts } from '../ports.js';
import type { AuditEntry } from '../ports-store.js';
import { rememberClosed } from '../telling/closed-orphans.js';
import { rememberRewritten } from '../telling/rewritten-tags.js';
import { tellForgedLater } from '../telling/tell-later.js';

/** A rule as far as the caller knows it. */
export interface KnownRule {
  groupId: string;
  /** Not known before an authorize was answered. */
  ruleId?: string;
  source?: string;
  /** The requests whose leases are on it, or that the call is about. */
  requestIds?: readonly string[];
}

/** A change that EC2 answered. */
export type RuleChange = 'authorized' | 'revoked' | 'tagged' | 'untagged';

export type RuleEvent =
  /** EC2 answered that it made the change. */
  | { kind: RuleChange; rules: readonly KnownRule[] }
  /** EC2 did not say whether it made the change; `why` is the fault, where there was one. */
  | { kind: 'unanswered'; change: RuleChange; rules: readonly KnownRule[]; why?: string }
  /** Tags are about to be written to a rule that lacked the leases of these requests when it was seen. */
  | { kind: 'tagging'; seen: SeenRule; requestIds: readonly string[] }
  /** Rules that no record knew went, or may have gone, since their time was over. No tag is left to find their holders by. */
  | { kind: 'orphaned'; rules: readonly SeenRule[] }
  /** Rules of our access groups that carried our tag and were not as we make them went. */
  | { kind: 'forged'; rules: readonly SeenRule[] };

/** Hears of events that belong together. What is to be told is remembered even where writing them down fails. */
export type Emit = (...events: readonly RuleEvent[]) => Promise<void>;

/** Writes audit records to the store. @throws StoreUnreachable where the store does not take them */
export function emitTo(parts: Parts): Emit {
  return async (...events) => {
    for (const event of events) rememberToTell(parts, event);
    const entries = events.flatMap((event) => entriesOf(parts, event));
    if (entries.length > 0) await parts.store.audit(entries);
  };
}

/** Writes audit records to the log alone: waiting for a store that is away would keep rules that have to go. */
export function emitToLog(parts: Parts): Emit {
  return async (...events) => {
    for (const event of events) rememberToTell(parts, event);
    for (const entry of events.flatMap((event) => entriesOf(parts, event)))
      parts.log.warn({ audit: { ...entry, who: 'sweep' }, recorded: 'no' }, 'audit');
  };
}

/**
 * Makes a call that changes rules at AWS.
 * @param unanswered what to emit where the call failed without an answer, by the words of its fault
 * @throws what the call throws, after that
 */
export async function called<T>(
  parts: Parts,
  emit: Emit,
  unanswered: (why: string) => readonly RuleEvent[],
  call: () => Promise<T>,
): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    if (cause instanceof AwsUnavailable && cause.unanswered) {
      await emit(...unanswered(cause.message)).catch((err: unknown) => {
        parts.log.warn({ err }, 'a call without an answer is in the log alone');
      });
    }
    throw cause;
  }
}

/** The audit records of an event: one for each rule that was changed, or may have been. */
export function entriesOf({ now }: Pick<Parts, 'now'>, event: RuleEvent): AuditEntry[] {
  switch (event.kind) {
    case 'authorized':
    case 'revoked':
    case 'tagged':
    case 'untagged':
      return event.rules.map((rule) => entryOf(now(), `rule-${event.kind}`, rule));
    case 'unanswered': {
      const why = event.why === undefined ? {} : { why: event.why };
      const what = `rule-${event.change}-unanswered`;
      return event.rules.map((rule) => ({ ...entryOf(now(), what, rule), ...why }));
    }
    case 'tagging':
    case 'orphaned':
    case 'forged':
      return [];
  }
}

/** The one request that a rule belongs to stands where the request of a change of state does. */
function entryOf(atMs: number, what: string, rule: KnownRule): AuditEntry {
  const { groupId, ruleId, source, requestIds = [] } = rule;
  const [only, ...others] = requestIds;
  const ids = {
    groupId,
    ...(ruleId ? { ruleId } : {}),
    ...(source ? { source } : {}),
    ...(others.length > 0 ? { requests: requestIds.join(' ') } : {}),
  };
  return { atMs, who: 'bot', what, ids, ...(only && others.length === 0 ? { requestId: only } : {}) };
}

function rememberToTell(parts: Parts, event: RuleEvent): void {
  switch (event.kind) {
    case 'tagging':
      rememberRewritten(parts, event.seen, event.requestIds);
      break;
    case 'orphaned':
      rememberClosed(parts, event.rules);
      break;
    case 'forged':
      tellForgedLater(parts, event.rules);
      break;
    case 'authorized':
    case 'revoked':
    case 'tagged':
    case 'untagged':
    case 'unanswered':
      break;
  }
}
