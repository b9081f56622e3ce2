/** What becomes of work: of a job, and of a group that has converged. */

import type { RuleRecord } from '../access/rules/rule.js';
import type { SeenRule } from '../access/rules/seen-rule.js';

/**
 * What a job does next: nothing, or the same once more after a while; `busy`: soon, somebody else is at it; `newer`: a
 * few times more, so that a replica of the newer version that wrote the record gets the job.
 */
export type Progress = 'done' | 'again' | 'busy' | 'newer';

/** Why a rule could not be authorized. */
export type Hindrance = 'foreign' | 'quota' | 'no-group';

/** A group after it has converged. */
export interface Converged {
  /** What hindered an authorize, by source. */
  hindrances: Map<string, Hindrance>;
  /** The group's rules at EC2, as last read. */
  seen: SeenRule[];
  /** The records of the group's rules that are not gone, as they stood after that read. */
  records: RuleRecord[];
  /** The first failure of a call other than a revoke; a revoke that fails is thrown instead. */
  fault?: unknown;
}
