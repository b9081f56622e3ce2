/** What a person's Home shows: their own requests, those that wait for their answer, and for admins what is open. */
import { isAtAws } from '../../access/request/duties.js';
import { waitedFor } from '../../access/request/needs.js';
import type { Pause } from '../../access/request/pause.js';
import { isIn, type RequestId, type RequestIn } from '../../access/request/request.js';
import type { Parts } from '../ports.js';
import type { Listed } from '../ports-store.js';

/** How many requests of everybody are read for one Home, those that are due soonest: reading them takes time. */
const READ = 1_000;

/** The requests that one person finds on Home. */
export interface HomeLists {
  own: Listed;
  /** Requests that wait for this person's answer, the oldest first. */
  waits: RequestIn<'pending'>[];
  /** For admins: what is opening, open or closing of everybody else, what ends soonest first. */
  others?: RequestIn<'opening' | 'open' | 'closing'>[];
  /** For admins: the ids of what is open or waiting of everybody else and only a newer version of the bot can show. */
  newer: RequestId[];
  /** How many requests were not looked at, since so many are open or waiting. */
  unread: number;
  pause: Pause | undefined;
}

/** Reads no more than a bound, however much is open or waiting. */
export async function homeOf(
  { store, policy }: Pick<Parts, 'store' | 'policy'>,
  userId: string,
): Promise<HomeLists> {
  const [own, pause, live, count] = await Promise.all([
    store.ofPerson(userId),
    store.loadPause(),
    store.live(READ),
    store.countLive(),
  ]);
  const isAdmin = policy.admins.includes(userId);
  const { requests } = live;
  const waits = requests
    .filter((request): request is RequestIn<'pending'> => isIn(request, 'pending'))
    .filter(({ phase }) => waitedFor(phase.need).includes(userId))
    .sort((a, b) => a.ask.askedAtMs - b.ask.askedAtMs);
  return {
    own,
    waits,
    ...(isAdmin
      ? {
          others: requests
            .filter(isAtAws)
            .filter(({ ask }) => ask.requester !== userId)
            .sort(byEnd),
        }
      : {}),
    newer: isAdmin ? live.newer.filter((id) => !own.newer.includes(id)) : [],
    unread: Math.max(0, count - requests.length - live.newer.length),
    pause,
  };
}

function byEnd(a: RequestIn<'opening' | 'open' | 'closing'>, b: typeof a): number {
  return a.phase.grant.endsAtMs - b.phase.grant.endsAtMs;
}
