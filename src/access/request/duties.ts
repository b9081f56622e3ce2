/** The instants at which something must be done for a request, and whether anything more can happen to it. */
import { remindAtMs, startOf } from './later.js';
import { type Grant, isIn, type PhaseIn, type Request, type RequestIn, type State } from './request.js';

/**
 * True while nothing of the request can be at AWS, so that a signed tag of it proves that the store went back in time. False
 * for a request that a pause took back: its tag may stay on a rule of others for a moment.
 */
export function isBeforeOpening(
  request: Request,
): request is RequestIn<'submitted' | 'pending' | 'approved'> {
  if (isIn(request, 'approved')) return request.phase.waitsFor !== 'resume';
  return isIn(request, 'submitted', 'pending');
}

/**
 * What each state is to those who want to stop a request: `waiting` can be taken back, `granted` has a grant that can be
 * ended, `closing` is on its way out, and nothing more can happen to what is `over`.
 */
const LIFE = {
  submitted: 'waiting',
  pending: 'waiting',
  approved: 'waiting',
  opening: 'granted',
  open: 'granted',
  closing: 'closing',
  ended: 'over',
  refused: 'over',
  denied: 'over',
  cancelled: 'over',
  lapsed: 'over',
  failed: 'over',
  'already-open': 'over',
} as const satisfies Record<State, string>;

export type Life = (typeof LIFE)[State];
type StateThatIs<S extends Life> = {
  [Name in State]: (typeof LIFE)[Name] extends S ? Name : never;
}[State];

/** Whether the request waits, has a grant, is closing or is over. */
export function lifeOf({ phase }: Request): Life {
  return LIFE[phase.state];
}

/** True while the request can be taken back: nothing is open, and no grant has begun. */
export function isWaiting(request: Request): request is RequestIn<StateThatIs<'waiting'>> {
  return lifeOf(request) === 'waiting';
}

/** True from the moment its opening is stored until its rule was seen gone. */
export function isAtAws(request: Request): request is RequestIn<StateThatIs<'granted' | 'closing'>> {
  return isGranted(request) || lifeOf(request) === 'closing';
}

/** Until when the request waits for its facts, for an answer or for its time; undefined where it waits for none of them. */
export function waitsUntilMs({ phase }: Request): number | undefined {
  if (phase.state === 'submitted') return phase.giveUpAtMs;
  const waits = phase.state === 'pending' || (phase.state === 'approved' && phase.waitsFor === 'time');
  return waits ? phase.lapsesAtMs : undefined;
}

/** True while there is a grant to end: access is open, or about to be. */
export function isGranted(request: Request): request is RequestIn<StateThatIs<'granted'>> {
  return lifeOf(request) === 'granted';
}

/** True once nothing more can happen to the request. */
export function isOver(request: Request): boolean {
  return lifeOf(request) === 'over';
}

/** When the requester is warned of the end: 10 minutes before, or 30 % of the duration before where that is less. */
export function warnAtMs(grant: Grant, durationMs: number): number {
  return grant.endsAtMs - Math.min(10 * 60_000, Math.round(durationMs * 0.3));
}

/** Whether a warning was posted. Access that opened with so little time left, as by a move near its end, gets none. */
export function wasWarned({ ask, phase }: RequestIn<'open'>): boolean {
  return phase.warned && phase.openedAtMs < warnAtMs(phase.grant, ask.durationMs);
}

/** Something that must be done at an instant. Ends have a queue of their own, so that nothing delays them. */
export interface Due {
  queue: 'work' | 'ends';
  atMs: number;
}

/**
 * What a request owes and when, soonest first; an instant in the past means now. Empty for a request that is over.
 * The index of what is owed and every timer come from here, so a crash can lose neither.
 */
export function duties(request: Request): Due[] {
  const { phase } = request;
  switch (phase.state) {
    case 'submitted':
      return [{ queue: 'work', atMs: request.ask.askedAtMs }];
    case 'pending':
      return [phase.need.due.remind, phase.need.due.fallback]
        .flatMap((due) => (due && !due.done ? [due.atMs] : []))
        .concat(phase.lapsesAtMs)
        .sort((a, b) => a - b)
        .map((atMs) => ({ queue: 'work', atMs }));
    case 'approved':
      return approvedDuties(request.ask, phase);
    case 'opening':
      return [
        { queue: 'work', atMs: phase.grant.startedAtMs },
        // The card of an opening that waits for AWS says when the bot gives up, so that instant has its timer. Other
        // openings are given up by the sweep.
        ...(phase.waitsForAws && phase.grant.openByMs < phase.grant.endsAtMs
          ? [{ queue: 'ends' as const, atMs: phase.grant.openByMs }]
          : []),
        { queue: 'ends', atMs: phase.grant.endsAtMs },
      ];
    case 'open': {
      const end: Due = { queue: 'ends', atMs: phase.grant.endsAtMs };
      const warning: Due = { queue: 'work', atMs: warnAtMs(phase.grant, request.ask.durationMs) };
      return phase.warned ? [end] : [warning, end];
    }
    case 'closing':
      return [{ queue: 'ends', atMs: phase.closingAtMs }];
    case 'ended':
    case 'refused':
    case 'denied':
    case 'cancelled':
    case 'lapsed':
    case 'failed':
    case 'already-open':
      return [];
  }
}

function approvedDuties(ask: Request['ask'], phase: PhaseIn<'approved'>): Due[] {
  const { waitsFor, review, lapsesAtMs } = phase;
  const goOn: Due = { queue: 'work', atMs: review.atMs };
  const lapse: Due = { queue: 'work', atMs: lapsesAtMs };
  switch (waitsFor) {
    case 'confirmation':
      return [lapse];
    case 'time':
      return [remindAtMs(ask, phase), startOf(ask), lapsesAtMs]
        .filter((atMs) => atMs !== undefined)
        .sort((a, b) => a - b)
        .map((atMs) => ({ queue: 'work', atMs }));
    // A request that waits for nothing opens at once: the job that comes for the opening looks at the lapse as well.
    case 'nothing':
      return [goOn];
    case 'workspace':
    case 'resume':
      return [goOn, lapse];
  }
}
