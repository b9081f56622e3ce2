import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { firstOf } from '../../depth.js';
import { SOURCE, type Story, startStory } from '../story.js';

/** Errors that the bot logged, with their fields. */
const faults: string[] = [];
let story: Story;
let redis: Redis;
let isBroken = false;
let unanswered = 0;
beforeAll(async () => {
  story = await startStory({
    env: { TIME_SWEEP: '300ms' },
    wrap(rooms) {
      const { log } = rooms.parts;
      const error = (fields: object, message: string) => {
        faults.push(`${message} ${JSON.stringify(fields)}`);
        log.error(fields, message);
      };
      const { store } = rooms.parts;
      const rulesOf = (groupId: string) => {
        if (!isBroken) return store.rulesOf(groupId);
        unanswered += 1;
        throw new Error('no answer for this group');
      };
      return { ...rooms, parts: { ...rooms.parts, log: { ...log, error }, store: { ...store, rulesOf } } };
    },
  });
  redis = new Redis(story.town.env.REDIS_URL ?? '');
});
afterAll(async () => {
  redis.disconnect();
  await story.end();
});
const key = (name: string) => `{wssh:${story.config.installation}}:${name}`;

async function opens(): Promise<{ id: string; groupId: string }> {
  const id = await story.asks('jane', 'ws-janedoe01 203.0.113.25 1h fixing the build');
  await story.presses('maria', id, 'Approve');
  await story.sees('jane', new RegExp(`Open until.*${id}`));
  return { id, groupId: story.rules()[0]?.groupId ?? '' };
}
async function ends(id: string) {
  await story.presses('jane', new RegExp(`Open until.*${id}`), 'End now');
  await story.sees('jane', new RegExp(`Ended.*${id}`));
  expect(story.rules()).toEqual([]);
}

async function forget(groupId: string): Promise<void> {
  await redis.del(key(`rules:${groupId}`), key(`rule:${groupId}|${SOURCE}`));
}

test('a record that was written by hand, or changed by hand, opens nothing', async () => {
  const id = await story.asks('jane', 'ws-janedoe01 203.0.113.25 1h fixing the build');
  await story.sees('maria', id);
  const fields = await redis.hgetall(key(`request:${id}`));
  const { phase, ...rest } = JSON.parse(fields.body ?? '{}');
  const review = { by: 'U0MARIA', decision: 'approve', atMs: Date.now() };
  const yes = { ...phase, state: 'approved', waitsFor: 'nothing', startAsked: false, review };
  for (const forged of [id, 'FAKED']) {
    const body = JSON.stringify({ ...rest, id: forged, phase: yes });
    await redis.hset(key(`request:${forged}`), { ...fields, body });
    await redis.zadd(key('owed:work'), 1, forged);
  }
  for (const forged of [id, 'FAKED']) {
    await story.until(`the sweep has met ${forged} twice`, () => {
      return faults.filter((fault) => fault.includes(forged)).length >= 2;
    });
  }
  expect(story.rules()).toEqual([]);
  expect(story.town.aws.groups().some(({ name }) => name.startsWith('workspace-ssh'))).toBe(false);
  await redis.zrem(key('owed:work'), id, 'FAKED');
});

test('a rule’s record that was written by hand does not keep access open', async () => {
  const { id, groupId } = await opens();
  await redis.hset(key(`rule:${groupId}|${SOURCE}`), { body: '{}', sig: 'forged' });
  await redis.sadd(key(`rules:${groupId}`), '198.51.100.1/32');
  await redis.hset(key(`rule:${groupId}|198.51.100.1/32`), { version: '1', body: '{}', sig: 'forged' });
  await ends(id);
  await redis.del(key(`rule:${groupId}|${SOURCE}`));
});

test('the loss of a rule’s record does not keep access open', async () => {
  const { id, groupId } = await opens();
  await redis.del(key(`rule:${groupId}|${SOURCE}`));
  await ends(id);
});

const ANOTHER_KIND: [string, (groupId: string) => string][] = [
  ['the list of a group’s rules', (groupId: string) => `rules:${groupId}`],
  ['a rule’s record', (groupId: string) => `rule:${groupId}|${SOURCE}`],
];

test.each(firstOf(1, ANOTHER_KIND))(
  'another kind of value in Redis in place of %s does not keep access open',
  async (_, name) => {
    const { id, groupId } = await opens();
    await redis.set(key(name(groupId)), 'x');
    await ends(id);
    await forget(groupId);
  },
);

test('locks and marks that somebody keeps in Redis do not keep access open', async () => {
  const { id } = await opens();
  // The forged marks say that a replica works on this end, and that EC2's rate keeps ends waiting.
  const lies = [key(`lock:request:${id}`), key('turn:ends-held-up')];
  for (const lie of lies) await redis.set(lie, 'somebody');
  story.passes(3_600_000 + story.config.times.alertMs);
  await story.rulesBecome(0);
  await redis.del(...lies);
  await story.sees('jane', new RegExp(`Ended.*${id}`));
});

test('a rule is removed by its tags where the store answers for everything but the group of the rule', async () => {
  const id = await story.asks('jane', 'ws-janedoe01 203.0.113.25 1h fixing the build');
  await story.presses('maria', id, 'Approve');
  await story.sees('jane', new RegExp(`Open until.*${id}`));
  isBroken = true;
  story.passes(3_600_000);
  await story.rulesBecome(0);
  expect(unanswered).toBeGreaterThan(0);
  isBroken = false;
  await story.sees('jane', new RegExp(`Ended.*${id}`));
});
