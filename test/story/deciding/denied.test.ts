import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type Story, startStory } from '../story.js';

let story: Story;
beforeAll(async () => {
  // No test here waits until a fault has lasted, or until a call could not take effect any more.
  story = await startStory({ env: { TIME_FAULT: '1h', TIME_AWS: '1h', TIME_SWEEP: '500ms' } });
});
beforeEach(() => {
  story.town.aws.settings.denied = [];
});
afterAll(() => story.end());

/** The requester and the admins read which right AWS refuses, by its name in an IAM policy. */
async function told(name: 'jane' | 'tom', id: string, action: string): Promise<void> {
  const card = await story.sees(name, new RegExp(`Failed[^\\n]*${id}`));
  expect(card).toContain(`AWS refuses me \`${action}\``);
  expect(card).toContain('An admin has to allow it in my IAM policy. Nothing is open.');
  expect(await story.sees('ada', id)).toContain(action);
  expect(story.rules()).toEqual([]);
}

test('a read that IAM forbids is told at once, and not called an outage', async () => {
  story.town.aws.settings.denied = ['DescribeWorkspaces'];
  const id = await story.asks('jane', 'ws-janedoe01 203.0.113.25 1h fixing the build');
  await told('jane', id, 'workspaces:DescribeWorkspaces');
  expect(story.reads('jane').join()).not.toMatch(/AWS did not answer/);
});

test.each([
  ['a group that the bot may not make', 'CreateSecurityGroup', 26],
  ['a rule that the bot may not add', 'AuthorizeSecurityGroupIngress', 27],
  ['tags that the bot may not put on a rule', 'CreateTags', 28],
])('%s by its IAM policy is told at once, and nothing opens', async (_, action, host) => {
  const id = await story.asks('jane', `ws-janedoe01 203.0.113.${host} 1h fixing the build`);
  await story.sees('maria', id);
  story.town.aws.settings.denied = [action];
  await story.presses('maria', id, 'Approve');
  await told('jane', id, `ec2:${action}`);
});

test('a WorkSpace that IAM does not let the bot start is told at once', async () => {
  const id = await story.asks('tom', '203.0.113.25 1h fixing the build');
  await story.sees('maria', id);
  story.town.aws.settings.denied = ['StartWorkspaces'];
  await story.presses('maria', id, 'Approve');
  await told('tom', id, 'workspaces:StartWorkspaces');
});

test('a sweep that IAM does not let look tells the admins which right is missing', async () => {
  story.town.aws.settings.denied = ['DescribeSecurityGroupRules'];
  expect(await story.sees('ada', /AWS refuses me .?ec2:DescribeSecurityGroupRules/)).toContain(
    'my IAM policy',
  );
});
