/** This machine's clock beside Redis' and AWS's: ends are instants, and AWS refuses signatures that are minutes off. */
import type { ClockSeen } from '../aws/setup/identity.js';
import { type Finding, fail, ok, unprovable } from './finding.js';

const MOST_MS = 2_000;

/** @param seen by how much the other clock is ahead; undefined where its time could not be asked */
export function lookAtClock(id: string, whose: string, seen: ClockSeen | undefined): Finding {
  if (!seen) return unprovable(id, `${whose} clock could not be asked.`);
  const { offMs, uncertainMs } = seen;
  if (Math.abs(offMs) <= MOST_MS) return ok(id, `${whose} clock and this machine's agree.`);
  if (Math.abs(offMs) <= MOST_MS + uncertainMs)
    return unprovable(
      id,
      `Whether ${whose} clock is right: the answer took too long to compare clocks by it.`,
    );
  const seconds = (Math.abs(offMs) / 1_000).toFixed(1);
  return fail(
    id,
    `${whose} clock is ${seconds} s ${offMs > 0 ? 'ahead of' : 'behind'} this machine's.`,
    'Run NTP on both: access ends by the clock.',
  );
}
