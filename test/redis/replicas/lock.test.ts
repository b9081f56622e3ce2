/** The lock that keeps two replicas from the same work. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Redis } from 'ioredis';
import { connectRecords, keyPrefix } from '../../../src/redis/connections.js';
import { exclusively } from '../../../src/redis/replicas/lock.js';
import { anyRedis, at, isReady, keptLog, newInstallation, type TestRedis } from '../redis.js';

let server: TestRedis;
let redis: Redis;
const key = `${keyPrefix(newInstallation())}:lock:request:K7QF2`;
beforeAll(async () => {
  server = await anyRedis();
  redis = await isReady(connectRecords({ ...at(server.url), timeoutMs: 10_000 }, keptLog()));
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

const locked = <T>(work: () => Promise<T>) => exclusively(redis, key, work, keptLog());

test('a lock keeps others out, and expires within nine seconds where its holder died', async () => {
  const first = await locked(async () => {
    const leftMs = await redis.pttl(key);
    return { leftMs, second: await locked(async () => 'both at once') };
  });
  expect(first).toMatchObject({ ran: true, result: { second: { ran: false } } });
  const { leftMs } = first.ran ? first.result : { leftMs: Number.NaN };
  expect(leftMs).toBeGreaterThan(0);
  expect(leftMs).toBeLessThanOrEqual(9_000);
  expect(await redis.exists(key)).toBe(0);
});

test('a holder whose lock expired does not take away the lock of the next holder', async () => {
  await locked(async () => {
    await redis.del(key); // the lock expired
    await redis.set(key, 'the other replica', 'PX', 60_000);
  });
  expect(await redis.get(key)).toBe('the other replica');
  await redis.del(key);
});
