/**
 * Rules that this process removed by their tags alone, since the store was away or knew nothing of them. Whoever had
 * them must be told; the sweep does that once it is known what the store holds of them.
 */
import type { Parts, SeenRule } from './ports.js';

const MOST = 1_000;
const closed = new WeakMap<Parts, SeenRule[]>();

/** To be told at the sweep's next pass. */
export function rememberClosed(parts: Parts, rules: readonly SeenRule[]): void {
  const before = closed.get(parts) ?? [];
  // One whose revoke goes on without an answer is remembered once.
  const others = before.filter(({ ruleId }) => !rules.some((rule) => rule.ruleId === ruleId));
  if (rules.length > 0) closed.set(parts, [...others, ...rules].slice(-MOST));
}

/** Those since it was last asked. */
export function takeClosed(parts: Parts): SeenRule[] {
  const rules = closed.get(parts) ?? [];
  closed.delete(parts);
  return rules;
}
