/**
 * The periodic passes that repair the damage of a crash, an outage or a manual change. They are timers of the process and
 * no jobs, so that they go on when the queues are empty or gone. Each pass has a timer of its own: one that hangs (Slack
 * may, for long) holds up no other, and least of all the pass that closes.
 */
import { advance, advanceHeld } from './advance.js';
import { endAllDue, raiseWaiting } from './ending/end-due.js';
import { attempt, each } from './passes.js';
import type { Parts } from './ports.js';
import { detect } from './repairing/detect.js';
import { detectMovedHandles } from './repairing/detecting/detect-unknown-names.js';
import { sweepRules } from './repairing/sweep-rules.js';
import { tidyGroups } from './repairing/tidy-groups.js';
import { recordLosses } from './telling/losses.js';
import { tellRewritten } from './telling/rewritten-tags.js';
import { tell } from './telling/tell.js';
import { tellWaiting } from './telling/tell-later.js';

/** One pass. Once `stopping` is aborted, a pass finishes the work that it has begun, and leaves the rest to the next start. */
export type Pass = (parts: Parts, stopping: AbortSignal) => Promise<unknown>;

/** The passes by what they repair. */
const passes: Record<string, Pass> = {
  rules: sweepRules,

  async work(parts, stopping) {
    const ends = await endAllDue(parts, advanceHeld);
    await each([...ends], ([id, progress]) => attempt(parts, id, () => progress));
    const { work } = await parts.store.owed(parts.now());
    const others = work.filter((id) => !ends.has(id));
    await each(others, (id) => attempt(parts, id, () => advance(parts, id)), stopping);
  },

  async telling(parts, stopping) {
    await attempt(parts, 'waiting ends', () => raiseWaiting(parts));
    const { telling } = await parts.store.owed(parts.now());
    await each(telling, (id) => attempt(parts, id, () => tell(parts, id)), stopping);
  },

  async surroundings(parts, stopping) {
    await attempt(parts, 'audit log', () => parts.store.trimAudit(parts.policy.audit));
    // Each replica remembers a pause that it saw, and puts it back where it was lost.
    await attempt(parts, 'pause', () => parts.store.loadPause());
    if (!stopping.aborted) await attempt(parts, 'losses', () => recordLosses(parts));
    if (!stopping.aborted) await attempt(parts, 'detecting', () => detect(parts));
    if (!stopping.aborted) await attempt(parts, 'handles', () => detectMovedHandles(parts));
    if (!stopping.aborted) await attempt(parts, 'rewritten tags', () => tellRewritten(parts));
    if (!stopping.aborted) await attempt(parts, 'telling the admins', () => tellWaiting(parts));
    if (!stopping.aborted) await attempt(parts, 'tidying', () => tidyGroups(parts));
  },
};

/** Runs every pass once, then each on its own after `interval`, until `stopping` is aborted. */
export async function sweepOnAndOn(
  parts: Parts,
  stopping: AbortSignal,
  interval: (ms: number) => Promise<void>,
): Promise<void> {
  const onAndOn = async ([what, pass]: [string, Pass]) => {
    while (!stopping.aborted) {
      await attempt(parts, what, async () => {
        const beganMs = parts.now();
        await pass(parts, stopping);
        const doneAtMs = parts.now();
        parts.memory.watched.passes.set(what, { doneAtMs, tookMs: doneAtMs - beganMs });
      });
      await interval(parts.times.sweepMs);
    }
  };
  await Promise.all(Object.entries(passes).map(onAndOn));
  // Only this process knows of these losses and notices: a last try before it stops.
  await attempt(parts, 'losses', () => recordLosses(parts));
  await attempt(parts, 'telling the admins', () => tellWaiting(parts));
}

/** A sweep that is older than so many intervals is no longer at work. */
const STALE_INTERVALS = 3;

/** Whether the pass that closes what is over was done a short while ago. */
export function sweepIsFresh({ memory, times, now }: Pick<Parts, 'memory' | 'times' | 'now'>): boolean {
  const last = memory.watched.passes.get('rules');
  return last !== undefined && now() - last.doneAtMs < STALE_INTERVALS * times.sweepMs;
}
