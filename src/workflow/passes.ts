/** Much work, some of it at once: one piece that hangs must not hold up the rest. */
import type { Parts } from './ports.js';

const AT_ONCE = 20;

/**
 * Does `work` for every item, at most twenty at a time; none is begun once `stopping` is aborted. The first that fails
 * is thrown once all are done.
 */
export async function each<T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
  stopping?: AbortSignal,
): Promise<void> {
  const waiting = [...items];
  const failures: unknown[] = [];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined && !stopping?.aborted; item = waiting.shift()) {
      await work(item).catch((cause: unknown) => failures.push(cause));
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, worker));
  if (failures.length > 0) throw failures[0];
}

export async function attempt(parts: Parts, what: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    parts.log.error({ err: cause, what }, 'sweep: this one waits for the next pass');
  }
}
