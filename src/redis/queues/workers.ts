/**
 * The workers that answer the timers: one for each queue, so that no other work can delay an end. A failing job is
 * tried again after waits that grow, then left to the sweep, which goes on for ever.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type RedisQueueBackend, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { RequestId } from '../../access/request/request.js';
import type { Log } from '../../workflow/ports.js';
import { connectWorkers, type RedisAddress } from '../connections.js';
import { createRights, type Rights } from '../rights.js';
import { backendThatWaits } from './backend-that-waits.js';
import { ATTEMPTS, type Progress, type QueueName, retryDelayMs, runJob, type TimerData } from './run-job.js';

/** What timers and their workers need. */
export interface WorkersParts extends RedisAddress {
  /** TIME_STALLED: after this many milliseconds a job whose worker died is given to another. */
  stalledMs: number;
  /** TIME_DRAIN: how long `close` waits for handlers that are running. */
  drainMs: number;
  log: Log;
  /** Epoch milliseconds. */
  now(): number;
}

/** What is done for a request when its time has come. An error of a handler may carry `retryAfterMs`. */
export interface Handlers {
  advance(id: RequestId): Promise<Progress>;
  end(id: RequestId): Promise<Progress>;
  tell(id: RequestId): Promise<Progress>;
}

/** How many jobs of a queue run at once. Ends have a queue of their own, so that no other work can delay them. */
export const CONCURRENCY: Record<QueueName, number> = { work: 20, ends: 50, tell: 20 };

/**
 * The share of TIME_DRAIN for which a stopping bot waits for a sign of Redis. Workers of a slow Redis may have fetched jobs,
 * which have to be done; where Redis is away there are none.
 */
const SHARE_TO_ANSWER = 0.5;
/** A stopping bot looks this often whether work still runs, in milliseconds. */
const LOOK_MS = 5;

/** Workers that run until they are closed. */
export interface Workers {
  rights: Pick<Rights, 'suffice'>;
  /** Stops the workers and closes their connection. A second call waits for the first. */
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
    start('ends', handlers.end),
    start('tell', handlers.tell),
  ];
  warnOfEviction(connection, log);
  const rights = createRights(connection, prefix, log);
  void rights.look();

  async function close(): Promise<void> {
    const untilMs = Date.now() + drainMs;
    let isQuiet = false;
    // A graceful close takes no more jobs and does those that BullMQ has fetched: a forced close would leave them until
    // they count as stalled. While Redis is away a graceful close would wait for ever, and no job was fetched.
    const isThere = await answers(connection, drainMs * SHARE_TO_ANSWER);
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
    // A worker whose graceful close got stuck holds up no other worker.
    await Promise.all(workers.map((worker) => worker.getBackend().close(true)));
    connection.disconnect();
    if (isQuiet) await closed;
  }

  let closed: Promise<void> | undefined;
  return {
    rights,
    close() {
      closed ??= close();
      return closed;
    },
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

/** Warns of a Redis that evicts keys when its memory is full: an evicted key is a lost timer. */
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
      // The connection was closed before Redis answered, or the bot's user may not send INFO.
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
