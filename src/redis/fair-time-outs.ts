/** Time-outs of commands that a busy process is not to blame Redis for. */
import type { Redis } from 'ioredis';
import { TIMED_OUT } from './script.js';

/** A timer that is as late as this was held up by the process itself. */
const LATE_MS = 20;

/**
 * Replaces ioredis' own time-outs, which take Redis for silent where this process was too busy to look: here, answers that
 * have arrived are read first, and Redis gets the time that the process lost, once. A connection over which nothing came
 * meanwhile is replaced, or every command would time out until TCP gives up.
 */
export function timeOutFairly(redis: Redis): void {
  const send = redis.sendCommand.bind(redis);
  redis.sendCommand = (command, ...rest) => {
    command.setTimeout = (ms) => {
      const { stream } = redis;
      const readBefore = stream?.bytesRead;
      let timer: NodeJS.Timeout | undefined;
      const after = (waitMs: number, then: (lateMs: number) => void) => {
        const dueMs = performance.now() + waitMs;
        timer = setTimeout(() => {
          const lateMs = performance.now() - dueMs;
          // Node reads what has arrived between its timers and its immediates.
          setImmediate(() => command.isSettled || then(lateMs));
        }, waitMs);
      };
      const giveUp = () => {
        command.reject(new Error(TIMED_OUT));
        if (stream === redis.stream && stream?.bytesRead === readBefore) stream?.destroy();
      };
      after(ms, (lateMs) => (lateMs > LATE_MS ? after(Math.min(lateMs, ms), giveUp) : giveUp()));
      const stop = () => clearTimeout(timer);
      command.promise.then(stop, stop);
    };
    return send(command, ...rest);
  };
}
