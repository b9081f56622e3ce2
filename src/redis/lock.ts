/**
 * A lock for all replicas. Where Redis cannot lock, work goes on, since doing it twice is harmless; work for which
 * that is untrue passes `isNeeded`.
 */
import type { Redis } from 'ioredis';
import { nanoid } from 'nanoid';
import type { Log } from '../workflow/ports.js';
import { StoreUnreachable } from '../workflow/ports-store.js';
import { read, run, script } from './script.js';

const HELD_MS = 9_000;
const RENEW_MS = 3_000;

/** The names that are taken now, of those that were asked for: `1` or `0` for each. */
const TAKE = script(`
local taken = {}
for n, key in ipairs(KEYS) do
  taken[n] = redis.call('SET', key, ARGV[1], 'PX', ARGV[2], 'NX') and 1 or 0
end
return taken
`);
const RENEW = script(`
for _, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[1] then redis.call('PEXPIRE', key, ARGV[2]) end
end
`);
const RELEASE = script(`
for _, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[1] then redis.call('DEL', key) end
end
`);

/**
 * Runs `work` while holding the lock, or answers `ran: false` where somebody else holds it. When Redis cannot say
 * who holds the lock the work is done all the same, since expired access must close without Redis too; not where the
 * lock `isNeeded`.
 */
export async function exclusively<T>(
  redis: Redis,
  key: string,
  work: () => Promise<T>,
  log: Log,
  isNeeded = false,
): Promise<{ ran: true; result: T } | { ran: false }> {
  const only = async (held: readonly string[]) =>
    held.length > 0 ? ({ ran: true, result: await work() } as const) : ({ ran: false } as const);
  return holding(redis, [key], (name) => name, only, log, isNeeded);
}

/** Runs `work` while holding the locks that nobody else holds; `work` is told their names. */
export async function holding<T>(
  redis: Redis,
  names: readonly string[],
  keyOf: (name: string) => string,
  work: (held: readonly string[]) => Promise<T>,
  log: Log,
  isNeeded = false,
): Promise<T> {
  const token = nanoid();
  const held = await take();
  if (held.length === 0) return work(held);
  const keys = held.map(keyOf);
  const renewing = setInterval(() => {
    run(redis, RENEW, keys, [token, HELD_MS]).catch(() => {
      // The locks expire, and another may do the same work.
    });
  }, RENEW_MS);
  renewing.unref();
  try {
    return await work(held);
  } finally {
    clearInterval(renewing);
    await run(redis, RELEASE, keys, [token]).catch(() => {
      // The locks expire by themselves.
    });
  }

  async function take(): Promise<readonly string[]> {
    if (names.length === 0) return [];
    try {
      const taken = await read(() => run(redis, TAKE, names.map(keyOf), [token, HELD_MS]));
      return names.filter((_, n) => Array.isArray(taken) && taken[n] === 1);
    } catch (error) {
      if (!(error instanceof StoreUnreachable)) throw error;
      if (isNeeded) return [];
      log.warn(
        { names: names.slice(0, 5), all: names.length, reason: error.message },
        'working without the lock',
      );
      return names;
    }
  }
}
