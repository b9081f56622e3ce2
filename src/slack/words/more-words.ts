/** What the cards say of more time for access that is open. */
import { shortDuration, spellDuration } from '../../access/reading/duration.js';
import { followedOf, wholeMs } from '../../access/request/others/follows.js';
import type { Request, RequestIn } from '../../access/request/request.js';
import { time } from './card-words.js';
import { mention } from './mrkdwn.js';

/** `1 hour more for K7QF2, until 17:45`; undefined for a request that extends nothing. */
export function moreFor(request: Request): string | undefined {
  const follows = followedOf(request);
  if (!follows) return undefined;
  const { durationMs } = request.ask;
  return `${spellDuration(durationMs)} more for ${follows.id}, until ${time(request, follows.endsAtMs + durationMs)}`;
}

/** The heading of an approver's card: `@jane asks for 1 hour more · until 17:45, 3 hours in all · K7QF2 → M3XYZ`. */
export function asksForMore(request: Request): string | undefined {
  const { follows, durationMs, requester } = request.ask;
  if (!follows) return undefined;
  const until = followedOf(request)
    ? `until ${time(request, follows.endsAtMs + durationMs)}, ${spellDuration(wholeMs(request.ask))} in all`
    : `${follows.id} is over`;
  return `*${mention(requester)} asks for ${spellDuration(durationMs)} more* · ${until} · ${follows.id} → ${request.id}`;
}

/** For those who decide: what a yes does that comes too late. */
export function unlessInTime(request: Request): string | undefined {
  const follows = followedOf(request);
  if (!follows) return undefined;
  const { durationMs, requester } = request.ask;
  return `${follows.id} ends ${time(request, follows.endsAtMs)} unless you say yes before. After a later yes ${mention(requester)} may open it once more, for ${shortDuration(durationMs)}.`;
}

/** For the requester while nobody has answered: the end that holds until then. */
export function endsUnless(request: Request): string | undefined {
  const follows = followedOf(request);
  return (
    follows && `${follows.id} still ends ${time(request, follows.endsAtMs)} unless somebody says yes before.`
  );
}

/** For a request that came to nothing: what became of the access that it was to extend, or that nothing opened. */
export function nothingCame(request: Request): string {
  const { follows } = request.ask;
  return follows
    ? `No time was added: ${follows.id} keeps its end, ${time(request, follows.endsAtMs)}.`
    : 'Nothing was opened.';
}

/** On the card of open access for which more time was asked. */
export function isAskedFor(request: RequestIn<'open'>): string | undefined {
  const { followedBy, grant } = request.phase;
  if (followedBy === undefined) return undefined;
  return `${followedBy} asks for more time. Without a yes this ends ${time(request, grant.endsAtMs)}.`;
}
