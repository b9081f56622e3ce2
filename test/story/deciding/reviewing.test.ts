/**
 * Several people have to say yes: every copy of the card says how the request stands, and many clicks have one outcome.
 */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type PersonName, people } from '../../../sandbox/world.js';
import type { Messenger } from '../../../src/workflow/ports.js';
import { PATIENCE_MS } from '../../patience.js';
import { formOf, sayTheSame, seen } from '../asking/asking.js';
import { policyWith } from '../policies.js';
import { type Story, startStory } from '../story.js';

const POLICY = policyWith(`
limits: { sources: { documentation: true }, durations: { choices: [30m, 1h, 2h] } }
rules:
  - { name: short, target: own, up-to: 30m, approve: at-once }
  - { name: hour, target: own, up-to: 1h, ask: ['2 of @security'] }
  - { name: production, target: own, ask: [manager, '@security'], notify: { channel: C0ACCESS } }
  - { name: others, target: other, ask: [{ any-of: [U0TOM] }] }
`);

let story: Story;
/** Work that Slack does before a post is answered, if any. */
let whilePosting: ((...call: Parameters<Messenger['post']>) => Promise<void>) | undefined;
beforeAll(async () => {
  story = await startStory({
    policy: POLICY,
    wrap: (rooms) => {
      const { messenger } = rooms.parts;
      const post: Messenger['post'] = async (...call) => {
        const posted = await messenger.post(...call);
        await whilePosting?.(...call);
        return posted;
      };
      return { ...rooms, parts: { ...rooms.parts, messenger: { ...messenger, post } } };
    },
  });
});
beforeEach(() => security('sam', 'ada'));
afterAll(() => story.end());

function security(...names: PersonName[]) {
  const group = story.town.slack.world.userGroups.find(({ handle }) => handle === 'security');
  if (group) group.users = names.map((name) => people[name]);
}

/** Presses the button of a card as it is now, also once the card was edited: the click may have been on its way. */
async function withCard(name: PersonName, id: string, button: string) {
  const before = structuredClone(await seen(story, name, id));
  return () => story.person(name).press(before, button);
}

async function stop(id: string) {
  await story.says('jane', `end ${id}`);
  await story.sees('jane', new RegExp(`(Ended|Taken back).*${id}`));
}

test('a request that needs two yeses shows its state on every copy, and the second yes opens access', async () => {
  const id = await story.asks('jane', '203.0.113.25 1h fixing the build');
  expect(await story.sees('ada', id)).toContain('You are asked because: rule *hour*, 2 of @security');
  const again = await withCard('sam', id, 'Approve 1 h');
  await again();
  await story.sees('ada', new RegExp(`${id}[^]*1 of 2: approved by @sam`));
  const half = await story.sees('sam', new RegExp(`${id}[^]*1 of 2: approved by @sam`));
  expect(half).toContain('You said yes. It waits for @ada.');
  expect(half).not.toContain('[Approve');
  expect(await story.sees('jane', new RegExp(`Waiting for @ada.*${id}`))).toContain(
    '1 of 2: approved by @sam',
  );
  expect(story.rules()).toEqual([]);
  await again();
  await story.hears('sam', 'You approved it already; it still waits for @ada.');
  await story.presses('ada', id, 'Approve 1 h');
  await story.sees('jane', new RegExp(`Open until.*approved by @sam and @ada.*${id}`));
  await stop(id);
});

test('two yeses at one moment both count, and one rule is added', async () => {
  const id = await story.asks('jane', '203.0.113.26 1h fixing the build');
  await Promise.all([story.sees('sam', id), story.sees('ada', id)]);
  await Promise.all([story.presses('sam', id, 'Approve'), story.presses('ada', id, 'Approve')]);
  await story.sees('jane', new RegExp(`Open until.*${id}`));
  expect(story.rules().filter(({ cidr }) => cidr === '203.0.113.26/32')).toHaveLength(1);
  await stop(id);
});

test('of the last yes and a take-back at one moment one counts, and every card says the same', async () => {
  for (let round = 0; round < 4; round++) {
    const id = await story.asks('jane', `203.0.113.3${round} 1h fixing the build`);
    await story.presses('sam', id, 'Approve');
    await story.sees('ada', new RegExp(`${id}[^]*1 of 2`));
    await story.sees('jane', new RegExp(`Waiting for @ada.*${id}`));
    const both = [
      () => story.presses('ada', id, 'Approve'),
      () => story.presses('jane', `Waiting for @ada* · ${id}`, 'Take back'),
    ];
    // Each of the two comes first now and then.
    await Promise.all((round % 2 ? both : both.reverse()).map((press) => press()));
    await sayTheSame(story, id, { card: 'Taken back', copies: 'Taken back' });
  }
});

test('one no ends a request, whoever has said yes before', async () => {
  const id = await story.asks('jane', '203.0.113.25 1h fixing the build');
  await story.presses('sam', id, 'Approve');
  await story.sees('ada', new RegExp(`${id}[^]*1 of 2`));
  await story.presses('ada', id, 'Deny');
  await story.person('ada').submit(await formOf(story, 'ada'));
  await story.sees('jane', new RegExp(`Denied by @ada.*${id}`));
  await story.sees('sam', new RegExp(`${id}[^]*Denied by @ada`));
});

test('everybody in a channel reads a request that is told there, and only the people who may decide it do', async () => {
  const id = await story.asks('jane', '203.0.113.25 2h fixing the build');
  const { slack } = story.town;
  const inChannel = () =>
    slack.messages('C0ACCESS').find(({ text, blocks }) => JSON.stringify([text, blocks]).includes(id));
  const message = await slack.until(inChannel, PATIENCE_MS, 'the card in the channel');
  expect(JSON.stringify(message.blocks)).toContain(
    'Asked because: rule *production*, manager, 1 of @security.',
  );
  expect(story.reads('maria').join()).not.toContain(id);
  await story.person('maria').press(message, 'Approve 2 h');
  await slack.until(
    () => JSON.stringify(inChannel()?.blocks).includes('1 of 2'),
    8000,
    '1 of 2 in the channel',
  );
  await story.person('ada').press(inChannel() ?? message, 'Deny');
  await formOf(story, 'ada');
  for (const view of story.person('ada').views()) await story.person('ada').close(view);
  await stop(id);
});

test('the next approver reads that a yes made the access shorter, and a click on an earlier card is answered with that', async () => {
  const id = await story.asks('jane', '203.0.113.25 1h fixing the build');
  const before = await seen(story, 'ada', id);
  const card = await seen(story, 'sam', id);
  // Ada's screen stays as it was: a phone without network.
  const stale = structuredClone(before);
  await story.person('sam').press(card, 'Approve 30 min');
  await story.sees('ada', new RegExp(`for 30 minutes[^]*${id}[^]*Asked for 1 hour; @sam made it 30 minutes`));
  await story.person('ada').press(stale, 'Approve 1 h');
  await story.hears('ada', `${id} has changed since that message: @sam made it 30m.`);
  await story.presses('ada', id, 'Approve 30 min');
  await story.sees('jane', new RegExp(`Open until.*${id}`));
  await stop(id);
});

test('a yes of somebody who left the group does not count any more, and a person who may not decide is told who may', async () => {
  const id = await story.asks('jane', '203.0.113.25 1h fixing the build');
  const again = await withCard('sam', id, 'Approve 1 h');
  await again();
  await story.sees('ada', new RegExp(`${id}[^]*1 of 2`));
  security('ada', 'tom');
  await story.stopBot();
  await story.startBot(); // The bot remembers groups for a minute.
  await story.presses('ada', id, 'Approve');
  await story.sees('jane', new RegExp(`Waiting for @tom.*${id}`));
  await again();
  await story.hears('sam', 'You are not among the people who may decide this now');
  expect(story.rules()).toEqual([]);
  await stop(id);
});

test("the card names the owner of a WorkSpace, who is told when somebody else's access opens", async () => {
  const id = await story.asks('tom', 'ws-janedoe01 203.0.113.27 1h helping Jane');
  await story.sees('tom', new RegExp(`Not allowed.*${id}`));
  const other = await story.asks('lee', 'ws-janedoe01 203.0.113.27 1h helping Jane');
  expect(await story.sees('tom', other)).toContain("it is @jane's");
  await story.presses('tom', other, 'Approve');
  await story.sees('jane', new RegExp(`@lee can connect to your WorkSpace.*ws-janedoe01.*until.*${other}`));
  await story.says('lee', `end ${other}`);
  await story.sees('jane', new RegExp(`@lee's access to your WorkSpace.*ended.*${other}`));
});

test('an owner is not told that access is open which ended while an earlier card took its time', async () => {
  const id = await story.asks('lee', 'ws-janedoe01 203.0.113.28 1h helping Jane');
  const ended = new Promise<void>((resolve) => {
    whilePosting = async (_userId, { surface, request }) => {
      if (request.id !== id || surface !== 'access' || request.phase.state !== 'open') return;
      whilePosting = undefined;
      await story.says('lee', `end ${id}`);
      await story.rulesBecome(0);
      resolve();
    };
  });
  await story.presses('tom', id, 'Approve');
  await ended;
  await story.sees('lee', new RegExp(`Ended.*${id}`));
  await story.sees('tom', new RegExp(`${id}[^]*ended`));
  expect(story.reads('jane').filter((text) => text.includes(id))).toEqual([]);
});
