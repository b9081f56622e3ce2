/**
 * Requests that follow another one: each asks for more time for access that is open, and takes over from it once it was
 * seen open. Ending any of such a chain ends all of it.
 */
import { isGranted, isOver, isWaiting } from '../duties.js';
import {
  type Ask,
  type EndCause,
  type Facts,
  isIn,
  type Request,
  type RequestId,
  type RequestIn,
} from '../request.js';
import type { Follows } from './kept.js';

/** The request that this one depends on; undefined for a request that stands alone, by now or from the beginning. */
export function followedOf({ ask: { follows } }: Pick<Request, 'ask'>): Follows | undefined {
  return follows?.alone ? undefined : follows;
}

/** True for more time that came too late: the access that it was to extend is over, and its requester confirms it. */
export function isAlone({ ask: { follows } }: Pick<Request, 'ask'>): boolean {
  return follows?.alone === true;
}

/** How things stand after a request that did not open, for the end of a sentence about it. */
export function nothingCame(request: Pick<Request, 'ask'>): string {
  return followedOf(request) ? 'No time was added' : 'Nothing is open';
}

/** How long access lasts in all, from the first opening of the chain to the end that is asked for. */
export function wholeMs({ durationMs, follows }: Pick<Ask, 'durationMs' | 'follows'>): number {
  return follows ? follows.endsAtMs + durationMs - follows.sinceMs : durationMs;
}

/** What a request that extends `followed` says of it. */
export function following({ id, ask, phase }: RequestIn<'opening' | 'open'>): Follows {
  const before = ask.follows?.alone ? undefined : ask.follows;
  const shortened = ask.shortened !== undefined || before?.shortened === true;
  return {
    id,
    sinceMs: before?.sinceMs ?? phase.grant.startedAtMs,
    endsAtMs: phase.grant.endsAtMs,
    ...(shortened ? { shortened } : {}),
  };
}

/** A follow-up as the ordinary request that it is once the followed one's own time is over. */
export function onItsOwn<R extends Request>(request: R): R {
  const { follows } = request.ask;
  return follows ? { ...request, ask: { ...request.ask, follows: { ...follows, alone: true } } } : request;
}

/** How the request that a follow-up follows stands. `over`: its own time has come. `lost`: the store has it no more. */
export type Followed =
  | { now: 'open'; request: RequestIn<'open'> }
  | { now: 'over'; facts: Facts }
  | { now: 'ended'; cause: EndCause }
  | { now: 'lost' };

/** Only the followed one's own time lets a follow-up live on; every other end ends the follow-up as well. */
export function standingOf(followed: Request | undefined, nowMs: number): Followed {
  if (followed === undefined) return { now: 'lost' };
  if (isIn(followed, 'open'))
    return nowMs < followed.phase.grant.endsAtMs
      ? { now: 'open', request: followed }
      : { now: 'over', facts: followed.phase.facts };
  if (!isIn(followed, 'closing', 'ended')) return { now: 'lost' };
  const { cause, facts } = followed.phase;
  return cause.kind === 'expired' ? { now: 'over', facts } : { now: 'ended', cause };
}

/** How many chains these requests are: a follow-up counts with the one that it follows. */
export function chainsIn<R extends Request>(requests: readonly R[]): R[] {
  return requests.filter((one) => !requests.some(({ id }) => id === followedOf(one)?.id));
}

/** Whether two requests are of one chain, as far as one of them says it. */
export function isOneChain(one: Request, other: Request): boolean {
  return followedOf(one)?.id === other.id || followedOf(other)?.id === one.id;
}

/** Why a request cannot be extended, as the person who asks reads it; undefined where it can be asked. */
export function whyNotExtended(request: Request, by: string): string | undefined {
  const { id, ask, phase } = request;
  if (by !== ask.requester) return `Only <@${ask.requester}> can ask for more time for ${id}.`;
  if (phase.state === 'ended' && phase.cause.kind === 'continued')
    return `${id} goes on as ${phase.cause.as}. Extend that one.`;
  if (phase.state === 'closing' && phase.cause.kind === 'continued')
    return `${id} goes on as ${phase.cause.as}. Extend that one once it is open.`;
  if (isOver(request) || phase.state === 'closing') return `${id} is over. Ask for new access instead.`;
  if (isWaiting(request)) return `${id} is not open yet, so there is nothing to extend.`;
  if (phase.state !== 'open') return `${id} is still opening. Extend it once it is open.`;
  if (phase.adopted)
    return `${id} was found again after my storage was lost, so I can’t extend it. Ask for new access when it ends.`;
  return undefined;
}

/** Why one more follow-up is not taken while another one of the same request is on its way. */
export function oneWaits(followed: RequestId, waiting: Request): string {
  const what = isGranted(waiting) ? 'is opening' : 'still waits';
  return `${waiting.id} asks for more time for ${followed} already and ${what}. \`end ${waiting.id}\` takes it back.`;
}
