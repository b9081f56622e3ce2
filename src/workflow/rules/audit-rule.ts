/** What is written down of a call that changes a rule at AWS: one record a rule, with every id that is known. */
import { type AuditEntry, AwsUnavailable, type Parts } from '../ports.js';

/** A rule as far as the caller knows it. */
export interface CalledFor {
  groupId: string;
  /** Not known before an authorize was answered. */
  ruleId?: string;
  source?: string;
  /** The requests whose leases are on it, or that the call is about. */
  requestIds?: readonly string[];
}

/** The record; the one request that a rule belongs to stands where that of a change of state does. */
export function ruleEntry({ now }: Pick<Parts, 'now'>, what: string, rule: CalledFor): AuditEntry {
  const { groupId, ruleId, source, requestIds = [] } = rule;
  const [only, ...others] = requestIds;
  const ids = {
    groupId,
    ...(ruleId ? { ruleId } : {}),
    ...(source ? { source } : {}),
    ...(others.length > 0 ? { requests: requestIds.join(' ') } : {}),
  };
  return { atMs: now(), who: 'bot', what, ids, ...(only && others.length === 0 ? { requestId: only } : {}) };
}

/**
 * Makes a call that changes AWS, and writes down what was answered. A call whose answer was lost may have taken effect
 * all the same: that is written down as `…-unanswered`, and what is seen afterwards tells the rest.
 */
export async function called<T>(
  parts: Parts,
  rules: readonly CalledFor[],
  what: string,
  call: () => Promise<T>,
): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    if (cause instanceof AwsUnavailable && cause.unanswered) {
      const why = cause.message;
      const entries = rules.map((rule) => ({ ...ruleEntry(parts, `${what}-unanswered`, rule), why }));
      await parts.store.audit(entries).catch((err: unknown) => {
        parts.log.warn({ err }, 'a call without an answer is in the log alone');
      });
    }
    throw cause;
  }
}
