/** What steps in several chapters of a request's story share: the parts that it keeps from a yes on. */
import { availabilityOf } from './availability.js';
import type { Facts } from './facts.js';
import { startOf } from './later.js';
import { lapseOf } from './others/follows.js';
import type { Ask, Decided, PhaseIn } from './request.js';

/** An approved request, which waits for something or for nothing. */
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

/** What was decided, out of a phase that knows more. */
export function decidedIn({ facts, need, review }: Decided): Decided {
  return { facts, need, review };
}

/**
 * What follows access that is open waits for no WorkSpace, and what is to open later for its time, before anything else:
 * where that has come, everything is looked at again.
 */
export function waitOf(ask: Ask, facts: Facts): 'time' | 'workspace' | 'nothing' {
  if (startOf(ask) !== undefined) return 'time';
  return ask.follows && !ask.follows.alone ? 'nothing' : nextWait(facts);
}

/**
 * A stopped WorkSpace holds up the opening; nothing else does here. Of many WorkSpaces some may have stopped since they
 * were asked for, and a single one is looked at again right before it opens.
 */
export function nextWait({ desktops: [first, ...others] }: Facts): 'workspace' | 'nothing' {
  const runs = !first || availabilityOf(first) === 'available';
  return runs && others.length === 0 ? 'nothing' : 'workspace';
}
