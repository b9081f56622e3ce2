/**
 * Records of a schema that this version does not know, as they stand in Redis while a newer version runs beside it or
 * after an upgrade was taken back: their access ends on time, and nothing else is done with them.
 */
import { afterEach, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { leaseTagKey } from '../../../src/access/rules/lease.js';
import { sign } from '../../../src/access/rules/signature.js';
import { AwsUnavailable } from '../../../src/workflow/ports.js';
import { PATIENCE_MS } from '../../patience.js';
import { answered, heard } from '../asking/asking.js';
import { CLOCK_MS, type Story, startStory } from '../story.js';

let story: Story;
let redis: Redis;
let isAwsBusy = false;
afterEach(async () => {
  redis.disconnect();
  await story.end();
});

async function start(env: Record<string, string> = {}): Promise<void> {
  isAwsBusy = false;
  story = await startStory({
    env: { TIME_SWEEP: '300ms', ...env },
    wrap: (rooms) => {
      const { firewall } = rooms.parts;
      const authorize: typeof firewall.authorize = async (...about) => {
        if (isAwsBusy) throw new AwsUnavailable('AWS is busy');
        return firewall.authorize(...about);
      };
      return { ...rooms, parts: { ...rooms.parts, firewall: { ...firewall, authorize } } };
    },
  });
  redis = new Redis(story.town.env.REDIS_URL ?? '');
}

const key = (rest: string) => `{wssh:${story.config.installation}}:${rest}`;

/**
 * Writes over a record, signed as the bot signs: as a later version with a later schema, or as a version before
 * schemas.
 */
async function rewrite(kind: 'request' | 'rule', name: string, schema: 9 | 'none'): Promise<void> {
  const { version = '', body = '' } = await redis.hgetall(key(`${kind}:${name}`));
  const { schema: _, ...content } = JSON.parse(body);
  const next = schema === 9 ? Number(version) + 1 : Number(version);
  const written = JSON.stringify(schema === 9 ? { schema, told: 'in other words' } : content);
  const { installation, signingKeys } = story.config;
  const sig = sign(signingKeys, kind, [installation, name, next, written]);
  await redis.hset(key(`${kind}:${name}`), { version: next, body: written, sig });
}

async function ruleName(): Promise<string> {
  const [found = ''] = await redis.keys(key('rule:*'));
  return found.slice(key('rule:').length);
}

async function opens(duration: string, address = '203.0.113.1'): Promise<string> {
  const id = await story.asks('jane', `ws-janedoe01 ${address} ${duration} fixing the build`);
  await story.presses('maria', id, 'Approve');
  await story.sees('jane', new RegExp(`(Open until|seconds left).*${id}`));
  return id;
}

const endOf = (id: string) => {
  const [tag] = story.rules().flatMap(({ tags }) => tags[leaseTagKey(id)] ?? []);
  return Number(tag?.split(' ')[1]);
};

async function audited(): Promise<string[]> {
  const entries = await redis.xrange(key('audit'), '-', '+');
  return entries.map(([, fields]) => JSON.parse(fields[fields.indexOf('record') + 1] ?? '{}').what);
}

const KEPT =
  /is kept by a newer version of me, which alone can show or change it\. I close its access on time/;

test('open access whose request and rule a newer version wrote ends on time, and its records stay as they are', async () => {
  // No sweep comes: only the timer can end it.
  await start({ TIME_SWEEP: '1h' });
  const id = await opens('12s');
  const endsAtMs = endOf(id);
  await rewrite('request', id, 9);
  await rewrite('rule', await ruleName(), 9);
  const before = await redis.hgetall(key(`request:${id}`));
  const rule = await redis.hgetall(key(`rule:${await ruleName()}`));

  const list = await answered(story, 'jane', 'list');
  expect(list).toMatch(new RegExp(`${id} ${KEPT.source}`));
  expect(list).not.toContain('Nothing of yours is open');
  expect(await answered(story, 'jane', 'end')).toMatch(KEPT);
  expect(await answered(story, 'jane', `end ${id}`)).toMatch(KEPT);
  expect(story.rules()).toHaveLength(1);

  await story.rulesBecome(0);
  const removed = story.town.aws.history.findLast(({ kind }) => kind === 'rule-removed');
  expect(removed?.at).toBeGreaterThanOrEqual(endsAtMs - CLOCK_MS);
  expect(await redis.hgetall(key(`request:${id}`))).toEqual(before);
  expect(await redis.hgetall(key(`rule:${await ruleName()}`))).toEqual(rule);
  expect(story.reads('jane').join()).toContain(id);
  expect(story.reads('jane').join()).not.toMatch(new RegExp(`Ended.*${id}`));
});

test('open access of a newer version is no orphan, no loss and no forgery', async () => {
  await start();
  const id = await opens('1h');
  await rewrite('request', id, 9);
  await rewrite('rule', await ruleName(), 9);
  const before = (await audited()).length;
  const notices = story.reads('ada').length;
  await story.sweeps(3);
  expect(story.rules()).toHaveLength(1);
  expect((await audited()).slice(before)).toEqual([]);
  expect(story.reads('ada')).toHaveLength(notices);
  // It is Jane's, and so no request of the admin's own.
  await story.person('ada').openHome();
  const home = await story.town.slack.until(() => story.person('ada').home(), PATIENCE_MS, 'Home');
  expect(JSON.stringify(home.view.blocks)).toMatch(
    new RegExp(`Nothing of yours is open or waiting.*Everybody else.*${id} ${KEPT.source}`),
  );
});

test('a newer version’s request that waits or is opening opens nothing here, whoever clicks', async () => {
  await start();
  isAwsBusy = true;
  const opening = await story.asks('jane', 'ws-janedoe01 203.0.113.1 1h fixing the build');
  await story.presses('maria', opening, 'Approve');
  await story.sees(
    'jane',
    new RegExp(`Waiting for AWS[\\s\\S]*${opening}|${opening}[\\s\\S]*Waiting for AWS`),
  );
  const pending = await story.asks('jane', 'ws-janedoe01 203.0.113.2 1h fixing the build');
  await story.sees('maria', pending);
  const approved = await story.asks('jane', 'ws-janedoe01 203.0.113.3 1h fixing the build');
  await story.sees('maria', approved);
  await story.says('ada', 'pause');
  await story.presses('maria', approved, 'Approve');
  await story.sees('jane', new RegExp(`Paused[\\s\\S]*${approved}`));

  for (const id of [opening, pending, approved]) await rewrite('request', id, 9);
  for (const name of await redis.keys(key('rule:*')))
    await rewrite('rule', name.slice(key('rule:').length), 9);
  isAwsBusy = false;
  await story.says('ada', 'resume');
  await story.presses('maria', pending, 'Approve');
  expect(await story.hears('maria', pending)).toMatch(KEPT);
  await story.sweeps(3);
  expect(story.rules()).toEqual([]);
  await story.says('ada', 'end all');
  await story.person('ada').press(await heard(story, 'ada', 'End everything'), 'End all 3');
  expect(await story.hears('ada', 'I can end nothing now')).toContain('3 more are kept by a newer version');
});

test('a rule of which only the record is a newer version’s is removed when the last of its leases has passed', async () => {
  await start();
  const id = await opens('1h');
  await rewrite('rule', await ruleName(), 9);
  expect(await story.says('jane', `end ${id}`)).toMatch(KEPT);
  await story.sweeps(2);
  expect(story.rules()).toHaveLength(1);
  story.passes(3_600_000);
  await story.rulesBecome(0);
  expect(await story.sees('jane', new RegExp(`Ended.*${id}`))).toMatch(/the rule is gone/i);
});

test('requests whose records a version before schemas wrote go on to their end', async () => {
  await start();
  const id = await story.asks('jane', 'ws-janedoe01 203.0.113.1 1h fixing the build');
  await story.sees('maria', id);
  await rewrite('request', id, 'none');
  await story.presses('maria', id, 'Approve');
  await story.sees('jane', new RegExp(`(Open until|seconds left).*${id}`));
  await rewrite('request', id, 'none');
  await rewrite('rule', await ruleName(), 'none');
  story.passes(3_600_000);
  await story.rulesBecome(0);
  expect(await story.sees('jane', new RegExp(`Ended.*${id}`))).toMatch(/the rule is gone/i);
});
