import { expect, test } from '@jest/globals';
import type { Redis } from 'ioredis';
import { keyPrefix } from '../../src/redis/connections.js';
import { createStore } from '../../src/redis/request-store.js';
import type { Store } from '../../src/workflow/ports-store.js';
import { eachInstallation } from './each-installation.js';
import { keptLog, newKeys } from './redis.js';

const DAY_MS = 86_400_000;
const NOW = Date.UTC(2027, 5, 1);
const BOUNDS = { keepMs: 400 * DAY_MS, records: 1_000 };

let redis: Redis;
let store: Store;
let stream: string;
const log = keptLog();
eachInstallation((connected, installation) => {
  redis = connected;
  store = createStore({ redis, installation, keys: newKeys(), log, now: () => NOW });
  stream = `${keyPrefix(installation)}:audit`;
}, log);

/** Appends numbered records of these ages, oldest first, as the store would have then. */
async function written(agesDays: number[]): Promise<void> {
  const appending = redis.pipeline().set(`${stream}:seq`, agesDays.length);
  for (const [index, days] of agesDays.entries()) {
    const id = `${NOW - Math.round(days * DAY_MS)}-${index}`;
    appending.xadd(stream, id, 'seq', `${index + 1}`, 'record', '{}');
  }
  await appending.exec();
}

const many = (count: number, days: number): number[] => Array.from({ length: count }, () => days);
const seqs = async () => (await redis.xrange(stream, '-', '+')).map(([, fields]) => Number(fields[1]));
const trimmed = () =>
  log.lines.flatMap(({ fields, message }) =>
    message === 'audit' && 'audit' in fields ? [fields.audit] : [],
  );

test('audit records that are younger than the policy’s limit stay, and nothing is said', async () => {
  await written([399.9, 200, 0]);
  await store.trimAudit(BOUNDS);
  expect(await seqs()).toEqual([1, 2, 3]);
  expect(trimmed()).toEqual([]);
});

test('older audit records are trimmed, and a record and a log line say how many and up to which number', async () => {
  await written([500, 402, 401.5, 399, 0]);
  await store.trimAudit(BOUNDS);
  expect(await seqs()).toEqual([4, 5, 6]);
  const said = {
    seq: 6,
    atMs: NOW,
    who: 'sweep',
    what: 'audit-trimmed',
    ids: { removed: 3, upToSeq: 3 },
  };
  expect(trimmed()).toEqual([said]);
  const [[, fields] = ['', []]] = await redis.xrevrange(stream, '+', '-', 'COUNT', 1);
  expect({ seq: Number(fields[1]), ...JSON.parse(fields[3] ?? '') }).toEqual(said);
});

test('audit records are trimmed a day’s worth at a time, so that records of the trimming do not fill the log', async () => {
  await written([400.9, 400.5, 0]);
  await store.trimAudit(BOUNDS);
  expect(await seqs()).toEqual([1, 2, 3]);
});

test('of too many audit records the oldest are trimmed, and the next pass has nothing to do', async () => {
  await written(many(1_001, 1));
  await store.trimAudit(BOUNDS);
  expect(trimmed()).toMatchObject([{ seq: 1_002, ids: { removed: 11, upToSeq: 11 } }]);
  const left = await seqs();
  expect([left.length, left[0], left.at(-1)]).toEqual([991, 12, 1_002]);
  await store.trimAudit(BOUNDS);
  expect(trimmed()).toHaveLength(1);
});

test('where all audit records are too old, all are trimmed, and the record of the trimming stays', async () => {
  await written([900, 800]);
  await store.trimAudit(BOUNDS);
  expect(await seqs()).toEqual([3]);
  expect(trimmed()).toMatchObject([{ seq: 3, ids: { removed: 2, upToSeq: 2 } }]);
});

test('several replicas that trim the audit log at once trim it once', async () => {
  await written([500, 0]);
  await Promise.all(Array.from({ length: 5 }, () => store.trimAudit(BOUNDS)));
  expect(trimmed()).toHaveLength(1);
  expect(await seqs()).toEqual([2, 3]);
});

test('an audit log that was never written is left alone', async () => {
  await store.trimAudit(BOUNDS);
  expect(await redis.exists(stream, `${stream}:seq`)).toBe(0);
});
