/** Time-outs of commands that do not blame Redis for the time in which this process itself was busy. */
import type { Redis } from 'ioredis';
import { TIMED_OUT } from './script.js';

/** A timer that comes this late was held up by the process itself, in milliseconds. */
const LATE_MS = 20;

/**
 * Replaces ioredis' own time-outs, which take Redis for silent where this process was too busy to read the answer. Here
 * answers that have arrived are read before a command is given up, and the time that the process was busy is added to the
 * command's time-out, once. A connection over which nothing came by then is closed: otherwise every command on it would
 * time out until TCP gives up.
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
          // Between its timers and its immediates Node reads the answers that have arrived.
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
