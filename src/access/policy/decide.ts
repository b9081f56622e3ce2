/**
 * Decides a request by the policy: the first rule that covers the request decides. The decision is a value that
 * explains itself, for the card, for the audit record and for people who try a policy before it binds.
 */

import { spellNeeds } from '../policy/asked.js';
import { type Question, verdictOn } from './conditions.js';
import { noRule } from './no-rule.js';
import { type Asked, type Fallback, type Notify, names, type Policy, type PolicyRule } from './policy.js';

/** A rule that was passed over; `why` completes "the rule does not match: …". */
export interface Skipped {
  rule: string;
  why: string;
}

/**
 * What becomes of a request. `rule` is the name of the rule that decided, `sentence` the refusal as its requester reads it,
 * `remindAfterMs` milliseconds, and `skipped` holds the rules above that do not cover the request.
 */
export type Decision = { skipped: Skipped[] } & (
  | { decision: 'refuse'; sentence: string; rule?: string }
  | { decision: 'approve'; rule: string }
  | {
      decision: 'ask';
      rule: string;
      needs: readonly Asked[];
      notify: Notify;
      remindAfterMs?: number;
      fallback?: Fallback;
      selfApproval: boolean;
    }
  /** Possible only where a policy is tried with too few facts. */
  | { decision: 'unknown'; rule: string; missing: string }
);

/** Decides, or says which fact is missing to decide. A request that no rule covers is refused. */
export function decide(policy: Policy, question: Question): Decision {
  const skipped: Skipped[] = [];
  const whyNot = whyNotPart(policy, question.requester);
  if (whyNot) return { decision: 'refuse', sentence: whyNot, skipped };
  for (const rule of policy.rules) {
    const verdict = verdictOn(rule, question);
    if (verdict.holds === true) return outcomeOf(rule, skipped);
    if (verdict.holds === 'unknown')
      return { decision: 'unknown', rule: rule.name, missing: verdict.missing, skipped };
    skipped.push({ rule: rule.name, why: verdict.no });
  }
  return { decision: 'refuse', sentence: noRule(policy, question).sentence, skipped };
}

function outcomeOf(decided: PolicyRule, skipped: Skipped[]): Decision {
  const { name: rule, outcome, notify, remindAfterMs, fallback, selfApproval } = decided;
  if (outcome === 'approve') return { decision: 'approve', rule, skipped };
  if ('refuse' in outcome) return { decision: 'refuse', sentence: outcome.refuse, rule, skipped };
  const due = {
    ...(remindAfterMs === undefined ? {} : { remindAfterMs }),
    ...(fallback ? { fallback } : {}),
  };
  return { decision: 'ask', rule, needs: outcome.ask, notify, ...due, selfApproval, skipped };
}

/**
 * Why somebody neither asks nor approves; undefined where they may. Guests and people of another workspace take part
 * only where the policy names them; bots and deactivated people never do.
 */
export function whyNotPart(
  policy: Policy,
  person: Omit<Question['requester'], 'groups'>,
): string | undefined {
  const outside = (person.guest || person.foreign) && !names(policy, person.id);
  if (person.active && person.human && !outside) return undefined;
  return 'Only active members of this Slack workspace take part, and guests whom the policy names.';
}

/** The decision in one line, for the audit record. */
export function explain(decision: Decision): string {
  const passed = decision.skipped.map(({ rule, why }) => `not "${rule}": ${why}`);
  const by = 'rule' in decision && decision.rule !== undefined ? `rule "${decision.rule}"` : 'no rule';
  const needs = decision.decision === 'ask' ? `: ${spellNeeds(decision.needs)}` : '';
  return [`${by}${needs}`, ...passed].join('; ');
}
