/** Whether Redis takes writes, which is what `/healthz` says of it. */
import { execFileSync } from 'node:child_process';
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

test('an answer that came while this process was too busy to look is no time-out', async () => {
  if (!(await canStartRedis())) return;
  const own = await startRedis();
  closing.push(() => own.stop());
  const timeoutMs = 50;
  const redis = await isReady(connectRecords({ ...at(own.url), timeoutMs }, keptLog()));
  closing.push(() => redis.disconnect());
  // Timers come after immediates, and before what has arrived is read.
  const stored = await new Promise<{ answer: Promise<string> }>((resolve) => {
    setImmediate(() => {
      const answer = redis.set('busy', 'yes');
      const dueMs = performance.now() + timeoutMs;
      process.nextTick(() => {
        // Blocks this process until Redis has stored the value, and so has answered, and the time-out has passed.
        execFileSync(process.execPath, ['-e', UNTIL_STORED, String(at(own.url).server.port)]);
        while (performance.now() <= dueMs);
      });
      resolve({ answer });
    });
  });
  expect(await stored.answer).toBe('OK');
  expect(redis.status).toBe('ready');
});

/** A program that asks a Redis for the key again and again, until the key is there. */
const UNTIL_STORED = `
const socket = require('node:net').connect(Number(process.argv[1]), '127.0.0.1');
const ask = () => socket.write('GET busy\\r\\n');
socket.on('data', (said) => (String(said).startsWith('$-1') ? ask() : process.exit()));
ask();
`;
