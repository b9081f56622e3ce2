/** How the replicas of an installation detect that Redis lost something, and say so once. */
import { expect, test } from '@jest/globals';
import type { Redis } from 'ioredis';
import { keyPrefix } from '../../src/redis/connections.js';
import { createStore } from '../../src/redis/request-store.js';
import type { Store } from '../../src/workflow/ports-store.js';
import { eachInstallation } from './each-installation.js';
import { keptLog, newKeys } from './redis.js';

let redis: Redis;
let installation: string;
const keys = newKeys();
eachInstallation((connected, fresh) => {
  redis = connected;
  installation = fresh;
});

const replica = (): Store => createStore({ redis, installation, keys, log: keptLog(), now: Date.now });
const writes = (store: Store, what: string) => store.audit([{ atMs: Date.now(), who: 'sweep', what }]);

/** The value of a key: a string, or the entries of a stream. The embedded Redis knows no DUMP. */
type Held = string | [id: string, fields: string[]][];

const names = () => redis.keys(`${keyPrefix(installation).replaceAll(/[{}]/g, '?')}:*`);

async function all(): Promise<Map<string, Held>> {
  const copy = new Map<string, Held>();
  for (const name of await names()) {
    const isStream = (await redis.type(name)) === 'stream';
    copy.set(name, isStream ? await redis.xrange(name, '-', '+') : ((await redis.get(name)) ?? ''));
  }
  return copy;
}

/** Sets Redis back as a failover to a copy that lags, or to an empty copy, would. */
async function goesBackTo(copy: Map<string, Held>): Promise<void> {
  const there = await names();
  if (there.length > 0) await redis.del(...there);
  for (const [name, held] of copy) {
    if (typeof held === 'string') await redis.set(name, held);
    else for (const [id, fields] of held) await redis.xadd(name, id, ...fields);
  }
}

test('no replica says a loss while the store has lost nothing', async () => {
  const [one, two] = [replica(), replica()];
  expect(await one.mark(false)).toBe('fresh');
  await writes(one, 'first');
  await writes(two, 'second');
  expect([await two.mark(false), await one.mark(false), await two.mark(false)]).toEqual([
    'kept',
    'kept',
    'kept',
  ]);
});

test('a loss of records is detected though other replicas have written as many records since', async () => {
  const [one, two] = [replica(), replica()];
  await one.mark(false);
  await writes(one, 'first');
  const copy = await all();
  await writes(one, 'lost');
  await goesBackTo(copy);
  await writes(two, 'in its place');
  await writes(one, 'third');
  expect(await one.mark(false)).toBe('lost');
  expect([await two.mark(false), await one.mark(false)]).toEqual(['kept', 'kept']);
});

test('a loss is said by a replica that knew the store, where a new replica came first', async () => {
  const [one, two] = [replica(), replica()];
  await one.mark(false);
  await two.mark(false);
  await goesBackTo(new Map());
  const third = replica();
  expect(await third.mark(false)).toBe('fresh');
  expect([
    await one.mark(false),
    await two.mark(false),
    await third.mark(false),
    await one.mark(false),
  ]).toEqual(['lost', 'kept', 'kept', 'kept']);
});

test('only one of several replicas that detect a loss says so', async () => {
  const [one, two] = [replica(), replica()];
  await one.mark(false);
  await two.mark(false);
  await writes(two, 'first');
  await goesBackTo(new Map());
  expect([await two.mark(false), await one.mark(false), await two.mark(false)]).toEqual([
    'lost',
    'kept',
    'kept',
  ]);
});

test('a new replica that finds open access says the loss, and nobody says it again', async () => {
  const one = replica();
  await one.mark(false);
  await writes(one, 'first');
  await goesBackTo(new Map());
  const third = replica();
  expect(await third.mark(true)).toBe('lost');
  expect([await one.mark(false), await third.mark(false)]).toEqual(['kept', 'kept']);
});

test('a loss that was detected is said though Redis did not answer just then', async () => {
  const one = replica();
  await one.mark(false);
  await writes(one, 'first');
  await goesBackTo(new Map());
  const { evalsha } = redis;
  redis.evalsha = () => Promise.reject(new Error('Command timed out'));
  await expect(one.mark(false)).rejects.toThrow();
  redis.evalsha = evalsha;
  expect([await one.mark(false), await one.mark(false)]).toEqual(['lost', 'kept']);
});

test('audit numbers that begin again after a loss was said are not taken for another loss', async () => {
  const one = replica();
  await one.mark(false);
  for (const what of ['first', 'second', 'third']) await writes(one, what);
  await goesBackTo(new Map());
  expect(await one.mark(false)).toBe('lost');
  // An adoption writes such records once the loss is detected.
  await writes(one, 'first again');
  expect(await one.mark(false)).toBe('kept');
});

test('a change that was sent before a loss and answered after the loss was said is not taken for another loss', async () => {
  const one = replica();
  await one.mark(false);
  for (const what of ['first', 'second', 'third']) await writes(one, what);
  const send = redis.evalsha.bind(redis);
  let arrives: () => void = () => undefined;
  const arrived = new Promise<void>((resolve) => {
    arrives = resolve;
  });
  redis.evalsha = async (...command: unknown[]) => {
    redis.evalsha = send;
    await arrived;
    return Reflect.apply(send, redis, command);
  };
  const slow = writes(one, 'slow');
  await goesBackTo(new Map());
  expect(await one.mark(false)).toBe('lost');
  arrives();
  await slow;
  expect(await one.mark(false)).toBe('kept');
});

test('a new replica that finds open access says the loss, though another new replica took the store for a new one', async () => {
  const one = replica();
  await one.mark(false);
  await goesBackTo(new Map());
  const [third, fourth] = [replica(), replica()];
  expect([
    await third.mark(false),
    await fourth.mark(true),
    await third.mark(false),
    await fourth.mark(true),
  ]).toEqual(['fresh', 'lost', 'kept', 'kept']);
});

test('a store that goes back to its state after an earlier loss has lost something again', async () => {
  const [one, two] = [replica(), replica()];
  await one.mark(false);
  await goesBackTo(new Map());
  expect([await one.mark(false), await two.mark(false)]).toEqual(['lost', 'kept']);
  const copy = await all();
  await goesBackTo(new Map());
  expect([await one.mark(false), await two.mark(false)]).toEqual(['lost', 'kept']);
  await goesBackTo(copy);
  expect([await two.mark(false), await one.mark(false), await two.mark(false)]).toEqual([
    'lost',
    'kept',
    'kept',
  ]);
});

test('a new replica does not forget the open access that it found where Redis did not answer just then', async () => {
  const one = replica();
  await one.mark(false);
  await goesBackTo(new Map());
  const { evalsha, get } = redis;
  const third = replica();
  redis.get = () => Promise.reject(new Error('Command timed out'));
  await expect(third.mark(true)).rejects.toThrow();
  redis.get = get;
  expect([await third.mark(false), await third.mark(false)]).toEqual(['lost', 'kept']);
  // A new replica detects the loss as well where another new replica was first.
  await goesBackTo(new Map());
  expect(await replica().mark(false)).toBe('fresh');
  const fourth = replica();
  redis.evalsha = () => Promise.reject(new Error('Command timed out'));
  await expect(fourth.mark(true)).rejects.toThrow();
  redis.evalsha = evalsha;
  expect([await fourth.mark(false), await fourth.mark(false)]).toEqual(['lost', 'kept']);
});
