/**
 * Revokes rules with AWS alone, until a read no longer shows them. Groups are worked on side by side, so that a
 * refusal in one group keeps no rule of another open.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { SeenRule } from '../access/rules/seen-rule.js';
import { each } from '../workflow/passes.js';
import { AwsUnavailable } from '../workflow/ports.js';
import type { Firewall } from '../workflow/ports-firewall.js';

/** How long the command goes on, in milliseconds. */
export interface Patience {
  /** The command gives up, and reports the remaining rules as still open, after no rule was closed for this time. */
  stuckMs: number;
  /** The same where AWS refuses to revoke all remaining rules: reads need this time to show the revokes before. */
  refusedMs: number;
  againMs: number;
}

const PATIENCE: Patience = { stuckMs: 60_000, refusedMs: 5_000, againMs: 1_000 };

/** A rule, and whether it is closed; `why` is AWS's reason for a rule that stays. */
export interface Outcome {
  groupId: string;
  ruleId: string;
  closed: boolean;
  why?: string;
}

type ByTags = Pick<Firewall, 'tagged' | 'revoke'>;

/** Revokes the rules again and again, until all are gone or none was closed for as long as `patience` says. */
export async function closeRules(
  firewall: ByTags,
  due: readonly SeenRule[],
  patience = PATIENCE,
): Promise<Outcome[]> {
  const refused = new Map<string, string>();
  let left: readonly SeenRule[] = due;
  let moved = Date.now();
  while (left.length > 0) {
    await revokeAll(firewall, left, refused);
    const now = await stillThere(firewall, left);
    if (now.length < left.length) moved = Date.now();
    left = now;
    const isRefused = left.every(({ groupId }) => refused.has(groupId));
    if (left.length === 0 || Date.now() - moved >= (isRefused ? patience.refusedMs : patience.stuckMs)) break;
    await sleep(patience.againMs);
  }
  return due.map(({ groupId, ruleId }) => {
    const closed = !left.some((rule) => rule.ruleId === ruleId);
    const why = refused.get(groupId);
    return { groupId, ruleId, closed, ...(why && !closed ? { why } : {}) };
  });
}

async function revokeAll(
  firewall: ByTags,
  rules: readonly SeenRule[],
  refused: Map<string, string>,
): Promise<void> {
  const groups = new Map<string, string[]>();
  for (const { groupId, ruleId } of rules) groups.set(groupId, [...(groups.get(groupId) ?? []), ruleId]);
  await each([...groups], async ([groupId, ruleIds]) => {
    try {
      await firewall.revoke(groupId, ruleIds);
      refused.delete(groupId);
    } catch (cause) {
      // An outage or throttling is no refusal: the next round asks again.
      if (cause instanceof AwsUnavailable) refused.delete(groupId);
      else refused.set(groupId, cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause));
    }
  });
}

/** The rules that EC2 still shows. Rules that cannot be read count as open. */
async function stillThere(firewall: ByTags, rules: readonly SeenRule[]): Promise<readonly SeenRule[]> {
  const seen = await firewall.tagged().catch(() => undefined);
  if (!seen) return rules;
  const ids = new Set(seen.map(({ ruleId }) => ruleId));
  return rules.filter(({ ruleId }) => ids.has(ruleId));
}
