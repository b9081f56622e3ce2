/**
 * Work that is due now and that this process has: done here, without a job. A crash loses none of it, since the index of
 * what is owed lists it too, and the sweep looks there.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RequestId } from '../../access/request/request.js';
import type { Log } from '../../workflow/ports.js';
import { ATTEMPTS, attemptOf, type Progress, type QueueName, retryDelayMs } from './run-job.js';

/** Ends are not done this way: their queue has them until they are done. */
export type AtOnceName = Exclude<QueueName, 'ends'>;

export interface AtOnceParts {
  handlers: Record<AtOnceName, (id: RequestId) => Promise<Progress>>;
  /** How many of a kind run here at once. The others wait in line. */
  most: Record<AtOnceName, number>;
  /** How many of a kind wait in line here. The queue takes what is more, so that other replicas help. */
  mostInLine: Record<AtOnceName, number>;
  /** Gives work to the queue, to be done `afterMs` from now, so many times at most. */
  handOver(queue: AtOnceName, id: RequestId, afterMs: number, attempts: number): Promise<void>;
  log: Log;
}

export interface AtOnce {
  /**
   * Does the work in `afterMs`, or sooner where it was to be done sooner already; once more after the work that runs.
   * False where the queue has to take it.
   */
  take(queue: AtOnceName, id: RequestId, afterMs: number): boolean;
  /** Begins nothing more, gives what waits to the queue, and waits for what runs, `withinMs` at most. */
  drain(withinMs: number): Promise<void>;
}

/** Work of one kind for one request. */
interface Entry {
  queue: AtOnceName;
  id: RequestId;
  /** By `performance.now()`. Undefined while the work runs, and nobody has asked for it again. */
  dueMs: number | undefined;
  /** Undefined while the work runs or is in line. */
  timer: NodeJS.Timeout | undefined;
  isInLine: boolean;
  /** How often it was tried. */
  attempts: number;
  /** How often telling has waited for work in line. */
  letAhead: number;
}

/** How long work waits that the queue did not take, while too much else runs. */
const FULL_MS = 250;
/**
 * How long a request is not told of while work that will change it is in line, and how often: the card would be edited a
 * moment later, and whoever asked would rather have the next person's request looked at.
 */
const LET_AHEAD_MS = 2_000;
const LET_AHEAD_TIMES = 4;
/** How often a stopping bot looks whether there is anything left to wait for. */
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
      // Whoever asks again has changed something, so that what was not possible may be by now.
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

  /** Never at once: whoever has work here may have somebody to answer first. */
  function wait(key: string, entry: Entry, afterMs: number): void {
    clearTimeout(entry.timer);
    // A timer of Node's may come a millisecond early, and whoever is asked again then would ask once more.
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

  /** To the queue; where Redis does not take the work, this process goes on with it. */
  async function give(key: string, entry: Entry, afterMs: number): Promise<void> {
    const { queue, id, attempts } = entry;
    entry.dueMs = undefined;
    try {
      await handOver(queue, id, afterMs, ATTEMPTS - attempts);
      // The queue may have done the work before whoever asked again meanwhile had changed anything.
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
