/** What opening, ending and the sweep learn of a group that has converged. */
import type { SeenRule } from '../access/rules/ingress.js';

/** Why a rule could not be authorized. */
export type Hindrance = 'foreign' | 'quota' | 'no-group';

/** A group after it has converged. */
export interface Converged {
  /** What hindered an authorize, by source. */
  hindrances: Map<string, Hindrance>;
  /** The group's rules at EC2, as last read. */
  seen: SeenRule[];
  /** The first failure of a call other than a revoke; a revoke that fails is thrown instead. */
  fault?: unknown;
}
