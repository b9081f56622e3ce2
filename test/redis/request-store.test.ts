import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Redis } from 'ioredis';
import type { Facts } from '../../src/access/request/facts.js';
import { askingNobody } from '../../src/access/request/needs.js';
import { moved, type Phase, type Request } from '../../src/access/request/request.js';
import { runChange } from '../../src/redis/change-script.js';
import { connectRecords, keyPrefix } from '../../src/redis/connections.js';
import { PostedConflict } from '../../src/redis/posted.js';
import { createSeal, UnverifiedRecord } from '../../src/redis/record.js';
import { createStore, prepare } from '../../src/redis/request-store.js';
import { change } from '../../src/redis/script.js';
import { type Store, StoreUnreachable } from '../../src/workflow/ports-store.js';
import {
  ASKED_AT_MS,
  anyRedis,
  aRequest,
  aRule,
  at,
  isReady,
  keptLog,
  newInstallation,
  newKeys,
  startProxy,
  type TestRedis,
  until,
} from './redis.js';

let server: TestRedis;
let installation: string;
let redis: Redis;
let log = keptLog();
let store: Store;
const closing: (() => void | Promise<void>)[] = [];
const CANCELLED: Phase = { state: 'cancelled', by: 'U0JANE', atMs: ASKED_AT_MS + 1_000 };
const AUDIT = { atMs: ASKED_AT_MS, who: 'U1', what: 'submitted' };
const SOURCE = '203.0.113.25/32';
const FACTS: Facts = {
  desktops: [],
  directoryId: 'd-1',
  netbios: 'CORP',
  loginName: 'ann',
  own: true,
  reach: 1,
  group: { kind: 'existing', groupId: 'sg-1' },
};

beforeAll(async () => {
  server = await anyRedis();
});
afterAll(async () => {
  await server.stop();
});

async function open(url = server.url, timeoutMs = 10_000): Promise<void> {
  installation = newInstallation();
  log = keptLog();
  redis = await isReady(connectRecords({ ...at(url), timeoutMs }, log));
  closing.push(() => redis.disconnect());
  store = createStore({ redis, installation, keys: newKeys(), log, now: () => ASKED_AT_MS });
}

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function key(rest: string): string {
  return `${keyPrefix(installation)}:${rest}`;
}

function audited(): object[] {
  return log.lines.flatMap(({ fields }) => ('audit' in fields && fields.audit ? [fields.audit] : []));
}

describe('a change of a request', () => {
  test('is loaded as it was stored', async () => {
    await open();
    const request = aRequest('K7QF2');
    expect(await store.change({ request, audit: [AUDIT] })).toEqual({ outcome: 'done' });
    expect(await store.load('K7QF2')).toEqual(request);
    expect(await store.load('AAAAA')).toBeUndefined();
  });

  test('is refused where another change was stored first', async () => {
    await open();
    const request = aRequest('K7QF2');
    await store.change({ request, audit: [AUDIT] });
    expect(await store.change({ request, audit: [AUDIT] })).toEqual({ outcome: 'conflict' });
    const second = moved(request, CANCELLED);
    expect(await store.change({ request: second, audit: [] })).toEqual({ outcome: 'done' });
    expect(await store.change({ request: second, audit: [] })).toEqual({ outcome: 'conflict' });
    expect(await store.change({ request: { ...second, version: 4 }, audit: [] })).toEqual({
      outcome: 'conflict',
    });
    expect(await store.change({ request: { ...aRequest('BBBBB'), version: 2 }, audit: [] })).toEqual({
      outcome: 'conflict',
    });
    expect(audited()).toHaveLength(1);
  });

  test('is stored once where many come at the same time', async () => {
    await open();
    const request = aRequest('K7QF2');
    await store.change({ request, audit: [] });
    const next = moved(request, CANCELLED);
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => store.change({ request: next, audit: [AUDIT] })),
    );
    expect(outcomes.filter(({ outcome }) => outcome === 'done')).toHaveLength(1);
    expect(audited()).toHaveLength(1);
  });

  test('and of its rule is stored together with the rule’s, or not at all', async () => {
    await open();
    const request = aRequest('K7QF2');
    const rule = aRule('sg-1', 1, { state: 'authorizing', deadlineMs: ASKED_AT_MS, openByMs: ASKED_AT_MS });
    expect(await store.change({ request, rule: { ...rule, version: 2 }, audit: [AUDIT] })).toEqual({
      outcome: 'conflict',
    });
    expect(await store.load('K7QF2')).toBeUndefined();
    expect(await store.change({ request, rule, audit: [AUDIT] })).toEqual({ outcome: 'done' });
    expect(await store.loadRule('sg-1', SOURCE)).toEqual(rule);

    const open2 = aRule('sg-1', 2, { state: 'open', ruleId: 'sgr-1' });
    expect(await store.change({ request, rule: open2, audit: [AUDIT] })).toEqual({ outcome: 'conflict' });
    expect(await store.loadRule('sg-1', SOURCE)).toEqual(rule);
    expect(audited()).toHaveLength(1);
  });

  test('and of other requests with their rule is stored as a whole, or not at all', async () => {
    await open();
    const [first, second] = [aRequest('K7QF2'), aRequest('BBBBB')];
    const rule = aRule('sg-1', 1, { state: 'authorizing', deadlineMs: ASKED_AT_MS, openByMs: ASKED_AT_MS });
    const audit = [AUDIT, { ...AUDIT, requestId: 'BBBBB' }];
    const ahead = { ...second, version: 2 };
    expect(await store.change({ request: first, also: [ahead], rule, audit })).toEqual({
      outcome: 'conflict',
    });
    expect(await store.load('K7QF2')).toBeUndefined();
    expect(await store.ruleOf('sg-1', SOURCE)).toBeUndefined();
    expect(await store.change({ request: first, also: [second], rule, audit })).toEqual({ outcome: 'done' });
    expect([await store.load('K7QF2'), await store.load('BBBBB')]).toEqual([first, second]);
    expect((await store.owed(ASKED_AT_MS)).work.sort()).toEqual(['BBBBB', 'K7QF2']);
    expect(audited()).toEqual(audit.map((entry, n) => ({ seq: n + 1, ...entry })));
  });

  test('that is sent twice as one operation is answered with the first outcome again', async () => {
    await open();
    const seal = createSeal(installation, newKeys());
    const step = prepare(
      { request: aRequest('K7QF2'), audit: [AUDIT], delivery: 'V1' },
      seal,
      'op-1',
      ASKED_AT_MS,
    );
    const first = await runChange(redis, keyPrefix(installation), step);
    expect(first).toMatchObject({ outcome: 'done', firstSeq: 1 });
    await store.change({ request: moved(aRequest('K7QF2'), CANCELLED), audit: [AUDIT] });
    expect(await runChange(redis, keyPrefix(installation), step)).toEqual(first);
    expect((await store.load('K7QF2'))?.version).toBe(2);
    expect(await redis.xlen(key('audit'))).toBe(2);
  });

  test('that comes by one delivery of Slack makes one request', async () => {
    await open();
    await store.change({ request: aRequest('K7QF2'), audit: [AUDIT], delivery: 'V1' });
    expect(await store.change({ request: aRequest('BBBBB'), audit: [AUDIT], delivery: 'V1' })).toEqual({
      outcome: 'repeated',
      requestId: 'K7QF2',
    });
    expect(await store.load('BBBBB')).toBeUndefined();
    expect(await store.change({ request: aRequest('BBBBB'), audit: [AUDIT], delivery: 'V2' })).toEqual({
      outcome: 'done',
    });
  });

  test('keeps a request that is over and a rule that is gone only for a while', async () => {
    await open();
    const request = aRequest('K7QF2');
    await store.change({ request, rule: aRule('sg-1', 1, { state: 'open', ruleId: 'sgr-1' }), audit: [] });
    expect(await redis.ttl(key('request:K7QF2'))).toBe(-1);
    expect(await store.rulesOf('sg-1')).toHaveLength(1);
    expect(await store.ruleOf('sg-1', SOURCE)).toMatchObject({ version: 1 });

    await store.change({
      request: moved(request, CANCELLED),
      rule: aRule('sg-1', 2, { state: 'gone' }),
      audit: [],
    });
    expect(await redis.ttl(key('request:K7QF2'))).toBeGreaterThan(89 * 86_400);
    expect(await redis.ttl(key(`rule:sg-1|${SOURCE}`))).toBeGreaterThan(86_000);
    expect(await store.rulesOf('sg-1')).toEqual([]);
    expect(await store.ruleOf('sg-1', SOURCE)).toBeUndefined();

    const again = aRule('sg-1', 3, { state: 'authorizing', deadlineMs: ASKED_AT_MS, openByMs: ASKED_AT_MS });
    await store.change({ request: aRequest('BBBBB'), rule: again, audit: [] });
    expect(await redis.ttl(key(`rule:sg-1|${SOURCE}`))).toBe(-1);
    expect(await store.rulesOf('sg-1')).toEqual([again]);
    expect(await store.ruleOf('sg-1', SOURCE)).toEqual(again);
  });

  test('reads one rule of its group at the same cost, however many rules the group has', async () => {
    await open();
    const sent = jest.spyOn(redis, 'sendCommand');
    async function commandsToReadOne(): Promise<number> {
      const before = sent.mock.calls.length;
      await store.ruleOf('sg-1', SOURCE);
      return sent.mock.calls.length - before;
    }
    const add = (source: string) =>
      store.change({ rule: { ...aRule('sg-1', 1, { state: 'open', ruleId: 'sgr-1' }), source }, audit: [] });
    await add(SOURCE);
    const alone = await commandsToReadOne();
    expect(alone).toBeGreaterThan(0);
    for (let n = 1; n <= 20; n++) await add(`198.51.100.${n}/32`);
    expect(await commandsToReadOne()).toBe(alone);
  });
});

describe('Redis is not believed about approvals: a record', () => {
  async function storeBoth(): Promise<void> {
    await open();
    await store.change({
      request: aRequest('K7QF2'),
      rule: aRule('sg-1', 1, { state: 'open', ruleId: 'sgr-1' }),
      audit: [],
    });
  }

  test.each(['version', 'body', 'sig'])('with another %s is a fault', async (field) => {
    await storeBoth();
    const other = {
      version: '2',
      body: JSON.stringify({ ...aRequest('K7QF2'), version: 1, x: 1 }),
      sig: 'A'.repeat(43),
    }[field];
    for (const record of ['request:K7QF2', `rule:sg-1|${SOURCE}`]) {
      await redis.hset(key(record), { [field]: other ?? '' });
    }
    await expect(store.load('K7QF2')).rejects.toThrow(UnverifiedRecord);
    await expect(store.load('K7QF2')).rejects.toThrow('request:K7QF2');
    await expect(store.loadRule('sg-1', SOURCE)).rejects.toThrow(UnverifiedRecord);
    expect(await store.rulesOf('sg-1')).toEqual([]);
    expect(await store.ruleOf('sg-1', SOURCE)).toBeUndefined();
  });

  test.each(['version', 'body', 'sig'])('without its %s is a fault', async (field) => {
    await storeBoth();
    await redis.hdel(key('request:K7QF2'), field);
    await expect(store.load('K7QF2')).rejects.toThrow(UnverifiedRecord);
  });

  test.each(['01', '1.0', '1e0', ' 1', '-1', 'x'])('whose version reads %p is a fault', async (version) => {
    await storeBoth();
    await redis.hset(key('request:K7QF2'), { version });
    await expect(store.load('K7QF2')).rejects.toThrow(UnverifiedRecord);
  });

  test('copied to another id, rule or installation is a fault', async () => {
    await storeBoth();
    const fields = await redis.hgetall(key('request:K7QF2'));
    await redis.hset(key('request:BBBBB'), fields);
    await expect(store.load('BBBBB')).rejects.toThrow(UnverifiedRecord);
    await redis.hset(key('rule:sg-2|0.0.0.0/0'), await redis.hgetall(key(`rule:sg-1|${SOURCE}`)));
    await expect(store.loadRule('sg-2', '0.0.0.0/0')).rejects.toThrow(UnverifiedRecord);

    const elsewhere = newInstallation();
    await redis.hset(`${keyPrefix(elsewhere)}:request:K7QF2`, fields);
    const other = createStore({ redis, installation: elsewhere, keys: newKeys(), log, now: Date.now });
    await expect(other.load('K7QF2')).rejects.toThrow(UnverifiedRecord);
  });

  test('signed with another key is a fault, and with an older one of ours is not', async () => {
    await storeBoth();
    const [ours] = newKeys();
    const [theirs] = newKeys(9);
    const strange = createStore({ redis, installation, keys: [theirs], log, now: Date.now });
    await expect(strange.load('K7QF2')).rejects.toThrow(UnverifiedRecord);
    const rotated = createStore({ redis, installation, keys: [theirs, ours], log, now: Date.now });
    expect(await rotated.load('K7QF2')).toEqual(aRequest('K7QF2'));
  });

  test('that a holder of the key stored under the wrong id or version is a fault', async () => {
    await open();
    const seal = createSeal(installation, newKeys());
    const sealed = { ...seal.request(aRequest('K7QF2')) };
    const fields = [String(sealed.version), sealed.body, sealed.sig];
    expect(() => seal.openRequest('K7QF2', fields, 'k')).not.toThrow();
    expect(() => seal.openRequest('BBBBB', fields, 'k')).toThrow(UnverifiedRecord);
  });
});

describe('work that is owed', () => {
  test('follows the duties of the request', async () => {
    await open();
    let request: Request = aRequest('K7QF2');
    await store.change({ request, audit: [] });
    expect((await store.owed(ASKED_AT_MS - 1)).work).toEqual([]);
    expect((await store.owed(ASKED_AT_MS)).work).toEqual(['K7QF2']);

    const phase: Phase = {
      state: 'pending',
      facts: FACTS,
      need: askingNobody('r'),
      pendingAtMs: ASKED_AT_MS,
      lapsesAtMs: ASKED_AT_MS + 5_000,
    };
    request = moved(request, phase);
    await store.change({ request, audit: [] });
    expect((await store.owed(ASKED_AT_MS + 4_999)).work).toEqual([]);
    expect((await store.owed(ASKED_AT_MS + 5_000)).work).toEqual(['K7QF2']);

    request = moved(request, CANCELLED);
    await store.change({ request, audit: [] });
    expect((await store.owed(ASKED_AT_MS + 1e9)).work).toEqual([]);
  });

  test('at an end is owed from its instant on, until nothing more can end', async () => {
    await open();
    const submitted = aRequest('K7QF2');
    await store.change({ request: submitted, audit: [] });
    expect(await store.endsDue(ASKED_AT_MS + 1e9)).toEqual([]);
    const grant = { groupId: 'sg-1', startedAtMs: 0, openByMs: 0, endsAtMs: ASKED_AT_MS + 5_000 };
    const decided = {
      facts: FACTS,
      need: askingNobody('own'),
      review: { by: 'policy', decision: 'approve' as const, atMs: 0 },
    };
    const open2 = { state: 'open' as const, ...decided, grant, openedAtMs: 0, warned: false };
    const opened = moved(submitted, open2);
    await store.change({ request: opened, audit: [] });
    expect(await store.endsDue(ASKED_AT_MS + 4_999)).toEqual([]);
    expect(await store.endsDue(ASKED_AT_MS + 5_000)).toEqual(['K7QF2']);
    await store.change({ request: moved(opened, CANCELLED), audit: [] });
    expect(await store.endsDue(ASKED_AT_MS + 1e9)).toEqual([]);
    await store.change({ request: moved(moved(opened, CANCELLED), open2), audit: [] });
    await store.forgetEnds(['K7QF2']);
    expect(await store.endsDue(ASKED_AT_MS + 1e9)).toEqual([]);
  });

  test('by telling stays owed until the newest version was told', async () => {
    await open();
    const request = aRequest('K7QF2');
    await store.change({ request, audit: [] });
    const telling = async () => (await store.owed(ASKED_AT_MS)).telling;
    expect(await telling()).toEqual(['K7QF2']);

    const none = await store.loadPosted('K7QF2');
    expect(none).toEqual({ requestId: 'K7QF2', version: 0, surfaces: {} });
    const shown = { channel: 'D1', ts: '1.2', version: 1, stage: 'submitted' };
    await store.savePosted({ ...none, version: 1, surfaces: { requester: shown } }, 1, false);
    expect(await telling()).toEqual(['K7QF2']);
    expect(await store.loadPosted('K7QF2')).toEqual({
      requestId: 'K7QF2',
      version: 1,
      surfaces: { requester: shown },
    });

    await store.change({ request: moved(request, CANCELLED), audit: [] });
    await store.savePosted({ requestId: 'K7QF2', version: 2, surfaces: { requester: shown } }, 1, true);
    expect(await telling()).toEqual(['K7QF2']);
    await store.savePosted({ requestId: 'K7QF2', version: 3, surfaces: { requester: shown } }, 2, true);
    expect(await telling()).toEqual([]);
  });

  test('by telling is not settled by a teller that another teller overtook', async () => {
    await open();
    await store.savePosted({ requestId: 'K7QF2', version: 1, surfaces: {} }, 1, false);
    await expect(store.savePosted({ requestId: 'K7QF2', version: 1, surfaces: {} }, 1, true)).rejects.toThrow(
      PostedConflict,
    );
  });
});

describe('the listed requests of a person', () => {
  test('are all that can still change and the last 20 others, newest first', async () => {
    await open();
    const live = aRequest('LIVE1', { askedAtMs: ASKED_AT_MS - 1_000_000 });
    await store.change({ request: live, audit: [] });
    for (let index = 0; index < 25; index++) {
      const request = aRequest(`R${index}`, { askedAtMs: ASKED_AT_MS + index });
      await store.change({ request, audit: [] });
      await store.change({ request: moved(request, CANCELLED), audit: [] });
    }
    const ids = (await store.ofPerson('U1')).requests.map(({ id }) => id);
    expect(ids).toEqual([...Array.from({ length: 20 }, (_, index) => `R${24 - index}`), 'LIVE1']);
    expect(await store.ofPerson('U2')).toEqual({ requests: [], newer: [] });
  });

  test('leave out a record that does not verify, and say so', async () => {
    await open();
    await store.change({ request: aRequest('K7QF2'), audit: [] });
    await store.change({ request: aRequest('BBBBB'), audit: [] });
    await redis.hset(key('request:BBBBB'), 'body', '{}');
    expect((await store.ofPerson('U1')).requests.map(({ id }) => id)).toEqual(['K7QF2']);
    expect(log.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });

  test('are looked up by the hundred: an id without a record is said, and an unreadable record is left out', async () => {
    await open();
    const ids = Array.from({ length: 405 }, (_, n) => `R${n}`);
    await Promise.all(ids.map((id) => store.change({ request: aRequest(id), audit: [] })));
    await redis.hset(key('request:R7'), 'body', '{}');
    await redis.del(key('request:R8'), key('request:R9'));
    await redis.set(key('request:R9'), 'no record');
    const found = await store.lookAll(ids);
    const missing = ids.filter((id) => !found.get(id));
    expect(missing).toEqual(['R7', 'R8', 'R9']);
    expect(missing.filter((id) => found.has(id))).toEqual(['R8']);
    expect(found.get('R404')).toEqual(aRequest('R404'));
    expect(log.lines.filter(({ level }) => level === 'warn')).toHaveLength(2);
  });

  test('and rules are looked up by the hundred as one by one: a gone, lost, unlisted or unreadable rule is no rule', async () => {
    await open();
    const groupIds = Array.from({ length: 205 }, (_, n) => `sg-${n}`);
    const stage = { state: 'open' as const, ruleId: 'sgr-1' };
    await Promise.all(groupIds.map((groupId) => store.change({ rule: aRule(groupId, 1, stage), audit: [] })));
    const { source } = aRule('', 1, stage);
    await store.change({ rule: aRule('sg-1', 2, { state: 'gone' }), audit: [] });
    await redis.hset(key(`rule:sg-2|${source}`), 'body', '{}');
    await redis.del(key('rules:sg-3'), key(`rule:sg-4|${source}`), key('rules:sg-5'));
    await redis.set(key('rules:sg-5'), 'no list');
    const places = groupIds.map((groupId) => ({ groupId, source }));
    const found = await store.rulesAt(places);
    expect(groupIds.filter((_, n) => !found[n])).toEqual(['sg-1', 'sg-2', 'sg-3', 'sg-4', 'sg-5']);
    expect(found[204]).toEqual(aRule('sg-204', 1, stage));
    expect(found).toEqual(await Promise.all(groupIds.map((groupId) => store.ruleOf(groupId, source))));
  });
});

describe('where one person may have a number of requests waiting', () => {
  const asks = (id: string, more: Parameters<typeof aRequest>[1] = {}, delivery = id) =>
    store.change({ request: aRequest(id, more), audit: [AUDIT], delivery, mostWaiting: 20 });
  const flood = (count: number) =>
    Promise.all(Array.from({ length: count }, (_, index) => asks(`R${index}`)));

  test('no more requests are stored, however many come at once, and nobody else waits for that', async () => {
    await open();
    const outcomes = await flood(100);
    expect(outcomes.filter(({ outcome }) => outcome === 'done')).toHaveLength(20);
    const refused = outcomes.filter(({ outcome }) => outcome !== 'done');
    expect(refused).toEqual(Array.from({ length: 80 }, () => ({ outcome: 'too-many', waiting: 20 })));
    expect((await store.ofPerson('U1')).requests).toHaveLength(20);
    expect(audited()).toHaveLength(20);
    expect(await asks('TOM22', { user: 'U2' })).toEqual({ outcome: 'done' });
    // Only the work owed at once comes before the request of somebody else.
    expect((await store.owed(ASKED_AT_MS)).work).toHaveLength(21);
  });

  test('a request that is answered or taken back makes room for another one', async () => {
    await open();
    await flood(20);
    await store.change({ request: moved(aRequest('R7'), CANCELLED), audit: [] });
    expect(await asks('NEXT2')).toEqual({ outcome: 'done' });
    expect(await asks('NEXT3')).toEqual({ outcome: 'too-many', waiting: 20 });
  });

  test('a delivery that comes again is answered with the request that was stored', async () => {
    await open();
    await flood(20);
    expect(await asks('NEXT2', {}, 'R7')).toEqual({ outcome: 'repeated', requestId: 'R7' });
  });

  test('a request whose time is over counts no more, though an older version of the bot left it on the list', async () => {
    await open();
    await flood(19);
    await redis.zadd(key('waiting:U1'), ASKED_AT_MS - 1, 'LEFT2');
    expect(await asks('NEXT2')).toEqual({ outcome: 'done' });
    expect(await redis.zscore(key('waiting:U1'), 'LEFT2')).toBeNull();
    expect(await asks('NEXT3')).toEqual({ outcome: 'too-many', waiting: 20 });
  });
});

test('requests that can still change are counted, and a part of them read, at the same cost however many there are', async () => {
  await open();
  const sent = jest.spyOn(redis, 'sendCommand');
  async function costOf(work: () => Promise<unknown>): Promise<number> {
    const before = sent.mock.calls.length;
    await work();
    return sent.mock.calls.length - before;
  }
  const add = async (from: number, to: number) => {
    for (let n = from; n < to; n++)
      await store.change({ request: aRequest(`R${n}`, { askedAtMs: ASKED_AT_MS + n }), audit: [] });
  };
  await add(0, 3);
  const [count, part] = [await costOf(store.countLive), await costOf(() => store.live(2))];
  await add(3, 30);
  await store.change({ request: moved(aRequest('R0'), CANCELLED), audit: [] });
  expect(await costOf(store.countLive)).toBe(count);
  expect(await costOf(() => store.live(2))).toBe(part);
  expect(await store.countLive()).toBe(29);
  expect((await store.live(2)).requests.map(({ id }) => id)).toEqual(['R1', 'R2']);
});

describe('audit records', () => {
  test('are numbered without a gap while many write', async () => {
    await open();
    const changes = Array.from({ length: 40 }, (_, index) =>
      store.change({ request: aRequest(`R${index}`), audit: [AUDIT, { ...AUDIT, what: 'second' }] }),
    );
    await Promise.all([...changes, store.audit([AUDIT]), store.audit([])]);
    const entries = await redis.xrange(key('audit'), '-', '+');
    const numbers = entries.map(([, fields]) => Number(fields[1]));
    expect(numbers).toEqual(Array.from({ length: 81 }, (_, index) => index + 1));
    const logged = audited().map((line) => ('seq' in line ? line.seq : 0));
    expect([...logged].sort((a, b) => Number(a) - Number(b))).toEqual(numbers);
  });

  test('are logged as they are stored', async () => {
    await open();
    await store.change({ request: aRequest('K7QF2'), audit: [{ ...AUDIT, why: 'said "yes"' }] });
    const [[, fields] = ['', []]] = await redis.xrange(key('audit'), '-', '+');
    expect(fields.slice(0, 3)).toEqual(['seq', '1', 'record']);
    expect([{ seq: 1, ...JSON.parse(fields[3] ?? '') }]).toEqual(audited());
  });
});

describe('the lock of a request', () => {
  test('lets one piece of work run at a time, and is freed after it', async () => {
    await open();
    let inside = 0;
    const outcome = await store.exclusively('g', async () => {
      inside++;
      expect(await store.exclusively('g', async () => inside++)).toEqual({ ran: false });
      return (await store.exclusively('other', async () => 'too')).ran;
    });
    expect(outcome).toEqual({ ran: true, result: true });
    expect(inside).toBe(1);
    expect(await redis.exists(key('lock:g'))).toBe(0);
  });

  test('is taken for many at once, for each of which nobody else holds it, and comes with the requests', async () => {
    await open();
    await store.change({ request: aRequest('K7QF2'), audit: [] });
    await redis.set(key('request:D'), 'no record at all');
    const lockOf = (id: string) => `at:${id}`;
    const all = ['lock:at:A', 'lock:at:B', 'lock:at:K7QF2', 'lock:at:D'].map(key);
    const held = await store.atRequests(['A', 'B'], lockOf, (mine) =>
      store.atRequests(['B', 'K7QF2', 'D'], lockOf, async (others) => {
        expect(await redis.exists(...all)).toBe(4);
        expect(await others.look('K7QF2')).toMatchObject({ id: 'K7QF2', version: 1 });
        await expect(others.look('D')).rejects.toThrow('WRONGTYPE');
        await mine.release('A');
        expect(await redis.exists(...all)).toBe(3);
        return [mine.ids, others.ids, await mine.look('A')];
      }),
    );
    expect(held).toEqual([['A', 'B'], ['K7QF2', 'D'], undefined]);
    expect(await redis.exists(...all)).toBe(0);
    expect(await store.atRequests([], lockOf, async ({ ids }) => ids)).toEqual([]);
  });

  test('for telling comes with the request and its cards, and keeps others only from telling', async () => {
    await open();
    await store.change({ request: aRequest('K7QF2'), audit: [] });
    const seen = await store.telling('K7QF2', async (request, posted) => {
      expect(await store.telling('K7QF2', async () => 'twice')).toEqual({ ran: false });
      const isCurrent = await store.savePosted({ ...posted, version: 1 }, 1, false);
      return { version: request?.version, posted, isCurrent };
    });
    const posted = { requestId: 'K7QF2', version: 0, surfaces: {} };
    expect(seen).toEqual({ ran: true, result: { version: 1, posted, isCurrent: true } });
    expect(await redis.exists(key('lock:tell:K7QF2'))).toBe(0);
    expect(await store.savePosted({ ...posted, version: 2 }, 7, false)).toBe(false);
    // Once nothing is left to tell the lock is freed in the same trip, and a lock that others took since stays theirs.
    await store.telling('K7QF2', async (_, now) => {
      await store.savePosted({ ...now, version: 3 }, 1, true);
      expect(await redis.exists(key('lock:tell:K7QF2'))).toBe(0);
      await redis.set(key('lock:tell:K7QF2'), 'somebody else');
    });
    expect(await redis.get(key('lock:tell:K7QF2'))).toBe('somebody else');
  });

  test('is freed when the work throws, and never takes the lock away from another holder', async () => {
    await open();
    const fails = store.exclusively('g', async () => {
      await redis.set(key('lock:g'), 'somebody else');
      throw new Error('no');
    });
    await expect(fails).rejects.toThrow('no');
    expect(await redis.get(key('lock:g'))).toBe('somebody else');
  });
});

test('an audit record that Redis cannot take is in the log all the same', async () => {
  await open();
  await redis.set(key('audit'), 'no stream');
  await expect(store.audit([AUDIT])).rejects.toThrow('WRONGTYPE');
  expect(log.lines).toContainEqual({
    level: 'warn',
    fields: { audit: AUDIT, recorded: 'no' },
    message: 'audit',
  });
});

describe('when Redis does not answer', () => {
  async function openThroughProxy(timeoutMs = 1_500) {
    const proxy = await startProxy(server.port);
    closing.push(() => proxy.stop());
    await open(proxy.url, timeoutMs);
    return proxy;
  }

  async function failure(promise: Promise<unknown>): Promise<StoreUnreachable> {
    const error: unknown = await promise.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error instanceof StoreUnreachable) return error;
    throw new Error('it did not fail as unreachable', { cause: error });
  }

  test('a change that may have been stored is uncertain, once Redis had its time', async () => {
    const proxy = await openThroughProxy();
    await store.change({ request: aRequest('BBBBB'), audit: [] }); // Redis knows the script: one round trip is one change
    proxy.mode = 'no-answers';
    const error = await failure(store.change({ request: aRequest('K7QF2'), audit: [AUDIT] }));
    expect(error.certain).toBe(false);
    expect(log.lines.filter(({ message }) => message === 'audit')).toEqual([
      { level: 'warn', fields: { audit: AUDIT, recorded: 'unknown' }, message: 'audit' },
    ]);

    const direct = await isReady(connectRecords({ ...at(server.url), timeoutMs: 10_000 }, log));
    expect(await direct.exists(key('request:K7QF2'))).toBe(1);
    direct.disconnect();
  });

  test('a change whose answer was lost is repeated as the same operation, and a turn is its caller’s', async () => {
    // Long enough for the second try on a busy machine.
    const proxy = await openThroughProxy(20_000);
    await store.change({ request: aRequest('BBBBB'), audit: [] });
    await store.turn('other', 60_000);
    const direct = await isReady(connectRecords({ ...at(server.url), timeoutMs: 10_000 }, log));
    closing.push(() => direct.disconnect());
    /** The answer to work whose first answer is lost, though Redis has made the key that the work makes. */
    const answerAfterLoss = async <T>(made: string, work: () => Promise<T>): Promise<T> => {
      proxy.mode = 'no-answers';
      const answer = work();
      await until(`the key ${made}`, async () => (await direct.exists(key(made))) === 1);
      proxy.mode = 'pass';
      proxy.cut();
      return answer;
    };
    const step = { request: aRequest('K7QF2'), audit: [AUDIT] };
    const changed = await answerAfterLoss('request:K7QF2', () => store.change(step));
    expect(changed).toEqual({ outcome: 'done' });
    const turn = () => store.turn('delivery:1', 60_000);
    expect(await answerAfterLoss('turn:delivery:1', turn)).toBe(true);
    expect(await turn()).toBe(false);
    expect(await direct.xlen(key('audit'))).toBe(1);
    expect(audited()).toHaveLength(1);
  });

  test('the second try of a change gets half of the time-out', async () => {
    await open(server.url, 1_000);
    jest.useFakeTimers();
    closing.push(() => {
      jest.useRealTimers();
    });
    let tries = 0;
    const changing = failure(
      change(redis, () => {
        tries += 1;
        return tries === 1 ? Promise.reject(new Error('Command timed out')) : new Promise(() => {});
      }),
    );
    let given = false;
    changing.then(() => {
      given = true;
    });
    await jest.advanceTimersByTimeAsync(499);
    expect([tries, given]).toEqual([2, false]);
    await jest.advanceTimersByTimeAsync(1);
    expect([tries, given]).toEqual([2, true]);
    expect((await changing).certain).toBe(false);
  });

  test('a change that was never sent is certainly not stored', async () => {
    const proxy = await openThroughProxy();
    await proxy.stop();
    // The end of the connection has to be noticed first: until then the outcome would be unknown.
    while (redis.status === 'ready') await new Promise((resolve) => setImmediate(resolve));
    expect((await failure(store.change({ request: aRequest('K7QF2'), audit: [AUDIT] }))).certain).toBe(true);
    expect((await failure(store.load('K7QF2'))).certain).toBe(true);
    expect((await failure(store.owed(0))).certain).toBe(true);
    expect(await store.exclusively('g', async () => 'done without the lock')).toEqual({
      ran: true,
      result: 'done without the lock',
    });
    expect(await store.exclusively('g', async () => 'not without it', 'leave')).toEqual({ ran: false });
  });

  test('a read that times out certainly changed nothing, and the connection heals by itself', async () => {
    const proxy = await openThroughProxy();
    await store.change({ request: aRequest('K7QF2'), audit: [] });
    proxy.mode = 'nothing';
    expect((await failure(store.load('K7QF2'))).certain).toBe(true);
    proxy.mode = 'pass';
    await until('the new connection', () => log.lines.some(({ message }) => message === 'Redis is back'));
    expect(await store.load('K7QF2')).toEqual(aRequest('K7QF2'));
  });
});
