/** The last of several yeses comes just when the request lapses. */
import { afterAll, beforeAll, test } from '@jest/globals';
import { sayTheSame } from '../asking/asking.js';
import { type Story, startStory } from '../story.js';

const POLICY = `
version: 1
admins: [U0ADA]
directories:
  d-90670a1b2c: { people: { from: email-local-part, domains: [example.com] } }
limits: { unanswered: 10s, sources: { documentation: true } }
rules:
  - { name: own WorkSpace, target: own, ask: ['2 of @security'] }
`;
const UNANSWERED_MS = 10_000;

let story: Story;
beforeAll(async () => {
  story = await startStory({ policy: POLICY });
});
afterAll(() => story.end());

test('of the last yes and the lapse of a request at one moment one counts, and every card says the same', async () => {
  // Side by side, since each waits the whole time.
  await Promise.all(
    [250, 120, 40, -50].map(async (beforeMs, nth) => {
      const id = await story.asks('jane', `203.0.113.${25 + nth} 1h fixing the build`);
      await story.presses('sam', id, 'Approve');
      await story.sees('ada', new RegExp(`${id}[^]*1 of 2`));
      const lapsesAtMs = (await pendingAtMs(id)) + UNANSWERED_MS;
      await story.until('it is about to lapse', () => Date.now() >= lapsesAtMs - beforeMs);
      // A request that has lapsed already has no button.
      await story.presses('ada', id, 'Approve').catch(() => undefined);
      await sayTheSame(story, id, { card: 'No answer', copies: 'Closed unanswered' });
    }),
  );
});

/** When the request began to wait for an answer: Slack's time stamp of the first card that asks. */
async function pendingAtMs(id: string): Promise<number> {
  await story.sees('sam', id);
  const card = story.town.slack
    .dm('U0SAM')
    .find((message) => JSON.stringify([message.text, message.blocks]).includes(id));
  return Number(card?.ts) * 1000;
}
