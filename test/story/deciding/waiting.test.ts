/** While nobody answers: one reminder, then the fallback, each once, and nothing after a decision. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pings, plain } from '../../../sandbox/slack/reading/plain.js';
import type { PersonName } from '../../../sandbox/world.js';
import { PATIENCE_MS } from '../../patience.js';
import { policyWith } from '../policies.js';
import { type Story, startStory } from '../story.js';

const POLICY = policyWith(`
limits: { sources: { documentation: true } }
rules:
  - { name: told in a channel, target: own, up-to: 30m, ask: [{ any-of: [U0TOM, U0MARIA] }], notify: { channel: C0ACCESS }, fallback: { after: 15m, ask: ['@security'] } }
  - { name: short, target: own, up-to: 1h, ask: [manager], remind: 5m, fallback: { after: 15m, ask: ['@security'] } }
  - { name: long, target: own, up-to: 3h, ask: [manager], fallback: { after: 1h, ask: [admins] } }
  - { name: longer, target: own, ask: [manager] }
`);

const MINUTE_MS = 60_000;

let story: Story;
beforeAll(async () => {
  story = await startStory({ policy: POLICY, env: { TIME_SWEEP: '300ms' } });
  // Long before it is asked for: AWS shows changes late.
  story.town.aws.setState('ws-adanovak1', 'AVAILABLE');
});
afterAll(() => story.end());

/** How many messages of a request notified a person. */
function announced(name: PersonName, id: string): number {
  return story.reads(name).filter((text) => text.includes(id)).length;
}

test('a reminder comes once, then the fallback is asked, and its yes opens', async () => {
  const id = await story.asks('jane', '203.0.113.25 1h fixing the build');
  expect(await story.sees('maria', id)).toMatch(
    /I ask 1 of @security too at \d\d:\d\d; it closes unanswered at \d\d:\d\d\./,
  );
  story.passes(5 * MINUTE_MS);
  await story.sees('maria', new RegExp(`${id}[^]*Still waiting: @maria`));
  story.passes(10 * MINUTE_MS);
  const card = await story.sees('sam', id);
  expect(card).toContain('You are asked because nobody has decided it yet (so are 2 others;');
  await story.sees('jane', new RegExp(`Waiting for @maria, @sam or @ada.*${id}`));
  expect(announced('maria', id)).toBe(2);
  await story.presses('sam', id, 'Approve');
  await story.sees('jane', new RegExp(`Open until.*approved by @sam.*${id}`));
  await story.sees('maria', new RegExp(`${id}[^]*Approved by @sam`));
  await story.says('jane', `end ${id}`);
});

test('nobody is reminded after a decision', async () => {
  const id = await story.asks('jane', '203.0.113.26 1h fixing the build');
  await story.presses('maria', id, 'Approve');
  await story.sees('jane', new RegExp(`Open until.*${id}`));
  await story.says('jane', `end ${id}`);
  await story.sees('jane', new RegExp(`Ended.*${id}`));
  // By then a reminder and the fallback would have come.
  story.passes(15 * MINUTE_MS);
  await story.sweeps(3);
  expect(announced('maria', id)).toBe(1);
  expect(story.reads('sam').join()).not.toContain(id);
});

test('without a manager who may approve the fallback is asked at once', async () => {
  const ada = story.town.slack.world.users.find(({ name }) => name === 'ada');
  if (ada) ada.fields = { Xf0MANAGER: 'U0BOT' };
  const id = await story.asks('ada', '203.0.113.27 1h fixing the build');
  expect(await story.sees('sam', id)).toContain('You are asked because @ada has no manager who may approve.');
});

test('where the channel takes no post each approver is asked directly, and the admins are told', async () => {
  const channel = story.town.slack.world.channels.find(({ id }) => id === 'C0ACCESS');
  Object.assign(channel ?? {}, { refuses: 'restricted_action_read_only_channel' });
  try {
    const id = await story.asks('jane', '203.0.113.31 30m fixing the build');
    await story.sees('tom', new RegExp(`${id}[^]*\\[Approve`));
    await story.sees('maria', new RegExp(`${id}[^]*\\[Approve`));
    expect(await story.sees('ada', 'takes no message of mine')).toContain(
      'restricted_action_read_only_channel',
    );
    await story.says('jane', `end ${id}`);
  } finally {
    delete channel?.refuses;
  }
});

test('where Slack lets the bot tell no approver the fallback is asked at once; without a fallback the request is over, and its requester is told', async () => {
  const maria = story.town.slack.world.users.find(({ name }) => name === 'maria');
  Object.assign(maria ?? {}, { refuses: 'team_access_not_granted' });
  try {
    const id = await story.asks('jane', '203.0.113.32 3h fixing the build');
    await story.sees('ada', new RegExp(`${id}[^]*\\[Approve`));
    await story.sees('jane', new RegExp(`Waiting for @ada\\*.*${id}`));
    await story.says('jane', `end ${id}`);
    const last = await story.asks('jane', '203.0.113.33 4h fixing the build');
    expect(await story.sees('jane', new RegExp(`Not allowed.*${last}`))).toContain('let me write to @maria');
    expect(await story.sees('ada', last)).toContain('could not be asked');
  } finally {
    delete maria?.refuses;
  }
});

test('in a channel that was told of a request a new message says whom the fallback asks, and that somebody who was asked has left', async () => {
  const { slack } = story.town;
  const posted = () =>
    slack.messages('C0ACCESS').map((message) => ({ read: plain(message, slack.world, 'U0ADA'), message }));
  const until = (part: RegExp) =>
    slack.until(() => posted().find(({ read }) => part.test(read)), PATIENCE_MS, `${part} in the channel`);
  const id = await story.asks('jane', '203.0.113.28 30m fixing the build');
  await until(new RegExp(`${id}[^]*\\[Approve`));
  story.passes(15 * MINUTE_MS);
  const later = await until(new RegExp(`${id}[^]*It is not decided yet, so I ask 1 of @security too`));
  expect(later.read).toContain('Still waiting: @tom, @maria, @sam or @ada');
  expect(pings(later.message)).toEqual(expect.arrayContaining(['U0SAM', 'U0ADA']));
  const tom = slack.world.users.find(({ name }) => name === 'tom');
  Object.assign(tom ?? {}, { deleted: true });
  try {
    await story.stopBot(); // The bot remembers people for a while.
    await story.startBot();
    const again = await until(new RegExp(`${id}[^]*Not everybody who was asked may decide any more`));
    expect(again.read).toContain('Still waiting: @maria, @sam or @ada');
    expect(posted().filter(({ read }) => read.includes(id))).toHaveLength(3);
  } finally {
    Object.assign(tom ?? {}, { deleted: false });
  }
  await story.says('jane', `end ${id}`);
});

test('the reminder, the fallback and the lapse of a request come by their timers, with the next sweep an hour away', async () => {
  const timed = await startStory({
    policy: policyWith(`
limits: { sources: { documentation: true }, unanswered: 15s }
rules:
  - { name: reminded, target: own, up-to: 30m, ask: [manager], remind: 2s }
  - { name: asked further, target: own, ask: [manager], fallback: { after: 2s, ask: ['@security'] } }
`),
    env: { TIME_SWEEP: '1h' },
  });
  try {
    const reminded = await timed.asks('jane', '203.0.113.29 30m fixing the build');
    const askedFurther = await timed.asks('jane', '203.0.113.30 1h fixing the build');
    await timed.sees('maria', new RegExp(`${reminded}[^]*Still waiting: @maria`));
    await timed.sees('sam', askedFurther);
    await timed.sees('jane', new RegExp(`No answer.*${reminded}`));
    await timed.sees('jane', new RegExp(`No answer.*${askedFurther}`));
  } finally {
    await timed.end();
  }
});
