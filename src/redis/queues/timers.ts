/**
 * Timers. This process does the work that is due now; later work waits as a job of BullMQ. A job carries the id of a request
 * and the instant for which it was set, and nothing else: the worker reads the request's record, so a job that comes twice
 * or late does no harm. Where a job is lost, the sweep finds its request.
 */
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { nanoid } from 'nanoid';
import type { Due } from '../../access/request/duties.js';
import type { RequestId } from '../../access/request/request.js';
import type { Log, Timers } from '../../workflow/ports.js';
import { StoreUnreachable } from '../../workflow/ports-store.js';
import { connectRecords, keyPrefix } from '../connections.js';
import { fateOf } from '../script.js';
import { type AtOnce, createAtOnce } from './at-once.js';
import { ATTEMPTS, ENDLESS, type QueueName, type TimerData } from './run-job.js';
import {
  CONCURRENCY,
  type Handlers,
  logErrors,
  startWorkers,
  type Workers,
  type WorkersParts,
} from './workers.js';

/**
 * How much work waits in this process before the queue gets the rest: what one process does in some ten seconds, since a job
 * costs about a tenth of its work. Telling has no limit: Slack counts the calls of all replicas together, so that another
 * replica could not help.
 */
const MOST_IN_LINE = { work: 2_000, tell: Number.POSITIVE_INFINITY };

/** The timers, and the workers that do what is due. */
export interface WorkedTimers extends Timers {
  /** Starts the workers, which begin once Redis is there. @throws when they were started before */
  work(handlers: Handlers): void;
  /** False while Redis forbids the bot's user something that the bot needs. */
  hasRights(): boolean;
  /** How many jobs the queues hold, of all replicas together. A call costs a few reads of Redis. */
  depths(): Promise<QueueDepth[]>;
  /** Takes no more jobs, and resolves once the running jobs are done, after `drainMs` at the latest. */
  drain(): Promise<void>;
  /** Drains, and closes every connection. */
  close(): Promise<void>;
}

/** The jobs of a queue. */
export interface QueueDepth {
  queue: QueueName;
  /** How many jobs are due and not begun. */
  waiting: number;
  later: number;
  running: number;
  /** How long the oldest job that is due and not begun has waited, in milliseconds. */
  oldestMs: number;
}

/** BullMQ keeps later jobs sorted by their instant times this number. */
const SCORE_A_MS = 0x1000;

/** Timers of one installation. Connects at once; no method waits for the connection. */
export function createTimers(parts: WorkersParts): WorkedTimers {
  const { installation, log, now, drainMs } = parts;
  const prefix = keyPrefix(installation);
  const adding = connectRecords(parts, log);
  const queues: Record<QueueName, Queue<TimerData>> = {
    work: openQueue('work', prefix, adding, log),
    ends: openQueue('ends', prefix, adding, log),
    tell: openQueue('tell', prefix, adding, log),
  };
  let workers: Workers | undefined;
  let atOnce: AtOnce | undefined;

  async function add(
    name: QueueName,
    id: RequestId,
    atMs: number,
    attempts = name === 'ends' ? ENDLESS : ATTEMPTS,
  ): Promise<void> {
    const timestamp = now();
    const delay = Math.max(0, atMs - timestamp);
    // A timer's end is part of its id, so that a timer for a later end is another job. A timer for now has its own id:
    // BullMQ silently ignores the id of a job that is running, and that job may have looked before this change.
    const jobId = delay > 0 ? `${id}-${atMs}` : `${id}-now-${nanoid()}`;
    await queues[name].add(
      name,
      { id, atMs },
      {
        jobId,
        // BullMQ counts the delay from this instant, which is in the time that all replicas share.
        timestamp,
        delay,
        attempts,
        backoff: { type: 'custom' },
        removeOnComplete: true,
        removeOnFail: true,
        stackTraceLimit: 0,
      },
    );
  }

  async function depthOf(queue: QueueName): Promise<QueueDepth> {
    const key = (part: string) => `${prefix}:${queue}:${part}`;
    const [waiting, running, later, [oldest], [, soonest]] = await Promise.all([
      adding.llen(key('wait')),
      adding.llen(key('active')),
      adding.zcard(key('delayed')),
      adding.lrange(key('wait'), -1, -1),
      adding.zrange(key('delayed'), '0', '0', 'WITHSCORES'),
    ]);
    const data = oldest === undefined ? undefined : await adding.hget(key(oldest), 'data');
    const dueMs = [
      Number(/"atMs":(\d+)/.exec(data ?? '')?.[1] ?? Number.POSITIVE_INFINITY),
      soonest === undefined ? Number.POSITIVE_INFINITY : Number(soonest) / SCORE_A_MS,
    ];
    return { queue, waiting, later, running, oldestMs: Math.max(0, now() - Math.min(...dueMs)) };
  }

  let drained: Promise<unknown> | undefined;
  async function drain(): Promise<void> {
    drained ??= Promise.all([workers?.close(), atOnce?.drain(drainMs)]);
    await drained;
  }

  return {
    set(id, dues) {
      const nowMs = now();
      const isDone = ({ queue, atMs }: Due) =>
        queue === 'work' && atMs <= nowMs && atOnce?.take(queue, id, 0) === true;
      return stored(dues.filter((due) => !isDone(due)).map(({ queue, atMs }) => add(queue, id, atMs)));
    },
    async tell(id, afterMs = 0) {
      if (atOnce?.take('tell', id, afterMs) !== true) await stored([add('tell', id, now() + afterMs)]);
    },

    work(handlers) {
      if (workers) throw new Error('the workers were started before');
      workers = startWorkers(parts, prefix, handlers);
      atOnce = createAtOnce({
        handlers: { work: handlers.advance, tell: handlers.tell },
        most: CONCURRENCY,
        mostInLine: MOST_IN_LINE,
        handOver: (queue, id, afterMs, attempts) => add(queue, id, now() + afterMs, attempts),
        log,
      });
    },

    depths: () => Promise.all([depthOf('work'), depthOf('ends'), depthOf('tell')]),
    hasRights: () => workers?.rights.suffice() ?? true,
    drain,

    async close() {
      await drain();
      await Promise.all(Object.values(queues).map((queue) => queue.close()));
      adding.disconnect();
    },
  };
}

/** Resolves once all jobs are stored. @throws StoreUnreachable, `certain` when no job can have been stored */
async function stored(additions: Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(additions);
  const failures = results
    .filter((result) => result.status === 'rejected')
    .map(({ reason }): unknown => reason);
  if (failures.length === 0) return;
  const fates = failures.map(fateOf);
  const fault = fates.indexOf(undefined);
  if (fault >= 0) throw failures[fault];
  const certain = failures.length === additions.length && fates.every((fate) => fate === 'nothing');
  throw new StoreUnreachable(certain, { cause: failures[0] });
}

function openQueue(name: QueueName, prefix: string, connection: Redis, log: Log): Queue<TimerData> {
  const queue = new Queue<TimerData>(name, {
    prefix,
    connection,
    // Fail at once while Redis is away, instead of waiting for it.
    skipWaitingForReady: true,
    skipVersionCheck: true,
    skipMetasUpdate: true,
  });
  queue.on('error', logErrors(name, log));
  return queue;
}
