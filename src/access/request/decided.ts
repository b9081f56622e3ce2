/** The parts of a phase that a request keeps from a yes on, and what it waits for first: shared by steps of several files. */
import { availabilityOf } from './availability.js';
import type { Facts } from './facts.js';
import { startOf } from './later.js';
import { lapseOf } from './others/follows.js';
import type { Ask, Decided, PhaseIn } from './request.js';

/** The phase of an approved request, which waits for something or for nothing. */
export function approved(
  ask: Ask,
  { facts, need, review }: Decided,
  waitsFor: PhaseIn<'approved'>['waitsFor'],
  lapsesAtMs: number,
): PhaseIn<'approved'> {
  return {
    state: 'approved',
    facts,
    need,
    review,
    waitsFor,
    lapsesAtMs: lapseOf(ask, lapsesAtMs),
    startAsked: false,
  };
}

/** The parts that are known from a yes on, taken out of a phase that has more. */
export function decidedIn({ facts, need, review }: Decided): Decided {
  return { facts, need, review };
}

/**
 * What an approved request waits for first. One that is to open later waits for its time, at which everything is looked at
 * again. One that follows open access waits for nothing, since it opens the same WorkSpaces.
 */
export function waitOf(ask: Ask, facts: Facts): 'time' | 'workspace' | 'nothing' {
  if (startOf(ask) !== undefined) return 'time';
  return ask.follows && !ask.follows.alone ? 'nothing' : nextWait(facts);
}

/**
 * Whether WorkSpaces hold up the opening. Many always do until they were looked at, since some may have stopped since they
 * were asked for. A single one does unless it runs: it is looked at again right before the opening in any case.
 */
export function nextWait({ desktops: [first, ...others] }: Facts): 'workspace' | 'nothing' {
  const runs = !first || availabilityOf(first) === 'available';
  return runs && others.length === 0 ? 'nothing' : 'workspace';
}
