/**
 * An installation of the first version, stopped with requests in every state, and this version started in its place: the
 * fixture has what stood in Redis, at AWS and in Slack then. The tests go on with one bot, from its start to the last end.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import type { Rule } from '../../../sandbox/aws/state/resources.js';
import type { PersonName } from '../../../sandbox/world.js';
import { isOver } from '../../../src/access/request/duties.js';
import type { State } from '../../../src/access/request/request.js';
import { INSTALLATION_TAG, leaseTagKey } from '../../../src/access/rules/lease.js';
import { atFullDepth } from '../../depth.js';
import { ownRedis, type TestRedis, until } from '../../redis/redis.js';
import { answered, seen } from '../asking/asking.js';
import { type Dump, readDump, startDumped } from '../dump.js';
import type { Story } from '../story.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

let dump: Dump;
let server: TestRedis;
let redis: Redis;
let story: Story;
beforeAll(async () => {
  dump = readDump('dump-270414c.json');
  server = await ownRedis();
  redis = new Redis(server.url);
  story = await startDumped(dump, server.url, { TIME_SWEEP: '150ms', TIME_STALLED: '1s' });
});
afterAll(async () => {
  redis.disconnect();
  await story.end();
  await server.stop();
});

function idOf(example: string): string {
  const id = dump.requests[example];
  if (!id) throw new Error(`the dump has no example of ${example}`);
  return id;
}
const examples = (beginning: string) =>
  Object.keys(dump.requests).filter((name) => name === beginning || name.startsWith(`${beginning}-`));
const key = (rest: string) => `{wssh:${dump.installation}}:${rest}`;

async function bodyOf(example: string): Promise<string> {
  return (await redis.hget(key(`request:${idOf(example)}`), 'body')) ?? '';
}
async function stateOf(example: string): Promise<State> {
  return JSON.parse(await bodyOf(example)).phase.state;
}
function storedBefore(example: string): string {
  const stored = dump.redis[key(`request:${idOf(example)}`)];
  return stored?.type === 'hash' ? (stored.value.body ?? '') : '';
}

const isOurs = ({ tags }: Pick<Rule, 'tags'>) => INSTALLATION_TAG in tags;
/** Everything of others at AWS: their rules, their groups, and the groups of theirs that interfaces carry. */
function ofOthers() {
  const { aws } = story.town;
  const groups = aws.groups().filter((group) => !isOurs(group));
  const theirs = groups.map(({ id }) => id);
  return {
    groups,
    rules: aws.rules().filter((rule) => !isOurs(rule) && theirs.includes(rule.groupId)),
    carried: aws.interfaces().map(({ id, groups }) => [id, groups.filter((one) => theirs.includes(one))]),
  };
}
const endOf = (example: string) => {
  const [tag] = story.rules().flatMap(({ tags }) => tags[leaseTagKey(idOf(example))] ?? []);
  return Number(tag?.split(' ')[1]);
};
const isOpen = (example: string) => !Number.isNaN(endOf(example));
async function opens(example: string, name: PersonName = 'jane'): Promise<void> {
  await story.sees(name, new RegExp(`(Open until|left).*${idOf(example)}`));
  expect([example, isOpen(example)]).toEqual([example, true]);
}

test('the fixture of the first version has a request in every state', () => {
  const states = Object.keys(dump.requests).map((name) => JSON.parse(storedBefore(name)).phase.state);
  const all: Record<State, true> = {
    submitted: true,
    pending: true,
    approved: true,
    opening: true,
    open: true,
    closing: true,
    ended: true,
    refused: true,
    denied: true,
    cancelled: true,
    lapsed: true,
    failed: true,
    'already-open': true,
  };
  expect([...new Set(states)].sort()).toEqual(Object.keys(all).sort());
});

describe('after an upgrade from the first version', () => {
  let others: ReturnType<typeof ofOthers>;
  beforeAll(() => {
    others = ofOthers();
  });

  test('open access stays open, closing access ends, and a request held by the pause opens nothing', async () => {
    await story.sweeps(2);
    expect(examples('open').filter((name) => !isOpen(name))).toEqual([]);
    for (const name of examples('closing')) await until(name, async () => (await stateOf(name)) === 'ended');
    for (const name of [...examples('approved'), ...examples('pending')])
      expect([name, isOpen(name)]).toEqual([name, false]);
    expect(await answered(story, 'jane', 'list')).toMatch(/New access is paused/);
  });

  atFullDepth(
    'what waits is answered on its old cards, and an old card of what was decided says so',
    async () => {
      const { slack, aws } = story.town;
      const old = await seen(story, 'maria', idOf('pending'));
      await answered(story, 'ada', 'resume');
      for (const name of ['approved', 'approved-resume', 'opening', 'opening-authorized']) await opens(name);
      await opens('opening-groupless', 'lee');
      aws.setState('ws-tombecker1', 'AVAILABLE');
      await opens('approved-workspace', 'tom');

      await story.presses('maria', idOf('pending'), 'Approve');
      await opens('pending');
      await story.presses('sam', idOf('pending-half'), 'Approve');
      await opens('pending-half');
      // A yes that comes late.
      await story.presses('sam', idOf('pending-reminded'), 'Approve');
      for (const name of ['pending-reminded', 'approved-confirmation']) {
        await story.presses('jane', new RegExp(`Open now from.*${idOf(name)}[^]*Open now\\]`), 'Open now');
        await opens(name);
      }
      await story.presses('tom', idOf('pending-other'), 'Take back');
      await story.sees('tom', new RegExp(`Taken back.*${idOf('pending-other')}`));
      await story.sees('maria', new RegExp(`asks for SSH[^]*${idOf('submitted')}`));

      await slack.person('U0MARIA').press(old, 'Approve 1 h');
      expect(await story.hears('maria', idOf('pending'))).toMatch(/is open/);
      await story.presses('jane', new RegExp(`Open until.*${idOf('open-emergency')}`), 'End now');
      await story.sees('jane', new RegExp(`Ended.*${idOf('open-emergency')}`));
      expect(isOpen('open-emergency')).toBe(false);
    },
  );

  test('open access ends on time', async () => {
    const names = Object.keys(dump.requests).filter(isOpen);
    const open = names
      .map((name) => ({ name, endsAtMs: endOf(name) }))
      .sort((a, b) => a.endsAtMs - b.endsAtMs);
    const [first, last] = [open[0], open.at(-1)];
    if (!first || !last) throw new Error('nothing is open');
    expect(first.name).toBe('open-warned');
    for (const { name, endsAtMs } of [first, last]) {
      story.passes(endsAtMs - MINUTE_MS - story.now());
      await story.sweeps(1);
      expect([name, isOpen(name)]).toEqual([name, true]);
      story.passes(endsAtMs - story.now());
      await until(`${name} has no rule`, () => !isOpen(name));
    }
    await story.until('no rule of the bot is left', () => !story.town.aws.rules().some(isOurs));
    for (const { name } of open) await until(name, async () => (await stateOf(name)) === 'ended');
  });

  test('no rule or lease remains at AWS, and nothing of others was touched', async () => {
    story.passes(2 * DAY_MS);
    await story.until('its groups are gone', () => !story.town.aws.groups().some(isOurs));
    for (const name of Object.keys(dump.requests))
      await until(`${name} is over`, async () => isOver(JSON.parse(await bodyOf(name))));
    expect(ofOthers()).toEqual(others);
    await until(
      'nothing is owed',
      async () => (await redis.exists(key('owed:work'), key('owed:tell'))) === 0,
    );
    expect(await redis.keys(key('live:*'))).toEqual([]);
  });

  test('the requests that were over stay as they were', async () => {
    const over = Object.keys(dump.requests).filter((name) => isOver(JSON.parse(storedBefore(name))));
    expect(over.length).toBeGreaterThan(10);
    for (const name of over) expect([name, await bodyOf(name)]).toEqual([name, storedBefore(name)]);
    for (const name of over) expect([name, addedFor(name)]).toEqual([name, []]);
  });
});

function addedFor(example: string): string[] {
  const { cidr } = JSON.parse(storedBefore(example)).ask.source;
  return story.town.aws.history.flatMap((change) =>
    change.kind === 'rule-added' && change.rule.cidr === cidr ? [change.rule.ruleId] : [],
  );
}
