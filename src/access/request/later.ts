/** A request that is to open at a later time: the instants that follow from that time. Epoch milliseconds. */
import type { Ask, PhaseIn, Request } from './request.js';

/** How long before its time the requester is reminded. */
const REMINDED_BEFORE_MS = 15 * 60_000;

/** When the request is to open; undefined where that is as soon as somebody said yes, or not known yet. */
export function startOf({ later }: Pick<Ask, 'later'>): number | undefined {
  return later && 'startsAtMs' in later ? later.startsAtMs : undefined;
}

/** True until the time of the request has come. */
export function isAhead({ ask }: Pick<Request, 'ask'>, nowMs: number): boolean {
  const startsAtMs = startOf(ask);
  return startsAtMs !== undefined && nowMs < startsAtMs;
}

/** When the requester is reminded; undefined where they were, or where the yes came less than that before. */
export function remindAtMs(ask: Ask, { review, reminded }: PhaseIn<'approved'>): number | undefined {
  const startsAtMs = startOf(ask);
  if (startsAtMs === undefined || reminded) return undefined;
  const atMs = startsAtMs - REMINDED_BEFORE_MS;
  return review.atMs < atMs ? atMs : undefined;
}

/** From when on a yes could open access: when it was said, or the time that was asked for. */
export function fromWhenMs(ask: Ask, saidAtMs: number): number {
  return Math.max(saidAtMs, startOf(ask) ?? 0);
}

/**
 * Until when a request waits for an answer: an answer long after its time is of no use. A request that is asked again at
 * its time waits like any other.
 * @param mostMs how long a request waits for an answer at most
 * @param lateMs how long after the request's time an answer may still come
 */
export function answerByMs(ask: Ask, nowMs: number, mostMs: number, lateMs: number): number {
  const startsAtMs = startOf(ask);
  const most = nowMs + mostMs;
  return startsAtMs === undefined || startsAtMs <= nowMs ? most : Math.min(most, startsAtMs + lateMs);
}
