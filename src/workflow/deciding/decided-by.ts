/** What the audit record of a decision says: by which rule and why not by those before, under which policy. */
import { type Decision, explain } from '../../access/policy/decide.js';
import type { Because } from '../change.js';
import type { Parts } from '../ports.js';

/** @param why what is to be said beside the decision, and before it */
export function decidedBy(parts: Parts, who: string, decision: Decision, why?: string): Because {
  const said = [...(why ? [why] : []), explain(decision)].join('; ');
  return { who, why: said, ids: { policy: parts.policy.hash } };
}
