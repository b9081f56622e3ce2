/** Revokes come before everything else: a few are under way at once, and what only tells of them waits for the last. */
import type { RevokeLine } from '../memory.js';
import type { Parts } from '../ports.js';

/** The SDK keeps 50 connections, and the deadline of a call that waited for one would run already. */
const AT_ONCE = 40;
/** How long a hanging revoke may hold up what is to be told of others. */
const MOST_MS = 500;

/** Makes a call that revokes as soon as it is its turn. */
export async function inLine<T>({ memory: { revokes } }: Parts, call: () => Promise<T>): Promise<T> {
  if (revokes.running >= AT_ONCE) await new Promise<void>((resolve) => revokes.waiting.push(resolve));
  else revokes.running += 1;
  try {
    return await call();
  } finally {
    leave(revokes);
  }
}

/** Whoever waits longest takes the place. */
function leave(revokes: RevokeLine): void {
  const next = revokes.waiting.shift();
  if (next) next();
  else revokes.running -= 1;
  if (revokes.running === 0) for (const resolve of revokes.onEmpty.splice(0)) resolve();
}

/** Resolves once no revoke is under way, or after half a second. */
export async function untilRevoked({ memory: { revokes }, sleep }: Parts): Promise<void> {
  if (revokes.running === 0) return;
  const empty = new Promise<void>((resolve) => revokes.onEmpty.push(resolve));
  await Promise.race([empty, sleep(MOST_MS)]);
}
