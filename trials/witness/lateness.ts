/** How late rules go after the end in their tags, outside outages and after them. */
import type { RuleLife } from './rule-lives.js';

/** A time in which something that the bot needs was away. */
export interface Outage {
  fromMs: number;
  toMs: number;
}

/** One rule's end: how long after it was due, or after the outage in which it was due, it went. */
export interface Lateness {
  life: RuleLife;
  lateMs: number;
  /** An outage lay before the removal; `lateMs` counts from the end, or from when the outage was over. */
  afterOutage: boolean;
}

/** Milliseconds; zeros where nothing was measured. */
export interface Spread {
  p50: number;
  p99: number;
  max: number;
}

/** How late a rule may go, milliseconds. */
export interface Allowed {
  lateMs: number;
  /** From when the outage was over. */
  lateAfterOutageMs: number;
  /** How long after an outage its traces may last: an end in that time counts as after it. Default 0. */
  recoveryMs?: number;
}

/**
 * Undefined for a rule that is not due yet, and for one that a hand removed. An outage that began when it should have
 * been gone already is no excuse.
 */
export function latenessOf(
  life: RuleLife,
  outages: readonly Outage[],
  nowMs: number,
  { lateMs, lateAfterOutageMs, recoveryMs = 0 }: Allowed,
): Lateness | undefined {
  if (life.removedByHand) return undefined;
  const dueMs = dueAtMs(life);
  const goneMs = life.removedAtMs ?? nowMs;
  if (life.removedAtMs === undefined && goneMs <= dueMs) return undefined;
  let fromMs = dueMs;
  let afterOutage = false;
  for (const outage of [...outages].sort((a, b) => a.fromMs - b.fromMs)) {
    if (outage.fromMs > goneMs || outage.toMs + recoveryMs < fromMs) continue;
    if (outage.fromMs > fromMs + (afterOutage ? lateAfterOutageMs : lateMs)) break;
    afterOutage = true;
    fromMs = Math.max(fromMs, outage.toMs);
  }
  return { life, lateMs: Math.max(0, goneMs - fromMs), afterOutage };
}

/** The latest end among the leases that it still carries; where all were taken off, when the last one was. */
export function dueAtMs({ leases }: RuleLife): number {
  const all = [...leases.values()];
  const held = all.filter(({ leftAtMs }) => leftAtMs === undefined);
  return held.length > 0
    ? Math.max(...held.map(({ endsAtMs }) => endsAtMs))
    : Math.max(0, ...all.map(({ leftAtMs = 0 }) => leftAtMs));
}

/** The usual figures of some durations. */
export function spread(valuesMs: readonly number[]): Spread {
  const sorted = [...valuesMs].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), max: sorted.at(-1) ?? 0 };
}
