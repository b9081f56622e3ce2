/** Each weather: switched on the page, and what was promised for it held. */
import { afterEach, expect, test } from '@jest/globals';
import type { Locator } from 'playwright-core';
import { INSTALLATION } from '../../sandbox/console/leases.js';
import { SOON_MS, stage, type Visitor } from './visitor.js';

const scene = stage();
const LONG_MS = 2 * SOON_MS;

afterEach(async () => {
  const { town, redis, keeper } = scene.console;
  for (const rule of town.aws.rules().filter(({ isEgress }) => !isEgress)) town.aws.removeRule(rule.ruleId);
  redis.down = false;
  town.aws.down = false;
  if (!keeper.bot.running) await keeper.start();
}, LONG_MS);

/** Opens access as Jane and Maria would. */
async function opens(visitor: Visitor, source: string, duration: string): Promise<void> {
  const { types, becomes, sees, presses } = visitor;
  await becomes('jane');
  await types(`/workspace-ssh ws-janedoe01 ${source} ${duration} weather`);
  await becomes('maria');
  await sees(source);
  await presses(/^Approve/, source);
  await visitor.opens(`${source}/32`);
}

async function weatherTab({ page }: Visitor): Promise<void> {
  await page.getByRole('tab', { name: /Weather/ }).click();
}

async function held(card: Locator): Promise<string> {
  await card.locator('.verdict-held, .verdict-broken').waitFor({ timeout: LONG_MS });
  return card.locator('.verdict').innerText();
}

test('slow AWS: Slack is answered all the same', async () => {
  const visitor = await scene.visit();
  await weatherTab(visitor);
  const card = visitor.weather('aws-slow');
  await card.getByRole('button', { name: 'Slow down' }).click();
  await visitor.page.locator('#weather-strip').getByText('AWS is slow').waitFor();
  await visitor.types('/workspace-ssh');
  await visitor.page.getByRole('dialog').waitFor();
  expect(await held(card)).toMatch(/^Held .* each answered within \d+ ms/);
  await card.getByRole('button', { name: 'Normal again' }).click();
  await visitor.page.locator('#weather-strip').waitFor({ state: 'hidden' });
});

test.each([
  ['aws-down', 'Cut off', 'Bring back', '203.0.113.41'],
  ['bot-killed', 'Kill it', 'Start it again', '203.0.113.42'],
  ['aws-throttled', 'Throttle', 'Let through', '203.0.113.43'],
])(
  '%s: what ended meanwhile is closed within one sweep after it is over',
  async (id, begin, over, source) => {
    const visitor = await scene.visit();
    await opens(visitor, source, '15s');
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
])('%s: access ends while it lasts', async (id, begin, over, source) => {
  const visitor = await scene.visit();
  await opens(visitor, source, '15s');
  await weatherTab(visitor);
  const card = visitor.weather(id);
  await card.getByRole('button', { name: begin }).click();
  await card.getByText('The rule went').waitFor({ timeout: LONG_MS });
  // The audit log tells it also where Redis could not take the record.
  if (id === 'redis-gone') await visitor.page.locator('#audit').getByText('not in Redis').first().waitFor();
  expect(scene.console.town.aws.opens('ws-janedoe01', source)).toEqual([]);
  await card.getByRole('button', { name: over }).click();
  expect(await held(card)).toMatch(/^Held The rule went \d+\.\d s after the end/);
  await visitor.becomes('jane');
  await visitor.sees(new RegExp(`Ended[^]*${source}`), LONG_MS);
});

test('AWS fails: a request that is made meanwhile waits, and goes on once AWS is back', async () => {
  const visitor = await scene.visit();
  await weatherTab(visitor);
  const card = visitor.weather('aws-down');
  await card.getByRole('button', { name: 'Cut off' }).click();
  await visitor.types('/workspace-ssh ws-janedoe01 203.0.113.50 1h it can wait');
  await visitor.sees(/Waiting for AWS[\s\S]*203\.0\.113\.50/);
  await card.getByRole('button', { name: 'Bring back' }).click();
  await visitor.sees(/Waiting for @maria[\s\S]*203\.0\.113\.50/, LONG_MS);
  // Maria is not reminded of it in the midst of another test.
  await visitor.presses('Take back', '203.0.113.50');
  await visitor.sees('Taken back');
});

test('Redis gone: a request is refused with a sentence', async () => {
  const visitor = await scene.visit();
  await weatherTab(visitor);
  const card = visitor.weather('redis-gone');
  await card.getByRole('button', { name: 'Cut off' }).click();
  await visitor.types('/workspace-ssh ws-janedoe01 203.0.113.46 1m nothing stores this');
  await visitor.sees(/Not sent|could not confirm/);
  await card.getByRole('button', { name: 'Bring back' }).click();
});

test('a rule that a hand deleted stays deleted, and the requester is told', async () => {
  const visitor = await scene.visit();
  await opens(visitor, '203.0.113.47', '1h');
  await visitor.page.getByRole('button', { name: 'Delete 203.0.113.47/32 by hand' }).click();
  await weatherTab(visitor);
  expect(await held(visitor.weather('rule-deleted'))).toMatch(
    /^Held It stayed removed, and the requester was told/,
  );
});

test('a rule that a hand added is left alone; a forged one goes', async () => {
  const visitor = await scene.visit();
  await opens(visitor, '203.0.113.48', '1h');
  await weatherTab(visitor);
  const added = visitor.weather('rule-added');
  const access = scene.console.town.aws.groups().find(({ tags }) => INSTALLATION in tags);
  await added.getByLabel('Into which group').selectOption(access?.id ?? '');
  await added.getByRole('button', { name: 'Add' }).click();
  await visitor.weather('rule-forged').getByRole('button', { name: 'Forge' }).click();
  await visitor.page.getByRole('tab', { name: 'AWS' }).click();
  expect(await visitor.rule('203.0.113.66/32').innerText()).toMatch(/forged by hand[\s\S]*FAKE2 · jane/);
  expect(await visitor.rule('203.0.113.48/32').innerText()).toContain('the bot’s');
  await weatherTab(visitor);
  expect(await held(visitor.weather('rule-added'))).toMatch(/^Held Left alone .*; the admins were told/);
  expect(await held(visitor.weather('rule-forged'))).toMatch(/^Held Removed after/);
});

test('a rebuilt WorkSpace has another address, and access to the old one ends', async () => {
  const visitor = await scene.visit();
  await opens(visitor, '203.0.113.49', '1h');
  const before = scene.console.town.aws.workspace('ws-janedoe01')?.ip ?? '';
  await weatherTab(visitor);
  const card = visitor.weather('rebuilt');
  await card.getByRole('combobox').selectOption('ws-janedoe01');
  await card.getByRole('button', { name: 'Rebuild' }).click();
  expect(await held(card)).toMatch(/^Held The rule went/);
  await visitor.page.getByRole('tab', { name: 'AWS' }).click();
  expect(await visitor.page.locator('[data-workspace="ws-janedoe01"]').innerText()).not.toContain(
    `${before}\n`,
  );
});

const endIn = (tags: Record<string, string>): number =>
  Math.max(
    0,
    ...Object.entries(tags).map(([key, value]) =>
      key.includes(':lease:') ? Number(value.split(' ')[1]) : 0,
    ),
  );

async function waitUntil(look: () => boolean): Promise<void> {
  const deadline = Date.now() + LONG_MS;
  while (!look()) {
    if (Date.now() > deadline) throw new Error('it did not come to that');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
