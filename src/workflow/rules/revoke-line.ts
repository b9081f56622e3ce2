/** Revokes come before everything else: a few are under way at once, and what only tells of them waits for the last. */
import type { Parts } from '../ports.js';

/** The SDK keeps 50 connections, and the deadline of a call that waited for one would run already. */
const AT_ONCE = 40;
/** How long the line may stand still, as with a revoke that hangs, before others are told of without it. */
const HANGS_MS = 500;
/** How long a line that moves, but never empties, may hold up what is to be told of earlier revokes. */
const LONGEST_MS = 10_000;

/** Somebody who may still revoke: a converge, or ends that are being taken up. */
export interface Place {
  /** A second call does nothing. */
  leave(): void;
}

/** Takes a place in line, to be left once the revoke is answered or there is none to make. */
export function takePlace({ memory: { revokes } }: Parts): Place {
  let isLeft = false;
  revokes.places += 1;
  return {
    leave() {
      if (isLeft) return;
      isLeft = true;
      revokes.places -= 1;
      revokes.left += 1;
      if (revokes.places === 0) for (const resolve of revokes.onEmpty.splice(0)) resolve();
    },
  };
}

/** Makes a call that revokes as soon as it is its turn. */
export async function inLine<T>({ memory: { revokes } }: Parts, call: () => Promise<T>): Promise<T> {
  if (revokes.running >= AT_ONCE) await new Promise<void>((resolve) => revokes.waiting.push(resolve));
  else revokes.running += 1;
  try {
    return await call();
  } finally {
    // Whoever waits longest takes the place.
    const next = revokes.waiting.shift();
    if (next) next();
    else revokes.running -= 1;
  }
}

/** Resolves once nobody is in line, or where the line does not move. */
export async function untilRevoked({ memory: { revokes }, now, sleep }: Parts): Promise<void> {
  const untilMs = now() + LONGEST_MS;
  while (revokes.places > 0 && now() < untilMs) {
    const { left } = revokes;
    const empty = new Promise<void>((resolve) => revokes.onEmpty.push(resolve));
    await Promise.race([empty, sleep(HANGS_MS)]);
    if (revokes.left === left) return;
  }
}
