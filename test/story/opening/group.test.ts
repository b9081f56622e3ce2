import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { awsWorld } from '../../../sandbox/world.js';
import { GROUP_TAG, leaseTagKey, readGroupTag, readLeaseTag } from '../../../src/access/rules/lease.js';
import { SOURCE, type Story, startStory } from '../story.js';

const WORKSPACE = 'ws-janedoe01';
let story: Story;
let first = '';
beforeAll(async () => {
  story = await startStory();
});
afterAll(() => story.end());

async function opens(reason: string): Promise<string> {
  const id = await story.asks('jane', `${WORKSPACE} 203.0.113.25 1h ${reason}`);
  await story.presses('maria', id, 'Approve');
  return id;
}
const isOpen = (id: string) => story.sees('jane', new RegExp(`Open until.*${id}`));
const leasesOf = (tags: Record<string, string>) => Object.keys(tags).filter((key) => key.includes(':lease:'));

test('the access group is made once, lets nothing out, and is attached beside the groups that were there', async () => {
  const before = awsWorld().workspaces.find(({ id }) => id === WORKSPACE)?.groups ?? [];
  first = await opens('the first');
  await isOpen(first);
  const { installation, signingKeys } = story.config;
  const [group, ...others] = story.town.aws.groups().filter(({ tags }) => GROUP_TAG in tags);
  if (!group) throw new Error('no group');
  expect(others).toEqual([]);
  expect(group.name).toBe(`workspace-ssh-${installation}-${WORKSPACE}`);
  const mark = { installation, vpcId: group.vpcId, name: group.name };
  expect(readGroupTag(group.tags[GROUP_TAG] ?? '', mark, signingKeys)).toBeDefined();
  expect(story.town.aws.rules(group.id).filter(({ isEgress }) => isEgress)).toEqual([]);
  expect(story.town.aws.interfaceOf(WORKSPACE)?.groups).toEqual([...before, group.id]);
});

test('the rule carries the signed lease, and its description says whose it is', async () => {
  const [rule] = story.town.aws.opens(WORKSPACE, '203.0.113.25');
  if (!rule) throw new Error('no rule');
  const place = { installation: story.config.installation, groupId: rule.groupId, source: SOURCE };
  const key = leaseTagKey(first);
  const lease = readLeaseTag(key, rule.tags[key] ?? '', place, story.config.signingKeys);
  expect(lease).toMatchObject({ requestId: first, user: 'U0JANE', target: WORKSPACE });
  expect(rule.description).toContain(`${first} U0JANE`);
});

test('a second request from the same address shares the rule, which goes with the last of them', async () => {
  const second = await opens('the second');
  await isOpen(second);
  expect(story.rules()).toHaveLength(1);
  expect(leasesOf(story.rules()[0]?.tags ?? {})).toHaveLength(2);

  await story.presses('jane', new RegExp(`Open until.*${first}`), 'End now');
  const ended = await story.sees('jane', new RegExp(`Ended.*${first}`));
  expect(ended).toContain('the rule of another request still lets');
  expect(leasesOf(story.rules()[0]?.tags ?? {})).toEqual([leaseTagKey(second)]);

  await story.presses('jane', new RegExp(`Open until.*${second}`), 'End now');
  expect(await story.sees('jane', new RegExp(`Ended.*${second}`))).toMatch(/the rule is gone/i);
  expect(story.rules()).toEqual([]);
  expect(story.town.aws.history.filter(({ kind }) => kind === 'group-made')).toHaveLength(1);
});

test('a request that comes while the rule is being revoked waits, and gets a rule with another id', async () => {
  const leaving = await opens('who leaves');
  await isOpen(leaving);
  const oldId = story.rules()[0]?.ruleId;
  const works = story.town.aws.faults.add({
    action: 'RevokeSecurityGroupIngress',
    times: 'always',
    kind: 'throttle',
  });
  await story.presses('jane', new RegExp(`Open until.*${leaving}`), 'End now');
  const newcomer = await opens('who comes');
  await story.sees('jane', new RegExp(`(Opening|Waiting for AWS).*${newcomer}`));
  expect(story.rules().map(({ ruleId }) => ruleId)).toEqual([oldId]);
  works();
  await isOpen(newcomer);
  await story.sees('jane', new RegExp(`Ended.*${leaving}`));
  expect(story.rules()).toHaveLength(1);
  expect(story.rules()[0]?.ruleId).not.toBe(oldId);
});
