import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { createSharedClock } from '../../../src/redis/replicas/clock.js';
import { startRedisProxy } from '../../../trials/chaos/machines/redis-proxy.js';
import { anyRedis, keptLog, type TestRedis } from '../redis.js';

let server: TestRedis;
let redis: Redis;
beforeAll(async () => {
  server = await anyRedis();
  redis = new Redis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

const shifted = (ms: number) => () => Date.now() + ms;
/** An answer takes its time, which the clock halves: still much less than the clocks here are off. */
const NEAR_MS = 1_000;

test.each([4_000, -4_000, 0])('a clock that is %i ms off agrees with Redis’', async (offMs) => {
  const clock = createSharedClock(redis, keptLog(), shifted(offMs));
  await clock.adjust();
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(NEAR_MS);
});

test('a clock of Redis that is far off is not followed: the log says so once, and each replica keeps its own clock', async () => {
  const log = keptLog();
  const clock = createSharedClock(redis, log, shifted(60_000));
  await clock.adjust();
  await clock.adjust();
  expect(clock.now() - Date.now()).toBeGreaterThan(60_000 - NEAR_MS);
  expect(log.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
});

test('a slow answer of Redis’ clock corrects a replica’s clock, until a quicker answer corrects it better', async () => {
  const port = Number(new URL(server.url).port);
  const proxy = await startRedisProxy(port);
  const slow = new Redis(proxy.url);
  try {
    await slow.ping();
    const clock = createSharedClock(slow, keptLog(), shifted(4_000));
    proxy.latencyMs = 150;
    expect(await clock.adjust()).toBe(false);
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(NEAR_MS);
    proxy.latencyMs = 0;
    expect(await clock.adjust()).toBe(true);
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(NEAR_MS);
  } finally {
    slow.disconnect();
    await proxy.close();
  }
});

test('without an answer of Redis’ clock the last correction stays', async () => {
  const own = new Redis(server.url);
  const clock = createSharedClock(own, keptLog(), shifted(4_000));
  await clock.adjust();
  own.disconnect();
  await clock.adjust();
  expect(Math.abs(clock.now() - Date.now())).toBeLessThan(NEAR_MS);
});
