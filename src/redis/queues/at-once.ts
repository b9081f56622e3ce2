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
  /**
   * How many of a kind run here at once. Of the others the queue takes the work, so that other replicas help. Tellings wait
   * here: Slack counts calls of all replicas together, and a job costs more than a telling.
   */
  most: Record<AtOnceName, number>;
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
  /** Undefined while the work runs, or waits for room. */
  timer: NodeJS.Timeout | undefined;
  /** How often it was tried. */
  attempts: number;
}

/** How long work waits that the queue did not take, while too much else runs. */
const FULL_MS = 250;
/** How often a stopping bot looks whether there is anything left to wait for. */
const LOOK_MS = 5;

export function createAtOnce({ handlers, most, handOver, log }: AtOnceParts): AtOnce {
  const entries = new Map<string, Entry>();
  const running: Record<AtOnceName, number> = { work: 0, tell: 0 };
  /** Tellings that wait for room, the longest first. */
  let line: [string, Entry][] = [];
  let isStopping = false;

  function take(queue: AtOnceName, id: RequestId, afterMs: number): boolean {
    if (isStopping) return false;
    const key = `${queue} ${id}`;
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
    const entry: Entry = { queue, id, dueMs, timer: undefined, attempts: 0 };
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
    if (running[queue] >= most[queue] && queue === 'tell') {
      line.push([key, entry]);
      return;
    }
    entry.dueMs = undefined;
    if (running[queue] >= most[queue]) return give(key, entry, 0);
    running[queue] += 1;
    entry.attempts += 1;
    const failure = await attemptOf({ log, queue, id, attempt: entry.attempts }, handlers[queue]);
    running[queue] -= 1;
    const [next] = queue === 'tell' ? line.splice(0, 1) : [];
    if (next) void begin(...next);
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
      const waiting = [...[...entries].filter(([, { timer }]) => timer !== undefined), ...line];
      line = [];
      for (const [, { timer }] of waiting) clearTimeout(timer);
      await Promise.all(waiting.map(([key, entry]) => give(key, entry, 0)));
      while (entries.size > 0 && performance.now() < untilMs) await sleep(LOOK_MS);
      if (entries.size > 0) log.warn({ running: entries.size }, 'stopping while handlers are still running');
    },
  };
}
