/** What fails and is no outage: a missing permission, a missing scope, a bug. Tried again for a while, then told. */
import type { Refusal } from '../access/request/request.js';
import { AwsUnavailable, type Parts, StoreUnreachable } from './ports.js';

/**
 * The refusal to tell once a fault has lasted since `sinceMs`; its reference is in the log beside the cause.
 * @throws the cause where it is an outage, or too young to give up
 */
export function faultRefusal(parts: Parts, cause: unknown, id: string, sinceMs: number): Refusal {
  const outage = cause instanceof AwsUnavailable || cause instanceof StoreUnreachable;
  if (outage || parts.now() - sinceMs < parts.times.faultMs) throw cause;
  const reference = parts.newId();
  parts.log.error({ err: cause, id, reference }, 'given up after failing for a while');
  const sentence = `Something is wrong on my side, reference ${reference}. Nothing is open; the admins know.`;
  return { sentence, retry: true, admins: true };
}
