import { expect, test } from '@jest/globals';
import type { Redis } from 'ioredis';
import type { RuleRecord } from '../../src/access/rules/rule.js';
import { keyPrefix } from '../../src/redis/connections.js';
import { createStore } from '../../src/redis/request-store.js';
import type { Store } from '../../src/workflow/ports-store.js';
import { eachInstallation } from './each-installation.js';
import { aRequest, aRule, keptLog, newKeys } from './redis.js';

const NOW = Date.UTC(2027, 5, 1);
const PAUSE = { paused: true, by: 'U0ADA', name: 'Ada Novak', atMs: NOW };
const RESUME = { paused: false, by: 'U0SAM', atMs: NOW + 60_000 };
const PAUSED = { kind: 'by', by: 'U0ADA', name: 'Ada Novak', sinceMs: NOW };

let redis: Redis;
let installation: string;
let record: string;
const log = keptLog();
eachInstallation((connected, fresh) => {
  redis = connected;
  installation = fresh;
  record = `${keyPrefix(installation)}:brake`;
}, log);

/** A replica that has just started. */
function replica(keys = newKeys()): Store {
  return createStore({ redis, installation, keys, log, now: () => NOW + 3_600_000 });
}

const audited = () =>
  log.lines.flatMap(({ fields, message }) =>
    message === 'audit' && 'audit' in fields ? [fields.audit] : [],
  );

test('a pause and its end hold for every replica at once, and both are in the audit log', async () => {
  const [one, other] = [replica(), replica()];
  expect(await other.loadPause()).toBeUndefined();
  expect(await one.changePause(PAUSE)).toEqual({ outcome: 'done', pause: PAUSED });
  expect(await other.loadPause()).toEqual(PAUSED);
  expect(await other.changePause({ ...PAUSE, by: 'U0SAM' })).toEqual({ outcome: 'unchanged', pause: PAUSED });
  expect(await other.changePause(RESUME)).toEqual({ outcome: 'done' });
  expect(await one.loadPause()).toBeUndefined();
  expect(await one.changePause(RESUME)).toEqual({ outcome: 'unchanged' });
  expect(audited()).toEqual([
    { seq: 1, atMs: NOW, who: 'U0ADA', what: 'paused' },
    { seq: 2, atMs: NOW + 60_000, who: 'U0SAM', what: 'resumed' },
  ]);
  expect(await redis.xlen(`${keyPrefix(installation)}:audit`)).toBe(2);
});

test('a pause by another replica refuses a change that no pause may pass, and is named to a change that asks for it', async () => {
  const [one, other] = [replica(), replica()];
  const ask = (id: string) => one.change({ request: aRequest(id), audit: [], unlessPaused: true });
  const authorizing = (version: number): RuleRecord =>
    aRule('sg-1', version, { state: 'authorizing', deadlineMs: 0, openByMs: NOW });
  const mark = (version: number) => one.change({ rule: authorizing(version), audit: [], asksPause: true });
  expect(await ask('K7QF2')).toEqual({ outcome: 'done' });
  expect(await mark(1)).toEqual({ outcome: 'done' });
  await other.changePause(PAUSE);
  expect(await ask('K7QF3')).toEqual({ outcome: 'paused', pause: PAUSED });
  expect(await mark(2)).toEqual({ outcome: 'done', pause: PAUSED });
  expect(await one.load('K7QF3')).toBeUndefined();
  await other.changePause(RESUME);
  expect(await ask('K7QF3')).toEqual({ outcome: 'done' });
  expect(await mark(3)).toEqual({ outcome: 'done' });
  await redis.hset(record, 'sig', 'by hand');
  expect(await ask('K7QF4')).toEqual({ outcome: 'paused', pause: { kind: 'unverified' } });
  expect(await mark(4)).toEqual({ outcome: 'done', pause: { kind: 'unverified' } });
  await redis.del(record);
  await redis.set(record, 'another kind of key');
  expect(await mark(5)).toEqual({ outcome: 'done', pause: { kind: 'unverified' } });
});

test('of many pauses at once one is stored, and the other replicas learn of that pause', async () => {
  const outcomes = await Promise.all(Array.from({ length: 8 }, () => replica().changePause(PAUSE)));
  expect(outcomes.filter(({ outcome }) => outcome === 'done')).toHaveLength(1);
  expect(outcomes.every(({ pause }) => pause !== undefined)).toBe(true);
  expect(audited()).toHaveLength(1);
});

test('a pause that Redis lost, or somebody removed by hand, is put back by a replica that saw it', async () => {
  const one = replica();
  await one.changePause(PAUSE);
  await redis.del(record);
  // A replica that starts just now can't know of the pause; the next look of another replica repairs that.
  expect(await replica().loadPause()).toBeUndefined();
  expect(await one.loadPause()).toEqual(PAUSED);
  expect(await replica().loadPause()).toEqual(PAUSED);
  expect(audited().at(-1)).toMatchObject({ who: 'bot', what: 'brake-put-back', ids: { pausedBy: 'U0ADA' } });
  await one.loadPause();
  expect(audited()).toHaveLength(2);
});

test('an older record of a resume that is put back by hand lifts no pause', async () => {
  const one = replica();
  await one.changePause(PAUSE);
  await one.changePause(RESUME);
  const resumed = await redis.hgetall(record);
  await one.changePause({ ...PAUSE, atMs: NOW + 120_000 });
  await redis.hset(record, resumed);
  expect(await one.loadPause()).toMatchObject({ sinceMs: NOW + 120_000 });
  expect(await replica().loadPause()).toMatchObject({ sinceMs: NOW + 120_000 });
});

test.each<[what: string, field: string, value: string]>([
  ['body', 'body', JSON.stringify({ version: NOW, paused: false, by: 'U0ADA', atMs: NOW })],
  ['version', 'version', '9999999999999'],
  ['signature', 'sig', 'forged'],
  ['version, to nonsense', 'version', 'x'],
])(
  'a pause record whose %s was changed counts as a pause, until an admin resumes',
  async (_, field, value) => {
    await replica().changePause(PAUSE);
    await redis.hset(record, field, value);
    const one = replica();
    expect(await one.loadPause()).toEqual({ kind: 'unverified' });
    await one.loadPause();
    expect(log.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
    expect(await one.changePause(RESUME)).toEqual({ outcome: 'done' });
    expect(await replica().loadPause()).toBeUndefined();
  },
);

test('a pause record that another installation signed counts as a pause', async () => {
  await replica(newKeys(9)).changePause(RESUME);
  await replica(newKeys(9)).changePause(PAUSE);
  expect(await replica().loadPause()).toEqual({ kind: 'unverified' });
  expect(await replica().changePause(PAUSE)).toMatchObject({ outcome: 'done', pause: PAUSED });
});

test('the record of a resume goes after a day, so that it does not outlive its signing key', async () => {
  const one = replica();
  await one.changePause(PAUSE);
  expect(await redis.ttl(record)).toBe(-1);
  await one.changePause(RESUME);
  expect(await redis.ttl(record)).toBeGreaterThan(86_000);
  await redis.del(record);
  expect(await one.loadPause()).toBeUndefined();
  expect(await redis.exists(record)).toBe(0);
  await one.changePause({ ...PAUSE, atMs: NOW + 120_000 });
  expect(await redis.ttl(record)).toBe(-1);
});
