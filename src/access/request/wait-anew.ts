/** What comes while nobody answers, by the clock of the waiting: a request that waits a second time begins anew. */

import type { Policy, PolicyRule } from '../policy/policy.js';
import { approversOf, askedItself, canBeFilled, everybodyIn, hasNoManager } from './needs.js';
import type { Need, NeedPart } from './request.js';

/** When a rule has people reminded, and asks more of them, of a request that begins to wait now. */
export function laterOf(
  { remindAfterMs, fallback }: Pick<PolicyRule, 'remindAfterMs' | 'fallback'>,
  nowMs: number,
): Pick<Need, 'remind' | 'fallback'> {
  const { afterMs, ask, sooner } = fallback ?? {};
  return {
    ...(remindAfterMs === undefined ? {} : { remind: { atMs: nowMs + remindAfterMs, done: false } }),
    ...(afterMs === undefined || !ask
      ? {}
      : { fallback: { atMs: nowMs + afterMs, ask, ...(sooner ? { sooner } : {}), done: false } }),
  };
}

/** The need of a request that waits once more; the fallback stays asked where it does not work without. */
export function waitAnew(policy: Policy, need: Need, nowMs: number): Need {
  const { remind: _r, fallback: before, nudgedAtMs: _n, askedAgainAtMs: _a, ...rest } = need;
  const rule = policy.rules.find(({ name }) => name === need.rule);
  const later = rule ? laterOf(rule, nowMs) : {};
  const own = (need.parts ?? []).map((part) => withoutFallback(part, need.asked));
  const enough = canBeFilled(own) && approversOf(need.reviews).every((id) => everybodyIn(own).includes(id));
  if (enough)
    return { ...rest, ...later, ...(need.parts ? { parts: own, approvers: everybodyIn(own) } : {}) };
  return { ...rest, ...later, ...(before?.done ? { fallback: before } : {}) };
}

/** @param sooner whom the requester asked before its time: they stay */
function withoutFallback(part: NeedPart, sooner: readonly string[] = []): NeedPart {
  if (!part.instead || hasNoManager(part)) return part;
  const { instead, ...rest } = part;
  const stay = instead.filter((id) => sooner.includes(id));
  const people = [...askedItself(part), ...stay];
  return { ...rest, people, ...(stay.length > 0 ? { instead: stay } : {}) };
}
