/** How Redis is found, and whether it takes writes, which `/healthz` reports. */
import { execFileSync } from 'node:child_process';
import { afterEach, expect, test } from '@jest/globals';
import { freePort } from '../../sandbox/free-port.js';
import { connectRecords, connectWorkers, takesWrites } from '../../src/redis/connections.js';
import { lookAtRedis } from '../../src/redis/setup/look.js';
import { type Guide, SAYS, startGuide } from './guide.js';
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

test('an answer of Redis that came while this process was too busy to look is no time-out', async () => {
  if (!(await canStartRedis())) return;
  const own = await startRedis();
  closing.push(() => own.stop());
  const timeoutMs = 50;
  const redis = await isReady(connectRecords({ ...at(own.url), timeoutMs }, keptLog()));
  closing.push(() => redis.disconnect());
  // Timers come after immediates, and before arrived bytes are read. The command leaves in the first immediate.
  const stored = redis.set('busy', 'yes');
  const dueMs = performance.now() + timeoutMs;
  setImmediate(() => {
    // Blocks this process until Redis has stored the value, and so has answered, and the time-out has passed.
    execFileSync(process.execPath, ['-e', UNTIL_STORED, String(own.port)]);
    while (performance.now() <= dueMs);
  });
  expect(await stored).toBe('OK');
  expect(redis.status).toBe('ready');
});

async function aGuide(answer: Guide['answer']): Promise<Guide> {
  const guide = await startGuide(answer);
  closing.push(() => guide.stop());
  return guide;
}

const GUIDED = [
  ['sentinel', (ports: number[]) => `redis+sentinel://${hosts(ports)}/the-primary`],
  ['cluster', (ports: number[]) => `redis+cluster://${hosts(ports)}`],
] as const;
const hosts = (ports: number[]) => ports.map((port) => `127.0.0.1:${port}`).join(',');

test('a Sentinel that answered while this process was too busy to look is not asked again', async () => {
  if (!(await canStartRedis())) return;
  const primary = await startRedis();
  closing.push(() => primary.stop());
  const timeoutMs = 500;
  const guide = await aGuide((command) => {
    // Blocks this process once the answer is on its way, until the time-out has passed.
    const untilMs = performance.now() + timeoutMs + 20;
    if (command === 'SENTINEL')
      process.nextTick(() => {
        while (performance.now() < untilMs);
      });
    return SAYS.sentinel(primary.port)(command);
  });
  const url = `redis+sentinel://${hosts([guide.port])}/the-primary`;
  const redis = await isReady(connectRecords({ ...at(url), timeoutMs }, keptLog()));
  closing.push(() => redis.disconnect());
  expect(guide.connections).toBe(1);
});

test.each(GUIDED)(
  'a %s says where the primary is, also after a failover, though others of its nodes are away or silent',
  async (kind, urlOf) => {
    if (!(await canStartRedis())) return;
    const [one, other] = [await startRedis(), await startRedis()];
    closing.push(
      () => one.stop().catch(() => 'stopped before'),
      () => other.stop(),
    );
    const silent = await aGuide(() => undefined);
    const guide = await aGuide(SAYS[kind](one.port));
    const url = urlOf([await freePort(), silent.port, guide.port]);
    const address = { ...at(url), timeoutMs: 10_000 };
    expect(await lookAtRedis(address, Date.now)).toMatchObject({ role: 'primary', takesWrites: true });
    const redis = await isReady(connectRecords(address, keptLog()));
    closing.push(() => redis.disconnect());
    await redis.set('where', 'one');
    const direct = await isReady(connectRecords({ ...at(one.url), timeoutMs: 10_000 }, keptLog()));
    closing.push(() => direct.disconnect());
    expect(await direct.get('where')).toBe('one');

    await one.stop();
    guide.answer = SAYS[kind](other.port);
    await until('a write after the failover', () => takesWrites(redis, newInstallation()));
    expect(await redis.get('where')).toBeNull();
  },
);

test('the bot leaves a primary of a Cluster that has become a replica, for the new primary', async () => {
  if (!(await canStartRedis())) return;
  const own = await startRedis();
  closing.push(() => own.stop());
  const node = await aGuide((command) => (command === 'EXISTS' ? ':0\r\n' : '+OK\r\n'));
  const address = { ...at(`redis+cluster://127.0.0.1:${node.port}`), timeoutMs: 10_000 };
  const [records, worker] = [connectRecords(address, keptLog()), connectWorkers(address, keptLog())];
  closing.push(
    () => records.disconnect(),
    () => worker.disconnect(),
  );
  await Promise.all([isReady(records), isReady(worker)]);
  node.answer = SAYS.cluster(own.port);
  // A worker's command is sent again to the new primary. A command for records is not: a later change may have replaced
  // it.
  const sentAgain = worker.set('key', 'of a worker');
  await expect(records.set('key', 'of records')).rejects.toThrow('MOVED');
  expect(await sentAgain).toBe('OK');
  await until('the primary to be found', () => takesWrites(records, 'test'));
  expect(await records.get('key')).toBe('of a worker');
});

test('a connection that BullMQ renews while nobody says where the primary is goes on looking for it', async () => {
  if (!(await canStartRedis())) return;
  const own = await startRedis();
  closing.push(() => own.stop());
  const guide = await aGuide(() => undefined);
  const url = `redis+sentinel://127.0.0.1:${guide.port}/the-primary`;
  const redis = connectWorkers({ ...at(url), timeoutMs: 60_000 }, keptLog());
  closing.push(() => redis.disconnect());
  await until('somebody to be asked', () => guide.connections > 0);
  redis.disconnect(true);
  guide.answer = SAYS.sentinel(own.port);
  expect(await redis.set('key', 'kept waiting')).toBe('OK');
});

test('a connection that is closed while nobody says where the primary is ends at once', async () => {
  const guide = await aGuide(() => undefined);
  const url = `redis+cluster://127.0.0.1:${guide.port}`;
  const redis = connectRecords({ ...at(url), timeoutMs: 60_000 }, keptLog());
  await until('somebody to be asked', () => guide.connections > 0);
  redis.disconnect();
  await until('the end', () => redis.status === 'end');
});

test.each([
  ['sentinel', '*-1\r\n', 'no Sentinel says where the primary is: it knows none with the name the-primary'],
  [
    'sentinel',
    '-NOAUTH Authentication required.\r\n',
    /^no Sentinel says .*: NOAUTH Authentication required/,
  ],
  ['cluster', '-CLUSTERDOWN Hash slot not served\r\n', /^no node of the Cluster says .*: CLUSTERDOWN/],
  ['cluster', '-MOVED 3999 ?:6379\r\n', /^no node of the Cluster says .*: MOVED 3999/],
] as const)(
  'a %s that answers %j counts as unreachable, and the reason is said',
  async (kind, answer, why) => {
    const guide = await aGuide(() => answer);
    const [, urlOf] = GUIDED[kind === 'sentinel' ? 0 : 1];
    const seen = await lookAtRedis({ ...at(urlOf([guide.port])), timeoutMs: 10_000 }, Date.now);
    expect(seen).toEqual({ unreachable: expect.stringMatching(why) });
  },
);

/** A program that asks a Redis for the key again and again, until the key is there. */
const UNTIL_STORED = `
const socket = require('node:net').connect(Number(process.argv[1]), '127.0.0.1');
const ask = () => socket.write('GET busy\\r\\n');
socket.on('data', (said) => (String(said).startsWith('$-1') ? ask() : process.exit()));
ask();
`;
