/** What hands do at AWS to rules of open access, and around them. */
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { SHARED_GROUP } from '../../sandbox/world.js';
import { leaseTagKey } from '../../src/access/lease.js';
import { policyWith } from './policies.js';
import { type Story, startStory } from './story.js';

const ENV = {
  TIME_SWEEP: '300ms',
  TIME_ABSENT_FIRST: '600ms',
  TIME_ABSENT_AGAIN: '400ms',
  TIME_AWS: '2s',
};
const EXISTING = policyWith(`
limits: { sources: { documentation: true } }
rules:
  - { name: own WorkSpace, target: own, ask: [manager] }
firewall: { existing-group: [${SHARED_GROUP}] }
`);

let story: Story;
let last = 0;
beforeAll(async () => {
  story = await startStory({ env: ENV });
});
afterAll(() => story.end());
afterEach(async () => {
  // What is left open would be looked at in the next test as well.
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
  return { id, source: `${source}/32`, ruleId: rule.ruleId, groupId: rule.groupId };
}

const addedFor = (source: string) =>
  story.town.aws.history.filter(
    (change) => change.kind === 'rule-added' && change.rule.cidr === source && !change.rule.isEgress,
  );

test('a rule that is removed by hand stays removed: the grant ends as removed outside, once seen twice', async () => {
  const { id, ruleId, source } = await opens();
  story.town.aws.removeRule(ruleId);
  expect(await story.sees('jane', new RegExp(`Ended.*${id}`))).toContain('somebody removed it at AWS');
  expect(addedFor(source)).toHaveLength(1);
});

test('an untagged twin that takes the place of a removed rule is never touched', async () => {
  const { id, ruleId, source, groupId } = await opens();
  const { aws } = story.town;
  aws.removeRule(ruleId);
  const twin = aws.addRule(groupId, { cidr: source, description: 'by hand' });
  const ended = await story.sees('jane', new RegExp(`Ended.*${id}`));
  expect(ended).not.toContain('new connections from');
  expect(aws.rules(groupId)).toContainEqual(twin);
  expect(await story.sees('ada', twin.ruleId)).toContain('not mine, and the group is');
});

test('a rule whose source was changed by hand is removed, and the admins are told', async () => {
  const { id, ruleId, groupId } = await opens();
  story.town.aws.changeRule(ruleId, { cidr: '198.51.100.77/32' });
  await story.sees('jane', new RegExp(`Ended.*${id}`));
  expect(story.town.aws.rules(groupId).some((rule) => rule.ruleId === ruleId)).toBe(false);
});

test('a rule that was widened by hand is removed, and the admins are told', async () => {
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
  expect(await story.sees('ada', ruleId)).toContain('I write them again');
  const again = () => story.rules().find((rule) => rule.ruleId === ruleId)?.tags[leaseTagKey(id)];
  await story.until('the tag is there again', () => again() !== undefined);
  expect(again()).toBe(before[leaseTagKey(id)]);
});

test('a foreign rule in a group of ours that no grant uses now raises an alert, and is left alone', async () => {
  const { id, groupId } = await opens();
  await story.says('jane', `end ${id}`);
  await story.sees('jane', new RegExp(`Ended.*${id}`));
  const foreign = story.town.aws.addRule(groupId, { cidr: '198.51.100.5/32', fromPort: 3389, toPort: 3389 });
  expect(await story.sees('ada', foreign.ruleId)).toContain('not mine, and the group is');
  expect(story.town.aws.rules(groupId)).toContainEqual(foreign);
  story.town.aws.removeRule(foreign.ruleId);
});

test('a group that was taken off its WorkSpace by hand ends the grant, and is not put back', async () => {
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

test('in a group of somebody else’s a changed rule is removed by its id, and nothing else there', async () => {
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
