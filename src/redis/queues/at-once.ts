/**
 * Work that is due now is done by the process that found it, without a job in the queue. A crash loses no such work, since
 * the index of what is owed lists it as well, and the sweep reads that index.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestId } from '../../access/request/request.js';
import type { Log } from '../../workflow/ports.js';
import { ATTEMPTS, attemptOf, type Progress, type QueueName, retryDelayMs } from './run-job.js';

/** The queues whose work may be done here. Ends stay in their queue until they are done. */
export type AtOnceName = Exclude<QueueName, 'ends'>;

export interface AtOnceParts {
  handlers: Record<AtOnceName, (id: RequestId) => Promise<Progress>>;
  /** How many pieces of work of a queue run here at once. Further ones wait in line. */
  most: Record<AtOnceName, number>;
  /** How many wait in line here. The queue takes further ones, so that other replicas help. */
  mostInLine: Record<AtOnceName, number>;
  /** Gives work to the queue, to be done `afterMs` from now and tried `attempts` times at most. */
  handOver(queue: AtOnceName, id: RequestId, afterMs: number, attempts: number): Promise<void>;
  log: Log;
}

export interface AtOnce {
  /**
   * Does the work in `afterMs`, or sooner where that was asked for before. Work that runs now is done once more after that.
   * False where the queue has to take the work.
   */
  take(queue: AtOnceName, id: RequestId, afterMs: number): boolean;
  /** Begins nothing more, gives the waiting work to the queue, and waits `withinMs` at most for the running work. */
  drain(withinMs: number): Promise<void>;
}

/** Work of one kind for one request. */
interface Entry {
  queue: AtOnceName;
  id: RequestId;
  /** When the work is due, by `performance.now()`. Undefined while it runs, until somebody asks for it again. */
  dueMs: number | undefined;
  /** Undefined while the work runs or is in line. */
  timer: NodeJS.Timeout | undefined;
  isInLine: boolean;
  /** How often the work was tried. */
  attempts: number;
  /** How often telling of the request has waited for work in line. */
  letAhead: number;
}

/** How long this process waits before it tries work again that it could not give to the queue. */
const FULL_MS = 250;
/**
 * How long telling of a request waits while work that will change the request is in line, and how often. The card would
 * be edited once more a moment later, and until then the time is better spent on the next person's request.
 */
const LET_AHEAD_MS = 2_000;
const LET_AHEAD_TIMES = 4;
/** A stopping bot looks this often whether work still runs, in milliseconds. */
const LOOK_MS = 5;

export function createAtOnce({ handlers, most, mostInLine, handOver, log }: AtOnceParts): AtOnce {
  const entries = new Map<string, Entry>();
  const running: Record<AtOnceName, number> = { work: 0, tell: 0 };
  const lines: Record<AtOnceName, [key: string, entry: Entry][]> = { work: [], tell: [] };
  let isStopping = false;

  function take(queue: AtOnceName, id: RequestId, afterMs: number): boolean {
    if (isStopping) return false;
    const key = keyOf(queue, id);
    const dueMs = performance.now() + afterMs;
    const known = entries.get(key);
    if (known) {
      // Somebody has changed the request since, so work that failed may succeed now.
      known.attempts = 0;
      if (known.dueMs !== undefined && known.dueMs <= dueMs) return true;
      known.dueMs = dueMs;
      if (known.timer) wait(key, known, afterMs);
      return true;
    }
    const entry: Entry = { queue, id, dueMs, timer: undefined, isInLine: false, attempts: 0, letAhead: 0 };
    entries.set(key, entry);
    wait(key, entry, afterMs);
    return true;
  }

  /** Begins the work later, never within this call: the caller may have to answer a person first. */
  function wait(key: string, entry: Entry, afterMs: number): void {
    clearTimeout(entry.timer);
    // A timer of Node's may come a millisecond early. The work would find nothing due then, and have to come again.
    entry.timer = setTimeout(() => void begin(key, entry), afterMs > 0 ? Math.ceil(afterMs) + 1 : 0);
  }

  async function begin(key: string, entry: Entry): Promise<void> {
    const { queue, id } = entry;
    entry.timer = undefined;
    if (letsAhead(entry)) return goOn(key, entry, LET_AHEAD_MS);
    if (running[queue] >= most[queue]) {
      if (lines[queue].length >= mostInLine[queue]) return give(key, entry, 0);
      entry.isInLine = true;
      lines[queue].push([key, entry]);
      return;
    }
    entry.dueMs = undefined;
    running[queue] += 1;
    entry.attempts += 1;
    const failure = await attemptOf({ log, queue, id, attempt: entry.attempts }, handlers[queue]);
    running[queue] -= 1;
    beginNext(queue);
    if (entry.dueMs !== undefined && failure?.message !== 'failed') {
      return goOn(key, entry, entry.dueMs - performance.now());
    }
    if (!failure || entry.attempts >= ATTEMPTS) {
      entries.delete(key);
      if (failure) log.warn({ queue, requestId: id, reason: failure.message }, 'left to the sweep');
      return;
    }
    const retryMs = retryDelayMs(entry.attempts, failure);
    return failure.message === 'newer' ? give(key, entry, retryMs) : goOn(key, entry, retryMs);
  }

  function letsAhead(entry: Entry): boolean {
    const isLate = entry.letAhead >= LET_AHEAD_TIMES;
    if (entry.queue !== 'tell' || isLate || !entries.get(keyOf('work', entry.id))?.isInLine) return false;
    entry.letAhead += 1;
    return true;
  }

  function beginNext(queue: AtOnceName): void {
    while (running[queue] < most[queue]) {
      const [key, entry] = lines[queue].shift() ?? [];
      if (!key || !entry) return;
      entry.isInLine = false;
      void begin(key, entry);
    }
  }

  function goOn(key: string, entry: Entry, afterMs: number): Promise<void> | void {
    if (isStopping) return give(key, entry, afterMs);
    entry.dueMs = performance.now() + afterMs;
    wait(key, entry, afterMs);
  }

  /** Gives work to the queue. Where Redis does not take the work, this process goes on with it. */
  async function give(key: string, entry: Entry, afterMs: number): Promise<void> {
    const { queue, id, attempts } = entry;
    entry.dueMs = undefined;
    try {
      await handOver(queue, id, afterMs, ATTEMPTS - attempts);
      // Somebody has asked again meanwhile: the queue may have done the work before their change.
      if (entry.dueMs !== undefined) return goOn(key, entry, entry.dueMs - performance.now());
      entries.delete(key);
    } catch (err) {
      if (!isStopping) return goOn(key, entry, Math.max(afterMs, FULL_MS));
      entries.delete(key);
      log.warn({ err, queue, requestId: id }, 'left to the sweep');
    }
  }

  return {
    take,

    async drain(withinMs) {
      isStopping = true;
      const untilMs = performance.now() + withinMs;
      const waiting = [...entries].filter(([, { timer, isInLine }]) => timer !== undefined || isInLine);
      for (const line of Object.values(lines)) line.length = 0;
      for (const [, { timer }] of waiting) clearTimeout(timer);
      await Promise.all(waiting.map(([key, entry]) => give(key, entry, 0)));
      while (entries.size > 0 && performance.now() < untilMs) await sleep(LOOK_MS);
      if (entries.size > 0) log.warn({ running: entries.size }, 'stopping while handlers are still running');
    },
  };
}

function keyOf(queue: AtOnceName, id: RequestId): string {
  return `${queue} ${id}`;
}
