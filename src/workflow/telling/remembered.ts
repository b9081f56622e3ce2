/** What this process did and somebody has yet to be told, until a pass of the sweep comes to it. */
import type { Parts } from '../ports.js';

const MOST = 1_000;

export interface Remembered<T> {
  add(parts: Parts, items: readonly T[]): void;
  /** Those since it was last asked. */
  take(parts: Parts): T[];
}

/** Of each bot in this process its own: tests run several. The newest 1,000 are kept. */
export function remembered<T>(): Remembered<T> {
  const kept = new WeakMap<Parts, T[]>();
  return {
    add(parts, items) {
      if (items.length > 0) kept.set(parts, [...(kept.get(parts) ?? []), ...items].slice(-MOST));
    },
    take(parts) {
      const all = kept.get(parts) ?? [];
      kept.delete(parts);
      return all;
    },
  };
}
