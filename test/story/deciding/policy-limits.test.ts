import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { answered, FORM, filledForm, heard, holds, seen, shows } from '../asking/asking.js';
import { policyWith } from '../policies.js';
import { type Story, startStory } from '../story.js';

const POLICY = policyWith(`
limits:
  sources: { private: true, documentation: true }
  networks: { Office: 198.51.100.0/24, VPN: 10.8.0.0/16 }
  per-person: { open: 1, waiting: 1 }
  reason: { pattern: '[A-Z]+-[0-9]+', hint: 'Add the ticket, such as OPS-412.', link: 'https://tickets.example.com/{ticket}' }
rules:
  - { name: own WorkSpace, target: own, ask: [manager] }
`);

let story: Story;
beforeAll(async () => {
  story = await startStory({ policy: POLICY });
});
afterAll(() => story.end());

test('a network is a word of the command, and the approver reads its name', async () => {
  const id = await story.asks('jane', 'office 1h OPS-412 fixing the build');
  const card = await story.sees('maria', id);
  expect(card).toContain('From Office, 198.51.100.0/24 (256 addresses)');
  expect(card).toContain('256 addresses: all of Office.');
  const { blocks } = await seen(story, 'maria', id);
  expect(JSON.stringify(blocks)).toContain('Ticket: <https://tickets.example.com/OPS-412|OPS-412>');
  await story.presses('maria', id, 'Approve');
  await story.sees('jane', new RegExp(`Open until.*${id}`));
  expect(story.rules().map(({ cidr }) => cidr)).toEqual(['198.51.100.0/24']);
});

test('a person who has as much access open as the policy allows is told so', async () => {
  const id = await story.asks('jane', '203.0.113.25 1h OPS-413 another one');
  expect(await story.sees('jane', new RegExp(`Not allowed.*${id}`))).toContain(
    'You have 1 open already, as many as the policy allows. `end` closes one.',
  );
});

test('a person who has one request waiting cannot ask for another where the policy allows one, and the first waits on', async () => {
  const first = await story.asks('tom', '203.0.113.25 1h OPS-414 one');
  await story.sees('maria', first);
  const said = await answered(story, 'tom', '203.0.113.26 1h OPS-415 two');
  expect(said).toContain(
    '*Not sent.* 1 request waits already, as many as the policy allows. `end` takes one back.',
  );
  expect(said).toContain('/workspace-ssh 203.0.113.26 1h OPS-415 two');
  await story.says('tom', `end ${first}`);
});

test('a reason without a ticket is asked back, in the command and in the form', async () => {
  expect(await answered(story, 'tom', 'VPN 1h fixing the build')).toContain(
    'Add the ticket, such as OPS-412.',
  );
  await story.person('tom').command('');
  const view = await filledForm(story, 'tom');
  expect(shows(story, view)).toContain('Office · 198.51.100.0/24');
  const person = story.person('tom');
  await person.fill(view, { network: 'VPN', reason: 'fixing the build' });
  const sent = await person.submit(view);
  expect(sent.errors).toEqual({ reason: 'Add the ticket, such as OPS-412.' });
  await person.fill(view, { reason: 'OPS-416 fixing the build' });
  await person.submit(view);
  expect(await story.sees('maria', 'OPS-416')).toContain('From VPN, 10.8.0.0/16');
});

test('an address in a named network is shown with its name', async () => {
  const live = await answered(story, 'tom', 'list');
  const [, id = ''] = /([2-9A-HJ-NP-Z]{5}) · Waiting/.exec(live) ?? [];
  await story.says('tom', `end ${id}`);
  const next = await story.asks('tom', '10.8.3.4 1h OPS-417 one more');
  expect(await story.sees('maria', next)).toContain('From 10.8.3.4 in VPN (one address, typed by hand)');
});

test('the form that opens after a refused command has the typed network chosen', async () => {
  await story.says('tom', 'vpn 9h OPS-418 too long');
  const reply = await heard(story, 'tom', 'The policy allows at most 8 hours');
  await story.person('tom').press(reply, FORM);
  const view = await filledForm(story, 'tom');
  expect([holds(view, 'network'), holds(view, 'source')]).toEqual(['VPN', undefined]);
});
