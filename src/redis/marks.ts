/** Small keys that all replicas share: whose turn something is, and the mark by which a loss of the store is noticed. */
import type { Redis } from 'ioredis';
import { nanoid } from 'nanoid';
import type { Store } from '../workflow/ports.js';
import { change, read } from './script.js';

/** The marks of one installation; one of these a process, since it remembers the mark that it saw. */
export function createMarks(redis: Redis, prefix: string): Pick<Store, 'mark' | 'turn' | 'taken'> {
  let known: string | undefined;
  const turnKey = (name: string) => `${prefix}:turn:${name}`;
  return {
    async mark() {
      const key = `${prefix}:mark`;
      const found = await read(() => redis.get(key));
      if (found !== null) {
        known = found;
        return 'kept';
      }
      const mark = nanoid();
      const before = known;
      await change(redis, () => redis.set(key, mark, 'NX'));
      known = (await read(() => redis.get(key))) ?? undefined;
      // Where another replica was first, that one says it.
      if (known !== mark) return 'kept';
      return before === undefined ? 'fresh' : 'lost';
    },

    async turn(name, forMs) {
      const taken = await change(redis, () => redis.set(turnKey(name), '1', 'PX', Math.ceil(forMs), 'NX'));
      return taken === 'OK';
    },

    taken: async (name) => (await read(() => redis.exists(turnKey(name)))) === 1,
  };
}
