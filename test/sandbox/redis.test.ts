/** Holds that the embedded Redis treats clients that leave as a real one does. */
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
