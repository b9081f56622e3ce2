/** Holds that the embedded Redis treats clients that leave, or send commands together, as a real one does. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { type EmbeddedRedis, startEmbeddedRedis } from '../../sandbox/redis.js';

let server: EmbeddedRedis;
let clients: Redis[];

beforeEach(async () => {
  server = await startEmbeddedRedis();
  clients = [];
});

afterEach(async () => {
  for (const client of clients.filter(({ status }) => status !== 'end')) client.disconnect();
  await server.close();
});

function client(): Redis {
  const made = new Redis(server.url, { retryStrategy: () => null });
  clients.push(made);
  return made;
}

test('a client that disconnects while it waits takes no entry from other clients', async () => {
  const waiting = client();
  const id = await waiting.client('ID');
  const taken = waiting.blpop('queue', 0).catch(() => 'disconnected');
  const other = client();
  const isListed = async () => String(await other.client('LIST')).includes(`id=${id} `);
  while (!(await isListed())) await other.ping();
  waiting.disconnect();
  expect(await taken).toBe('disconnected');
  while (await isListed()) await other.ping();
  await other.rpush('queue', 'an entry');
  expect(await other.lrange('queue', 0, -1)).toEqual(['an entry']);
});

test('the answers to commands that came together come together', async () => {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  const rounds = Array.from({ length: 40 }, (_, n) => n + 1);
  const answers: string[] = [];
  // The system holds answers back only once a connection has been in use for some time.
  for (const _ of rounds) {
    socket.write('PING\r\nINCR count\r\nPING\r\n');
    answers.push(String((await once(socket, 'data'))[0]));
  }
  expect(answers).toEqual(rounds.map((n) => `+PONG\r\n:${n}\r\n+PONG\r\n`));
  socket.destroy();
});

test('a look at the names of the keys finds the keys that are there, with their kinds', async () => {
  const redis = client();
  await redis.set('text', 'a');
  await redis.rpush('list', 'a');
  await redis.hset('gone', 'field', 'a');
  await redis.hdel('gone', 'field');
  await redis.set('removed', 'a');
  await redis.del('removed');
  await redis.set('expired', 'a', 'PX', 1);
  while (await redis.exists('expired')) await redis.ping();
  await redis.set('other kind', 'a');
  await redis.del('other kind');
  await redis.sadd('other kind', 'a');
  expect((await redis.keys('*')).sort()).toEqual(['list', 'other kind', 'text']);
  expect(await redis.scan(0, 'TYPE', 'set')).toEqual(['0', ['other kind']]);
  await redis.flushall();
  expect(await redis.keys('*')).toEqual([]);
});
