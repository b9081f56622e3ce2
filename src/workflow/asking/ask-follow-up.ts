/**
 * Asking for more time or another source: a request of its own, which follows one that is open. Both are stored in one
 * step, so that one follow-up of a request waits at a time.
 */
import { isOver } from '../../access/request/duties.js';
import { oneWaits, whyNotFollowed } from '../../access/request/others/follows.js';
import type { Pause } from '../../access/request/pause.js';
import { isIn, moved, type Request, type RequestIn } from '../../access/request/request.js';
import { submit } from '../../access/request/transitions/deciding.js';
import { follow } from '../../access/request/transitions/opening.js';
import { wakeStored } from '../change.js';
import type { Parts } from '../ports.js';
import { askToFollow, type Wanted, whyNeverFollowed } from './check-follow-up.js';
import { tooManyWaiting } from './person-limits.js';

/** How often somebody else's change of the followed request may come first. */
const RACES = 5;

/** What is wanted of the request with this id; `command` is the slash command as it was invoked. */
export interface FollowUpAsked {
  id: string;
  by: string;
  wanted: Wanted;
  command?: string;
}

/** The follow-up as it was stored, with the request that it follows; or why none was stored. */
export type FollowUpAnswer =
  | { ok: true; request: Request; followed: RequestIn<'open'> }
  | { ok: false; sentence: string }
  | { ok: false; pause: Pause };

/**
 * Stores the follow-up. Nothing here waits for AWS or Slack.
 * @throws StoreUnreachable where it could not be stored, or not for certain
 */
export async function askFollowUp(parts: Parts, asked: FollowUpAsked): Promise<FollowUpAnswer> {
  const { wanted } = asked;
  const to = wanted.what === 'moves' ? { source: wanted.source.cidr } : {};
  for (let race = 0; race < RACES; race++) {
    const followed = await parts.store.load(asked.id);
    if (!followed) return { ok: false, sentence: `I know no request ${asked.id}. \`list\` shows yours.` };
    const whyNot = whyNotFollowed(followed, asked.by, { what: wanted.what, ...to });
    if (whyNot !== undefined) return { ok: false, sentence: whyNot };
    if (!isIn(followed, 'open')) continue;
    const waits = await waitingOn(parts, followed);
    if (waits) return { ok: false, sentence: oneWaits(followed.id, waits) };
    const answer = await store(parts, followed, asked);
    if (answer) return answer;
  }
  return { ok: false, sentence: `${asked.id} is changing just now. Try again.` };
}

async function waitingOn(parts: Parts, { phase }: RequestIn<'open'>): Promise<Request | undefined> {
  const found = phase.followedBy === undefined ? undefined : await parts.store.load(phase.followedBy);
  return found && !isOver(found) ? found : undefined;
}

/** Undefined where somebody else changed the followed request meanwhile, or the new id is taken. */
async function store(
  parts: Parts,
  followed: RequestIn<'open'>,
  { wanted, command }: FollowUpAsked,
): Promise<FollowUpAnswer | undefined> {
  const nowMs = parts.now();
  const ask = askToFollow(followed, wanted, { atMs: nowMs, command });
  const never = whyNeverFollowed(parts.policy, ask, followed.phase.facts);
  if (never !== undefined) return { ok: false, sentence: never };
  const { unansweredMs, perPerson } = parts.policy.limits;
  const request: Request = { id: parts.newId(), version: 1, ask, phase: submit(nowMs + unansweredMs) };
  const next = moved(followed, follow(followed, request.id, wanted.what));
  const who = ask.requester;
  const audit = [
    {
      atMs: nowMs,
      who,
      what: 'submitted',
      why: ask.reason,
      requestId: request.id,
      ids: { follows: followed.id },
    },
    {
      atMs: nowMs,
      who,
      what: 'open (changed)',
      why: `${request.id} asks for ${wanted.what === 'moves' ? 'another address' : 'more time'}`,
      requestId: followed.id,
    },
  ];
  const stored = await parts.store.change({
    request,
    also: [next],
    audit,
    mostWaiting: perPerson.waiting,
    unlessPaused: true,
  });
  if (stored.outcome === 'paused') return { ok: false, pause: stored.pause };
  if (stored.outcome === 'too-many') return { ok: false, sentence: tooManyWaiting(stored.waiting) };
  if (stored.outcome !== 'done') return undefined;
  await wakeStored(parts, request, { who });
  await wakeStored(parts, next, { who }, followed);
  return { ok: true, request, followed: next };
}
