/**
 * Uses the page as visitors do: with a reload in the middle, two windows, the keyboard alone, a screen reader, the
 * tour.
 */
import { expect, test } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { SHARED_GROUP } from '../../sandbox/world.js';
import { longEnough, nameless, stage } from './visitor.js';

const scene = stage();
const MOST_TABS = 150;

test('two windows show two people, and each sees what the other does', async () => {
  const jane = await scene.visit('?tour=off&as=jane');
  const maria = await scene.visit('?tour=off&as=maria');
  await jane.types('/workspace-ssh ws-janedoe01 203.0.113.51 1h two windows');
  await maria.sees('two windows');
  await maria.presses(/^Approve/);
  await jane.sees(/Open until[\s\S]*203\.0\.113\.51/);
  await jane.presses('End now');
  await maria.sees(/two windows[\s\S]*ended/);
});

test('a reload in the middle brings back the person, the form and the text in the form', async () => {
  const { page, types, becomes } = await scene.visit();
  await becomes('tom');
  await types('/workspace-ssh');
  const form = page.getByRole('dialog');
  await form.getByLabel('Why?').fill('before the reload');
  await form.getByLabel('Where will you connect from?').selectOption({ label: 'Another address' });
  await form.getByLabel('Your address').fill('203.0.113.52');
  await form.getByLabel('Why?').focus();
  await page.locator('#lines').getByText('views.update').first().waitFor();
  await page.reload();
  await page.locator('[data-person="tom"].is-me').waitFor();
  expect(await page.getByRole('dialog').getByLabel('Your address').inputValue()).toBe('203.0.113.52');
  expect(await page.getByRole('dialog').getByLabel('Why?').inputValue()).toBe('before the reload');
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
});

/** Presses Tab until the control has the focus, as somebody without a mouse does. */
async function tabsTo(page: Page, to: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  for (let press = 0; press < MOST_TABS; press++) {
    await page.keyboard.press(key);
    if (await to.evaluateAll((all) => all.some((one) => one.matches(':focus')))) return;
  }
  throw new Error(`${MOST_TABS} times ${key}, and the focus is not there`);
}

test('the main job can be done with the keyboard alone', async () => {
  const { page, sees } = await scene.visit();
  const box = page.getByLabel('Message', { exact: true });
  await tabsTo(page, box);
  await page.keyboard.type('/work');
  await page.getByRole('option').first().waitFor();
  // Shift and Tab leave the box without completing the command.
  await page.keyboard.press('Shift+Tab');
  expect([await box.inputValue(), await box.evaluate((node) => node.matches(':focus'))]).toEqual([
    '/work',
    false,
  ]);
  await tabsTo(page, box);
  await page.keyboard.type('s');
  await page.getByRole('option').first().waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  expect(await box.inputValue()).toBe('/workspace-ssh ws-janedoe01 203.0.113.25 1m trying it out ');
  await page.keyboard.press('Enter');
  await sees(/Waiting for @maria/);
  // Marks for unread messages come and go while the focus moves.
  await tabsTo(page, page.locator('[data-person="maria"]'), 'Shift+Tab');
  await scene.api('chat.postMessage', { channel: 'U0TOM', text: 'a mark' });
  await page.locator('[data-person="tom"] .badge').waitFor();
  await page.keyboard.press('Enter');
  await page.locator('[data-person="maria"].is-me').waitFor();
  await tabsTo(page, page.locator('#message-list').getByRole('button', { name: 'Deny' }).last());
  await page.keyboard.press('Enter');
  const form = page.getByRole('dialog', { name: /^Deny/ });
  await form.waitFor();
  // The focus is in the form, and stays in it.
  for (let press = 0; press < 5; press++) await page.keyboard.press('Tab');
  expect(await form.locator(':focus').count()).toBe(1);
  await tabsTo(page, form.getByRole('button', { name: 'Deny' }));
  await page.keyboard.press('Enter');
  await form.waitFor({ state: 'detached' });
  await sees(/Denied by @maria/);

  // Home is drawn anew when the bot publishes it again.
  await tabsTo(page, page.getByRole('button', { name: 'Home' }), 'Shift+Tab');
  await page.keyboard.press('Enter');
  const ask = page.locator('#home').getByRole('button', { name: 'Request SSH access' });
  await ask.waitFor();
  await tabsTo(page, ask);
  const home = [...(scene.console.town.slack.person('U0MARIA').home()?.view.blocks ?? [])];
  const header = { type: 'header', text: { type: 'plain_text', text: 'once more' } };
  await scene.api('views.publish', { user_id: 'U0MARIA', view: { type: 'home', blocks: [header, ...home] } });
  await page.locator('#home').getByText('once more').waitFor();
  expect(await ask.evaluate((node) => node.matches(':focus'))).toBe(true);
});

test('a form without a button to send it keeps the focus inside', async () => {
  const { page, types } = await scene.visit('?tour=off&as=tom');
  await types('/workspace-ssh');
  const form = page.getByRole('dialog');
  await form.locator('[data-block="workspace"] select').waitFor();
  const [open] = scene.console.town.slack.person('U0TOM').views();
  const text = (words: string) => ({ type: 'plain_text', text: words });
  const view = {
    type: 'modal',
    title: text('Wait'),
    blocks: [{ type: 'section', text: text('looking it up') }],
  };
  expect(await scene.api('views.update', { view_id: open?.id, view })).toMatchObject({ ok: true });
  await form.getByText('looking it up').waitFor();
  for (let press = 0; press < 4; press++) await page.keyboard.press('Tab');
  expect(await form.locator(':focus').innerText()).toBe('Cancel');
});

test('a click is not lost if the page is drawn between its press and its release', async () => {
  const { page } = await scene.visit('?tour=off&as=jane');
  const beside = await scene.visit('?tour=off&as=tom');
  const tom = await page.locator('[data-person="tom"]').boundingBox();
  if (!tom) throw new Error('Tom is nowhere');
  await page.mouse.move(tom.x + tom.width / 2, tom.y + tom.height / 2);
  await page.mouse.down();
  await scene.api('chat.postMessage', { channel: 'U0TOM', text: 'just now' });
  await beside.sees('just now');
  await page.mouse.up();
  await page.locator('[data-person="tom"].is-me').waitFor();
  await page.locator('.message').filter({ hasText: 'just now' }).waitFor();
});

test('a line of the time line opens to show its payload, and filters hide unwanted lines', async () => {
  const { page, types, sees } = await scene.visit();
  await types('/workspace-ssh help');
  await sees('/workspace-ssh');
  const line = page.locator('[data-what="/workspace-ssh"]').first();
  await line.locator('summary').click();
  await line.getByText('"command": "/workspace-ssh"').waitFor();
  // The payload of a call to AWS has the answer too.
  await types('/workspace-ssh');
  await page.getByRole('dialog').locator('[data-block="workspace"] select').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Routine' }).click();
  const call = page.locator('[data-what="DescribeWorkspaces"]').first();
  await call.locator('summary').click();
  await call.getByText('"WorkspaceId": "ws-janedoe01"').waitFor();
  await page.getByRole('button', { name: 'Routine' }).click();
  await page.getByRole('button', { name: 'Slack', exact: true }).click();
  await line.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Redis', exact: true }).click();
  await page.locator('.lane-redis').first().waitFor();
});

test('in the time line a slow call stands where it began, so that a cause comes before its consequences', async () => {
  const { page, types, sees, presses } = await scene.visit();
  const { aws } = scene.console.town;
  aws.settings.latencyMs = 300;
  try {
    await types('/workspace-ssh ws-janedoe01 203.0.113.53 1m in order');
    await sees(/Waiting for @maria[\s\S]*203\.0\.113\.53/);
    await presses('Take back', '203.0.113.53');
    await sees('Taken back');
    await page.getByRole('button', { name: 'Routine' }).click();
    await page.locator('#lines [data-what="/workspace-ssh"]').first().waitFor();
    for (const when of ['as they come', 'after a reload']) {
      const times = await page
        .locator('#lines time')
        .evaluateAll((all) => all.map((one) => one.getAttribute('datetime')));
      expect([when, times]).toEqual([when, times.toSorted().reverse()]);
      if (when === 'as they come') await page.reload();
      await page.locator('#lines time').first().waitFor();
      await page.getByRole('button', { name: 'Routine' }).click();
    }
  } finally {
    aws.settings.latencyMs = 0;
  }
});

test('every control and field has a name for screen readers', async () => {
  const { page, types } = await scene.visit();
  await types('/workspace-ssh');
  await page.getByRole('dialog').locator('[data-block="workspace"] select').waitFor();
  expect(await nameless(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Home' }).click();
  await page.locator('#home').getByRole('button', { name: 'Request SSH access' }).waitFor();
  expect(await nameless(page)).toEqual([]);
  await page.getByRole('tab', { name: /Weather/ }).click();
  await page.locator('[data-weather="rebuilt"]').waitFor();
  expect(await nameless(page)).toEqual([]);
});

test('on a screen of 1024 px even the longest text stays inside its pane', async () => {
  const { page, sees } = await scene.visit('?tour=on&as=gina', { width: 1024, height: 768 });
  const { aws } = scene.console.town;
  const long = 'unbroken'.repeat(40);
  await scene.api('chat.postMessage', {
    channel: 'U0GINA',
    text: long,
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: `*${long}* \`${long}\`` } },
      { type: 'context', elements: [{ type: 'mrkdwn', text: long }] },
    ],
  });
  const rule = aws.addRule(SHARED_GROUP, {
    cidr: '2001:db8:1111:2222:3333:4444:5555:6666/128',
    tags: { [long.slice(0, 120)]: long.slice(0, 250) },
  });
  await sees(long);
  await page.locator(`[data-rule="${rule.ruleId}"] summary`).click();
  for (const tab of ['AWS', 'Weather']) {
    await page.getByRole('tab', { name: new RegExp(tab) }).click();
    const wide =
      await page.evaluate(`[...document.querySelectorAll('html, main, section, nav, #messages, #home, #right, #right > div, #below > div, #tour, .message')]
      .filter((pane) => pane.checkVisibility() && pane.scrollWidth > pane.clientWidth + 1)
      .map((pane) => (pane.id || pane.querySelector('h2')?.textContent || pane.className || pane.tagName) + ' ' + pane.scrollWidth + ' of ' + pane.clientWidth)`);
    expect(wide).toEqual([]);
  }
  aws.removeRule(rule.ruleId);
});

test('the tour leads to an end that came by itself, and can be left', async () => {
  const { page, types, presses, becomes, sees, opens } = await scene.visit('');
  const tour = page.getByRole('complementary', { name: 'Guided tour' });
  await tour.getByText('Step 1 of 7').waitFor();
  await tour.getByRole('button', { name: 'Leave the tour' }).click();
  await tour.waitFor({ state: 'hidden' });
  // Access from before the tour completes no step, and a tour that starts again begins as Jane.
  const startedMs = Date.now();
  await types('/workspace-ssh ws-janedoe01 203.0.113.54 1h older');
  await becomes('maria');
  await presses(/^Approve/, '203.0.113.54');
  await opens('203.0.113.54/32');
  // The messages about that access come before the tour begins.
  await becomes('jane');
  await sees(/Open until[\s\S]*203\.0\.113\.54/);
  const openingMs = Date.now() - startedMs;
  await becomes('maria');
  await page.getByRole('button', { name: 'Tour', exact: true }).click();
  await page.locator('[data-person="jane"].is-me').waitFor();
  await tour.getByText('Step 1 of 7').waitFor();
  const line = await tour.locator('code').innerText();
  await tour.getByRole('button', { name: 'Type it for me' }).click();
  expect(await page.getByLabel('Message', { exact: true }).inputValue()).toBe(line);
  // A newcomer waits a whole minute for this end.
  await types(line.replace(' 1m ', ` ${longEnough(openingMs)}s `));
  await tour.getByText('Switch to Maria').waitFor();
  await becomes('maria');
  await tour.getByText('Press Approve').waitFor();
  await presses(/^Approve/, '203.0.113.25');
  await tour.getByText('Be Jane again').waitFor();
  await becomes('jane');
  await tour.getByText('More time, with one tap').waitFor();
  await tour.getByRole('button', { name: 'Next' }).click();
  await tour.getByText('Wait for the end').waitFor();
  await tour.getByText('Now break something').waitFor();
  await sees(/Ended .*time was up/);
  expect(scene.console.town.aws.opens('ws-janedoe01', '203.0.113.25')).toEqual([]);
  await tour.getByRole('button', { name: 'Leave the tour' }).click();
  await tour.waitFor({ state: 'hidden' });
  await page.reload();
  await page.waitForSelector('body[data-ready]');
  expect(await tour.isVisible()).toBe(false);
});
