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

const RENEW = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`);
const RELEASE = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
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
  const token = nanoid();
  try {
    const taken = await read(() => redis.set(key, token, 'PX', HELD_MS, 'NX'));
    if (taken !== 'OK') return { ran: false };
  } catch (error) {
    if (!(error instanceof StoreUnreachable)) throw error;
    if (isNeeded) return { ran: false };
    log.warn({ key, reason: error.message }, 'working without the lock');
  }
  const renewing = setInterval(() => {
    run(redis, RENEW, [key], [token, HELD_MS]).catch(() => {
      // The lock expires, and another may do the same work.
    });
  }, RENEW_MS);
  renewing.unref();
  try {
    return { ran: true, result: await work() };
  } finally {
    clearInterval(renewing);
    await run(redis, RELEASE, [key], [token]).catch(() => {
      // The lock expires by itself.
    });
  }
}
