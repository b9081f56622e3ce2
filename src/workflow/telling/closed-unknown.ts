/**
 * Rules that this process removed by their tags alone, since the store was away or knew nothing of them. Whoever had
 * them must be told; the sweep does that once it is known what the store holds of them.
 */
import type { Parts, SeenRule } from '../ports.js';
import { remembered } from './remembered.js';

const closed = remembered<SeenRule>();

/** To be told at the sweep's next pass. */
export function rememberClosed(parts: Parts, rules: readonly SeenRule[]): void {
  // One whose revoke goes on without an answer is remembered once.
  const others = closed.take(parts).filter(({ ruleId }) => !rules.some((rule) => rule.ruleId === ruleId));
  closed.add(parts, [...others, ...rules]);
}

/** Those since it was last asked. */
export function takeClosed(parts: Parts): SeenRule[] {
  return closed.take(parts);
}
