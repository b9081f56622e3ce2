/**
 * Makes the other weather and the manual changes at AWS on the page, and holds that the page shows promises as kept.
 */
import { expect, test } from '@jest/globals';
import { INSTALLATION } from '../../sandbox/console/shown/leases.js';
import { stage } from './visitor.js';
import { clearsUp, held, opens, weatherTab } from './weather.js';

const scene = stage();
clearsUp(scene);

test('Slack is answered in time even if AWS is slow', async () => {
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

test('a request that is made while AWS fails waits, and goes on once AWS is back', async () => {
  const visitor = await scene.visit();
  await weatherTab(visitor);
  const card = visitor.weather('aws-down');
  await card.getByRole('button', { name: 'Cut off' }).click();
  await visitor.types('/workspace-ssh ws-janedoe01 203.0.113.50 1h it can wait');
  await visitor.sees(/Waiting for AWS[\s\S]*203\.0\.113\.50/);
  await card.getByRole('button', { name: 'Bring back' }).click();
  await visitor.sees(/Waiting for @maria[\s\S]*203\.0\.113\.50/);
  // The request is ended, so that its reminder does not reach Maria in the middle of another test.
  await visitor.presses('Take back', '203.0.113.50');
  await visitor.sees('Taken back');
});

test('a request is refused with a sentence while Redis is gone', async () => {
  const visitor = await scene.visit();
  await weatherTab(visitor);
  const card = visitor.weather('redis-gone');
  await card.getByRole('button', { name: 'Cut off' }).click();
  await visitor.types('/workspace-ssh ws-janedoe01 203.0.113.46 1m nothing stores this');
  await visitor.sees(/Not sent|could not confirm/);
  await card.getByRole('button', { name: 'Bring back' }).click();
});

test('a manually deleted rule stays deleted, and the requester reads of it', async () => {
  const visitor = await scene.visit();
  await opens(visitor, '203.0.113.47', '1h');
  await visitor.page.getByRole('button', { name: 'Delete 203.0.113.47/32 by hand' }).click();
  await weatherTab(visitor);
  expect(await held(visitor.weather('rule-deleted'))).toMatch(
    /^Held It stayed removed, and the requester was told/,
  );
});

test('a manually added rule is left alone, and a forged rule is removed', async () => {
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
