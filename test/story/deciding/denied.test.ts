import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type Story, startStory } from '../story.js';

let story: Story;
beforeAll(async () => {
  story = await startStory({ env: { TIME_FAULT: '300ms' } });
});
beforeEach(() => {
  story.town.aws.settings.denied = [];
});
afterAll(() => story.end());

/** A call that IAM forbids is no outage: its card has a reference, and the admins hear of the call. */
async function told(id: string): Promise<void> {
  const card = await story.sees('jane', /wrong on my side[\s\S]*/);
  expect(card).toContain(id);
  const reference = card.match(/reference (\w+)/)?.[1] ?? 'none';
  expect(await story.sees('ada', id)).toContain(reference);
  expect(story.rules()).toEqual([]);
}

test('a read that IAM forbids is told, and not called an outage', async () => {
  story.town.aws.settings.denied = ['DescribeWorkspaces'];
  const id = await story.asks('jane', 'ws-janedoe01 203.0.113.25 1h fixing the build');
  await told(id);
  expect(story.reads('jane').join()).not.toMatch(/AWS did not answer/);
});

test('a group that may not be made is told, and nothing is open', async () => {
  story.town.aws.settings.denied = ['CreateSecurityGroup'];
  const id = await story.asks('jane', 'ws-janedoe01 203.0.113.26 1h fixing the build');
  await story.presses('maria', id, 'Approve');
  await story.sees('jane', new RegExp(`Failed[^\\n]*${id}`));
  await told(id);
});
