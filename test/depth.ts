/** How many cases a test with drawn examples tries: all of them with `TEST_DEPTH=full`, as in CI, else a tenth. */

const IS_FULL = process.env.TEST_DEPTH === 'full';

/** @param full so many cases at full depth, or what must be seen of them */
export function runs(full: number): number {
  return IS_FULL ? full : Math.ceil(full / 10);
}

/** Of something that takes seconds each time: all of it at full depth, else the first few. */
export function firstOf<T>(few: number, all: readonly T[]): readonly T[] {
  return IS_FULL ? all : all.slice(0, few);
}

/** How often a race is run: each time takes seconds. */
export function rounds(few: number, full: number): number {
  return IS_FULL ? full : few;
}
