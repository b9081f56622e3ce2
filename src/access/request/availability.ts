/** Whether a WorkSpace of a request can be reached, by what AWS said of it last. */
import type { DesktopFacts } from './facts.js';

export type Availability = 'available' | 'starting' | 'stopped' | 'no-address' | 'unavailable';

/** The states of Amazon WorkSpaces in which a WorkSpace stays until it is started. */
const AT_REST = ['STOPPING', 'STOPPED', 'SUSPENDED'];

/** Of a WorkSpace that has two reasons not to be reached, the missing address counts first, and a start before a stop. */
export function availabilityOf({ state, away }: DesktopFacts): Availability {
  if (away === 'no-address') return away;
  if (state === 'STARTING') return 'starting';
  if (away === 'stopped' || AT_REST.includes(state)) return 'stopped';
  return state === 'AVAILABLE' ? 'available' : 'unavailable';
}

/**
 * The WorkSpace in the state that AWS says now. While it starts, `away` says that it is stopped: older versions of the bot,
 * which do not know the state, read nothing else.
 */
export function inState(desktop: DesktopFacts, state: string): DesktopFacts {
  const { away: _, ...one } = desktop;
  const isAway = state === 'STARTING' || AT_REST.includes(state);
  return { ...one, state, ...(isAway ? { away: 'stopped' } : {}) };
}
