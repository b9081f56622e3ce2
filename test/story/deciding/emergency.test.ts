import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Rooms } from '../../../src/app.js';
import type { AuditEntry } from '../../../src/workflow/ports-store.js';
import { answered, FORM, filledForm, formOf, heard, shows } from '../asking/asking.js';
import { policyWith } from '../policies.js';
import { type Story, startStory } from '../story.js';

const POLICY = policyWith(`
limits: { sources: { documentation: true } }
rules:
  - { name: on call, emergency: true, requester: U0JANE, target: own, up-to: 2h, approve: at-once }
  - { name: own, target: own, ask: [manager] }
`);

let story: Story;
const audited: AuditEntry[] = [];
beforeAll(async () => {
  story = await startStory({ policy: POLICY, wrap });
});
afterAll(() => story.end());

test('an emergency opens at once where a rule allows it, and everybody who would decide hears of it by mention', async () => {
  const id = await story.asks('jane', 'emergency 203.0.113.25 1h the shop is down');
  await story.sees('jane', new RegExp(`Open until.*${id}`));
  const card = await story.sees('maria', new RegExp(`${id}[^]*open until`));
  expect(card).toContain('*Emergency* @maria: opened without asking.');
  expect(await story.sees('ada', id)).toContain('*Emergency* @ada');
  expect(await answered(story, 'jane', 'list')).toContain('Emergency · ');
  await story.presses('maria', id, 'End access');
  await story.person('maria').submit(await formOf(story, 'maria'));
  await story.sees('jane', new RegExp(`Ended.*@maria ended it.*${id}`));
});

function wrap(rooms: Rooms): Rooms {
  const { store } = rooms.parts;
  const change: typeof store.change = (step) => {
    audited.push(...step.audit);
    return store.change(step);
  };
  return { ...rooms, parts: { ...rooms.parts, store: { ...store, change } } };
}

test('the audit record of each state of an emergency says that it was one', () => {
  const states = audited.filter(({ what }) => !what.startsWith('rule-'));
  expect(states.map(({ what }) => what)).toEqual(expect.arrayContaining(['submitted', 'approved', 'ended']));
  expect(states.filter(({ ids }) => ids?.emergency !== 'yes')).toEqual([]);
});

test('an emergency needs a reason', async () => {
  expect(await answered(story, 'jane', 'emergency 203.0.113.25 1h')).toContain('Say why in a few words');
});

test('where no rule allows an emergency nothing opens, and nobody is asked', async () => {
  const answer = await answered(story, 'tom', 'emergency 203.0.113.25 1h the shop is down');
  expect(answer).toContain('No rule of the policy opens this in an emergency.');
  expect(await answered(story, 'tom', 'list')).toMatch(/no requests yet/);
});

test('a wrong or missing part of an emergency is put right in the form, which says that it is an emergency and sends it as one', async () => {
  const { slack } = story.town;
  await story.says('jane', 'emergency 203.0.113.26 9h the shop is down again');
  const reply = await heard(story, 'jane', 'The policy allows at most 8 hours');
  await story.person('jane').press(reply, FORM);
  const view = await filledForm(story, 'jane');
  expect(shows(story, view)).toContain('*Emergency*: it opens at once where the policy allows it');
  await story.person('jane').submit(view);
  const card = await story.sees('jane', /Open until[\s\S]*203\.0\.113\.26/);
  expect(card).toContain('on call');
  await story.until('her manager’s phone says so', () =>
    slack.dm('U0MARIA').some(({ text }) => /^Emergency: .*the shop is down again/.test(text)),
  );
});
