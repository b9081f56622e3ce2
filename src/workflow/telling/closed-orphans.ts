/**
 * Rules that this process removed by their tags alone, since the store was away or had no record of them. Their holders
 * must be told; the sweep does that once the store says what it holds of them.
 */

import type { SeenRule } from '../../access/rules/seen-rule.js';
import { remember, takeAll } from '../memory.js';
import type { Parts } from '../ports.js';

/** Remembers rules whose holders are to be told at the sweep's next pass. */
export function rememberClosed({ memory: { closedOrphans } }: Parts, rules: readonly SeenRule[]): void {
  // A rule whose revoke is tried again, since its answer was lost, is remembered once.
  const others = takeAll(closedOrphans).filter(({ ruleId }) => !rules.some((rule) => rule.ruleId === ruleId));
  remember(closedOrphans, ...others, ...rules);
}

/** The rules that were removed since the last call. */
export function takeClosed({ memory }: Parts): SeenRule[] {
  return takeAll(memory.closedOrphans);
}
