/** The request that another one follows, as it stands now. Nothing of a follow-up goes on without a look at it. */
import { type Followed, followedOf, standingOf } from '../../access/request/others/follows.js';
import type { Facts, Request } from '../../access/request/request.js';
import type { Parts } from '../ports.js';

/** Undefined for a request that follows none. @throws NewerRecord */
export async function lookAtFollowed(parts: Parts, request: Request): Promise<Followed | undefined> {
  const follows = followedOf(request);
  if (!follows) return undefined;
  return standingOf(await parts.store.load(follows.id), parts.now());
}

/**
 * The facts of a follow-up are those of the followed one: nothing is looked up anew, since that could find another
 * WorkSpace. What the requester had beside the followed one says nothing of the follow-up.
 */
export function factsFrom(followed: Extract<Followed, { now: 'open' | 'over' }>): Facts {
  const { besides: _, ...facts } = followed.now === 'open' ? followed.request.phase.facts : followed.facts;
  return facts;
}
