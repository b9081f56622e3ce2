/** The sweep ends access by itself after records, jobs or Redis were lost. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { SHARED_GROUP } from '../../../sandbox/world.js';
import { INSTALLATION_TAG, leaseTagKey } from '../../../src/access/rules/lease.js';
import { anyRedis, startProxy, type TestRedis, until } from '../../redis/redis.js';
import { MOST_READS, type Story, startStory } from '../story.js';

const SWEEP_MS = 300;
const REDIS_MS = 4_000;
/** How long before its end a rule is looked at once more. */
const BEFORE_MS = 60_000;

let server: TestRedis;
let proxy: Awaited<ReturnType<typeof startProxy>>;
let story: Story;
let redis: Redis;
beforeAll(async () => {
  server = await anyRedis();
  proxy = await startProxy(server.port);
  story = await startStory({
    redisUrl: proxy.url,
    env: { TIME_SWEEP: `${SWEEP_MS}ms`, TIME_REDIS: `${REDIS_MS}ms` },
  });
  redis = new Redis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await story.end();
  await proxy.stop();
  await server.stop();
});

interface Opened {
  id: string;
  source: string;
  groupId: string;
  endsAtMs: number;
}
const key = (name: string) => `{wssh:${story.config.installation}}:${name}`;
const has = (source: string) => story.rules().some(({ cidr }) => cidr === source);

/** Waits until nobody holds a request's lock: a replica that is cut off while it holds one keeps all from it for 30 s. */
async function isIdle(id: string): Promise<void> {
  const locks = ['request', 'tell'].map((name) => key(`lock:${name}:${id}`));
  await until('nobody works on it', async () => (await redis.exists(...locks)) === 0);
}

async function opens(address: string, duration: string): Promise<Opened> {
  const id = await story.asks('jane', `ws-janedoe01 ${address} ${duration} fixing the build`);
  await story.presses('maria', id, 'Approve');
  await story.sees('jane', new RegExp(`Open until.*${id}`));
  const source = `${address}/32`;
  const rule = story.rules().find(({ cidr }) => cidr === source);
  if (!rule) throw new Error(`no rule for ${source}`);
  const endsAtMs = Number(rule.tags[leaseTagKey(id)]?.split(' ')[1]);
  await isIdle(id);
  return { id, source, groupId: rule.groupId, endsAtMs };
}

/** The rule goes at its end, and at the latest in the sweep after that. */
async function goesInTime({ source, endsAtMs }: Opened): Promise<void> {
  story.passes(endsAtMs - BEFORE_MS - story.now());
  await story.sweeps(1);
  expect(has(source)).toBe(true);
  const passedAtMs = Date.now();
  story.passes(BEFORE_MS);
  await story.until(`${source} is closed`, () => !has(source));
  const removed = story.town.aws.history.findLast(
    (change) => change.kind === 'rule-removed' && change.rule.cidr === source,
  );
  const removedAtMs = removed?.at ?? Number.NaN;
  expect(story.readsBetween(passedAtMs, removedAtMs)).toBeLessThanOrEqual(MOST_READS);
}

async function forget({ id, source, groupId }: Opened): Promise<void> {
  const gone = await redis.del(key(`request:${id}`), key(`rule:${groupId}|${source}`));
  expect(gone).toBe(2);
}

let running: Opened;
test('a rule whose records are gone is removed after its end, and a rule whose lease still runs stays', async () => {
  running = await opens('203.0.113.1', '2h');
  const passing = await opens('203.0.113.2', '10m');
  await forget(running);
  await forget(passing);
  await goesInTime(passing);
  await story.sweeps(3);
  expect(has(running.source)).toBe(true);
});

test('an expired rule is revoked while Redis is away, and its requester is told when Redis is back', async () => {
  const opened = await opens('203.0.113.3', '10m');
  proxy.mode = 'nothing';
  proxy.cut();
  try {
    await goesInTime(opened);
    expect(has(running.source)).toBe(true);
    expect(story.reads('jane').some((text) => new RegExp(`Ended.*${opened.id}`).test(text))).toBe(false);
  } finally {
    proxy.mode = 'pass';
    proxy.cut();
  }
  expect(await story.sees('jane', new RegExp(`Ended.*${opened.id}`))).toMatch(/the rule is gone/i);
});

test('the requester of a rule that was removed while Redis was away, and whose records Redis then lost, is told all the same', async () => {
  const opened = await opens('203.0.113.8', '10m');
  await isIdle(opened.id);
  proxy.mode = 'nothing';
  proxy.cut();
  try {
    await goesInTime(opened);
    // The keys of this installation alone: other stories use this Redis too.
    const lost = await redis.keys(key('*').replaceAll(/[{}]/g, '?'));
    await redis.del(...lost);
  } finally {
    proxy.mode = 'pass';
    proxy.cut();
  }
  expect(await story.sees('jane', new RegExp(`Ended.*${opened.id}`))).toMatch(/the rule is gone/i);
});

test('access whose timer is lost ends all the same, and its requester is told', async () => {
  const opened = await opens('203.0.113.4', '10m');
  // The warning sets the timer once more.
  story.passes(opened.endsAtMs - 2 * BEFORE_MS - story.now());
  await story.sees('jane', new RegExp(`left.*${opened.id}`));
  await isIdle(opened.id);
  const jobs = await redis.zrange(key('ends:delayed'), 0, '-1');
  expect(jobs.filter((job) => job.startsWith(opened.id))).toHaveLength(1);
  const parts = ['delayed', 'wait', 'active', 'marker', 'meta', 'events', 'id', 'stalled-check', ...jobs];
  await redis.del(...parts.map((part) => key(`ends:${part}`)));
  await goesInTime(opened);
  await story.sees('jane', new RegExp(`Ended.*${opened.id}`));
});

test('a rule with a forged tag is removed in an access group, and in no other group', async () => {
  const { aws } = story.town;
  const forged = {
    [INSTALLATION_TAG]: story.config.installation,
    [leaseTagKey('FAKED')]: `v1 ${Date.now() + 3_600_000} ${Date.now()} U0JANE ws-janedoe01 forged`,
  };
  const theirs = [
    aws.addRule(SHARED_GROUP, { cidr: '198.51.100.1/32', tags: forged }),
    aws.addRule(SHARED_GROUP, { cidr: '198.51.100.2/32' }),
    aws.addRule(running.groupId, { cidr: '198.51.100.3/32', description: 'by hand' }),
  ];
  const bad = aws.addRule(running.groupId, { cidr: '198.51.100.4/32', tags: forged });
  await story.until('the forged one is closed', () => !has(bad.cidr));
  expect(await story.sees('ada', bad.ruleId)).toContain('so I removed it');
  await story.sweeps(3);
  for (const rule of theirs) expect(aws.rules(rule.groupId)).toContainEqual(rule);
  expect(has(running.source)).toBe(true);
});
