/** What becomes of one job: done, too early, or tried again after a wait that grows, as often as its kind allows. */
import { DelayedError, type Job } from 'bullmq';
import type { Due } from '../../access/request/duties.js';
import type { RequestId } from '../../access/request/request.js';
import type { Log } from '../../workflow/ports.js';

/**
 * What a handler answers. `again`: the world did not let the work happen now, try once more after a while. `busy`:
 * another replica works on the request. `newer`: try a few times more, since only a newer version can do the work.
 */
export type Progress = 'done' | 'again' | 'busy' | 'newer';

export type QueueName = Due['queue'] | 'tell';

/** What a job carries. */
export interface TimerData {
  id: RequestId;
  atMs: number;
}

export const ATTEMPTS = 10;
/** An end is tried until the rule is seen gone. */
export const ENDLESS = 1_000_000;
const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 15_000;

const BUSY_MS = 500;

/** Runs the handler for a job. @throws DelayedError for a job that came early, TryAgain for a job that has to be tried again */
export async function runJob(
  { log, now }: { log: Log; now(): number },
  queue: QueueName,
  job: Job<TimerData>,
  token: string | undefined,
  handle: (id: RequestId) => Promise<Progress>,
): Promise<void> {
  const { id, atMs } = job.data;
  if (typeof id !== 'string' || typeof atMs !== 'number') {
    log.warn({ queue, jobId: job.id }, 'left out a job that is not ours');
    return;
  }
  const earlyMs = atMs - now();
  if (earlyMs > 0) {
    // Measured: a replica whose clock is fast hands out jobs before their time. A job that were done now would be gone, and
    // none would come at the end of the access.
    await job.moveToDelayed(Date.now() + earlyMs, token);
    throw new DelayedError();
  }
  const failure = await attemptOf({ log, queue, id, attempt: job.attemptsMade + 1 }, handle);
  if (failure) throw failure;
}

/** Does the work once. @returns why the work has to be tried again; undefined where it is done */
export async function attemptOf(
  { log, queue, id, attempt }: { log: Log; queue: QueueName; id: RequestId; attempt: number },
  handle: (id: RequestId) => Promise<Progress>,
): Promise<TryAgain | undefined> {
  let progress: Progress;
  try {
    progress = await handle(id);
  } catch (error) {
    log.warn({ queue, requestId: id, err: error, attempt }, 'a job failed and is tried again');
    return new TryAgain('failed', retryAfterOf(error));
  }
  // The other replica may be opening this access, and does not know of the end: the end is tried again soon.
  if (progress === 'busy' && queue === 'ends') return new TryAgain('busy', BUSY_MS);
  // The request stays owed, so the sweep of a newer version finds it where no worker of that version got the job.
  if (progress === 'newer' && attempt >= ATTEMPTS) return undefined;
  if (progress === 'newer') return new TryAgain('newer');
  return progress === 'done' ? undefined : new TryAgain('not now');
}

/** BullMQ keeps an error's message in Redis, so the message leaves out the cause. The log has the cause. */
export class TryAgain extends Error {
  constructor(
    message: 'failed' | 'busy' | 'newer' | 'not now',
    readonly retryAfterMs?: number,
  ) {
    super(message);
  }
}

function retryAfterOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('retryAfterMs' in error)) return undefined;
  const { retryAfterMs } = error;
  return typeof retryAfterMs === 'number' && retryAfterMs >= 0 ? retryAfterMs : undefined;
}

/** How long to wait before the next try: twice as long each time, and drawn, so that jobs that failed together spread. */
export function retryDelayMs(attemptsMade: number, error: Error | undefined): number {
  const asked = error instanceof TryAgain ? error.retryAfterMs : undefined;
  if (asked !== undefined) return asked;
  const longest = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (attemptsMade - 1));
  return Math.round(longest * (0.5 + Math.random() / 2));
}
