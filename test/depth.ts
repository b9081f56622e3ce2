/**
 * Leaves to full depth (`TEST_DEPTH=full`, as in CI) most cases of a test with drawn examples, and whole stories of
 * behaviour that tables or other stories show too.
 */
import { test } from '@jest/globals';

const IS_FULL = process.env.TEST_DEPTH === 'full';

/**
 * How many cases a test with drawn examples tries: all of them at full depth, else a tenth.
 *
 * @param full so many cases at full depth, or so many that must be seen
 */
export function runs(full: number): number {
  return IS_FULL ? full : Math.ceil(full / 10);
}

/** The cases that take seconds each: all of them at full depth, else the first few. */
export function firstOf<T>(few: number, all: readonly T[]): readonly T[] {
  return IS_FULL ? all : all.slice(0, few);
}

/**
 * The ways in which the nth of many cases is tried: all of them at full depth, else one, so that each way has its turn.
 */
export function inTurn<T>(nth: number, ways: readonly T[]): readonly T[] {
  const turn = nth % ways.length;
  return IS_FULL ? ways : ways.slice(turn, turn + 1);
}

/** How often a race is run, or how much is done at once: each takes seconds. */
export function rounds(few: number, full: number): number {
  return IS_FULL ? full : few;
}

/** A test at full depth; else none. No mutation relies on such a test. */
export function atFullDepth(name: string, run: () => Promise<void>): void {
  if (IS_FULL) test(name, run);
}
