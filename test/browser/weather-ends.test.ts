/** Switches on each weather in which access ends, and holds that the page shows the promise as kept. */
import { expect, test } from '@jest/globals';
import { PATIENCE_MS } from '../patience.js';
import { stage } from './visitor.js';
import { clearsUp, held, opensBriefly, weatherTab } from './weather.js';

const scene = stage();
clearsUp(scene);

test.each([
  ['aws-down', 'Cut off', 'Bring back', '203.0.113.41'],
  ['bot-killed', 'Kill it', 'Start it again', '203.0.113.42'],
  ['aws-throttled', 'Throttle', 'Let through', '203.0.113.43'],
])(
  'access that ended during the weather %s is closed within one sweep after the weather is over',
  async (id, begin, over, source) => {
    const visitor = await scene.visit();
    await opensBriefly(visitor, source);
    await weatherTab(visitor);
    const card = visitor.weather(id);
    await card.getByRole('button', { name: begin }).click();
    await card.locator('.verdict-watching, .verdict-held').waitFor();
    const { aws } = scene.console.town;
    const isOver = (): boolean => aws.rules().every(({ tags }) => endIn(tags) < Date.now());
    await waitUntil(isOver);
    await card.getByRole('button', { name: over }).click();
    expect(await held(card)).toMatch(/^Held The rule went \d+\.\d s after/);
    expect(aws.opens('ws-janedoe01', source)).toEqual([]);
  },
);

test.each([
  ['redis-gone', 'Cut off', 'Bring back', '203.0.113.44'],
  ['slack-429', 'Refuse calls', 'Let through', '203.0.113.45'],
])('access ends during the weather %s', async (id, begin, over, source) => {
  const visitor = await scene.visit();
  await opensBriefly(visitor, source);
  await weatherTab(visitor);
  const card = visitor.weather(id);
  await card.getByRole('button', { name: begin }).click();
  await card.getByText('The rule went').waitFor();
  // The audit log shows the end even if Redis could not take the record.
  if (id === 'redis-gone') await visitor.page.locator('#audit').getByText('not in Redis').first().waitFor();
  expect(scene.console.town.aws.opens('ws-janedoe01', source)).toEqual([]);
  await card.getByRole('button', { name: over }).click();
  expect(await held(card)).toMatch(/^Held The rule went \d+\.\d s after the end/);
  await visitor.becomes('jane');
  await visitor.sees(new RegExp(`Ended[^]*${source}`));
});

const endIn = (tags: Record<string, string>): number =>
  Math.max(
    0,
    ...Object.entries(tags).map(([key, value]) =>
      key.includes(':lease:') ? Number(value.split(' ')[1]) : 0,
    ),
  );

async function waitUntil(look: () => boolean): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!look()) {
    if (Date.now() > deadline) throw new Error('it did not come to that');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
