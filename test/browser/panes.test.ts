/** Looks at the panes beside the conversation (AWS, the time line, the tour), and at a page that loses the sandbox. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from '@jest/globals';
import { freePort } from '../../sandbox/free-port.js';
import { awsWorld, SHARED_GROUP } from '../../sandbox/world.js';
import { isInSight, stage, type Visitor } from './visitor.js';

const scene = stage();

/** Starts the sandbox as `npm run sandbox` does, and waits for its first words. */
async function startSandbox(port: number, says = `:${port}`): Promise<{ stop(): Promise<void> }> {
  const child = spawn(process.execPath, ['dist/sandbox/main.js', '--port', String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = once(child, 'exit');
  let said = '';
  for await (const more of child.stdout) {
    said += String(more);
    if (said.includes(says)) break;
  }
  if (!said.includes(says)) throw new Error(`The sandbox ended and never said "${says}", but: ${said}`);
  return {
    async stop() {
      child.kill('SIGTERM');
      await gone;
    },
  };
}

/** How many pixels of the element that the tour's step points at the tour's card covers. */
async function coveredByTour({ page }: Visitor): Promise<unknown> {
  return page.evaluate(`(() => {
    const [card, seen] = ['#tour', '.is-pointed'].map((one) => document.querySelector(one).getBoundingClientRect());
    const width = Math.min(card.right, seen.right) - Math.max(card.left, seen.left);
    const height = Math.min(card.bottom, seen.bottom) - Math.max(card.top, seen.top);
    return Math.max(0, width) * Math.max(0, height);
  })()`);
}

test('a pane says so if it has nothing to show', async () => {
  const { page } = await scene.visit();
  await page.getByText('No ingress rule: every WorkSpace is closed.').waitFor();
  await page.getByText('Nothing here yet. Type / below').waitFor();
  await page.getByText('One record for each change of state. None yet.').waitFor();
  await page.getByLabel('Filter the time line').fill('nothing is called that');
  await page.getByText('No line matches these filters.').waitFor();
});

test('on a phone nothing is wider than the screen, and the form can be filled in and sent', async () => {
  const { page, types, sees } = await scene.visit('?tour=on', { width: 390, height: 844 });
  const width = () => page.evaluate('document.documentElement.scrollWidth - innerWidth');
  expect(await width()).toBeLessThanOrEqual(0);
  await page.getByRole('button', { name: 'Leave the tour' }).click();
  await types('/workspace-ssh');
  await page.locator('[data-block="workspace"]').waitFor();
  await page.getByLabel('Where will you connect from?').selectOption({ label: 'Another address' });
  await page.getByLabel('When?').selectOption({ label: 'At a date and time' });
  await page.getByLabel('Your address').fill('203.0.113.25');
  for (const label of ['Your address', 'Opens at', 'Why?']) {
    const field = page.getByLabel(label);
    await field.scrollIntoViewIfNeeded();
    expect(await isInSight(field)).toBe(true);
  }
  expect(await isInSight(page.getByRole('button', { name: 'Send request' }))).toBe(true);
  expect(await width()).toBeLessThanOrEqual(0);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await types('/workspace-ssh help');
  expect(await isInSight(await sees('Durations:'))).toBe(true);
  expect(await width()).toBeLessThanOrEqual(0);
});

test('a rule or group that comes or changes is highlighted, and its tags are shown', async () => {
  const { page, rule } = await scene.visit();
  const { aws } = scene.console.town;
  const group = page.locator('#groups tr').filter({ hasText: SHARED_GROUP });
  await group.getByText('0 rules').waitFor();
  expect(await page.locator('#directory').innerText()).toBe(
    awsWorld()
      .directories.map(({ id, name, shortName }) => `${id} · ${name} (${shortName})`)
      .join(', '),
  );
  const { ruleId } = aws.addRule(SHARED_GROUP, { cidr: '198.18.0.1/32', tags: { Name: 'by hand' } });
  const row = rule('198.18.0.1/32');
  await row.waitFor();
  expect(await row.getAttribute('class')).toContain('is-new');
  await group.getByText('1 rule', { exact: true }).waitFor();
  expect(await group.getAttribute('class')).toContain('is-changed');
  await page.getByRole('tab', { name: /Weather/ }).click();
  expect(await isInSight(row)).toBe(true);
  await row.getByText('1 tag').click();
  await row.locator('dd').getByText('by hand').waitFor();
  aws.setTags(ruleId, { Name: 'by another hand' });
  await page.locator(`[data-rule="${ruleId}"].is-changed`).waitFor();
  // Things that were there before the page was loaded are not highlighted.
  await page.reload();
  await row.waitFor();
  expect(await row.getAttribute('class')).not.toMatch(/is-new|is-changed/);
  aws.removeRule(ruleId);
  await group.getByText('0 rules').waitFor();
});

test('the time line is searched for words, and folded', async () => {
  const { page, types, sees } = await scene.visit();
  await types('/workspace-ssh help');
  await sees('/workspace-ssh');
  const asked = page.locator('#lines [data-what="/workspace-ssh"]');
  const others = page.locator('#lines > li').filter({ hasNotText: /\/workspace-ssh/i });
  await others.first().waitFor();
  await page.getByLabel('Filter the time line').fill('/WORKSPACE-ssh');
  await others.first().waitFor({ state: 'detached' });
  await asked.first().waitFor();
  await page.getByRole('button', { name: 'Hide', exact: true }).click();
  expect((await page.locator('#lines').boundingBox())?.height ?? 0).toBe(0);
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await asked.first().waitFor();
});

test('the time line names the visitor’s weather as its card does, and lists the bot’s start as the bot’s', async () => {
  const { page, weather } = await scene.visit();
  await page.getByRole('tab', { name: /Weather/ }).click();
  await weather('aws-slow').getByRole('button').click();
  await page
    .locator('#lines .lane-visitor')
    .filter({ hasText: 'AWS is slow' })
    .getByText('Slow down')
    .waitFor();
  await weather('aws-slow').getByRole('button').click();
  await page.locator('#lines .lane-visitor').getByText('Normal again').waitFor();
  expect(await page.locator('#lines .lane-bot').last().innerText()).toMatch(/Bot\s+starting/);
});

test('a page that lost the sandbox says so, comes back by itself, and highlights only changes', async () => {
  const { page } = await scene.visit();
  const port = await freePort();
  let sandbox = await startSandbox(port);
  try {
    await page.goto(`http://127.0.0.1:${port}/?tour=off`);
    await page.locator('[data-workspace="ws-janedoe01"]').waitFor();
    await page.evaluate(
      `for (const row of document.querySelectorAll('#workspaces > tr')) row.dataset.old = 'yes';`,
    );
    const lost = page.getByText('The sandbox does not answer.');
    await sandbox.stop();
    await lost.waitFor();
    sandbox = await startSandbox(port);
    await lost.waitFor({ state: 'hidden' });
    await page.getByText('Bot is running').waitFor();
    await page.getByLabel('Message', { exact: true }).fill('/workspace-ssh help');
    await page.getByLabel('Message', { exact: true }).press('Enter');
    await page.locator('.message').first().waitFor();
    expect(await page.locator('#workspaces > tr:not([data-old])').count()).toBe(0);
  } finally {
    await sandbox.stop();
  }
  // The page asks for the other sandbox's news as long as that address is open.
  await page.goto(`${scene.console.url}/?tour=off`);
  scene.complaints.length = 0;
});

test('a sandbox whose port is taken says so', async () => {
  const { port } = new URL(scene.console.url);
  const second = await startSandbox(Number(port), `Port ${port} is taken`);
  await second.stop();
});

test('Home is shown after a reload too, and after the bot was gone', async () => {
  const { page } = await scene.visit('?tour=off&as=tom&in=home');
  const ask = page.locator('#home').getByRole('button', { name: 'Request SSH access' });
  await ask.waitFor();
  await page.reload();
  await ask.waitFor();
  const { keeper, town } = scene.console;
  await keeper.kill();
  const before = town.slack.journal.filter(({ method }) => method === 'views.publish').length;
  await page.getByText('Bot is gone', { exact: true }).waitFor();
  await keeper.start();
  await town.slack.until(
    () => town.slack.journal.filter(({ method }) => method === 'views.publish').length > before,
  );
});

test('the tour starts only in Jane’s window, and does not move the focus', async () => {
  const maria = await scene.visit('?as=maria', { width: 1024, height: 600 });
  const tour = maria.page.getByRole('complementary', { name: 'Guided tour' });
  expect(await tour.isVisible()).toBe(false);
  await maria.page.getByRole('button', { name: 'Tour', exact: true }).click();
  await maria.page.locator('[data-person="jane"].is-me').waitFor();
  const next = tour.getByRole('button', { name: 'Next' });
  for (let step = 1; step < 6; step++) {
    await tour.getByText(`Step ${step} of 7`).waitFor();
    expect(await coveredByTour(maria)).toBe(0);
    await next.click();
  }
  await tour.getByText('Step 6 of 7').waitFor();
  expect(await coveredByTour(maria)).toBe(0);
  // The focus stays on the button that is pressed again and again.
  expect(await next.evaluate((node) => node.matches(':focus'))).toBe(true);
  await maria.page.getByRole('tab', { name: /Weather/ }).click();
  await next.click();
  await tour.getByText('Now break something').waitFor();
  // Slow AWS does not keep Slack from being answered, which completes the tour.
  const slow = maria.weather('aws-slow').getByRole('button');
  await slow.focus();
  await maria.page.keyboard.press('Enter');
  await maria.page.locator('#weather-strip').getByText('AWS is slow').waitFor();
  const tom = await scene.visit('?tour=off&as=tom');
  await tom.types('/workspace-ssh help');
  await maria.weather('aws-slow').locator('.verdict-held').waitFor();
  await tour.waitFor({ state: 'hidden' });
  expect(await slow.evaluate((node) => node.matches(':focus'))).toBe(true);
  await maria.page.keyboard.press('Enter');
  await maria.page.locator('#weather-strip').waitFor({ state: 'hidden' });
});

test('weather that is switched off in the strip leaves the focus on a useful control', async () => {
  const { page, weather } = await scene.visit();
  await page.getByRole('tab', { name: /Weather/ }).click();
  await weather('aws-slow').getByRole('button').click();
  const off = page.locator('#weather-strip').getByRole('button');
  await off.focus();
  await page.keyboard.press('Enter');
  await off.waitFor({ state: 'detached' });
  expect(await page.locator(':focus').getAttribute('id')).toBe('weather-tab');
});

test('a form that closes while somebody writes elsewhere leaves the focus there', async () => {
  const jane = await scene.visit('?tour=off&as=jane');
  const beside = await scene.visit('?tour=off&as=jane');
  await jane.types('/workspace-ssh');
  const form = beside.page.getByRole('dialog');
  await form.locator('[data-block="workspace"] select').waitFor();
  const words = beside.page.getByLabel('Filter the time line');
  await words.focus();
  await jane.page.keyboard.press('Escape');
  await form.waitFor({ state: 'detached' });
  expect(await words.evaluate((node) => node.matches(':focus'))).toBe(true);
});

test('emoji names in typed text stay as they were typed where the bot asks for that', async () => {
  const { sees } = await scene.visit('?tour=off&as=lee');
  const text = (emoji: boolean) => ({ type: 'plain_text', text: ':fire:', emoji });
  await scene.api('chat.postMessage', {
    channel: 'U0LEE',
    text: 'fires',
    blocks: [
      { type: 'section', text: text(true) },
      { type: 'section', text: text(false) },
    ],
  });
  expect(await (await sees(':fire:')).innerText()).toMatch(/🔥\s+:fire:/);
});
