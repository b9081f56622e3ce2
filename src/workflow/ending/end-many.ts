/** Ending many at once: everything, or all that one person has. Each is ended as by its own End now. */
import { isGranted, isWaiting } from '../../access/request/duties.js';
import type { Request } from '../../access/request/request.js';
import { adminsOnly } from '../answer.js';
import { each } from '../passes.js';
import { AwsUnavailable, type Parts } from '../ports.js';
import { NewerRecord, StoreUnreachable } from '../ports-store.js';
import { stopRequest } from './end-access.js';

const RACES = 5;

/** Whose access is meant: everybody's, or that of one Slack user id. */
export type Whose = { userId: string } | 'all';

/**
 * How many were ended and taken back; `over` were over already, `failed` could not be changed, and `newer` can be read
 * by a newer version of the bot alone, so they stay as they are.
 */
export interface Ended {
  ending: number;
  takenBack: number;
  over: number;
  failed: number;
  newer: number;
}

export type Counted = { ok: true; count: number } | { ok: false; sentence: string };
export type EndedMany = { ok: true; ended: Ended } | { ok: false; sentence: string };

/** How many requests are open, waiting or closing: what {@link endMany} of everybody would go through now. */
export async function countAll(parts: Parts, by: string): Promise<Counted> {
  const refused = adminsOnly(parts.policy, by);
  if (refused) return { ok: false, sentence: refused };
  return { ok: true, count: await parts.store.countLive() };
}

/** Ends what is open, and takes back what waits. A request that cannot be ended does not keep the others open. */
export async function endMany(parts: Parts, by: string, whose: Whose): Promise<EndedMany> {
  const refused = adminsOnly(parts.policy, by);
  if (refused) return { ok: false, sentence: refused };
  const { store } = parts;
  const { requests, newer } = whose === 'all' ? await store.live() : await store.ofPerson(whose.userId);
  const ended: Ended = { ending: 0, takenBack: 0, over: 0, failed: 0, newer: newer.length };
  // Open access goes first: a rule that stays a moment longer matters more than a question that does.
  const queue = [...requests.filter(isGranted), ...requests.filter(isWaiting)];
  await each(queue, async (request) => {
    ended[await stop(parts, by, request)] += 1;
  });
  const what = whose === 'all' ? 'end-all' : 'end-person';
  const ids = { ...ended, ...(whose === 'all' ? {} : { person: whose.userId }) };
  await store.audit([{ atMs: parts.now(), who: by, what, ids }]);
  return { ok: true, ended };
}

/** How a request counts that is over already: one that ended a moment ago along with its chain counts as ended. */
function endedAlong({ phase }: Request, by: string): 'ending' | 'takenBack' | 'over' {
  if (phase.state === 'cancelled') return phase.by === by ? 'takenBack' : 'over';
  const cause = 'cause' in phase ? phase.cause : undefined;
  return cause?.kind === 'revoked' && cause.by === by ? 'ending' : 'over';
}

async function stop(parts: Parts, by: string, { id }: Request): Promise<Exclude<keyof Ended, 'newer'>> {
  try {
    // Somebody else may change the request at the same moment: an approval must not carry it past this end.
    for (let race = 0; race < RACES; race++) {
      const answer = await stopRequest(parts, { id, by });
      if (answer.ok) return answer.request.phase.state === 'cancelled' ? 'takenBack' : 'ending';
      const now = await parts.store.load(id);
      if (!now || !(isWaiting(now) || isGranted(now))) return now ? endedAlong(now, by) : 'over';
    }
    return 'failed';
  } catch (cause) {
    const outage = [StoreUnreachable, AwsUnavailable, NewerRecord].some((kind) => cause instanceof kind);
    parts.log[outage ? 'warn' : 'error']({ err: cause, id }, 'could not be ended with the others');
    return 'failed';
  }
}
