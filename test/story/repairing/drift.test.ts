/** Drift: somebody changes rules of open access at AWS, and groups around them. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { SHARED_GROUP } from '../../../sandbox/world.js';
import { INSTALLATION_TAG, leaseTagKey } from '../../../src/access/rules/lease.js';
import { atFullDepth } from '../../depth.js';
import { existingGroups } from '../policies.js';
import { type Story, startStory } from '../story.js';

const ENV = {
  TIME_SWEEP: '300ms',
  TIME_ABSENT_FIRST: '600ms',
  TIME_ABSENT_AGAIN: '400ms',
  TIME_AWS: '2s',
};
const EXISTING = existingGroups(SHARED_GROUP);

let story: Story;
let last = 0;
/** The requests that this test opened in the story that all tests share. */
const opened: string[] = [];
beforeAll(async () => {
  story = await startStory({ env: ENV });
});
afterAll(() => story.end());
afterEach(async () => {
  // Access that is left open would be looked at in the next test as well.
  for (const id of opened.splice(0)) {
    await story.says('jane', `end ${id}`);
    await story.sees('jane', new RegExp(`Ended.*${id}`));
  }
  for (const rule of story.rules()) story.town.aws.removeRule(rule.ruleId);
});

interface Opened {
  id: string;
  source: string;
  ruleId: string;
  groupId: string;
}

async function opens(from = story): Promise<Opened> {
  last += 1;
  const source = `203.0.113.${last}`;
  const id = await from.asks('jane', `ws-janedoe01 ${source} 1h fixing the build`);
  await from.presses('maria', id, 'Approve');
  await from.sees('jane', new RegExp(`Open until.*${id}`));
  const rule = from.rules().find(({ cidr }) => cidr === `${source}/32`);
  if (!rule) throw new Error(`no rule for ${id}`);
  if (from === story) opened.push(id);
  return { id, source: `${source}/32`, ruleId: rule.ruleId, groupId: rule.groupId };
}

const opensIn = (id: string) =>
  story.rules().find(({ tags }) => Object.keys(tags).includes(leaseTagKey(id)))?.groupId;

const addedFor = (source: string) =>
  story.town.aws.history.filter(
    (change) => change.kind === 'rule-added' && change.rule.cidr === source && !change.rule.isEgress,
  );

test('a rule that somebody removed at AWS stays removed: its grant ends as removed outside once two reads lack the rule', async () => {
  const { id, ruleId, source } = await opens();
  story.town.aws.removeRule(ruleId);
  expect(await story.sees('jane', new RegExp(`Ended.*${id}`))).toContain('somebody removed it at AWS');
  expect(addedFor(source)).toHaveLength(1);
});

atFullDepth('an untagged twin that takes the place of a removed rule is never touched', async () => {
  const { id, ruleId, source, groupId } = await opens();
  const { aws } = story.town;
  aws.removeRule(ruleId);
  const twin = aws.addRule(groupId, { cidr: source, description: 'by hand' });
  const ended = await story.sees('jane', new RegExp(`Ended.*${id}`));
  expect(ended).toContain(`Somebody else’s rule \`${twin.ruleId}\` in \`${groupId}\` lets`);
  expect(ended).not.toContain('blocked');
  expect(aws.rules(groupId)).toContainEqual(twin);
  expect(await story.sees('ada', twin.ruleId)).toContain('not mine, and the group is');
});

test('a rule whose source somebody changed at AWS is removed, and the admins are told', async () => {
  const { id, ruleId, groupId } = await opens();
  story.town.aws.changeRule(ruleId, { cidr: '198.51.100.77/32' });
  const ended = await story.sees('jane', new RegExp(`Ended.*${id}`));
  expect(ended).toContain('somebody changed it at AWS, so I removed it');
  expect(await story.sees('ada', ruleId)).toContain('no longer was what had been approved');
  expect(story.town.aws.rules(groupId).some((rule) => rule.ruleId === ruleId)).toBe(false);
});

test('a rule that somebody widened at AWS is removed, and the admins are told', async () => {
  const { id, ruleId, groupId } = await opens();
  story.town.aws.changeRule(ruleId, { fromPort: 0, toPort: 65_535 });
  await story.sees('jane', new RegExp(`Ended.*${id}`));
  expect(story.town.aws.rules(groupId).some((rule) => rule.ruleId === ruleId)).toBe(false);
  expect(await story.sees('ada', ruleId)).toContain('no longer was what had been approved');
});

test('tags that were taken off are written again, with the same end, and the admins are told', async () => {
  const { id, ruleId } = await opens();
  const { aws } = story.town;
  const before = story.rules().find((rule) => rule.ruleId === ruleId)?.tags ?? {};
  aws.setTags(ruleId, {});
  await story.sees('ada', new RegExp(`${ruleId}[^]*I wrote them again`));
  const again = () => story.rules().find((rule) => rule.ruleId === ruleId)?.tags[leaseTagKey(id)];
  await story.until('the tag is there again', () => again() !== undefined);
  expect(again()).toBe(before[leaseTagKey(id)]);
});

test('the installation’s tag that was taken off is written again too, since without it nothing finds the rule while Redis is away', async () => {
  const { ruleId } = await opens();
  const { aws } = story.town;
  const tagsNow = () => story.rules().find((rule) => rule.ruleId === ruleId)?.tags ?? {};
  const { [INSTALLATION_TAG]: mark, ...rest } = tagsNow();
  aws.setTags(ruleId, rest);
  await story.sees('ada', new RegExp(`${ruleId}[^]*I wrote them again`));
  expect(tagsNow()).toEqual({ ...rest, [INSTALLATION_TAG]: mark });
});

atFullDepth(
  'the admins are told of tags also where another request’s end wrote them again, before any sweep',
  async () => {
    const other = await startStory({ env: { ...ENV, TIME_SWEEP: '3s' } });
    try {
      const first = await opens(other);
      const second = await opens(other);
      expect(second.groupId).toBe(first.groupId);
      other.passes(1_000); // TIME_ABSENT_FIRST
      // A change that a read shows only later is left to the sweep.
      other.town.aws.settings.staleMs = 0;
      other.town.aws.setTags(first.ruleId, {});
      await other.presses('jane', new RegExp(`Open until.*${second.id}`), 'End now');
      await other.sees('jane', new RegExp(`Ended.*${second.id}`));
      const tags = other.rules().find(({ ruleId }) => ruleId === first.ruleId)?.tags ?? {};
      expect(Object.keys(tags)).toContain(leaseTagKey(first.id));
      expect(await other.sees('ada', first.ruleId)).toMatch(new RegExp(`${first.id}[^]*I wrote them again`));
    } finally {
      await other.end();
    }
  },
);

atFullDepth(
  'tags that AWS does not let the bot write again are told as that, until they are there',
  async () => {
    const { id, ruleId } = await opens();
    const { aws } = story.town;
    aws.settings.denied = ['CreateTags'];
    aws.setTags(ruleId, {});
    expect(await story.sees('ada', ruleId)).toContain('I could not write them again yet');
    aws.settings.denied = [];
    await story.sees('ada', new RegExp(`${ruleId}[^]*${id}[^]*I wrote them again`));
  },
);

test('a requester whose source a wider rule still lets in is told that new connections stay possible', async () => {
  const wide = await story.asks('jane', 'ws-janedoe01 203.0.113.128/29 1h the meeting room');
  await story.presses('maria', wide, 'Approve');
  await story.sees('jane', new RegExp(`Open until.*${wide}`));
  const one = await story.asks('jane', 'ws-janedoe01 203.0.113.130 1h fixing the build');
  opened.push(wide);
  await story.presses('maria', one, 'Approve');
  await story.presses('jane', new RegExp(`Open until.*${one}`), 'End now');
  const ended = await story.sees('jane', new RegExp(`Ended.*${one}`));
  expect(ended).toContain('another request still lets 203.0.113.130 in');
});

test('a requester whom a rule in another group of the WorkSpace still lets in is told which rule', async () => {
  const { id } = await opens();
  const { aws } = story.town;
  const other = aws.interfaceOf('ws-janedoe01')?.groups.find((one) => one !== opensIn(id)) ?? '';
  const wide = aws.addRule(other, { cidr: '203.0.0.0/16', fromPort: 0, toPort: 65_535 });
  await story.presses('jane', new RegExp(`Open until.*${id}`), 'End now');
  const ended = await story.sees('jane', new RegExp(`Ended.*${id}`));
  expect(ended).toContain(`Somebody else’s rule \`${wide.ruleId}\` in \`${other}\` lets 203.0.113.`);
  expect(ended).not.toContain('blocked');
  aws.removeRule(wide.ruleId);
});

test('a card does not say that new connections are blocked where AWS does not let the bot look which other rules let the source in', async () => {
  const { id } = await opens();
  const { aws } = story.town;
  aws.settings.denied = ['DescribeNetworkInterfaces'];
  await story.presses('jane', new RegExp(`Open until.*${id}`), 'End now');
  const ended = await story.sees('jane', new RegExp(`Ended.*${id}`));
  aws.settings.denied = [];
  expect(ended).toContain('The rule is gone; I checked. Whether another rule lets 203.0.113.');
  expect(ended).not.toContain('blocked');
});

test('a foreign rule in a group of ours that no grant uses now is told to the admins, and left alone', async () => {
  const { id, groupId } = await opens();
  await story.says('jane', `end ${id}`);
  await story.sees('jane', new RegExp(`Ended.*${id}`));
  const foreign = story.town.aws.addRule(groupId, { cidr: '198.51.100.5/32', fromPort: 3389, toPort: 3389 });
  expect(await story.sees('ada', foreign.ruleId)).toContain('not mine, and the group is');
  expect(story.town.aws.rules(groupId)).toContainEqual(foreign);
  story.town.aws.removeRule(foreign.ruleId);
});

test('a group that somebody took off its WorkSpace ends the grant, and is not put back', async () => {
  const { id, groupId } = await opens();
  const { aws } = story.town;
  const at = aws.interfaceOf('ws-janedoe01');
  aws.setGroups(
    at?.id ?? '',
    (at?.groups ?? []).filter((one) => one !== groupId),
  );
  expect(await story.sees('jane', new RegExp(`Ended.*${id}`))).toContain('somebody removed it at AWS');
  expect(aws.interfaceOf('ws-janedoe01')?.groups).not.toContain(groupId);
});

test('in an existing group a changed rule of ours is removed by its id, and nothing else', async () => {
  const other = await startStory({ env: ENV, policy: EXISTING });
  try {
    const { id, ruleId } = await opens(other);
    const { aws } = other.town;
    const theirs = aws.addRule(SHARED_GROUP, { cidr: '198.51.100.9/32' });
    aws.changeRule(ruleId, { cidr: '198.51.100.78/32', fromPort: 1, toPort: 1024 });
    await other.sees('jane', new RegExp(`Ended.*${id}`));
    const left = aws.rules(SHARED_GROUP).filter(({ isEgress }) => !isEgress);
    expect(left).toEqual([theirs]);
  } finally {
    await other.end();
  }
});

test('in an access group the rule for more ports that a lease was copied to is removed, and the admins are told', async () => {
  const { id, source, ruleId } = await opens(story);
  const { aws } = story.town;
  const own = aws.rules().find((rule) => rule.ruleId === ruleId);
  const copy = { cidr: source, fromPort: 1, toPort: 65535, tags: own?.tags ?? {} };
  const wide = aws.addRule(own?.groupId ?? '', copy);
  await story.until('the copy is gone', () => aws.rules().every((rule) => rule.ruleId !== wide.ruleId));
  expect(await story.sees('ada', wide.ruleId)).toContain('so I removed it');
  expect(aws.rules()).toContainEqual(own);
  expect(await story.sees('jane', new RegExp(`Open until.*${id}`))).toContain(source.split('/')[0]);
});

test('in an existing group a lease that was copied to a rule for another port of the same source closes nothing', async () => {
  const other = await startStory({ env: ENV, policy: EXISTING });
  try {
    const { id, source, ruleId } = await opens(other);
    const { aws } = other.town;
    const tags = aws.rules(SHARED_GROUP).find((rule) => rule.ruleId === ruleId)?.tags ?? {};
    const theirs = aws.addRule(SHARED_GROUP, { cidr: source, fromPort: 443, toPort: 443, tags });
    expect(await other.sees('ada', theirs.ruleId)).toContain('I leave it alone');
    await other.presses('jane', new RegExp(`Open until.*${id}`), 'End now');
    await other.sees('jane', new RegExp(`Ended.*${id}`));
    const passes = aws.journal.length + 20;
    await other.until('some sweeps have looked', () => aws.journal.length > passes);
    const left = aws.rules(SHARED_GROUP).filter(({ isEgress }) => !isEgress);
    expect(left.map((rule) => rule.ruleId)).toEqual([theirs.ruleId]);
  } finally {
    await other.end();
  }
});
