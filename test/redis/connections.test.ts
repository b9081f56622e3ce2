/** Whether Redis takes writes, which is what `/healthz` says of it. */
import { afterEach, expect, test } from '@jest/globals';
import { freePort } from '../../sandbox/free-port.js';
import { connectRecords, takesWrites } from '../../src/redis/connections.js';
import { at, canStartRedis, isReady, keptLog, newInstallation, startRedis, until } from './redis.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

test('a Redis that answers but takes no write is not healthy, until it takes writes again', async () => {
  if (!(await canStartRedis())) return;
  const own = await startRedis();
  closing.push(() => own.stop());
  const connected = async () => {
    const redis = await isReady(connectRecords({ ...at(own.url), timeoutMs: 10_000 }, keptLog()));
    closing.push(() => redis.disconnect());
    return redis;
  };
  const [admin, redis] = [await connected(), await connected()];
  const installation = newInstallation();
  const healthy = () => takesWrites(redis, installation);
  expect(await healthy()).toBe(true);

  await admin.config('SET', 'min-replicas-to-write', '1');
  expect(await healthy()).toBe(false);
  await admin.config('SET', 'min-replicas-to-write', '0');
  expect(await healthy()).toBe(true);

  await admin.config('SET', 'maxmemory-policy', 'noeviction');
  await admin.config('SET', 'maxmemory', '1');
  expect(await healthy()).toBe(false);
  await admin.config('SET', 'maxmemory', '0');
  expect(await healthy()).toBe(true);

  await admin.replicaof('127.0.0.1', await freePort());
  expect(await healthy()).toBe(false);
  await admin.replicaof('NO', 'ONE');
  await until('a write after the failover', healthy);
});

test('a Redis that is away takes no write', async () => {
  const redis = connectRecords({ ...at(`redis://127.0.0.1:${await freePort()}`), timeoutMs: 500 }, keptLog());
  closing.push(() => redis.disconnect());
  expect(await takesWrites(redis, newInstallation())).toBe(false);
});
