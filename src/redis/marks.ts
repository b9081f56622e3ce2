/** Small keys that all replicas share: whose turn something is, and the mark by which a loss of the store is noticed. */
import type { Redis } from 'ioredis';
import { nanoid } from 'nanoid';
import type { Store } from '../workflow/ports-store.js';
import { change, OPERATION_S, read, run, script } from './script.js';

/** What the mark of a replica begins with to which the store was a new one. */
const NEW = 'new ';
/** How many changes are looked for again, and for how long. */
const MOST = 200;
const LOOKED_FOR_MS = (OPERATION_S * 1000) / 2;

/** One replica replaces the mark that was found: that one says what was lost. It may be sent twice. */
const REPLACE = script(`
local found = redis.call('GET', KEYS[1]) or ''
if found == ARGV[2] then return 1 end
if found ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1
`);

export interface Marks extends Pick<Store, 'mark' | 'turn' | 'hold' | 'taken'> {
  /**
   * Watches a change that is sent now; the answer takes what became of it: the number of the first of its audit
   * `records`. Where that is no higher than what was written before, the store has lost its newest records, as after a
   * failover to a replica that lagged; so it has where the key that remembers the change is missing later.
   */
  watch(operationKey: string): (firstSeq: number, records: number) => void;
}

/**
 * The marks of one installation; one of these a process, since it remembers what it saw.
 * @param now epoch milliseconds
 */
export function createMarks(redis: Redis, prefix: string, now: () => number): Marks {
  const key = `${prefix}:mark`;
  const turnKey = (name: string) => `${prefix}:turn:${name}`;
  let known: string | undefined;
  /** What this process puts in its place; kept until that is certain. */
  let next: string | undefined;
  let rewound = false;
  /** Known once, also where the store did not answer just then. */
  let old = false;
  /** Those that this process knew before: a store that shows one of them has gone back. */
  const earlier = new Set<string>();
  let written: { operationKey: string; atMs: number }[] = [];
  let newestSeq = 0;
  /** What was sent before a loss was said tells of that loss alone. */
  let losses = 0;

  /** Others may have written as many records since as were lost, so numbers alone do not tell. */
  async function lookForWritten(): Promise<void> {
    written = written.filter(({ atMs }) => now() - atMs < LOOKED_FOR_MS).slice(-MOST);
    const keys = written.map(({ operationKey }) => operationKey);
    if (keys.length === 0) return;
    const there = await read(() => redis.exists(...keys));
    if (there < keys.length) rewound = true;
  }

  function settle(mark: string | undefined): void {
    if (known !== undefined && known !== mark) earlier.add(known);
    known = mark;
    next = undefined;
    rewound = false;
    old = false;
    written = [];
    newestSeq = 0;
    losses += 1;
  }

  return {
    async turn(name, forMs) {
      const taken = await change(redis, () => redis.set(turnKey(name), '1', 'PX', Math.ceil(forMs), 'NX'));
      return taken === 'OK';
    },
    async hold(name, forMs) {
      await change(redis, () => redis.set(turnKey(name), '1', 'PX', Math.ceil(forMs)));
    },
    taken: async (name) => (await read(() => redis.exists(turnKey(name)))) === 1,

    watch(operationKey) {
      const [seqBefore, lossesBefore] = [newestSeq, losses];
      return (firstSeq, records) => {
        if (losses !== lossesBefore) return;
        written.push({ operationKey, atMs: now() });
        if (records === 0) return;
        rewound ||= firstSeq <= seqBefore;
        newestSeq = firstSeq + records - 1;
      };
    },

    async mark(isOld) {
      old ||= isOld;
      await lookForWritten();
      const found = (await read(() => redis.get(key))) ?? '';
      if (earlier.has(found)) rewound = true;
      const isOther = known !== undefined && found !== known && found !== '' && found !== next;
      if (isOther && !found.startsWith(NEW) && !earlier.has(found)) {
        // Whoever put it there has said what was lost.
        settle(found);
        return 'kept';
      }
      // Another replica took a store for a new one in which this one finds what was there before.
      const isMistaken = known === undefined && old && found.startsWith(NEW) && found !== next;
      if (found !== '' && found !== next && !isOther && !rewound && !isMistaken) {
        known = found;
        next = undefined;
        old = false;
        return 'kept';
      }
      const isFresh = found === '' && known === undefined && !old;
      next ??= `${isFresh ? NEW : ''}${nanoid()}`;
      const mine = next;
      const isReplaced = (await change(redis, () => run(redis, REPLACE, [key], [found, mine]))) === 1;
      // Where another replica was first, that one says it.
      settle(isReplaced ? mine : ((await read(() => redis.get(key))) ?? undefined));
      if (!isReplaced) return 'kept';
      return mine.startsWith(NEW) ? 'fresh' : 'lost';
    },
  };
}
