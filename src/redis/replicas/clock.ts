/**
 * One clock for all replicas: this machine's, corrected by Redis'. One replica stores an end and another carries it
 * out; if their clocks differed, access would end early or late by the difference.
 */
import type { Redis } from 'ioredis';
import type { Log } from '../../workflow/ports.js';

/** Further apart, one of the two clocks is plainly wrong, and a wrong Redis must not move the end of access. */
const MOST_MS = 5_000;
/** An answer that took longer says too little about the instant at which Redis gave it. */
const SLOWEST_MS = 250;
const ATTEMPTS = 5;

export interface SharedClock {
  /** Epoch milliseconds. */
  now(): number;
  /**
   * Compares with Redis once; without an answer the last correction stays. A slow answer counts only while there is no
   * correction yet: half of its time is less than clocks may be apart. Answers whether an answer was quick.
   */
  adjust(): Promise<boolean>;
}

/** By how much Redis' clock is ahead, and how long the answer took: the quickest of a few. */
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
