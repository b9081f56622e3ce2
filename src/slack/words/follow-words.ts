/** What the cards say of follow-ups: more time for open access, or the same time from another address. */
import { showSource } from '../../access/reading/address-block.js';
import { shortDuration, spellDuration } from '../../access/reading/duration.js';
import { followedOf, isMove, wholeMs } from '../../access/request/others/follows.js';
import type { Follows } from '../../access/request/others/kept.js';
import type { PhaseIn, Request, RequestIn } from '../../access/request/request.js';
import { from, time } from './card-words.js';
import { mention } from './mrkdwn.js';

/** The address that a move leaves: `203.0.113.25`; undefined for more time. */
function leftBy({ movesFrom }: Follows): string | undefined {
  return movesFrom === undefined ? undefined : showSource(movesFrom);
}

/** `1 hour more for K7QF2, until 17:45`, or `in place of 203.0.113.25 for K7QF2, until 16:45`; undefined for other requests. */
export function wantedOfFollowed(request: Request): string | undefined {
  const follows = followedOf(request);
  if (!follows) return undefined;
  const { durationMs } = request.ask;
  const left = leftBy(follows);
  if (left) return `in place of ${left} for ${follows.id}, until ${time(request, follows.endsAtMs)}`;
  return `${spellDuration(durationMs)} more for ${follows.id}, until ${time(request, follows.endsAtMs + durationMs)}`;
}

/** What an approver's phone announces: `@jane asks for 1 h more`; undefined for a request that follows none. */
export function asksShortly({ ask }: Request, jane: string): string | undefined {
  if (!ask.follows) return undefined;
  return isMove({ ask })
    ? `${jane} asks to connect from another address`
    : `${jane} asks for ${shortDuration(ask.durationMs)} more`;
}

/**
 * The heading of an approver's card: `@jane asks for 1 hour more · until 17:45, 3 hours in all · K7QF2 → M3XYZ`, or
 * `@jane asks to connect from another address · until 16:45, as before · K7QF2 → M3XYZ`.
 */
export function asksToFollow(request: Request): string | undefined {
  const { follows, durationMs, requester } = request.ask;
  if (!follows) return undefined;
  const ids = `${follows.id} → ${request.id}`;
  if (isMove(request))
    return `*${mention(requester)} asks to connect from another address* · until ${time(request, follows.endsAtMs)}, as before · ${ids}`;
  const until = followedOf(request)
    ? `until ${time(request, follows.endsAtMs + durationMs)}, ${spellDuration(wholeMs(request.ask))} in all`
    : `${follows.id} is over`;
  return `*${mention(requester)} asks for ${spellDuration(durationMs)} more* · ${until} · ${ids}`;
}

/** For those who decide: what becomes of the access that is open, without a yes in time. */
export function unlessInTime(request: Request): string | undefined {
  const follows = followedOf(request);
  if (!follows) return undefined;
  const { durationMs, requester } = request.ask;
  const left = leftBy(follows);
  if (left)
    return `${follows.id} is open from ${left}. With your yes it opens from ${from(request)}, and ${left} is closed; without one it stays as it is.`;
  return `${follows.id} ends ${time(request, follows.endsAtMs)} unless you say yes before. After a later yes ${mention(requester)} may open it once more, for ${shortDuration(durationMs)}.`;
}

/** For the requester while nobody has answered: how things stay until then. */
export function staysUnless(request: Request): string | undefined {
  const follows = followedOf(request);
  if (!follows) return undefined;
  const left = leftBy(follows);
  return left
    ? `${follows.id} stays open from ${left} alone unless somebody says yes.`
    : `${follows.id} still ends ${time(request, follows.endsAtMs)} unless somebody says yes before.`;
}

/** For a request that came to nothing: what became of the access that it was to follow, or that nothing opened. */
export function nothingCame(request: Request): string {
  const { follows } = request.ask;
  if (!follows) return 'Nothing was opened.';
  const left = leftBy(follows);
  // A move waits for an answer until that time at most.
  const { phase } = request;
  if (left && phase.state === 'lapsed' && phase.atMs >= follows.endsAtMs)
    return `Nothing was moved: ${follows.id} has ended.`;
  return left
    ? `Nothing was moved: ${follows.id} keeps its address, ${left}.`
    : `No time was added: ${follows.id} keeps its end, ${time(request, follows.endsAtMs)}.`;
}

/** For a follow-up that the policy refused, or that failed: its sentence says nothing of the access that it was to follow. */
export function untouched(request: Request): string | undefined {
  const follows = followedOf(request);
  return follows && `This changed nothing about ${follows.id}.`;
}

/** {@link nothingCame}, in two words. */
export function nothingCameOf({ ask }: Request): string {
  if (!ask.follows) return 'Nothing was opened';
  return isMove({ ask }) ? 'Nothing was moved' : 'No time was added';
}

/** On the card of open access for which a follow-up was asked. */
export function isAskedFor(request: RequestIn<'open'>): string | undefined {
  const { followedBy, moving, grant } = request.phase;
  if (followedBy === undefined) return undefined;
  return moving
    ? `${followedBy} asks for another address. Without a yes this stays open from ${from(request)}.`
    : `${followedBy} asks for more time. Without a yes this ends ${time(request, grant.endsAtMs)}.`;
}

/** On the card of access that was moved: where it was open before. The card of that says whether it is closed. */
export function movedFrom(request: Request): string | undefined {
  const left = isMove(request) && request.ask.follows && leftBy(request.ask.follows);
  return left
    ? `In place of ${left}: the card of ${request.ask.follows?.id} says whether that is closed.`
    : undefined;
}

/** Whether more time took over, so that the rule stays; a move leaves its rule behind, which has to go. */
export function goesOnByItsRule({ cause }: PhaseIn<'closing' | 'ended'>): boolean {
  return cause.kind === 'continued' && cause.to === undefined;
}
