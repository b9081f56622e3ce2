/** Queues faults on demand, so that a test can make exactly the call fail that the test is about. */

/**
 * - `throttle`: the call is refused as by an empty bucket
 * - `500`: the call is refused and has no effect
 * - `timeout`: the call has no effect and no answer
 * - `timeout-after-effect`: the call has its effect and no answer
 * - `lost-answer`: the call has its effect, and the connection breaks instead of an answer
 * - `slow`: the call has its effect after `ms` (default 1000), whether or not the caller still waits
 */
export type FaultKind = 'throttle' | '500' | 'timeout' | 'timeout-after-effect' | 'lost-answer' | 'slow';

export interface Fault {
  /** An action's name, or `*`. */
  action: string;
  times: number | 'always';
  kind: FaultKind;
  /** The delay of `slow`, milliseconds. */
  ms?: number;
}

export interface Faults {
  /** Adds a fault; faults strike in the order in which they were added. @returns a function that removes the fault */
  add(fault: Fault): () => void;
  clear(): void;
}

export interface FaultQueue extends Faults {
  /** The first fault for the action, counted down by one; undefined where none strikes. */
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
