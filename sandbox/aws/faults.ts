/** Failures on demand, so that a test can make exactly the call fail that it is about. */
import type { Fault, Faults } from './types.js';

export interface FaultQueue extends Faults {
  /** The first fault that fits, used once. */
  next(action: string): Fault | undefined;
}

export function faultQueue(): FaultQueue {
  const queue: { fault: Fault; left: number }[] = [];
  return {
    add(fault) {
      const entry = { fault, left: fault.times === 'always' ? Number.POSITIVE_INFINITY : fault.times };
      queue.push(entry);
      return () => {
        entry.left = 0;
      };
    },
    clear() {
      queue.length = 0;
    },
    next(action) {
      const found = queue.find(
        ({ fault, left }) => left > 0 && (fault.action === '*' || fault.action === action),
      );
      if (found !== undefined) found.left--;
      return found?.fault;
    },
  };
}
