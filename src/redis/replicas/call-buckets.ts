/** The buckets in which all replicas count their calls to AWS, since AWS counts them for the whole account. */
import type { Redis } from 'ioredis';
import { keyPrefix } from '../connections.js';
import { run, script } from '../script.js';

/**
 * A bucket is stored as the instant (epoch ms, Redis' clock) at which it is full again. An instant that lies too far ahead
 * was written before the clock was set back.
 */
const TAKE = script(`
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local callMs, size, before, emptyForMs = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local full = tonumber(redis.call('GET', KEYS[1]) or now)
if full > now + 2 * size * callMs then full = now + size * callMs end
full = math.max(full, now) + before * callMs
if emptyForMs then full = math.max(full, now + (size - 1) * callMs + emptyForMs) end
local taken = 0
if full + callMs <= now + size * callMs then
  full = full + callMs
  taken = 1
end
local fullInMs = math.ceil(full - now)
redis.call('SET', KEYS[1], string.format('%.3f', full), 'PX', fullInMs + 1)
return {taken, fullInMs}
`);

/** Takes one call out of the bucket of an action where it holds one. Times are milliseconds. */
export function createCallBuckets(redis: Redis, installation: string) {
  const prefix = keyPrefix(installation);
  return async (
    action: string,
    taking: { callMs: number; size: number; before: number; emptyForMs?: number },
  ): Promise<{ taken: boolean; fullInMs: number }> => {
    const { callMs, size, before, emptyForMs = '' } = taking;
    const answer = await run(redis, TAKE, [`${prefix}:calls:${action}`], [callMs, size, before, emptyForMs]);
    const [taken, fullInMs] = Array.isArray(answer) ? answer : [];
    return { taken: taken === 1, fullInMs: Number(fullInMs) };
  };
}
