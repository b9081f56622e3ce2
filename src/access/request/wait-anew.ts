/**
 * When approvers are reminded and the fallback is asked. The times count from when the waiting began; a second
 * waiting starts them over.
 */

import type { Policy, PolicyRule } from '../policy/policy.js';
import type { Need, NeedDue, NeedPart } from './need.js';
import { approversOf, askedItself, canBeFilled, everybodyIn, hasNoManager } from './needs.js';

/** When a rule has people reminded of a request that begins to wait now, and when it asks the fallback. */
export function dueFrom(
  { remindAfterMs, fallback }: Pick<PolicyRule, 'remindAfterMs' | 'fallback'>,
  nowMs: number,
): Pick<NeedDue, 'remind' | 'fallback'> {
  const { afterMs, ask, sooner } = fallback ?? {};
  return {
    ...(remindAfterMs === undefined ? {} : { remind: { atMs: nowMs + remindAfterMs, done: false } }),
    ...(afterMs === undefined || !ask
      ? {}
      : { fallback: { atMs: nowMs + afterMs, ask, ...(sooner ? { sooner } : {}), done: false } }),
  };
}

/** The need of a request that waits once more. The fallback stays asked only where too few are left without its people. */
export function waitAnew(policy: Policy, need: Need, nowMs: number): Need {
  const { asks, hears } = need;
  const { fallback: before } = need.due;
  const rule = policy.rules.find(({ name }) => name === need.rule);
  const due = rule ? dueFrom(rule, nowMs) : {};
  const own = asks.parts.map((part) => withoutFallback(part, hears.alsoAsked));
  const enough = canBeFilled(own) && approversOf(asks.reviews).every((id) => everybodyIn(own).includes(id));
  if (!enough) return { ...need, due: { ...due, ...(before?.done ? { fallback: before } : {}) } };
  const anew = own.length > 0 ? { ...asks, parts: own, approvers: everybodyIn(own) } : asks;
  return { ...need, due, asks: anew };
}

/** @param sooner people of the fallback whom the requester asked before its time: they stay */
function withoutFallback(part: NeedPart, sooner: readonly string[]): NeedPart {
  if (!part.instead || hasNoManager(part)) return part;
  const { instead, ...rest } = part;
  const stay = instead.filter((id) => sooner.includes(id));
  const people = [...askedItself(part), ...stay];
  return { ...rest, people, ...(stay.length > 0 ? { instead: stay } : {}) };
}
