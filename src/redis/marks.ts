/** Small keys that all replicas share: whose turn something is, and the mark by which a loss of the store is noticed. */
import type { Redis } from 'ioredis';
import { nanoid } from 'nanoid';
import type { Store } from '../workflow/ports.js';
import { change, OPERATION_S, read } from './script.js';

/** A failover reaches all replicas within this time; one of them says it. */
const REWOUND_MS = 60_000;
/** What the mark of a replica begins with that knew of none before. */
const NEW = 'new ';
/** How many changes are looked for again. */
const MOST = 200;

export interface Marks extends Pick<Store, 'mark' | 'turn' | 'hold' | 'taken'> {
  /**
   * Tells the number of an audit record that was written after `before` had been: where it is not higher, the store has
   * lost its newest records, as after a failover to a replica that lagged.
   */
  numbered(seq: number, before: number): void;
  /** A change was stored just now: the key that remembers it is there as long as the store has lost nothing. */
  stored(operationKey: string, nowMs: number): void;
}

/** The marks of one installation; one of these a process, since it remembers what it saw. */
export function createMarks(redis: Redis, prefix: string, now: () => number): Marks {
  let known: string | undefined;
  let rewound = false;
  let stored: { operationKey: string; atMs: number }[] = [];
  const turnKey = (name: string) => `${prefix}:turn:${name}`;

  async function turn(name: string, forMs: number): Promise<boolean> {
    const taken = await change(redis, () => redis.set(turnKey(name), '1', 'PX', Math.ceil(forMs), 'NX'));
    return taken === 'OK';
  }

  /** Others may have written as many records since as were lost, so numbers alone do not tell. */
  async function lookForStored(): Promise<void> {
    const all = [...stored];
    const keys = all
      .filter(({ atMs }) => now() - atMs < (OPERATION_S * 1000) / 2)
      .map(({ operationKey }) => operationKey);
    if (keys.length > 0) rewound ||= (await read(() => redis.exists(...keys))) < keys.length;
    stored = stored.filter((one) => !all.includes(one));
  }

  return {
    turn,
    async hold(name, forMs) {
      await change(redis, () => redis.set(turnKey(name), '1', 'PX', Math.ceil(forMs)));
    },
    numbered(seq, before) {
      rewound ||= seq <= before;
    },

    stored(operationKey, nowMs) {
      stored.push({ operationKey, atMs: nowMs });
      if (stored.length > MOST) stored.shift();
    },

    async mark() {
      await lookForStored();
      const key = `${prefix}:mark`;
      const found = await read(() => redis.get(key));
      if (found !== null) {
        // Marked by a new replica, to which a store that had lost everything was a new one.
        rewound ||= known !== undefined && known !== found && found.startsWith(NEW);
        known = found;
        if (!rewound) return 'kept';
        const first = await turn('rewound', REWOUND_MS);
        rewound = false;
        if (!first) return 'kept';
        if (known.startsWith(NEW)) {
          known = nanoid();
          await change(redis, () => redis.set(key, known ?? ''));
        }
        return 'lost';
      }
      rewound = false;
      const before = known;
      const mark = `${before === undefined ? NEW : ''}${nanoid()}`;
      // The others notice it as well, by their numbers. A new replica leaves it to them to say.
      if (before !== undefined) await turn('rewound', REWOUND_MS);
      await change(redis, () => redis.set(key, mark, 'NX'));
      known = (await read(() => redis.get(key))) ?? undefined;
      // Where another replica was first, that one says it.
      if (known !== mark) return 'kept';
      return before === undefined ? 'fresh' : 'lost';
    },

    taken: async (name) => (await read(() => redis.exists(turnKey(name)))) === 1,
  };
}
