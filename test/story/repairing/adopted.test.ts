/** Redis loses everything while access is open: signed tags at AWS say whose it is and until when. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { SHARED_GROUP } from '../../../sandbox/world.js';
import { GROUP_TAG, INSTALLATION_TAG, leaseTagKey } from '../../../src/access/rules/lease.js';
import type { SeenRule } from '../../../src/access/rules/seen-rule.js';
import type { Firewall } from '../../../src/workflow/ports-firewall.js';
import { atFullDepth } from '../../depth.js';
import { ownRedis, type TestRedis } from '../../redis/redis.js';
import { type Story, type StoryOptions, startStory } from '../story.js';

/** A Redis of this file's own, since the tests flush everything in it. */
let server: TestRedis;
let story: Story;
let redis: Redis;
beforeAll(async () => {
  server = await ownRedis();
  redis = new Redis(server.url);
});
afterEach(() => story.end());
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

async function start(env: Record<string, string> = {}, wrap?: StoryOptions['wrap']): Promise<void> {
  story = await startStory({
    redisUrl: server.url,
    env: { TIME_SWEEP: '300ms', TIME_AWS: '2s', ...env },
    ...(wrap ? { wrap } : {}),
  });
}

async function opens(address: string, duration: string): Promise<string> {
  const id = await story.asks('jane', `ws-janedoe01 ${address} ${duration} fixing the build`);
  await story.presses('maria', id, 'Approve');
  await story.sees('jane', new RegExp(`(Open until|seconds left).*${id}`));
  return id;
}

const HOUR_MS = 3_600_000;
const endOf = (id: string) => {
  const tag = story.rules().flatMap(({ tags }) => tags[leaseTagKey(id)] ?? []);
  return Number(tag[0]?.split(' ')[1]);
};
const adoptedCards = (id: string) =>
  story.reads('jane').filter((text) => text.includes(id) && text.includes('My storage was lost'));

async function auditOf(what: string): Promise<{ requestId?: string }[]> {
  const entries = await redis.xrange(`{wssh:${story.config.installation}}:audit`, '-', '+');
  return entries
    .map(([, fields]) => JSON.parse(fields[fields.indexOf('record') + 1] ?? '{}'))
    .filter((record) => record.what === what);
}

test('after FLUSHALL with the bot up each grant is adopted, told, and ends on time', async () => {
  await start();
  const short = await opens('203.0.113.1', '1h');
  const long = await opens('203.0.113.2', '2h');
  await redis.flushall();
  await story.until('both are adopted', () => adoptedCards(short).length + adoptedCards(long).length === 2);
  expect(story.rules()).toHaveLength(2);

  story.passes(endOf(short) - 60_000 - story.now());
  await story.sweeps(1);
  expect(story.rules()).toHaveLength(2);
  story.passes(60_000);
  await story.rulesBecome(1);
  expect(await story.sees('jane', new RegExp(`Ended.*${short}`))).toMatch(/the rule is gone/i);

  await story.presses(
    'jane',
    new RegExp(`Open until[\\s\\S]*${long}[\\s\\S]*My storage was lost`),
    'End now',
  );
  expect(await story.sees('jane', new RegExp(`Ended.*${long}`))).toMatch(/the rule is gone/i);
  expect(story.rules()).toEqual([]);

  expect((await auditOf('adopted')).map(({ requestId }) => requestId).sort()).toEqual([short, long].sort());
  expect(await story.sees('ada', 'My storage was lost')).toContain('2 open grants');
  expect(await auditOf('store-lost')).toHaveLength(1);
});

test('after FLUSHALL with the bot down the next start adopts each grant, and its card has the ssh line', async () => {
  await start();
  const id = await opens('203.0.113.3', '1h');
  await story.stopBot();
  await redis.flushall();
  await story.startBot();
  await story.until('it is adopted', () => adoptedCards(id).length === 1);
  expect(adoptedCards(id)[0]).toContain('ssh "CORP\\jane@198.51.100.7"');
  expect(await story.says('jane', 'list')).toContain('1 of your requests is open');
  await story.sees('ada', 'My storage was lost');
  expect(await auditOf('store-lost')).toHaveLength(1);
});

test('where Redis went back to before an opening, the signed tag is believed and not the older record', async () => {
  await start();
  const id = await story.asks('jane', 'ws-janedoe01 203.0.113.9 1h fixing the build');
  await story.sees('maria', id);
  const prefix = `{wssh:${story.config.installation}}`;
  const pending = await redis.hgetall(`${prefix}:request:${id}`);
  await story.presses('maria', id, 'Approve');
  await story.sees('jane', new RegExp(`Open until.*${id}`));
  await story.stopBot();
  // Redis fails over to a copy that lagged.
  await redis.del(await redis.keys(`${prefix}:rule*`));
  await redis.del(`${prefix}:request:${id}`);
  await redis.hset(`${prefix}:request:${id}`, pending);
  await story.startBot();
  await story.sees('jane', new RegExp(`Open until[\\s\\S]*${id}[\\s\\S]*My storage was lost`));
  const [adopted] = await auditOf('adopted');
  expect(adopted).toMatchObject({ requestId: id, why: expect.stringContaining('went back to pending') });
  const asked = () => story.reads('maria').find((text) => text.includes(id)) ?? '';
  await story.until('nobody is asked any more', () => !asked().includes('[Approve'));
  expect(asked()).toContain('open until');
  await story.presses('jane', new RegExp(`Open until[\\s\\S]*${id}[\\s\\S]*My storage`), 'End now');
  await story.sees('jane', new RegExp(`Ended.*${id}`));
  expect(story.rules()).toEqual([]);
});

test('an id that Redis lost, and that is given once more, opens nothing for the request that has the id now', async () => {
  let blind = false;
  await start({}, (rooms) => {
    const { firewall } = rooms.parts;
    const tagged: Firewall['tagged'] = async (keep) => (blind ? [] : firewall.tagged(keep));
    return { ...rooms, parts: { ...rooms.parts, newId: () => 'K7QF2', firewall: { ...firewall, tagged } } };
  });
  const id = await opens('203.0.113.1', '1h');
  blind = true;
  await redis.flushall();
  expect(await story.asks('tom', 'ws-janedoe01 203.0.113.2 1h fixing the build')).toBe(id);
  await story.sees('tom', new RegExp(`Waiting for.*${id}`));
  blind = false;
  story.passes(HOUR_MS);
  await story.rulesBecome(0);
  const { body = '{}' } = await redis.hgetall(`{wssh:${story.config.installation}}:request:${id}`);
  expect(JSON.parse(body).phase).toMatchObject({ state: 'pending' });
  expect(story.reads('tom').filter((text) => text.includes(id))).toEqual([
    expect.stringContaining('Waiting for'),
  ]);
});

test('an orphaned rule whose end passed meanwhile is closed, and its requester reads that access ended', async () => {
  await start();
  const id = await opens('203.0.113.7', '1h');
  await story.stopBot();
  await redis.flushall();
  story.passes(HOUR_MS);
  await story.startBot();
  await story.rulesBecome(0);
  expect(await story.sees('jane', new RegExp(`Ended.*${id}`))).toMatch(/the rule is gone/i);
});

atFullDepth(
  'an orphaned rule whose end passes while a sweep is closing others ends in that very sweep',
  async () => {
    let firstGroup = '';
    let reads = 0;
    await start({ TIME_SWEEP: '60s' }, (rooms) => {
      const { firewall } = rooms.parts;
      const rules = async (groupId: string) => {
        // The adoption reads once; while the first rule is closed then, the end of the other passes.
        if (groupId === firstGroup && ++reads === 2) story.passes(HOUR_MS);
        return firewall.rules(groupId);
      };
      return { ...rooms, parts: { ...rooms.parts, firewall: { ...firewall, rules } } };
    });
    const emergency = async (where: string, duration: string) => {
      const id = await story.asks('jane', `emergency ${where} ${duration} the shop is down`);
      await story.sees('jane', new RegExp(`(Open until|seconds left).*${id}`));
      return id;
    };
    const other = await emergency('ws-mariaprv1 10.8.0.9', '2h');
    const first = await emergency('ws-janedoe01 203.0.113.9', '1h');
    await story.stopBot();
    await redis.flushall();
    story.passes(HOUR_MS);
    firstGroup = story.rules().find(({ tags }) => leaseTagKey(first) in tags)?.groupId ?? '';
    await story.startBot();
    await story.rulesBecome(0);
    expect(await story.sees('jane', new RegExp(`Ended.*${other}`))).toMatch(/the rule is gone/i);
  },
);

atFullDepth(
  'the requester of an orphaned rule that goes since somebody widened it does not read that its time was up',
  async () => {
    await start();
    const id = await opens('203.0.113.1', '1h');
    await story.stopBot();
    await redis.flushall();
    const ruleId = story.rules()[0]?.ruleId ?? '';
    story.town.aws.changeRule(ruleId, { toPort: 80 });
    await story.startBot();
    await story.rulesBecome(0);
    // Later passes tell of the rules that this pass closed.
    await story.sweeps(3);
    expect(
      story
        .reads('jane')
        .filter((text) => text.includes(id))
        .join(),
    ).not.toContain('time was up');
  },
);

test('the requester of an orphaned rule that is removed before any sweep found it is told all the same', async () => {
  let blind = false;
  await start({}, (rooms) => {
    const { firewall } = rooms.parts;
    const tagged: Firewall['tagged'] = async (keep) => (blind ? [] : firewall.tagged(keep));
    return { ...rooms, parts: { ...rooms.parts, firewall: { ...firewall, tagged } } };
  });
  const id = await opens('203.0.113.1', '1h');
  blind = true;
  await redis.flushall();
  story.passes(HOUR_MS);
  // An opening in the same group converges the group.
  await opens('203.0.113.2', '1h');
  await story.rulesBecome(1);
  expect(await story.sees('jane', new RegExp(`Ended.*${id}`))).toMatch(/the rule is gone/i);
});

atFullDepth(
  'two grants that share an orphaned rule are both adopted, and the rule goes with the last',
  async () => {
    await start();
    const one = await opens('203.0.113.4', '1h');
    const other = await opens('203.0.113.4', '1h');
    expect(story.rules()).toHaveLength(1);
    await redis.flushall();
    await story.until('both are adopted', () => adoptedCards(one).length + adoptedCards(other).length === 2);
    await story.says('jane', `end ${one}`);
    await story.sees('jane', new RegExp(`Ended.*${one}`));
    expect(story.rules()).toHaveLength(1);
    await story.says('jane', `end ${other}`);
    await story.sees('jane', new RegExp(`Ended.*${other}`));
    expect(story.rules()).toEqual([]);
  },
);

atFullDepth(
  'a grant that joined after the sweep looked keeps the rule when the other is found over',
  async () => {
    let before: SeenRule[] | undefined;
    let look: () => Promise<SeenRule[]> = async () => [];
    await start({}, (rooms) => {
      const { firewall } = rooms.parts;
      look = () => firewall.tagged();
      const tagged: Firewall['tagged'] = async (keep = (page) => page) =>
        before ? keep(before) : firewall.tagged(keep);
      return { ...rooms, parts: { ...rooms.parts, firewall: { ...firewall, tagged } } };
    });
    const short = await opens('203.0.113.8', '1h');
    await story.until('EC2 shows it', () => story.rules().length === 1);
    before = await look();
    expect(before).toHaveLength(1);
    const long = await opens('203.0.113.8', '2h');
    await story.stopBot();
    await redis.flushall();
    story.passes(HOUR_MS);
    await story.startBot();
    await story.sees('jane', new RegExp(`Ended.*${short}`));
    expect(story.rules()).toHaveLength(1);
    before = undefined;
    await story.until('the other is adopted', () => adoptedCards(long).length === 1);
    await story.says('jane', `end ${long}`);
    await story.rulesBecome(0);
  },
);

test('a forged tag is not adopted: its rule is removed in a group of ours, and reported in any other group', async () => {
  await start();
  const id = await opens('203.0.113.5', '1h');
  const { aws } = story.town;
  const group = aws.groups().find(({ tags }) => tags[GROUP_TAG]);
  const mine = story.rules()[0];
  const copied = { ...mine?.tags, [INSTALLATION_TAG]: story.config.installation };
  const inOurs = aws.addRule(group?.id ?? '', { cidr: '198.51.100.1/32', tags: copied });
  const elsewhere = aws.addRule(SHARED_GROUP, { cidr: '203.0.113.5/32', tags: copied });
  const otherPort = aws.addRule(SHARED_GROUP, {
    cidr: '198.51.100.2/32',
    fromPort: 443,
    toPort: 443,
    tags: copied,
  });
  await redis.flushall();
  await story.until('it is adopted', () => adoptedCards(id).length === 1);
  await story.until('the copy in our group is closed', () => !aws.rules().includes(inOurs));
  expect(await story.sees('ada', elsewhere.ruleId)).toContain('I leave it alone');
  await story.sees('ada', otherPort.ruleId);
  for (const rule of [elsewhere, otherPort]) expect(aws.rules(SHARED_GROUP)).toContainEqual(rule);
  expect((await auditOf('adopted')).map(({ requestId }) => requestId)).toEqual([id]);
});

test('a click on the card of a request that Redis lost is answered with that', async () => {
  await start();
  const id = await story.asks('jane', 'ws-janedoe01 203.0.113.6 1h fixing the build');
  await story.sees('maria', id);
  await redis.flushall();
  await story.presses('maria', id, 'Approve');
  expect(await story.hears('maria', id)).toContain('lost with my storage');
  expect(story.rules()).toEqual([]);
});
