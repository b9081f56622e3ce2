/** Warnings that anybody on the network can cause: written now and then, or they fill the log. */
import type { Log } from './ports.js';

const EVERY_MS = 60_000;

/**
 * Warns at most once a minute.
 * @param nowMs milliseconds of a clock that nobody sets: a step back would silence the warning
 * @returns call it for each event; the fields of the one that is written stand in the log, beside how many came since the
 * line before
 */
export function seldom(log: Log, message: string, nowMs: () => number): (fields: object) => void {
  let writtenMs = Number.NEGATIVE_INFINITY;
  let times = 0;
  return (fields) => {
    times += 1;
    if (nowMs() - writtenMs < EVERY_MS) return;
    log.warn({ ...fields, times }, message);
    writtenMs = nowMs();
    times = 0;
  };
}
