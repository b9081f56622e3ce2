import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { people } from '../../../sandbox/world.js';
import { type Story, startStory } from '../story.js';

const POLICY = `
version: 1
admins: [U0ADA]
directories:
  d-90670a1b2c: { people: { from: email-local-part, domains: [example.com] } }
limits: { unanswered: 1h, sources: { documentation: true }, durations: { shortest: 5s } }
rules:
  - { name: own WorkSpace, target: own, ask: [{ any-of: [U0JANE, U0SAM] }], self-approval: true }
`;
const OWN = '203.0.113.25 1h fixing the build';
const HOUR_MS = 3_600_000;
/** TIME_LATE_YES */
const LATE_MS = 600_000;

let story: Story;
beforeAll(async () => {
  story = await startStory({ policy: POLICY, env: { TIME_LATE_YES: `${LATE_MS}ms`, TIME_SWEEP: '300ms' } });
});
afterAll(() => story.end());

test('a requester may approve their own request where the policy says so in words', async () => {
  const id = await story.asks('jane', OWN);
  await story.presses('jane', new RegExp(`${id}[\\s\\S]*\\[Approve`), 'Approve');
  const open = await story.sees('jane', new RegExp(`Open until.*${id}`));
  expect(open).toContain('approved by @jane');
  await story.presses('jane', new RegExp(`Open until.*${id}`), 'End now');
  await story.rulesBecome(0);
});

async function approvedLate() {
  const id = await story.asks('jane', OWN);
  await story.sees('sam', id);
  story.passes(LATE_MS);
  await story.presses('sam', id, 'Approve');
  await story.sees('jane', new RegExp(`Open now from 203.0.113.25\\?.*${id}`));
  expect(story.rules()).toEqual([]);
  return id;
}

test('a late yes opens nothing until the requester confirms it', async () => {
  const id = await approvedLate();
  await story.presses('jane', new RegExp(`Open now from.*${id}`), 'Open now');
  await story.rulesBecome(1);
  await story.presses('jane', new RegExp(`Open until.*${id}`), 'End now');
  await story.rulesBecome(0);
});

test('a late yes that the requester does not want any more opens nothing', async () => {
  const id = await approvedLate();
  await story.presses('jane', new RegExp(`Open now from.*${id}`), 'Not any more');
  await story.sees('jane', new RegExp(`Taken back.*${id}`));
  expect(story.rules()).toEqual([]);
});

test('a request whose late yes nobody confirms lapses', async () => {
  const id = await approvedLate();
  story.passes(HOUR_MS);
  await story.sees('jane', new RegExp(`Not opened in time.*${id}`));
  expect(story.rules()).toEqual([]);
});

test('a request that nobody answers lapses, and a later click is answered with that', async () => {
  const id = await story.asks('jane', OWN);
  await story.sees('sam', id);
  const [card] = story.town.slack.dm(people.sam).slice(-1);
  story.passes(HOUR_MS);
  await story.sees('jane', new RegExp(`No answer.*${id}`));
  expect(await story.sees('sam', new RegExp(`${id}[\\s\\S]*Closed unanswered`))).not.toContain('[Approve');
  if (!card) throw new Error('no card');
  await expect(story.person('sam').press(card, 'Approve 1 h')).resolves.toMatchObject({ acked: true });
  await story.hears('sam', `${id} was closed unanswered`);
  expect(story.rules()).toEqual([]);
});
