/** Asks for access in the page: by a line, by the form, and with fields that are refused. */
import { expect, test } from '@jest/globals';
import { slackWorld } from '../../sandbox/world.js';
import { stage, ZONE } from './visitor.js';

const MARKUP = '<img src=x onerror="ran=1">';
const scene = stage({
  slackWorld(app) {
    const world = slackWorld(app);
    const tom = world.users.find(({ name }) => name === 'tom');
    if (tom) tom.realName = MARKUP;
    return world;
  },
});

test('a typed request is approved by another person, opens a rule at AWS, and ends', async () => {
  const { page, types, becomes, sees, presses, copied, rule, opens } = await scene.visit();
  await types('/workspace-ssh ws-janedoe01 203.0.113.25 30s trying it out');
  await page.locator('[data-person="maria"] .badge').waitFor();
  await becomes('maria');
  const asked = await sees('@jane asks for SSH');
  expect(await asked.innerText()).toContain('trying it out');
  await presses(/^Approve/);
  await opens('203.0.113.25/32');
  expect(await rule('203.0.113.25/32').innerText()).toMatch(
    /ws-janedoe01[\s\S]*the bot’s[\s\S]*\w{5} · jane[\s\S]*s left/,
  );
  expect(scene.console.town.aws.opens('ws-janedoe01', '203.0.113.25')).toHaveLength(1);

  await becomes('jane');
  const open = await sees(/Open until/);
  await open.getByRole('button', { name: /^Copy ssh "/ }).click();
  expect(await copied()).toBe('ssh "CORP\\jane@198.51.100.7"');
  await sees(/left.*ends/);

  await page.locator('[data-source="203.0.113.25/32"].is-gone').waitFor();
  expect(await rule('203.0.113.25/32').innerText()).toMatch(/removed, \d+\.\d s after its end/);
  await sees(/Ended .*time was up/);
  expect(scene.console.town.aws.opens('ws-janedoe01', '203.0.113.25')).toEqual([]);
  expect(scene.complaints).toEqual([]);
});

test('subcommands are offered while somebody types, and those for admins only to an admin', async () => {
  const { page, becomes } = await scene.visit();
  const box = page.locator('#write');
  const offered = page.locator('#offers [role="option"]');
  await box.fill('/workspace-ssh e');
  await offered.getByText('/workspace-ssh end', { exact: true }).waitFor();
  expect(await offered.locator('code').allInnerTexts()).toEqual([
    '/workspace-ssh emergency ws-janedoe01 203.0.113.25 1m production is down',
    '/workspace-ssh extend',
    '/workspace-ssh end',
  ]);
  await becomes('ada');
  await box.fill('/workspace-ssh end');
  const all = offered.filter({ hasText: '/workspace-ssh end all' });
  await all.waitFor();
  expect(await all.innerText()).toContain('admins: ends all of it');
});

test('the form opens, fills while it is open, refuses under its fields, and is sent', async () => {
  const { page, types, sees } = await scene.visit();
  await types('/workspace-ssh');
  const form = page.getByRole('dialog', { name: 'Request SSH access' });
  await form.waitFor();
  await form.getByLabel('Why?').fill('the build is red');
  // The field came with AWS's answer, and text that was typed meanwhile is still there.
  await form.getByLabel('WorkSpace', { exact: false }).first().waitFor();
  await form.locator('[data-block="workspace"] select').waitFor();
  expect(await form.getByLabel('Why?').inputValue()).toBe('the build is red');

  await form.getByLabel('Where will you connect from?').selectOption({ label: 'Another address' });
  await form.getByLabel('Your address').fill('203.0.0.0/16');
  await form.getByRole('button', { name: 'Send request' }).click();
  const error = form.locator('[data-block="source"] .field-error');
  await error.waitFor();
  expect(await error.innerText()).toContain('203.0.0.0/16 is 65,536 addresses');
  expect(await form.getByLabel('Your address').getAttribute('aria-invalid')).toBe('true');

  await form.getByLabel('Your address').fill('203.0.113.25');
  await form.getByLabel('When?').selectOption({ label: 'At a date and time' });
  const noon = new Date();
  noon.setDate(noon.getDate() + 2);
  const day = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short' }).format(noon);
  await form.getByLabel('Opens at').fill(`${day}T12:00`);
  await form.getByLabel('How long?').selectOption({ label: '2 min' });
  await form.getByRole('button', { name: 'Send request' }).click();
  await form.waitFor({ state: 'detached' });
  await sees(/to open [^.]* at 12:00\./);
  expect(scene.complaints).toEqual([]);
});

test('Slack itself says that a required field is empty, and Escape closes the form', async () => {
  const { page } = await scene.visit();
  await page.getByRole('button', { name: 'Request SSH access' }).click();
  const form = page.getByRole('dialog', { name: 'Request SSH access' });
  await form.getByRole('button', { name: 'Send request' }).click();
  await form.locator('[data-block="reason"] .field-error').waitFor();
  await form.press('Escape');
  await form.waitFor({ state: 'detached' });
});

test('a time in a command is of the zone that the page shows times in', async () => {
  const { types, becomes, sees } = await scene.visit();
  const at = new Date(Date.now() + 2 * 3_600_000);
  const day = new Intl.DateTimeFormat('en-CA', { timeZone: ZONE }).format(at);
  const time = new Intl.DateTimeFormat('en-GB', { timeZone: ZONE, timeStyle: 'short' }).format(at);
  await types(`/workspace-ssh ws-janedoe01 203.0.113.27 1m at ${day} ${time} the nightly build`);
  await becomes('maria');
  expect(await (await sees('the nightly build')).innerText()).toContain(`at ${time}`);
});

test('markup in a reason is shown as text everywhere', async () => {
  const { page, types, becomes, sees } = await scene.visit();
  const reason = '<img src=x onerror="document.title=1"> *bold* `code`';
  await types(`/workspace-ssh ws-janedoe01 203.0.113.25 1m ${reason}`);
  await becomes('maria');
  const asked = await sees('<img src=x onerror=');
  expect(await asked.innerText()).toContain('@jane asks for SSH');
  await page.locator('#audit').getByText('<img src=x').first().waitFor();
  expect(await page.locator('img').count()).toBe(0);
  expect(await page.title()).not.toBe('1');
  expect(scene.complaints).toEqual([]);
});

test('markup in a name, and in a message without blocks, is shown as text', async () => {
  const { page, types, becomes, sees } = await scene.visit();
  const tom = page.locator('[data-person="tom"]');
  expect(await tom.getAttribute('aria-label')).toContain(MARKUP);
  await types(MARKUP);
  await sees(MARKUP);
  const text = 'raw <svg onload="ran=2"> &lt;b&gt;';
  await scene.api('chat.postMessage', { channel: 'U0JANE', text });
  await sees(/raw .*svg onload/);
  expect(await page.locator('img, #messages svg').count()).toBe(0);
  await becomes('tom');
  await types('it is me');
  expect(await (await sees('it is me')).innerText()).toContain(MARKUP);
  await types('/workspace-ssh');
  await page.getByRole('dialog').locator('[data-block="workspace"] select').waitFor();
  expect(await page.locator('img').count()).toBe(0);
  expect(await page.evaluate('typeof ran')).toBe('undefined');
});
