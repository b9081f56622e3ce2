/**
 * A lock for all replicas. Where Redis cannot lock, the work is done all the same, since doing it twice is harmless. A
 * caller whose work must not be done twice says `leave`.
 */
import type { Redis } from 'ioredis';
import { nanoid } from 'nanoid';
import type { Log } from '../../workflow/ports.js';
import { StoreUnreachable, type WhenUnsure } from '../../workflow/ports-store.js';
import type { Fields } from '../record.js';
import { read, run, script } from '../script.js';

const HELD_MS = 9_000;
const RENEW_MS = 3_000;
/** How many locks a script takes, with their hashes: Redis answers nobody else meanwhile. */
const AT_ONCE = 200;

/**
 * Takes the locks that the first keys name, and answers `1` for each that it took and `0` for each that somebody else holds.
 * The other keys are hashes, which are read in the same trip; a key that holds another kind of value is answered with none.
 */
const TAKE = script(`
local taken, found = {}, {}
local locks = tonumber(ARGV[3])
for n = locks + 1, #KEYS do
  local fields = redis.pcall('HMGET', KEYS[n], 'version', 'body', 'sig', 'schema')
  found[n - locks] = not fields.err and fields
end
for n = 1, locks do
  taken[n] = redis.call('SET', KEYS[n], ARGV[1], 'PX', ARGV[2], 'NX') and 1 or 0
end
return {taken, found}
`);
/** Sent every {@link RENEW_MS} while a lock is held. */
export const RENEW = script(`
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
 * who holds the lock the work is done all the same, since expired access must close without Redis too, unless the caller
 * says `leave`.
 */
export async function exclusively<T>(
  redis: Redis,
  key: string,
  work: () => Promise<T>,
  log: Log,
  unsure: WhenUnsure = 'work',
): Promise<{ ran: true; result: T } | { ran: false }> {
  const only = async (held: readonly string[]) =>
    held.length > 0 ? ({ ran: true, result: await work() } as const) : ({ ran: false } as const);
  return holding(redis, [key], (name) => name, only, log, unsure);
}

/**
 * {@link exclusively} with hashes that are read in the same trip: `version`, `body`, `sig` and `schema` of each. The work
 * gets undefined for them where Redis did not answer.
 */
export async function exclusivelyKnowing<T>(
  redis: Redis,
  key: string,
  hashes: readonly string[],
  work: (found: readonly Fields[] | undefined, lock: Lock) => Promise<T>,
  log: Log,
): Promise<{ ran: true; result: T } | { ran: false }> {
  const only = async (held: readonly string[], lock: Lock, found: readonly Fields[] | undefined) =>
    held.length > 0 ? ({ ran: true, result: await work(found, lock) } as const) : ({ ran: false } as const);
  return holding(redis, [key], (name) => name, only, log, 'work', hashes);
}

/** What work can do with the locks under which it is done. */
export interface Lock {
  /** Lets the lock of this name go before `work` is done. Never throws: a lock that stays expires. */
  release(name: string): Promise<void>;
  /** The value of the locks' keys. A script that finds this value may remove the key, as {@link Lock.release} does. */
  token: string;
  /** To be called once a script has removed the lock of this name. */
  isGone(name: string): void;
}

/** Runs `work` while holding the locks that nobody else holds; `work` is told their names. */
export async function holding<T>(
  redis: Redis,
  names: readonly string[],
  keyOf: (name: string) => string,
  work: (held: readonly string[], lock: Lock, found: readonly Fields[] | undefined) => Promise<T>,
  log: Log,
  unsure: WhenUnsure = 'work',
  hashes: readonly string[] = [],
): Promise<T> {
  const token = nanoid();
  const { held, found } = await take();
  const left = new Set(held);
  const release = async (some: readonly string[]): Promise<void> => {
    for (const name of some) left.delete(name);
    await run(redis, RELEASE, some.map(keyOf), [token]).catch(() => {
      // A lock that could not be removed expires by itself.
    });
  };
  const lock: Lock = { release: (name) => release([name]), token, isGone: (name) => void left.delete(name) };
  if (held.length === 0) return work(held, lock, found);
  const keys = held.map(keyOf);
  const renewing = setInterval(() => {
    run(redis, RENEW, keys, [token, HELD_MS]).catch(() => {
      // The locks expire, and another may do the same work.
    });
  }, RENEW_MS);
  renewing.unref();
  try {
    return await work(held, lock, found);
  } finally {
    clearInterval(renewing);
    if (left.size > 0) await release([...left]);
  }

  async function takeSome(
    some: readonly string[],
    itsHashes: readonly string[],
  ): Promise<[taken: unknown[], found: Fields[]]> {
    const keys = [...some.map(keyOf), ...itsHashes];
    const answer = await read(() => run(redis, TAKE, keys, [token, HELD_MS, some.length]));
    const [taken, found] = Array.isArray(answer) ? answer : [];
    return [taken, found];
  }

  async function take(): Promise<{ held: readonly string[]; found: readonly Fields[] | undefined }> {
    const none = { held: [], found: undefined };
    if (names.length === 0) return none;
    try {
      const pieces: Promise<[taken: unknown[], found: Fields[]]>[] = [];
      for (let at = 0; at < Math.max(names.length, hashes.length); at += AT_ONCE)
        pieces.push(takeSome(names.slice(at, at + AT_ONCE), hashes.slice(at, at + AT_ONCE)));
      const all = await Promise.all(pieces);
      const taken = all.flatMap(([some]) => some);
      return { held: names.filter((_, n) => taken[n] === 1), found: all.flatMap(([, some]) => some) };
    } catch (error) {
      if (!(error instanceof StoreUnreachable)) throw error;
      if (unsure === 'leave') return none;
      log.warn(
        { names: names.slice(0, 5), all: names.length, reason: error.message },
        'working without the lock',
      );
      return { held: names, found: undefined };
    }
  }
}
