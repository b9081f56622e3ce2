/** Failures on demand, so that a test can make exactly the call fail that it is about. */

/**
 * - `throttle`: refused as when a bucket is empty; `500`: refused, nothing happened
 * - `timeout`: nothing happens and nobody answers; `timeout-after-effect`: it happens and nobody answers
 * - `lost-answer`: it happens and the connection breaks
 * - `slow`: it happens after `ms` (default 1000), whether or not the caller still waits
 */
export type FaultKind = 'throttle' | '500' | 'timeout' | 'timeout-after-effect' | 'lost-answer' | 'slow';

export interface Fault {
  /** An action's name, or `*`. */
  action: string;
  times: number | 'always';
  kind: FaultKind;
  /** For `slow`. */
  ms?: number;
}

export interface Faults {
  /** Faults are used in the order in which they were added. Returns what takes this one away. */
  add(fault: Fault): () => void;
  clear(): void;
}

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
