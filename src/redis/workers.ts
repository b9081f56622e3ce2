/**
 * The workers that answer the timers: one for each queue, so that no other work can delay an end. A failing job is
 * tried again after growing pauses, then left to the sweep, which goes on for ever.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type BackendFactory,
  createRedisBackend,
  DelayedError,
  type Job,
  type RedisQueueBackend,
  Worker,
} from 'bullmq';
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
/** After a refusal BullMQ asks for the next job at once, and for ever: a full Redis got 20,000 commands a second. */
const FETCH_AGAIN_MS = 1_000;
/** How long a stopping bot waits to see whether Redis is there. */
const ANSWER_MS = 1_000;
/** How often a stopping bot looks whether there is anything left to wait for. */
const LOOK_MS = 5;
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
  const stopping = new AbortController();
  let running = 0;

  function start(
    name: QueueName,
    handle: (id: RequestId) => Promise<Progress>,
  ): Worker<TimerData, void, string, RedisQueueBackend> {
    const worker = new Worker<TimerData, void, string, RedisQueueBackend>(
      name,
      async (job, token) => {
        running += 1;
        try {
          await runJob(parts, name, job, token, handle);
        } finally {
          running -= 1;
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
        // The check needs INFO, which a user of Redis may not have.
        skipVersionCheck: true,
      },
      backendThatWaits(stopping.signal),
    );
    worker.on('error', logErrors(name, log));
    worker.on('failed', (job, error) => {
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
    const untilMs = Date.now() + drainMs;
    let isQuiet = false;
    // BullMQ takes no more jobs, and does those that it has fetched: by force it would leave them to the next stall. For a
    // Redis that is away it would wait for ever, and nothing can have been fetched there.
    const isThere = await answers(connection, Math.min(drainMs, ANSWER_MS));
    const quiet = workers.map((worker) => (isThere ? worker.close() : worker.pause(true)));
    stopping.abort();
    void Promise.all(quiet).then(() => {
      isQuiet = true;
    });
    while (running > 0 || (!isQuiet && connection.status === 'ready')) {
      if (Date.now() > untilMs) break;
      await sleep(LOOK_MS);
    }
    if (running > 0) log.warn({ running }, 'stopping while handlers are still running');
    const closed = Promise.all(workers.map((worker) => worker.close(true)));
    // A graceful close that got stuck holds up no other.
    await Promise.all(workers.map((worker) => worker.getBackend().close(true)));
    connection.disconnect();
    if (isQuiet) await closed;
  }

  let closed: Promise<void> | undefined;
  return {
    close() {
      closed ??= close();
      return closed;
    },
  };
}

/**
 * BullMQ's way to Redis, which asks for no INFO and waits after a refusal. BullMQ takes an unknown version for one that
 * can block for whole seconds only, so that ends would come late; any Redis that the bot's own scripts work on can do
 * better.
 */
function backendThatWaits(stopping: AbortSignal): BackendFactory<RedisQueueBackend> {
  return (...given) => {
    const backend = createRedisBackend(...given);
    const blocking = backend.blockingConnection;
    void blocking?.client.then(
      () => {
        blocking.capabilities = { canDoubleTimeout: true, canBlockFor1Ms: false };
      },
      () => undefined,
    );
    const fetch = backend.moveToActive.bind(backend);
    backend.moveToActive = (...args) =>
      fetch(...args).catch(async (cause: unknown) => {
        await sleep(FETCH_AGAIN_MS, undefined, { signal: stopping }).catch(() => undefined);
        throw cause;
      });
    return backend;
  };
}

async function answers(redis: Redis, withinMs: number): Promise<boolean> {
  if (redis.status !== 'ready') return false;
  const late = new AbortController();
  const pong = redis.ping().then(
    () => true,
    () => false,
  );
  const tooLate = sleep(withinMs, false, late).catch(() => false);
  const isThere = await Promise.race([pong, tooLate]);
  late.abort();
  return isThere;
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

/** Evicted keys are lost timers. */
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
      // The connection was closed before Redis was there, or the bot's user may not ask.
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
