/** Asks the policy in force about a request: at the asking, at each click, and where the opening is confirmed. */
import { type Decision, decide, explain } from '../../access/policy/decide.js';
import { whyOutsideLimits } from '../../access/policy/limits.js';
import type { Facts } from '../../access/request/facts.js';
import type { Ask } from '../../access/request/request.js';
import { limitedOf } from '../asking/check-follow-up.js';
import type { Because } from '../change.js';
import { questionOf } from '../finding/question.js';
import type { Parts } from '../ports.js';

/**
 * Asks the policy's limits first, as they may have changed since the asking, and then its rules.
 * @throws where Slack does not answer, or AWS where a rule goes by tags that nobody has read yet
 */
export async function askPolicy(parts: Parts, ask: Ask, facts: Facts): Promise<Decision> {
  const outside = whyOutsideLimits(parts.policy, limitedOf(ask), facts);
  if (outside) return { decision: 'refuse', sentence: outside, skipped: [] };
  const question = await questionOf(parts, ask, facts);
  const decision = decide(parts.policy, question);
  if (decision.decision !== 'unknown' || !question.movedGroups.includes(decision.missing)) return decision;
  const { rule, missing, skipped } = decision;
  const sentence = `${missing} is another user group in Slack than when I started, so I can’t say whether rule "${rule}" is for this. The admins know.`;
  return { decision: 'refuse', rule, sentence, skipped };
}

/**
 * Why a request changes, for its audit record: by which rule of which policy.
 * @param why what is to be said before the decision
 */
export function decidedBy(parts: Parts, who: string, decision: Decision, why?: string): Because {
  const said = [...(why ? [why] : []), explain(decision)].join('; ');
  return { who, why: said, ids: { policy: parts.policy.hash } };
}
