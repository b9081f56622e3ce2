/**
 * The rights that docs/operating.md gives the bot's user in Redis are enough and no more, and a missing right is named.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import type { Due } from '../../src/access/request/duties.js';
import { moved } from '../../src/access/request/request.js';
import { connectRecords, keyPrefix, takesWrites } from '../../src/redis/connections.js';
import { createTimers } from '../../src/redis/queues/timers.js';
import { createStore } from '../../src/redis/request-store.js';
import { COMMANDS, createRights } from '../../src/redis/rights.js';
import { StoreUnreachable } from '../../src/workflow/ports-store.js';
import { startGuide, unknown } from './guide.js';
import {
  ASKED_AT_MS,
  aRequest,
  aRule,
  at,
  canStartRedis,
  isReady,
  keptLog,
  newInstallation,
  newKeys,
  startRedis,
  until,
} from './redis.js';

/** The commands in the line that the documentation tells operators to run. */
const DOCUMENTED = [
  ...(/^ACL SETUSER .+/m.exec(readFileSync('docs/operating.md', 'utf8'))?.[0].matchAll(/ \+(\S+)/g) ?? []),
].map(([, command = '']) => command);
/** The bot does without these, and its libraries try them; `sentinel` is for Sentinels, which have users of their own. */
const TRIED_ONLY = new Set(['client|setname', 'client|setinfo', 'info', 'hello', 'sentinel']);

/** The scripts of BullMQ that the bot's calls run. */
const SCRIPTS = new Set([
  'addDelayedJob',
  'addStandardJob',
  'extendLocks',
  'moveStalledJobsToWait',
  'moveToActive',
  'moveToDelayed',
  'moveToFinished',
  'retryJob',
]);
/** Sent by BullMQ beside its scripts, by a script that has the name in a variable, and by a connection to a database. */
const UNSEEN = ['bzpopmin', 'rpush', 'select'];

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

test('the documentation names the commands that the bot looks for, and no others', () => {
  expect(DOCUMENTED.toSorted()).toEqual(COMMANDS.toSorted());
});

test('the documented commands are those that the bot, its scripts and the scripts of BullMQ send', () => {
  const own = readdirSync('src/redis', { recursive: true, encoding: 'utf8' }).filter((name) =>
    /\.ts$/.test(name),
  );
  const bullmq = 'node_modules/bullmq/dist/cjs/scripts';
  const theirs = readdirSync(bullmq).filter((name) => SCRIPTS.has(name.replace(/-\d+\.js$/, '')));
  expect(theirs).toHaveLength(SCRIPTS.size);
  const files = [...own.map((name) => join('src/redis', name)), ...theirs.map((name) => join(bullmq, name))];
  const known = new Set(Redis.prototype.getBuiltinCommands());
  const sent = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/call\(\s*['"](\w+)['"]|redis\.(?!p?call)(\w+)\(/g)]
      .flatMap(([, inScript, direct = '']) => inScript ?? (known.has(direct) ? direct : []))
      .map((command) => command.toLowerCase())
      .filter((command) => !TRIED_ONLY.has(command)),
  );
  expect([...new Set([...sent, ...UNSEEN])].toSorted()).toEqual(COMMANDS.toSorted());
});

test.each([
  [
    '-MOVED 3999 10.0.0.2:6379\r\n',
    'REDIS_URL names one node of a Redis Cluster: begin it with redis+cluster://',
  ],
  [unknown('set'), 'REDIS_URL names a Sentinel as if it were Redis: begin it with redis+sentinel://'],
])('a server that answers %j is no single Redis, and the log says how to name it', async (answer, said) => {
  const guide = await startGuide(() => answer);
  closing.push(() => guide.stop());
  const log = keptLog();
  const redis = await connected(`redis://127.0.0.1:${guide.port}`);
  await createRights(redis, keyPrefix('test'), log).look();
  expect(log.lines.map(({ level, message }) => `${level} ${message.slice(0, said.length)}`)).toEqual([
    `error ${said}`,
  ]);
});

/** A Redis of its own with a user who has the documented rights, and the installation that the rights are for. */
async function guarded(): Promise<{ admin: Redis; url: string; installation: string }> {
  const own = await startRedis();
  closing.push(() => own.stop());
  const admin = await connected(own.url);
  const installation = newInstallation();
  const rights = DOCUMENTED.map((command) => `+${command}`);
  await admin.acl('SETUSER', 'bot', 'on', '>secret', `~${keyPrefix(installation)}*`, ...rights);
  return { admin, url: own.url.replace('//', '//bot:secret@'), installation };
}

async function connected(url: string): Promise<Redis> {
  const redis = await isReady(connectRecords({ ...at(url), timeoutMs: 10_000 }, keptLog()));
  closing.push(() => redis.disconnect());
  return redis;
}

/** The commands that Redis refused to the bot's user, without those that libraries only try. */
async function refusals(admin: Redis): Promise<string[]> {
  const log: unknown = await admin.call('ACL', 'LOG');
  // Names and values in turn: count, reason, context, object.
  const entries = Array.isArray(log) ? log.map((entry: unknown) => [entry].flat().map(String)) : [];
  return entries
    .map((entry) => entry[entry.indexOf('object') + 1] ?? '')
    .filter((what) => !TRIED_ONLY.has(what));
}

test('with the documented rights alone the store does all that it promises', async () => {
  if (!(await canStartRedis())) return;
  const { admin, url, installation } = await guarded();
  const redis = await connected(`${url}/1`);
  const log = keptLog();
  const nowMs = ASKED_AT_MS;
  const store = createStore({ redis, installation, keys: newKeys(), log, now: () => nowMs });
  expect(await takesWrites(redis, installation)).toBe(true);

  expect(await store.mark(false)).toBe('fresh');
  const [first, second] = [aRequest('K7QF2'), aRequest('BBBBB')];
  const rule = aRule('sg-1', 1, { state: 'authorizing', deadlineMs: nowMs, openByMs: nowMs });
  const audit = [{ atMs: nowMs, who: 'U1', what: 'submitted' }];
  const bounds = { request: first, also: [second], rule, audit, delivery: 'V1', mostWaiting: 9 };
  expect(await store.change(bounds)).toEqual({ outcome: 'done' });
  expect((await store.live()).requests).toHaveLength(2);
  expect(await store.countLive()).toBe(2);
  expect((await store.ofPerson('U1')).requests).toHaveLength(2);
  expect((await store.owed(nowMs)).work).toHaveLength(2);
  expect(await store.endsDue(nowMs)).toEqual([]);
  await store.forgetEnds(['AAAAA']);
  expect(await store.countingOn({ name: 'access', vpcId: 'vpc-1' })).toEqual([]);
  expect((await store.groupsUsed()).has('sg-1')).toBe(true);
  expect(await store.rulesOf('sg-1')).toHaveLength(1);
  expect(await store.ruleOf('sg-1', rule.source)).toEqual(rule);
  await store.savePosted({ requestId: 'K7QF2', version: 1, surfaces: {} }, 1, true);
  expect(await store.loadPosted('K7QF2')).toMatchObject({ version: 1 });
  const over = moved(first, { state: 'cancelled', by: 'U1', atMs: nowMs });
  await store.change({ request: over, rule: aRule('sg-1', 2, { state: 'gone' }), audit: [] });
  await store.changePause({ paused: true, by: 'U1', atMs: nowMs });
  expect(await store.loadPause()).toMatchObject({ kind: 'by' });
  expect(await store.turn('sweep', 1_000)).toBe(true);
  await store.hold('sweep', 1_000);
  expect(await store.taken('sweep')).toBe(true);
  expect(await store.exclusively('K7QF2', async () => 'done')).toEqual({ ran: true, result: 'done' });
  await store.audit([...audit, ...audit, ...audit]);
  await store.trimAudit({ keepMs: 1_000, records: 1 });
  expect(await store.mark(true)).toBe('kept');

  expect(await refusals(admin)).toEqual([]);
});

test('with the documented rights alone timers come early, late and again, and a lock is renewed', async () => {
  if (!(await canStartRedis())) return;
  const { admin, url, installation } = await guarded();
  const log = keptLog();
  const turns: string[] = [];
  const timers = createTimers({
    ...at(url),
    installation,
    timeoutMs: 10_000,
    stalledMs: 500,
    drainMs: 2_000,
    log,
    // Behind BullMQ's clock, so that a job is handed out too early and is put off.
    now: () => Date.now() - 200,
  });
  closing.push(() => timers.close());
  let leastMs = Number.POSITIVE_INFINITY;
  const isRenewed = async () => {
    const [lock = ''] = await admin.keys('*:lock');
    const leftMs = await admin.pttl(lock);
    leastMs = Math.min(leastMs, leftMs);
    return leftMs > leastMs;
  };
  const turn = async (id: string) => {
    turns.push(id);
    await until('a lock to be renewed', isRenewed);
    return turns.length < 3 ? 'again' : 'done';
  };
  timers.work({ advance: turn, end: turn, tell: turn });
  // Later than now, since a timer for now is done without a job.
  const dues = (nowMs: number): Due[] => [
    { queue: 'ends', atMs: nowMs - 1_000 },
    { queue: 'ends', atMs: nowMs + 500 },
    { queue: 'work', atMs: nowMs + 500 },
  ];
  await until('the connection', () =>
    timers.set('K7QF2', dues(Date.now())).then(
      () => true,
      () => false,
    ),
  );
  await until(
    'no job to be left',
    async () => turns.length > 3 && (await admin.keys('*:K7QF2-*')).length === 0,
  );
  await timers.close();
  expect(await refusals(admin)).toEqual([]);
  expect(log.lines.filter(({ level }) => level === 'error')).toEqual([]);
});

test('a change that Redis broke off for want of a right is not taken for done, and its audit record is in the log', async () => {
  if (!(await canStartRedis())) return;
  const { admin, url, installation } = await guarded();
  const log = keptLog();
  const now = () => ASKED_AT_MS;
  const store = createStore({ redis: await connected(url), installation, keys: newKeys(), log, now });
  await admin.acl('SETUSER', 'bot', '-xadd');
  const entry = { atMs: ASKED_AT_MS, who: 'U1', what: 'submitted' };
  const asked = store.change({ request: aRequest('K7QF2'), audit: [entry], delivery: 'V1' });
  await expect(asked).rejects.toMatchObject({ certain: false });
  const fields = { audit: entry, recorded: 'unknown' };
  expect(log.lines).toContainEqual({ level: 'warn', fields, message: 'audit' });
});

test('a right that is missing is named, the store says that Redis does not answer, and the bot is not healthy', async () => {
  if (!(await canStartRedis())) return;
  const { admin, url, installation } = await guarded();
  const redis = await connected(url);
  const prefix = keyPrefix(installation);
  const namedNow = async () => {
    const log = keptLog();
    await createRights(redis, prefix, log).look();
    return log.lines.map(({ message }) => message);
  };
  expect(await namedNow()).toEqual([]);
  expect(await admin.keys('*')).toEqual([]);
  const store = createStore({ redis, installation, keys: newKeys(), log: keptLog(), now: () => ASKED_AT_MS });
  for (const command of COMMANDS) {
    await admin.acl('SETUSER', 'bot', `-${command}`);
    expect(await namedNow()).toEqual([
      `Redis does not let the bot run ${command.toUpperCase()}: give its user the rights that docs/operating.md lists`,
    ]);
    const results = await Promise.allSettled([
      store.owed(ASKED_AT_MS),
      store.live(),
      store.turn(command, 1_000),
      store.exclusively(command, async () => {}),
      store.change({ request: aRequest('K7QF2'), audit: [] }),
      store.audit([{ atMs: ASKED_AT_MS, who: 'sweep', what: 'looked' }]),
      store.trimAudit({ keepMs: 1_000, records: 1 }),
    ]);
    const faults = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    expect(faults.filter((fault) => !(fault instanceof StoreUnreachable))).toEqual([]);
    await admin.acl('SETUSER', 'bot', `+${command}`);
  }
  await admin.acl('SETUSER', 'bot', 'resetkeys', '~other*');
  expect(await namedNow()).toEqual([
    `Redis does not let the bot use the keys ${prefix}*: give its user the rights that docs/operating.md lists`,
  ]);
  await admin.acl('SETUSER', 'bot', `~${prefix}*`, '-lpos');

  const log = keptLog();
  const times = { timeoutMs: 10_000, stalledMs: 30_000, drainMs: 500 };
  const timers = createTimers({ ...at(url), ...times, installation, log, now: Date.now });
  closing.push(() => timers.close());
  const done = async () => 'done' as const;
  timers.work({ advance: done, end: done, tell: done });
  const said = () => log.lines.map(({ message }) => message).filter((message) => message.startsWith('Redis'));
  await until('a bot that starts to name what it lacks', () => said().length > 0);
  expect(said()[0]).toMatch(/^Redis does not let the bot run LPOS:/);
  expect(timers.hasRights()).toBe(false);
  await admin.acl('SETUSER', 'bot', '+lpos');
  await until('the bot to notice that it has them all', () => timers.hasRights());
  expect(said().slice(1)).toEqual(['Redis lets the bot do all that it needs']);
});
