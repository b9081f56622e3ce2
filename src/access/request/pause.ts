/**
 * The pause of new openings. They are paused when an admin said so, and also when the last record of a pause does not
 * verify, since nobody may get in on a record that cannot be believed.
 */

/** The record of the last pause or resume: newer versions win. `name` is who did it, as plain text can show it. */
export interface PauseRecord {
  /** Grows with each change, and is at least the instant of that change, epoch milliseconds. */
  version: number;
  paused: boolean;
  /** A Slack user id. */
  by: string;
  name?: string;
  atMs: number;
}

/**
 * New openings are paused. `unverified`: a record is there that this installation did not write; `newer`: one that only
 * a newer version of the bot can read, so that nobody here knows whether a pause is over.
 */
export type Pause =
  | { kind: 'by'; by: string; name?: string; sinceMs: number }
  | { kind: 'unverified' }
  | { kind: 'newer' };

/** The pause that a record stands for, or undefined where nothing is paused. */
export function pauseOf(record: PauseRecord | undefined): Pause | undefined {
  if (!record?.paused) return undefined;
  const { by, name, atMs } = record;
  return { kind: 'by', by, sinceMs: atMs, ...(name ? { name } : {}) };
}

/**
 * The next record. Its version is the instant of the change, or one more than the version before where that is higher: a
 * replica that knows of no record before (after a loss of Redis) still writes the newest version.
 */
export function nextPause(
  before: PauseRecord | undefined,
  change: Pick<PauseRecord, 'paused' | 'by' | 'atMs' | 'name'>,
): PauseRecord {
  return { ...change, version: Math.max(change.atMs, (before?.version ?? 0) + 1) };
}

/** Gives the newer of two records, which holds. */
export function newerPause(
  one: PauseRecord | undefined,
  other: PauseRecord | undefined,
): PauseRecord | undefined {
  if (!one || !other) return one ?? other;
  return other.version > one.version ? other : one;
}
