/** The sweep tidies access groups that nobody uses, and leaves used groups alone. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { GROUP_TAG } from '../../../src/access/rules/lease.js';
import { type Story, startStory } from '../story.js';

let story: Story;
beforeAll(async () => {
  // The sandbox's own policy, but that no group stays attached without need.
  const own = readFileSync('sandbox/policy.yml', 'utf8').replace(/^firewall:.*\n(^ .*\n)*/m, '');
  story = await startStory({
    policy: `${own}\nfirewall: { access-group: { keep: 0 } }\n`,
    env: { TIME_SWEEP: '100ms', TIME_GROUP_AGE: '1ms' },
  });
});
afterAll(() => story.end());

const ours = () => story.town.aws.groups().filter(({ tags }) => GROUP_TAG in tags);
const kinds = () => story.town.aws.history.map(({ kind }) => kind);

test('the access group of open access stays on its interface, sweep after sweep, and is detached once the access has ended', async () => {
  const before = story.town.aws.interfaceOf('ws-janedoe01')?.groups ?? [];
  for (const round of ['first', 'second']) {
    const id = await story.asks('jane', `203.0.113.25 1h the ${round}`);
    await story.presses('maria', id, 'Approve');
    await story.sees('jane', new RegExp(`Open until.*${id}`));
    const reads = () => story.town.aws.journal.filter(({ request }) => asksForOurs(request)).length;
    const soFar = reads();
    // The sweep looked at the group twice while access was open.
    await story.until('it is tidied twice', () => reads() >= soFar + 2);
    expect(story.town.aws.opens('ws-janedoe01', '203.0.113.25')).toHaveLength(1);
    await story.presses('jane', new RegExp(`Open until.*${id}`), 'End now');
    await story.sees('jane', new RegExp(`Ended.*${id}`));
    await story.until('the group is deleted', () => ours().length === 0);
    expect(story.town.aws.interfaceOf('ws-janedoe01')?.groups).toEqual(before);
  }
  expect(kinds().filter((kind) => kind === 'group-made')).toHaveLength(2);
  expect(kinds().filter((kind) => kind === 'group-deleted')).toHaveLength(2);
});

function asksForOurs(request: Record<string, unknown>): boolean {
  return Object.values(request).includes('tag-key');
}
