/**
 * While nobody answers: the requester nudges or asks somebody else, the cards say who is away, and others are asked
 * when an approver left.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { SlackUser } from '../../../sandbox/slack/world.js';
import { type PersonName, people } from '../../../sandbox/world.js';
import type { AuditEntry } from '../../../src/workflow/ports-store.js';
import { PATIENCE_MS } from '../../patience.js';
import { formOf } from '../asking/asking.js';
import { keepingAudit } from '../audited.js';
import { policyWith } from '../policies.js';
import { type Story, startStory } from '../story.js';

const POLICY = policyWith(`
limits: { sources: { documentation: true }, per-person: { open: 1 } }
rules:
  - { name: at once, target: own, source: [198.51.100.0/24], approve: at-once }
  - { name: short, target: own, up-to: 30m, ask: [manager] }
  - { name: hour, target: own, up-to: 1h, ask: [manager], fallback: { after: 2h, ask: ['@security'], sooner: true } }
  - { name: two hours, target: own, up-to: 2h, ask: ['2 of @security'] }
  - { name: long, target: own, up-to: 3h, ask: ['@security'], notify: { channel: C0ACCESS } }
  - { name: longer, target: own, ask: [{ any-of: [U0TOM] }], fallback: { after: 2h, ask: [admins] } }
`);

const NUDGE_MS = 60_000;

let story: Story;
const audited: AuditEntry[] = [];
beforeAll(async () => {
  story = await startStory({
    policy: POLICY,
    env: { TIME_NUDGE: `${NUDGE_MS}ms`, TIME_SWEEP: '1s' },
    wrap: keepingAudit(audited),
  });
});
beforeEach(() => {
  for (const name of ['maria', 'sam', 'tom'] as const)
    Object.assign(userOf(name), { statusText: '', statusEmoji: '' });
  security('sam', 'ada');
});
afterAll(() => story.end());

function userOf(name: PersonName): SlackUser {
  const user = story.town.slack.world.users.find((one) => one.name === name);
  if (!user) throw new Error(`there is no ${name}`);
  return user;
}

function security(...names: PersonName[]) {
  const group = story.town.slack.world.userGroups.find(({ handle }) => handle === 'security');
  if (group) group.users = names.map((name) => people[name]);
}

async function takeBack(id: string) {
  await story.says('jane', `end ${id}`);
  await story.sees('jane', new RegExp(`Taken back.*${id}`));
}

/** How many messages of a request notified a person. */
function announced(name: PersonName, id: string): number {
  return story.reads(name).filter((text) => text.includes(id)).length;
}

async function chooses(id: string, name: string) {
  await story.presses('jane', id, 'Ask someone else');
  const { slack } = story.town;
  const filled = () => story.person('jane').views().at(-1);
  const form = await slack.until(
    () => (JSON.stringify(filled() ?? '').includes('static_select') ? filled() : undefined),
    PATIENCE_MS,
    'the people to choose from',
  );
  await story.person('jane').fill(form, { 'Who may decide as well': name });
  await story.person('jane').submit(form);
}

test('a nudge tells the approvers who are waited for once more, and not too often', async () => {
  const id = await story.asks('jane', '203.0.113.25 30m fixing the build');
  await story.sees('maria', id);
  await story.presses('jane', `Waiting for @maria* · ${id}`, 'Nudge');
  expect(await story.hears('jane', 'asked a moment ago')).toContain('Nudge them again in a minute.');
  expect(announced('maria', id)).toBe(1);
  story.passes(NUDGE_MS);
  await story.presses('jane', `Waiting for @maria* · ${id}`, 'Nudge');
  await story.hears('jane', 'I asked them again.');
  expect(await story.sees('maria', new RegExp(`${id}[^]*nudges`))).toContain(
    '@jane nudges. Still waiting: @maria',
  );
  expect(announced('maria', id)).toBe(2);
  await takeBack(id);
});

test('an approver who said yes after a nudge gets no message by the next nudge, and an approver who is still waited for does', async () => {
  const id = await story.asks('jane', '203.0.113.25 2h fixing the build');
  await story.sees('ada', id);
  story.passes(NUDGE_MS);
  await story.presses('jane', `Waiting for @sam or @ada* · ${id}`, 'Nudge');
  await story.sees('ada', new RegExp(`${id}[^]*nudges`));
  await story.presses('sam', new RegExp(`${id}[^]*nudges`), 'Approve');
  await story.sees('sam', new RegExp(`${id}[^]*1 of 2`));
  expect(announced('sam', id)).toBe(2);
  await takeBack(id);
});

test('where nobody else may decide the card has no button to ask somebody else', async () => {
  const id = await story.asks('jane', '203.0.113.25 30m fixing the build');
  expect(await story.sees('jane', `Waiting for @maria* · ${id}`)).not.toContain('Ask someone else');
  await takeBack(id);
});

test('the requester can ask somebody of the fallback before the fallback is due, and that person decides', async () => {
  const id = await story.asks('jane', '203.0.113.25 1h fixing the build');
  await story.sees('maria', id);
  expect(announced('sam', id)).toBe(0);
  await chooses(id, 'Sam Okafor');
  expect(await story.sees('sam', id)).toContain('@jane asks you as well.');
  await story.sees('jane', `Waiting for @maria or @sam* · ${id}`);
  expect(announced('ada', id)).toBe(0);
  await story.presses('sam', id, 'Approve');
  await story.sees('jane', new RegExp(`Open until.*approved by @sam.*${id}`));
  await story.says('jane', `end ${id}`);
  await story.sees('jane', new RegExp(`Ended.*${id}`));
});

test('an approver hands a request over, and the fallback is asked at once and decides', async () => {
  const id = await story.asks('jane', '203.0.113.25 1h not yours');
  await story.presses('maria', id, 'Not me');
  expect(await story.hears('maria', 'Handed over')).toBe(`Handed over: ${id} waits for @sam, @ada.`);
  const card = await story.sees('jane', `Waiting for @sam or @ada* · ${id}`);
  expect(card).toContain('Handed over by @maria');
  expect(await story.sees('sam', id)).toContain('You are asked because @maria handed it over');
  const mine = await story.sees('maria', new RegExp(`${id}[^]*You handed it over`));
  expect(mine).toContain('[Approve');
  expect(mine).not.toContain('[Not me]');

  // The others are told anew. The approver who handed the request over hears no more of it, by no nudge either.
  await story.presses('sam', id, 'Not me');
  await story.sees('ada', new RegExp(`${id}[^]*Still waiting: @ada`));
  expect(await story.sees('ada', id)).not.toContain('[Not me]');
  story.passes(NUDGE_MS);
  await story.presses('jane', `Waiting for @ada* · ${id}`, 'Nudge');
  await story.sees('ada', new RegExp(`${id}[^]*nudges`));
  expect([announced('maria', id), announced('sam', id)]).toEqual([1, 1]);
  await story.presses('ada', new RegExp(`${id}[^]*nudges`), 'Deny');
  await story.person('ada').submit(await formOf(story, 'ada'));
  await story.sees('maria', new RegExp(`${id}[^]*Denied by @ada`));
});

test('the requester can have one person of a channel told directly', async () => {
  const id = await story.asks('jane', '203.0.113.25 3h fixing the build');
  await story.sees('jane', `Waiting for @sam or @ada* · ${id}`);
  expect(story.reads('sam').join()).not.toContain(id);
  await chooses(id, 'Sam Okafor');
  await story.sees('sam', id);
  expect(story.reads('ada').join()).not.toContain(id);
  await story.presses('sam', id, 'Deny');
  await story.person('sam').submit(await formOf(story, 'sam'));
  await story.sees('jane', new RegExp(`Denied by @sam.*${id}`));
});

test('both cards say which approver is away, in the words of their status, as text', async () => {
  userOf('maria').statusText = 'Vacation until <b>3 Dec</b>';
  userOf('maria').statusEmoji = ':palm_tree:';
  await forgotten();
  const id = await story.asks('jane', '203.0.113.25 30m fixing the build');
  const says = 'Away, says Slack: @maria ("Vacation until <b>3 Dec</b>")';
  expect(await story.sees('jane', `Waiting for @maria* · ${id}`)).toContain(says);
  expect(await story.sees('maria', id)).toContain(says);
  await takeBack(id);
});

/** People are looked up at most once in a while. */
async function forgotten() {
  await story.stopBot();
  await story.startBot();
}

test('an approver who left the group is not waited for: a person who came is asked, and the yes of the one who left does not count', async () => {
  const id = await story.asks('jane', '203.0.113.25 2h fixing the build');
  await story.presses('sam', id, 'Approve');
  await story.sees('ada', new RegExp(`${id}[^]*1 of 2: approved by @sam`));
  security('ada', 'tom');
  await forgotten();
  await story.sees('tom', id);
  const card = await story.sees('jane', new RegExp(`Waiting for @ada or @tom.*${id}`));
  expect(card).toContain('0 of 2 approved');
  await takeBack(id);
});

test('where nobody is left who may decide, the fallback is asked at once; without a fallback the requester is told', async () => {
  const id = await story.asks('jane', '203.0.113.25 8h fixing the build');
  await story.sees('tom', id);
  const last = await story.asks('jane', '203.0.113.26 30m fixing the build');
  await story.sees('maria', last);
  Object.assign(userOf('tom'), { deleted: true });
  Object.assign(userOf('maria'), { deleted: true });
  try {
    await forgotten();
    await story.sees('ada', id);
    await story.sees('jane', new RegExp(`Waiting for @ada.*${id}`));
    expect(await story.sees('jane', new RegExp(`Not allowed.*${last}`))).toContain(
      'I found no manager of yours',
    );
    await story.sees('ada', last);
    await takeBack(id);
  } finally {
    Object.assign(userOf('tom'), { deleted: false });
    Object.assign(userOf('maria'), { deleted: false });
  }
});

test('only as many requests as the policy allows open, also where several are approved at the same moment', async () => {
  await forgotten();
  const asking = ['1', '2', '3'].map((last) => story.asks('jane', `198.51.100.${last} 30m one of three`));
  const ids = await Promise.all(asking);
  const told = (pattern: string) =>
    ids.filter((id) => story.reads('jane').some((text) => new RegExp(`${pattern}.*${id}`).test(text)));
  await story.until(
    'each is open, or it is said why not',
    () => told('Open until').length + told('Failed').length + told('Not allowed').length === 3,
  );
  expect(told('Open until')).toHaveLength(1);
  expect(story.rules()).toHaveLength(1);
  expect(story.reads('jane').join()).toContain('You have 1 open already, as many as the policy allows.');
  await story.says('jane', `end ${told('Open until')[0]}`);
  await story.rulesBecome(0);
});

test('each decision of these stories is written down with its rule and the hash of the policy', () => {
  const decisions = audited.filter(
    // A refusal by the limits per person stands under no rule.
    ({ what, why = '' }) => /^(pending|approved|denied|refused)/.test(what) && !/as many as/.test(why),
  );
  const kinds = new Set(decisions.map(({ what, who }) => `${what} by ${who}`));
  expect([...kinds].sort()).toEqual([
    'approved by U0SAM',
    'approved by policy',
    'denied by U0ADA',
    'denied by U0SAM',
    'pending (changed) by U0JANE',
    'pending (changed) by U0MARIA',
    'pending (changed) by U0SAM',
    'pending (changed) by sweep',
    'pending by policy',
    'refused by sweep',
  ]);
  for (const { what, why, ids } of decisions) {
    expect([what, why]).toEqual([what, expect.stringMatching(/(^|; )rule "[a-z ]+"/)]);
    expect([what, ids?.policy]).toEqual([what, story.config.policy.hash]);
  }
});
