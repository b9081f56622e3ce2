/** Replicas count their calls together, since AWS counts them for the whole account. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Redis } from 'ioredis';
import { connectRecords, keyPrefix } from '../../../src/redis/connections.js';
import { createCallBuckets } from '../../../src/redis/replicas/call-buckets.js';
import { anyRedis, at, isReady, keptLog, newInstallation, type TestRedis } from '../redis.js';

/** The bucket gets a call back in a minute: none while a test runs. */
const BUCKET = { callMs: 60_000, size: 5, before: 0 };

let server: TestRedis;
let replicas: Redis[];
beforeAll(async () => {
  server = await anyRedis();
  const connect = () => isReady(connectRecords({ ...at(server.url), timeoutMs: 10_000 }, keptLog()));
  replicas = [await connect(), await connect()];
});
afterAll(async () => {
  for (const redis of replicas) redis.disconnect();
  await server.stop();
});

/** Two replicas of a new installation. */
function buckets() {
  const installation = newInstallation();
  const [one, other] = replicas.map((redis) => createCallBuckets(redis, installation));
  if (!one || !other) throw new Error('no replicas');
  return { installation, one, other };
}

test('two replicas take no more calls together than one bucket holds, and each action has its own', async () => {
  const { one, other } = buckets();
  const taken: boolean[] = [];
  for (let n = 0; n < 4; n += 1)
    for (const take of [one, other]) taken.push((await take('Revoke', BUCKET)).taken);
  expect(taken).toEqual([true, true, true, true, true, false, false, false]);
  expect(await other('Authorize', BUCKET)).toMatchObject({ taken: true });
});

test('calls to AWS that were made without asking the bucket count, also where they empty it', async () => {
  const { one, other } = buckets();
  expect(await one('Revoke', { ...BUCKET, before: 3 })).toMatchObject({ taken: true });
  expect(await other('Revoke', { ...BUCKET, before: 3 })).toMatchObject({ taken: false });
});

test('a call that AWS refused for its rate empties the bucket for all replicas', async () => {
  const { one, other } = buckets();
  expect(await one('Revoke', { ...BUCKET, emptyForMs: 60_000 })).toMatchObject({ taken: false });
  const { taken, fullInMs } = await other('Revoke', BUCKET);
  expect(taken).toBe(false);
  expect(fullInMs).toBeLessThanOrEqual(4 * 60_000 + 60_000);
});

test('a bucket fills again with time, and a full bucket leaves nothing in Redis', async () => {
  const { installation, one } = buckets();
  const quick = { callMs: 1, size: 5, before: 50 };
  expect(await one('Revoke', quick)).toMatchObject({ taken: false });
  const key = `${keyPrefix(installation)}:calls:Revoke`;
  while ((await replicas[0]?.exists(key)) === 1);
  expect(await one('Revoke', { ...quick, before: 0 })).toMatchObject({ taken: true });
});

test('a bucket that was written before the clock was set back stops no replica for longer than an empty bucket does', async () => {
  const { installation, one } = buckets();
  await replicas[0]?.set(`${keyPrefix(installation)}:calls:Revoke`, String(Date.now() + 86_400_000));
  const { fullInMs } = await one('Revoke', BUCKET);
  expect(fullInMs).toBeLessThanOrEqual(5 * 60_000);
});
