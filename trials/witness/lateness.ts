/** Measures how late rules go after the end that their tags name, with and without an outage in between. */
import type { RuleLife } from './rule-lives.js';

/** A time in which something was away that the bot needs to end access. Epoch milliseconds. */
export interface Outage {
  fromMs: number;
  toMs: number;
}

/** How late one rule went. */
export interface Lateness {
  life: RuleLife;
  /** Counts from the end of the grant or, if `afterOutage`, from the end of the outage where that is later. */
  lateMs: number;
  /** An outage delayed the removal. */
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
  /** Counts from the end of the outage. */
  lateAfterOutageMs: number;
  /**
   * How long an outage still delays work after it is over: an end in that time counts as after the outage. Default 0.
   */
  recoveryMs?: number;
}

/**
 * An outage excuses a late removal only if it began before the rule had to be gone.
 * @returns undefined for a rule that is not due yet, and for a rule that was removed by a manual change
 */
export function latenessOf(
  life: RuleLife,
  outages: readonly Outage[],
  nowMs: number,
  { lateMs, lateAfterOutageMs, recoveryMs = 0 }: Allowed,
): Lateness | undefined {
  if (life.removedManually) return undefined;
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

/**
 * The latest end among the leases that the rule carries; without a lease, the instant at which the last was taken
 * off.
 */
export function dueAtMs({ leases }: RuleLife): number {
  const all = [...leases.values()];
  const held = all.filter(({ leftAtMs }) => leftAtMs === undefined);
  return held.length > 0
    ? Math.max(...held.map(({ endsAtMs }) => endsAtMs))
    : Math.max(0, ...all.map(({ leftAtMs = 0 }) => leftAtMs));
}

/** Median, 99th percentile and maximum of durations in milliseconds. */
export function spread(valuesMs: readonly number[]): Spread {
  const sorted = [...valuesMs].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99), max: sorted.at(-1) ?? 0 };
}
