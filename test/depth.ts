/** How many cases a test with drawn examples tries: all of them with `TEST_DEPTH=full`, as in CI, else a tenth. */

const IS_FULL = process.env.TEST_DEPTH === 'full';

/** @param full so many cases at full depth, or what must be seen of them */
export function runs(full: number): number {
  return IS_FULL ? full : Math.ceil(full / 10);
}
