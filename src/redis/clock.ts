/**
 * One clock for all replicas: this machine's, corrected by Redis'. An end is stored by one replica and kept by
 * another; where their clocks differ, access would end early or late by as much.
 */
import type { Redis } from 'ioredis';
import type { Log } from '../workflow/ports.js';

/** Beyond this one of both clocks is plainly wrong, and a wrong Redis must not move the end of access. */
const MOST_MS = 5_000;
/** An answer that took longer says too little about the instant at which it was given. */
const SLOWEST_MS = 250;
const ATTEMPTS = 3;

export interface SharedClock {
  /** Epoch milliseconds. */
  now(): number;
  /** Compares with Redis once; without an answer the last correction stays. */
  adjust(): Promise<void>;
}

/** Redis' time, asked for again where the answer took too long. */
async function quickAnswer(redis: Redis): Promise<{ answer?: unknown[]; tookMs: number }> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const before = performance.now();
    const answer = await redis.time().catch(() => undefined);
    const tookMs = performance.now() - before;
    if (!answer) break;
    if (tookMs <= SLOWEST_MS) return { answer, tookMs };
  }
  return { tookMs: 0 };
}

/** @param local this machine's clock, epoch milliseconds */
export function createSharedClock(redis: Redis, log: Log, local: () => number = Date.now): SharedClock {
  let correctionMs = 0;
  let warned = false;
  return {
    now: () => local() + correctionMs,
    async adjust() {
      const { answer, tookMs } = await quickAnswer(redis);
      if (!answer) return;
      const [seconds, microseconds] = answer.map(Number);
      const theirs = (seconds ?? Number.NaN) * 1000 + (microseconds ?? Number.NaN) / 1000 + tookMs / 2;
      const offMs = Math.round(theirs - local());
      if (!Number.isFinite(offMs)) return;
      if (Math.abs(offMs) <= MOST_MS) {
        correctionMs = offMs;
        warned = false;
      } else if (!warned) {
        warned = true;
        log.error({ offMs }, "this machine's clock and Redis' are too far apart: set them right (NTP)");
      }
    },
  };
}
