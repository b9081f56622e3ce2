/**
 * One clock for all replicas: that of this machine, corrected by that of Redis. One replica stores an end and another
 * carries it out, so if their clocks differed access would end early or late by the difference.
 */
import type { Redis } from 'ioredis';
import type { Log } from '../../workflow/ports.js';

/** Where the clocks differ by more, one of them is plainly wrong, and a wrong clock of Redis must not move an end. */
const MOST_MS = 5_000;
/** An answer that took longer tells too little about the instant at which Redis gave it, milliseconds. */
const SLOWEST_MS = 250;
const ATTEMPTS = 5;

export interface SharedClock {
  /** Epoch milliseconds. */
  now(): number;
  /**
   * Compares the clocks once. Without an answer of Redis the last correction stays. A slow answer counts only while there is
   * no correction yet, since it is wrong by half of its time at most, which is less than clocks may differ.
   * @returns whether Redis answered quickly, so that the clock is certain
   */
  adjust(): Promise<boolean>;
}

/** By how much Redis' clock is ahead, and how long that answer took; of a few answers the quickest. */
export async function quickestAnswer(
  redis: Redis,
  local: () => number,
): Promise<{ offMs: number; tookMs: number } | undefined> {
  let best: { offMs: number; tookMs: number } | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const before = performance.now();
    const answer = await redis.time().catch(() => undefined);
    const tookMs = performance.now() - before;
    if (!answer) break;
    const [seconds, microseconds] = answer.map(Number);
    const theirs = (seconds ?? Number.NaN) * 1000 + (microseconds ?? Number.NaN) / 1000 + tookMs / 2;
    const offMs = Math.round(theirs - local());
    if (Number.isFinite(offMs) && tookMs < (best?.tookMs ?? Number.POSITIVE_INFINITY))
      best = { offMs, tookMs };
    if (tookMs <= SLOWEST_MS) break;
  }
  return best;
}

/** @param local this machine's clock, epoch milliseconds */
export function createSharedClock(redis: Redis, log: Log, local: () => number = Date.now): SharedClock {
  let correctionMs = 0;
  let compared = false;
  let warned = false;
  return {
    now: () => local() + correctionMs,
    async adjust() {
      const best = await quickestAnswer(redis, local);
      const quick = best !== undefined && best.tookMs <= SLOWEST_MS;
      if (!best || (compared && !quick)) return quick;
      const { offMs } = best;
      compared ||= quick;
      if (Math.abs(offMs) <= MOST_MS) {
        correctionMs = offMs;
        warned = false;
      } else if (!warned) {
        warned = true;
        log.error({ offMs }, "this machine's clock and Redis' are too far apart: set them right (NTP)");
      }
      return quick;
    },
  };
}
