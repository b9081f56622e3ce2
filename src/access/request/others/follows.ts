/**
 * Follow-ups: a follow-up asks for more time for access that is open, or for another source with the same end, and takes
 * over from that access once EC2 shows the follow-up open. Ending any request of such a chain ends the whole chain.
 */
import type { FollowUp } from '../../policy/policy.js';
import { showSource } from '../../reading/address-block.js';
import { isGranted, isOver, isWaiting } from '../duties.js';
import type { Facts } from '../facts.js';
import {
  type Ask,
  END_TRAITS,
  type EndCause,
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

/** True for an extension that came too late: what it was to extend is over, and its requester decides whether it opens. */
export function isAlone({ ask: { follows } }: Pick<Request, 'ask'>): boolean {
  return follows?.alone === true;
}

/** What a request wants of the one that it follows; undefined for a request that was asked for by itself. */
export function followUpOf({ follows }: Pick<Ask, 'follows'>): FollowUp | undefined {
  return follows && (follows.movesFrom === undefined ? 'extends' : 'moves');
}

/** True for a request that moves access to another source. */
export function isMove({ ask }: Pick<Request, 'ask'>): boolean {
  return followUpOf(ask) === 'moves';
}

/** How things stand after a request that did not open, for the end of a sentence about it. */
export function nothingCame(request: Pick<Request, 'ask'>): string {
  if (!followedOf(request)) return 'Nothing is open';
  return isMove(request) ? 'Nothing was moved' : 'No time was added';
}

/** How long access lasts in all, from the first opening of the chain to the end that is asked for. */
export function wholeMs(ask: Pick<Ask, 'durationMs' | 'follows'>): number {
  const { durationMs, follows } = ask;
  if (!follows) return durationMs;
  const addedMs = followUpOf(ask) === 'moves' ? 0 : durationMs;
  return follows.endsAtMs + addedMs - follows.sinceMs;
}

/** When access ends that begins to open at `nowMs`: a move keeps the end of what it moves. */
export function endOf(ask: Ask, nowMs: number): number {
  return ask.follows && followUpOf(ask) === 'moves' ? ask.follows.endsAtMs : nowMs + ask.durationMs;
}

/** When a request that waits until `lapsesAtMs` lapses: there is nothing to move once the followed one has ended. */
export function lapseOf(ask: Ask, lapsesAtMs: number): number {
  return ask.follows && followUpOf(ask) === 'moves' ? Math.min(lapsesAtMs, ask.follows.endsAtMs) : lapsesAtMs;
}

/**
 * What a follow-up keeps of the request that it follows.
 * @param what whether the follow-up asks for more time or for another source
 */
export function following(
  { id, ask, phase }: RequestIn<'opening' | 'open'>,
  what: FollowUp = 'extends',
): Follows {
  const before = ask.follows?.alone ? undefined : ask.follows;
  const shortened = ask.shortened !== undefined || before?.shortened === true;
  return {
    id,
    sinceMs: before?.sinceMs ?? phase.grant.startedAtMs,
    endsAtMs: phase.grant.endsAtMs,
    ...(shortened ? { shortened } : {}),
    ...(what === 'moves' ? { movesFrom: ask.source.cidr } : {}),
  };
}

/** A follow-up as an ordinary request, which it is once the own time of the followed one is over. */
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
  return END_TRAITS[cause.kind].isOfItsTime ? { now: 'over', facts } : { now: 'ended', cause };
}

/** The first of each chain among these requests, by which chains are counted: a follow-up counts with the one it follows. */
export function firstOfEachChain<R extends Request>(requests: readonly R[]): R[] {
  return requests.filter((one) => !requests.some(({ id }) => id === followedOf(one)?.id));
}

/** The requests that no open one among them follows: what was taken over from ends as soon as that is stored. */
export function notTakenOver<R extends Request>(requests: readonly R[]): R[] {
  return requests.filter(
    ({ id }) => !requests.some((other) => isIn(other, 'open') && followedOf(other)?.id === id),
  );
}

/** Whether one of two requests follows the other. */
export function isOneChain(one: Request, other: Request): boolean {
  return followedOf(one)?.id === other.id || followedOf(other)?.id === one.id;
}

/** What sentences call each kind of follow-up. */
const WORDS: Readonly<Record<FollowUp, { verb: string; asks: string; adopted: string }>> = {
  extends: { verb: 'extend', asks: 'asks for more time for', adopted: 'when it ends' },
  moves: { verb: 'move', asks: 'asks for another address for', adopted: 'from your new address' },
};

/**
 * Why a request cannot be extended, or moved, as the person who asks reads it; undefined where that can be asked.
 * @param source to where it is to be moved, as a CIDR block
 */
export function whyNotFollowed(
  request: Request,
  by: string,
  { what, source }: { what: FollowUp; source?: string },
): string | undefined {
  const { id, ask, phase } = request;
  const { verb, asks, adopted } = WORDS[what];
  const doThat = `${verb.charAt(0).toUpperCase()}${verb.slice(1)}`;
  if (by !== ask.requester) return `Only <@${ask.requester}> can ${asks.replace('asks', 'ask')} ${id}.`;
  if (phase.state === 'ended' && phase.cause.kind === 'continued')
    return `${id} goes on as ${phase.cause.as}. ${doThat} that one.`;
  if (phase.state === 'closing' && phase.cause.kind === 'continued')
    return `${id} goes on as ${phase.cause.as}. ${doThat} that one once it is open.`;
  if (isOver(request) || phase.state === 'closing') return `${id} is over. Ask for new access instead.`;
  if (isWaiting(request)) return `${id} is not open yet, so there is nothing to ${verb}.`;
  if (phase.state !== 'open') return `${id} is still opening. ${doThat} it once it is open.`;
  if (phase.adopted)
    return `${id} was found again after my storage was lost, so I can’t ${verb} it. Ask for new access ${adopted}.`;
  if (source === ask.source.cidr) return `${id} is open from ${showSource(source)} already.`;
  return undefined;
}

/** Why a follow-up is not taken while another follow-up of the same request is on its way. */
export function oneWaits(followed: RequestId, waiting: Request): string {
  const how = isGranted(waiting) ? 'is opening' : 'still waits';
  const { asks } = WORDS[followUpOf(waiting.ask) ?? 'extends'];
  return `${waiting.id} ${asks} ${followed} already and ${how}. \`end ${waiting.id}\` takes it back.`;
}
