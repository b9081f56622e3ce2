/** A job loads a record and does what the record calls for now. A job that comes twice, late or early is harmless. */
import { duties, isOver, warnAtMs } from '../access/request/duties.js';
import type { Request, RequestIn } from '../access/request/request.js';
import { warn } from '../access/request/transitions/ending.js';
import { change } from './change.js';
import { decideRequest } from './deciding/decide-request.js';
import { waitForAnswer } from './deciding/wait-for-answer.js';
import { beginClosing } from './ending/begin-closing.js';
import { lockOf } from './ending/end-due.js';
import { endNewer } from './ending/end-newer-record.js';
import { finishClosing } from './ending/finish-closing.js';
import { besideUrgent } from './ends-first.js';
import { finishOpening, startOpening } from './opening/open-access.js';
import type { Progress } from './outcomes.js';
import type { Parts, Timers } from './ports.js';
import { NewerRecord, type Records } from './ports-store.js';

/** How many steps one job may take: a request has fewer than this. */
const STEPS = 8;

/** Does what the request owes now. `again`: something is still owed and the world did not let it happen. */
export async function advance(parts: Parts, id: string): Promise<Progress> {
  const held = await parts.store.atRequest(lockOf(id), id, (found) =>
    found === 'newer' ? endNewer(parts, id) : advanceFrom(parts, id, found),
  );
  return held.ran ? held.result : 'busy';
}

/** {@link advance} for the holder of the request's lock. */
export async function advanceHeld(parts: Parts, id: string): Promise<Progress> {
  const found = await parts.store.look(id);
  return found === 'newer' ? endNewer(parts, id) : advanceFrom(parts, id, found);
}

async function advanceFrom(parts: Parts, id: string, found: Request | undefined): Promise<Progress> {
  try {
    return await advanceAll(parts, id, found);
  } catch (cause) {
    if (cause instanceof NewerRecord) return endNewer(parts, id);
    throw cause;
  }
}

async function advanceAll(parts: Parts, id: string, found: Request | undefined): Promise<Progress> {
  let request = found;
  for (let step = 0; step < STEPS; step++) {
    if (!request) return 'done';
    const here = hereAlready(parts, request);
    if ((await once(here.parts, request)) === 'again') return 'again';
    const after = here.newest() ?? (await parts.store.load(id));
    if (!after || after.version === request.version) return 'done';
    request = after;
  }
  return 'again';
}

/** The parts of whoever is at a request, and what they made of it. */
interface Here {
  parts: Parts;
  /** The request as it was stored last; undefined where somebody else's change came first. */
  newest(): Request | undefined;
}

/**
 * The parts for work on a request. A due that has come needs no timer, since the work goes on with it, and the version that
 * was stored last need not be read again.
 */
function hereAlready(parts: Parts, request: Request): Here {
  const { id } = request;
  let newest: Request | undefined = request;
  const set: Timers['set'] = (other, dues) => {
    const nowMs = parts.now();
    const left = dues.filter(({ queue, atMs }) => other !== id || queue !== 'work' || atMs > nowMs);
    return left.length > 0 ? parts.timers.set(other, left) : Promise.resolve();
  };
  const change: Records['change'] = async (step) => {
    const stored = await parts.store.change(step);
    const mine = [step.request, ...(step.also ?? [])].find((one) => one?.id === id);
    if (mine) newest = stored.outcome === 'done' ? mine : undefined;
    return stored;
  };
  const store = { ...parts.store, change };
  return { parts: { ...parts, store, timers: { ...parts.timers, set } }, newest: () => newest };
}

async function once(parts: Parts, request: Request): Promise<Progress> {
  const { phase } = request;
  switch (phase.state) {
    case 'submitted':
      return besideUrgent(parts, () => decideRequest(parts, { ...request, phase }));
    case 'pending':
      return waitForAnswer(parts, { ...request, phase });
    case 'approved':
      return startOpening(parts, { ...request, phase });
    case 'opening':
      return goOnOpening(parts, { ...request, phase });
    case 'open':
      return warnOrEnd(parts, { ...request, phase });
    case 'closing':
      return finishClosing(parts, { ...request, phase });
    case 'ended':
    case 'refused':
    case 'denied':
    case 'cancelled':
    case 'lapsed':
    case 'failed':
    case 'already-open':
      return 'done';
  }
}

/** The timers of an end may have failed to be set when the opening began, and nothing opens without them. */
async function goOnOpening(parts: Parts, request: RequestIn<'opening'>): Promise<Progress> {
  const nowMs = parts.now();
  const ends = duties(request).filter(({ queue, atMs }) => queue === 'ends' && atMs > nowMs);
  if (ends.length > 0) await parts.timers.set(request.id, ends);
  return finishOpening(parts, request);
}

async function warnOrEnd(parts: Parts, request: RequestIn<'open'>): Promise<Progress> {
  const nowMs = parts.now();
  const { grant, warned } = request.phase;
  if (nowMs >= grant.endsAtMs)
    return (await beginClosing(parts, request, { kind: 'expired' }, { who: 'time' })) ? 'done' : 'again';
  if (!warned && nowMs >= warnAtMs(grant, request.ask.durationMs)) {
    const warned = warn(request, await isFollowed(parts, request));
    await change(parts, request, warned, { who: 'time', why: 'warning' });
  }
  return 'done';
}

/** Whether the follow-up is still on its way: a crash may have kept the record from hearing that it came to nothing. */
async function isFollowed(parts: Parts, { phase: { followedBy } }: RequestIn<'open'>): Promise<boolean> {
  if (followedBy === undefined) return false;
  const follower = (await parts.store.lookAll([followedBy])).get(followedBy);
  return follower === 'newer' || (follower !== undefined && !isOver(follower));
}
