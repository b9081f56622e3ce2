/** Reads records that another version of the bot wrote. */
import { describe, expect, test } from '@jest/globals';
import type { Redis } from 'ioredis';
import type { Need } from '../../src/access/request/need.js';
import { isIn, moved } from '../../src/access/request/request.js';
import { cancel, waitOn } from '../../src/access/request/transitions/deciding.js';
import { close } from '../../src/access/request/transitions/ending.js';
import { sign } from '../../src/access/rules/signature.js';
import { keyPrefix } from '../../src/redis/connections.js';
import { createSeal, type Fields, UnverifiedRecord } from '../../src/redis/record.js';
import { createStore } from '../../src/redis/request-store.js';
import { NewerRecord, type Store } from '../../src/workflow/ports-store.js';
import { phases } from '../slack/requests.js';
import { eachInstallation } from './each-installation.js';
import { ASKED_AT_MS, aRequest, aRule, keptLog, newKeys } from './redis.js';
import {
  STORED_ENDED,
  STORED_INSTALLATION,
  STORED_OPEN,
  STORED_PAUSE,
  STORED_PENDING,
  STORED_RULE,
  STORED_SUBMITTED,
} from './stored-records.js';

const SOURCE = '203.0.113.25/32';

test('the record of a request that extends another one, or goes on as one, is of a schema of its own', () => {
  const seal = createSeal('prod', newKeys());
  const request = aRequest('M3XYZ');
  const follows = { id: 'K7QF2', sinceMs: ASKED_AT_MS, endsAtMs: ASKED_AT_MS + 1 };
  const extending = { ...request, ask: { ...request.ask, follows } };
  const sealed = seal.request(extending);
  expect(JSON.parse(sealed.body)).toMatchObject({ schema: 2 });
  const fields = [`${sealed.version}`, sealed.body, sealed.sig];
  expect(seal.openRequest('M3XYZ', fields, 'a key')).toEqual(extending);
  const known = phases();
  for (const [name, schema] of [
    ['ended: continued', 2],
    ['closing, continued', 2],
    ['ended', 1],
    ['open', 1],
  ] as const)
    expect(JSON.parse(seal.request({ ...request, phase: known[name] ?? request.phase }).body)).toMatchObject({
      schema,
    });
});

test('the record of a request that is to open later is of a schema of its own, until it has begun to open', () => {
  const seal = createSeal('prod', newKeys());
  const request = aRequest('M3XYZ');
  for (const later of [
    { typed: { time: '22:00' } },
    { startsAtMs: ASKED_AT_MS + 1, twice: 'first' as const },
  ]) {
    const asking = { ...request, ask: { ...request.ask, later } };
    const sealed = seal.request(asking);
    expect(JSON.parse(sealed.body)).toMatchObject({ schema: 3 });
    expect(seal.openRequest('M3XYZ', [`${sealed.version}`, sealed.body, sealed.sig], 'a key')).toEqual(
      asking,
    );
    const known = phases();
    for (const [name, schema] of [
      ['pending', 3],
      ['opens soon', 3],
      ['paused', 3],
      ['opening', 1],
      ['open', 1],
      ['taken back', 1],
      ['no answer', 1],
    ] as const)
      expect(JSON.parse(seal.request({ ...asking, phase: known[name] ?? request.phase }).body)).toMatchObject(
        {
          schema,
        },
      );
  }
});

describe('a record of the version before schemas', () => {
  const seal = createSeal(STORED_INSTALLATION, newKeys());
  const fieldsOf = ({ version, body, sig }: typeof STORED_OPEN): Fields => [`${version}`, body, sig];

  test.each([
    { id: 'SUBM2', stored: STORED_SUBMITTED },
    { id: 'PEND2', stored: STORED_PENDING },
    { id: 'K7QF2', stored: STORED_OPEN },
    { id: 'ENDD2', stored: STORED_ENDED },
  ])('is read as request $id, and written again unchanged but for its version', ({ id, stored }) => {
    const request = seal.openRequest(id, fieldsOf(stored), 'a key');
    if (!request || request === 'newer') throw new Error(`${id} is not read`);
    expect(request).not.toHaveProperty('schema');
    const again = seal.request(request);
    expect(JSON.parse(again.body)).toEqual({ schema: 1, ...JSON.parse(stored.body) });
    expect(seal.openRequest(id, fieldsOf(again), 'a key')).toEqual(request);
  });

  test.each<{ id: string; stored: typeof STORED_OPEN; need: Need }>([
    {
      id: 'PEND2',
      stored: STORED_PENDING,
      need: {
        rule: 'prod',
        asks: {
          parts: [
            { asked: { kind: 'manager' }, people: ['U0MARIA'] },
            {
              asked: { kind: 'group', group: '@security', count: 1 },
              people: ['U0SAM', 'U0TOM'],
              instead: ['U0TOM'],
            },
          ],
          approvers: ['U0MARIA', 'U0SAM', 'U0TOM'],
          reviews: [{ by: 'U0SAM', decision: 'approve', atMs: ASKED_AT_MS + 5_000 }],
          shorterMs: [900_000, 1_800_000],
          selfApproval: false,
        },
        due: {
          remind: { atMs: ASKED_AT_MS + 60_000, done: true },
          fallback: {
            atMs: ASKED_AT_MS + 120_000,
            ask: [{ kind: 'admins', count: 1 }],
            sooner: true,
            done: false,
          },
          askedAgainAtMs: ASKED_AT_MS + 30_000,
          nudgedAtMs: ASKED_AT_MS + 40_000,
        },
        hears: {
          channel: 'C0APPROVALS',
          told: [],
          alsoAsked: ['U0TOM'],
          handedOver: [],
          away: { U0MARIA: 'Vacationing' },
        },
      },
    },
    {
      id: 'K7QF2',
      stored: STORED_OPEN,
      need: {
        rule: 'emergency',
        asks: { parts: [], approvers: [], reviews: [], shorterMs: [], selfApproval: true },
        due: {},
        hears: { told: ['U0MARIA', 'U0ADA'], alsoAsked: [], handedOver: [], away: {} },
      },
    },
  ])('is read with its need in parts: $id', ({ id, stored, need }) => {
    expect(seal.openRequest(id, fieldsOf(stored), 'a key')).toHaveProperty('phase.need', need);
  });

  test('is written with the parts that a later version added, and read again with them', () => {
    const pending = seal.openRequest('PEND2', fieldsOf(STORED_PENDING), 'a key');
    const open = seal.openRequest('K7QF2', fieldsOf(STORED_OPEN), 'a key');
    if (!pending || pending === 'newer' || !isIn(pending, 'pending')) throw new Error('not pending');
    if (!open || open === 'newer' || !isIn(open, 'open')) throw new Error('not open');
    const { need } = pending.phase;
    const handed = { ...need, hears: { ...need.hears, handedOver: ['U0SAM'] } };
    const cause = { kind: 'revoked' as const, by: 'U0ADA', reason: 'the audit is today' };
    for (const after of [
      moved(pending, waitOn(pending, handed)),
      moved(pending, cancel(pending, 'U0ADA', ASKED_AT_MS, 'asked twice')),
      moved(open, close(open, cause, ASKED_AT_MS)),
    ]) {
      const { version, body, sig } = seal.request(after);
      expect(seal.openRequest(after.id, [`${version}`, body, sig], 'a key')).toEqual(after);
    }
  });

  test('is read as a rule', () => {
    expect(seal.openRule('sg-0a1b2c3d', SOURCE, fieldsOf(STORED_RULE), 'a key')).toEqual({
      groupId: 'sg-0a1b2c3d',
      source: SOURCE,
      version: 3,
      stage: { state: 'open', ruleId: 'sgr-0123' },
      leases: [expect.objectContaining({ requestId: 'K7QF2', endsAtMs: ASKED_AT_MS + 3_600_000 })],
    });
  });

  test('is read as a pause', () => {
    expect(seal.openPause(fieldsOf(STORED_PAUSE), 'a key')).toEqual(JSON.parse(STORED_PAUSE.body));
  });
});

describe('a record of a newer version', () => {
  let redis: Redis;
  let installation: string;
  let store: Store;
  const log = keptLog();
  eachInstallation((connected, fresh) => {
    redis = connected;
    installation = fresh;
    store = createStore({ redis, installation, keys: newKeys(), log, now: () => ASKED_AT_MS });
  }, log);

  const key = (rest: string) => `${keyPrefix(installation)}:${rest}`;

  /** Writes a record as a later schema may: nothing but the schema's number is known of its body. */
  async function upgrade(kind: 'request' | 'rule' | 'brake', name: string, at: string): Promise<void> {
    const version = Number(await redis.hget(key(at), 'version')) + 1;
    const body = JSON.stringify({ schema: 9, all: 'in other words' });
    const sig = sign(newKeys(), kind, [installation, name, version, body]);
    await redis.hset(key(at), { version, body, sig });
  }
  const upgradeRequest = (id: string) => upgrade('request', id, `request:${id}`);

  test('is a request that can be looked at, and not loaded', async () => {
    await store.change({ request: aRequest('K7QF2'), audit: [] });
    await upgradeRequest('K7QF2');
    expect(await store.look('K7QF2')).toBe('newer');
    expect(await store.lookAll(['K7QF2'])).toEqual(new Map([['K7QF2', 'newer']]));
    await expect(store.load('K7QF2')).rejects.toThrow(NewerRecord);
    await store.look('K7QF2');
    expect(log.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });

  test('is not believed without its signature', async () => {
    await store.change({ request: aRequest('K7QF2'), audit: [] });
    await redis.hset(key('request:K7QF2'), 'body', JSON.stringify({ schema: 9 }));
    await expect(store.look('K7QF2')).rejects.toThrow(UnverifiedRecord);
  });

  test('is not written over by a change that was loaded before it came', async () => {
    const before = aRequest('K7QF2');
    await store.change({ request: before, audit: [] });
    await upgradeRequest('K7QF2');
    const stale = { ...before, version: 2 };
    expect(await store.change({ request: stale, audit: [] })).toEqual({ outcome: 'conflict' });
    expect(await store.look('K7QF2')).toBe('newer');
  });

  test('is listed apart while its request can still change, and stays owed under its id', async () => {
    for (const id of ['K7QF2', 'LIVE2']) await store.change({ request: aRequest(id), audit: [] });
    await upgradeRequest('LIVE2');
    const ids = ({ requests, newer }: Awaited<ReturnType<Store['live']>>) => ({
      requests: requests.map(({ id }) => id),
      newer,
    });
    expect(ids(await store.ofPerson('U1'))).toEqual({ requests: ['K7QF2'], newer: ['LIVE2'] });
    expect(ids(await store.live())).toEqual({ requests: ['K7QF2'], newer: ['LIVE2'] });
    expect((await store.owed(ASKED_AT_MS)).work.sort()).toEqual(['K7QF2', 'LIVE2']);
  });

  test('counts among the waiting requests of its person while it may wait', async () => {
    await store.change({ request: aRequest('K7QF2'), audit: [] });
    await upgradeRequest('K7QF2');
    const next = { request: aRequest('NEXT2'), audit: [], mostWaiting: 1 };
    expect(await store.change(next)).toEqual({ outcome: 'too-many', waiting: 1 });
  });

  test('of a request that is over is on no list', async () => {
    const request = aRequest('K7QF2');
    await store.change({ request, audit: [] });
    const phase = { state: 'cancelled' as const, by: 'U1', atMs: ASKED_AT_MS };
    await store.change({ request: { ...request, version: 2, phase }, audit: [] });
    await upgradeRequest('K7QF2');
    expect(await store.ofPerson('U1')).toEqual({ requests: [], newer: [] });
  });

  test('counts among the requests that use its access group', async () => {
    const group = { name: 'workspace-ssh-corp-ws-1', vpcId: 'vpc-1' };
    await redis.sadd(key('counting:vpc-1|workspace-ssh-corp-ws-1'), 'K7QF2');
    await store.change({ request: aRequest('K7QF2'), audit: [] });
    expect(await store.countingOn(group)).toEqual([]);
    await upgradeRequest('K7QF2');
    expect(await store.countingOn(group)).toEqual(['K7QF2']);
  });

  test('is a rule in a stage of its own until it is gone, which the list of rules says', async () => {
    await store.change({ rule: aRule('sg-1', 1, { state: 'open', ruleId: 'sgr-1' }), audit: [] });
    await upgrade('rule', `sg-1|${SOURCE}`, `rule:sg-1|${SOURCE}`);
    const newer = aRule('sg-1', 2, { state: 'newer' });
    expect(await store.loadRule('sg-1', SOURCE)).toEqual(newer);
    expect(await store.rulesOf('sg-1')).toEqual([newer]);
    expect(await store.ruleOf('sg-1', SOURCE)).toEqual(newer);
    const place = { groupId: 'sg-1', source: SOURCE };
    expect(await store.rulesAt([place])).toEqual([newer]);
    await expect(store.change({ rule: { ...newer, version: 3 }, audit: [] })).rejects.toThrow(
      'newer version',
    );
    await redis.srem(key('rules:sg-1'), SOURCE);
    expect(await store.loadRule('sg-1', SOURCE)).toEqual(aRule('sg-1', 2, { state: 'gone' }));
    expect(await store.rulesOf('sg-1')).toEqual([]);
    expect(await store.ruleOf('sg-1', SOURCE)).toBeUndefined();
    expect(await store.rulesAt([place])).toEqual([undefined]);
  });

  test.each([true, false])(
    'of a pause or a resume counts as a pause, and stays (paused: %s)',
    async (paused) => {
      await store.changePause({ paused: true, by: 'U0ADA', atMs: ASKED_AT_MS });
      if (!paused) await store.changePause({ paused, by: 'U0ADA', atMs: ASKED_AT_MS + 1 });
      await upgrade('brake', 'brake', 'brake');
      const before = await redis.hgetall(key('brake'));
      expect(await store.loadPause()).toEqual({ kind: 'newer' });
      for (const next of [true, false]) {
        const answer = await store.changePause({ paused: next, by: 'U0SAM', atMs: ASKED_AT_MS + 9_000 });
        expect(answer).toEqual({ outcome: 'unchanged', pause: { kind: 'newer' } });
      }
      expect(await redis.hgetall(key('brake'))).toEqual(before);
    },
  );

  test('of a resume is not followed by the pause that an older replica remembers', async () => {
    await store.changePause({ paused: true, by: 'U0ADA', atMs: ASKED_AT_MS });
    await upgrade('brake', 'brake', 'brake');
    await store.loadPause();
    // The record of a resume goes by itself after a day.
    await redis.del(key('brake'));
    expect(await store.loadPause()).toBeUndefined();
  });

  test('of the posted cards is left to the newer version', async () => {
    await store.savePosted({ requestId: 'K7QF2', version: 1, surfaces: {} }, 1, false);
    expect(await redis.hget(key('told:K7QF2'), 'schema')).toBe('1');
    await redis.hset(key('told:K7QF2'), { version: 2, body: '[]', schema: '2' });
    await expect(store.loadPosted('K7QF2')).rejects.toThrow(NewerRecord);
  });
});
