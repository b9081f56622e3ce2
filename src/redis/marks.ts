/** Small keys that all replicas share: whose turn something is, and the mark by which a loss of the store is noticed. */
import type { Redis } from 'ioredis';
import { nanoid } from 'nanoid';
import type { Store } from '../workflow/ports.js';
import { change, read } from './script.js';

/** A failover reaches all replicas within this time; one of them says it. */
const REWOUND_MS = 60_000;

export interface Marks extends Pick<Store, 'mark' | 'turn' | 'hold' | 'taken'> {
  /**
   * Tells the number of an audit record that was written after `before` had been: where it is not higher, the store has
   * lost its newest records, as after a failover to a replica that lagged.
   */
  numbered(seq: number, before: number): void;
}

/** The marks of one installation; one of these a process, since it remembers what it saw. */
export function createMarks(redis: Redis, prefix: string): Marks {
  let known: string | undefined;
  let rewound = false;
  const turnKey = (name: string) => `${prefix}:turn:${name}`;

  async function turn(name: string, forMs: number): Promise<boolean> {
    const taken = await change(redis, () => redis.set(turnKey(name), '1', 'PX', Math.ceil(forMs), 'NX'));
    return taken === 'OK';
  }

  return {
    turn,
    async hold(name, forMs) {
      await change(redis, () => redis.set(turnKey(name), '1', 'PX', Math.ceil(forMs)));
    },
    numbered(seq, before) {
      rewound ||= seq <= before;
    },

    async mark() {
      const key = `${prefix}:mark`;
      const found = await read(() => redis.get(key));
      if (found !== null) {
        known = found;
        if (!rewound) return 'kept';
        const first = await turn('rewound', REWOUND_MS);
        rewound = false;
        return first ? 'lost' : 'kept';
      }
      rewound = false;
      // The others notice it as well, by their numbers.
      await turn('rewound', REWOUND_MS);
      const mark = nanoid();
      const before = known;
      await change(redis, () => redis.set(key, mark, 'NX'));
      known = (await read(() => redis.get(key))) ?? undefined;
      // Where another replica was first, that one says it.
      if (known !== mark) return 'kept';
      return before === undefined ? 'fresh' : 'lost';
    },

    taken: async (name) => (await read(() => redis.exists(turnKey(name)))) === 1,
  };
}
