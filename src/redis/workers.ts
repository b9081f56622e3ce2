/**
 * The workers that answer the timers: one for each queue, so that no other work can delay an end. A failing job is
 * tried again after growing pauses, then left to the sweep, which goes on for ever.
 */
import { DelayedError, type Job, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Due } from '../access/request/duties.js';
import type { RequestId } from '../access/request/request.js';
import type { Log } from '../workflow/ports.js';
import { connectWorkers, type RedisAddress } from './connections.js';

/** What timers and their workers need. */
export interface WorkersParts extends RedisAddress {
  installation: string;
  /** TIME_STALLED: after this many milliseconds a job whose worker died is given to another. */
  stalledMs: number;
  /** TIME_DRAIN: how long `close` waits for handlers that are running. */
  drainMs: number;
  log: Log;
  /** Epoch milliseconds. */
  now(): number;
}

/**
 * What a handler answers. `again`: the world did not let the work happen now, try once more after a while. `busy`:
 * another replica works on the request. `newer`: try a few times more, since only a newer version can do the work.
 */
type Progress = 'done' | 'again' | 'busy' | 'newer';

/** What is done for a request when its time has come. An error may carry `retryAfterMs`. */
export interface Handlers {
  advance(id: RequestId): Promise<Progress>;
  tell(id: RequestId): Promise<Progress>;
}

export type QueueName = Due['queue'] | 'tell';
/** How many jobs of a queue run at once. Ends have a queue of their own, so that no other work can delay them. */
const CONCURRENCY: Record<QueueName, number> = { work: 20, ends: 50, tell: 20 };

/** What a job carries. */
export interface TimerData {
  id: RequestId;
  atMs: number;
}

export const ATTEMPTS = 10;
/** An end is tried until the rule is seen gone. */
export const ENDLESS = 1_000_000;
const FIRST_RETRY_MS = 250;
const BUSY_MS = 500;
/** How long BullMQ may take to store what became of a job. */
const STORED_MS = 500;
const LONGEST_RETRY_MS = 15_000;

/** Workers that run until they are closed. */
export interface Workers {
  /** A second call waits for the first. */
  close(): Promise<void>;
}

/** Starts a worker for each queue. They wait for Redis where it is away. */
export function startWorkers(parts: WorkersParts, prefix: string, handlers: Handlers): Workers {
  const { log, stalledMs, drainMs } = parts;
  const connection = connectWorkers(parts, log);
  const running = new Set<Job<TimerData>>();
  let whenIdle: (() => void) | undefined;

  function finished(job: Job<TimerData> | undefined): void {
    if (job) running.delete(job);
    if (running.size === 0) whenIdle?.();
  }

  function start(name: QueueName, handle: (id: RequestId) => Promise<Progress>): Worker<TimerData> {
    const worker = new Worker<TimerData>(
      name,
      async (job, token) => {
        running.add(job);
        try {
          await runJob(parts, name, job, token, handle);
        } finally {
          // BullMQ emits nothing for a job that it put back itself, nor for a job that a flushed Redis no longer has.
          setTimeout(() => finished(job), STORED_MS).unref();
        }
      },
      {
        prefix,
        connection,
        concurrency: CONCURRENCY[name],
        lockDuration: stalledMs,
        stalledInterval: stalledMs,
        // BullMQ would fail a job for good after two deaths of a worker.
        maxStalledCount: 1_000,
        // 15 s by default: too late for an end after a short outage.
        runRetryDelay: 1_000,
        settings: { backoffStrategy: (attemptsMade, _type, error) => retryDelayMs(attemptsMade, error) },
      },
    );
    worker.on('error', logErrors(name, log));
    worker.on('completed', finished);
    worker.on('failed', (job, error) => {
      finished(job);
      if (job && job.attemptsMade >= (job.opts.attempts ?? ATTEMPTS)) {
        log.warn({ queue: name, requestId: job.data.id, reason: error.message }, 'left to the sweep');
      }
    });
    return worker;
  }

  const workers = [
    start('work', handlers.advance),
    start('ends', handlers.advance),
    start('tell', handlers.tell),
  ];
  warnOfEviction(connection, log);

  async function close(): Promise<void> {
    // Pausing takes no more jobs; closing by force then cannot hang on a Redis that is away.
    await Promise.all(workers.map((worker) => worker.pause(true)));
    const idle = new Promise<void>((resolve) => {
      whenIdle = resolve;
      if (running.size === 0) resolve();
    });
    if (!(await inTime(idle, drainMs))) {
      log.warn({ running: running.size }, 'stopping while handlers are still running');
    }
    await Promise.all(workers.map((worker) => worker.close(true)));
    connection.disconnect();
  }

  let closed: Promise<void> | undefined;
  return {
    close() {
      closed ??= close();
      return closed;
    },
  };
}

/** Runs what a job calls for. @throws DelayedError for a job that came early, TryAgain for one that must come again. */
async function runJob(
  { log, now }: WorkersParts,
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
    // Measured: a replica whose clock is fast hands out jobs before their time. Done now the job would be gone, and no
    // job would come at the end.
    await job.moveToDelayed(Date.now() + earlyMs, token);
    throw new DelayedError();
  }
  let progress: Progress;
  try {
    progress = await handle(id);
  } catch (error) {
    log.warn(
      { queue, requestId: id, err: error, attempt: job.attemptsMade + 1 },
      'a job failed and is tried again',
    );
    throw new TryAgain('failed', retryAfterOf(error));
  }
  // The other replica may be opening, and knows nothing of the end, which waits no longer than it must.
  if (progress === 'busy' && queue === 'ends') throw new TryAgain('busy', BUSY_MS);
  // The record stays owed: the sweep of a newer version finds it where none of its workers got the job.
  if (progress === 'newer' && job.attemptsMade + 1 >= ATTEMPTS) return;
  if (progress !== 'done') throw new TryAgain('not now');
}

/** BullMQ keeps the message in Redis, so the message says nothing of the cause, which is in the log. */
class TryAgain extends Error {
  constructor(
    message: string,
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

/** Twice as long each time, and spread, so that many jobs that failed together do not come back together. */
function retryDelayMs(attemptsMade: number, error: Error | undefined): number {
  const asked = error instanceof TryAgain ? error.retryAfterMs : undefined;
  if (asked !== undefined) return asked;
  const longest = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (attemptsMade - 1));
  return Math.round(longest * (0.5 + Math.random() / 2));
}

/** Evicted keys are lost timers. BullMQ warns on stderr for each connection; the log gets one line. */
function warnOfEviction(redis: Redis, log: Log): void {
  redis.info('memory').then(
    (memory) => {
      const policy = /^maxmemory_policy:(.+?)\r?$/m.exec(memory)?.[1];
      if (policy && policy !== 'noeviction') {
        log.warn(
          { policy },
          "Redis' maxmemory-policy must be noeviction, or timers and requests can be lost",
        );
      }
    },
    () => {
      // The connection was closed before Redis was there.
    },
  );
}

/** Logs an error of a queue or worker once: an outage repeats the same error for its whole length. */
export function logErrors(queue: QueueName, log: Log): (error: Error) => void {
  let last = '';
  return (error) => {
    const reason = error.message || error.name;
    if (reason !== last) log.warn({ queue, reason }, 'the queue had an error');
    last = reason;
  };
}

async function inTime(promise: Promise<void>, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
