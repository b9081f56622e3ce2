/**
 * Decides on requests in the page: denials, two approvals, reminders, nudges, other approvers, emergencies, early
 * ends.
 */
import { expect, test } from '@jest/globals';
import { stage, ZONE } from './visitor.js';

const EITHER = 'ask: [{ any-of: [U0SAM, U0ADA] }]';
const OWN = '  - name: own WorkSpace\n';
/** A rule of the policy for short access alone, since early reminders would replace cards that other tests use. */
const QUICK = `  - name: own WorkSpace for a minute
    target: own
    up-to: 1m
    ask: [manager]
    remind: 4s
    fallback: { after: 3m, ask: ['@security'], sooner: true }
`;
const scene = stage({
  env: { TIME_NUDGE: '3s', TIME_SWEEP: '1s' },
  policy: (text) =>
    text.replace(OWN, `${QUICK}${OWN}`).replace(EITHER, `${EITHER}\n    notify: { channel: C0ACCESS }`),
});

test('a denial carries its reason to the requester', async () => {
  const { page, types, becomes, sees, presses } = await scene.visit();
  await types('/workspace-ssh ws-janedoe01 203.0.113.31 1m denied please');
  await becomes('maria');
  await sees('denied please');
  await presses('Deny');
  const form = page.getByRole('dialog', { name: /^Deny/ });
  await form.getByLabel('Why not?').fill('ask again on Monday');
  await form.getByRole('button', { name: 'Deny' }).click();
  await form.waitFor({ state: 'detached' });
  await becomes('jane');
  await sees(/Denied by @maria[\s\S]*ask again on Monday/);
  expect(scene.console.town.aws.opens('ws-janedoe01', '203.0.113.31')).toEqual([]);
});

test('where a request needs two approvals, the first opens nothing and the second opens access', async () => {
  const { page, types, becomes, sees, presses, rule, opens } = await scene.visit();
  await types('/workspace-ssh ws-janedoe01 203.0.113.32 3h two of you');
  await becomes('maria');
  await sees('two of you');
  await presses(/^Approve/);
  await sees('1 of 2: approved by @maria');
  expect(await rule('203.0.113.32/32').count()).toBe(0);
  await becomes('sam');
  await sees('two of you');
  await presses(/^Approve/);
  await opens('203.0.113.32/32');
  await becomes('jane');
  await sees(/Open until[\s\S]*203\.0\.113\.32/);

  // Another address is a request of its own: both say yes again, and the rule for the address before goes.
  await presses('My address changed');
  const form = page.getByRole('dialog', { name: 'My address changed' });
  await form.getByText('stays open from 203.0.113.32 until the new address is open').waitFor();
  await form.getByLabel('Where will you connect from?').selectOption({ label: 'Another address' });
  await form.getByLabel('Your address').fill('203.0.113.34');
  await form.getByRole('button', { name: 'Ask' }).click();
  for (const name of ['maria', 'sam']) {
    await becomes(name);
    await sees('asks to connect from another address');
    await presses('Approve', 'another address');
  }
  await opens('203.0.113.34/32');
  await becomes('jane');
  await sees(/Ended .*continued as .*from 203\.0\.113\.34/);
  expect(scene.console.town.aws.opens('ws-janedoe01', '203.0.113.32')).toEqual([]);

  // An early end needs no confirmation, and the rule is gone before the card says so.
  await presses('End now');
  await sees(/Ended .*@jane ended it/);
  expect(scene.console.town.aws.opens('ws-janedoe01', '203.0.113.34')).toEqual([]);
});

test('an approval that is worth a second look is confirmed by the person who pressed the button', async () => {
  const { page, types, becomes, sees, presses, opens } = await scene.visit();
  const source = '203.0.113.0/24';
  const dialog = page.getByRole('alertdialog');
  const isGone = () => dialog.waitFor({ state: 'detached' });
  await types(`/workspace-ssh ws-janedoe01 ${source} 2h the whole lab`);
  await becomes('maria');
  await sees('the whole lab');
  await presses('Approve 2 h');
  await dialog.getByRole('heading', { name: 'Look twice' }).waitFor();
  expect(await dialog.innerText()).toContain('256 addresses');
  await becomes('sam');
  await isGone();
  await becomes('maria');
  await presses('Approve 2 h');
  await dialog.getByRole('button', { name: 'Not yet' }).click();
  await isGone();
  expect(await page.locator(':focus').innerText()).toBe('Approve 2 h');
  expect(scene.console.town.aws.opens('ws-janedoe01', '203.0.113.9')).toEqual([]);

  // The menu beside the button closes when the page shows another person's Slack, and its choices are confirmed too.
  const menu = page.getByRole('menu');
  await presses('More actions');
  await menu.getByRole('menuitem', { name: 'Approve 1 h' }).waitFor();
  await becomes('jane');
  await menu.waitFor({ state: 'hidden' });
  await becomes('maria');
  await presses('More actions');
  await menu.getByRole('menuitem', { name: 'Approve 1 h' }).click();
  await dialog.getByRole('button', { name: 'Approve', exact: true }).click();
  await opens(source);
  await sees(/Approved by @maria/);
  await presses('End access');
  const form = page.getByRole('dialog');
  await form.getByLabel('Why?').fill('the lab is closed');
  await form.getByRole('button', { name: 'End access' }).click();
  await sees(/@maria ended it[\s\S]*the lab is closed/);
  await page.locator(`[data-source="${source}"].is-gone`).waitFor();
});

test('an emergency opens at once, and everybody concerned reads of it', async () => {
  const { page, types, becomes, sees, opens } = await scene.visit();
  await page.getByLabel('Message', { exact: true }).fill('/workspace-ssh em');
  await page.getByRole('option', { name: '/workspace-ssh emergency' }).waitFor();
  await types('/workspace-ssh emergency ws-janedoe01 203.0.113.33 20s production is down');
  await opens('203.0.113.33/32');
  await becomes('ada');
  await sees(/emergency[\s\S]*production is down/i);
});

test('an approver who has not answered is reminded', async () => {
  const { types, becomes, sees } = await scene.visit();
  await types('/workspace-ssh ws-janedoe01 203.0.113.34 1m waiting for you');
  await becomes('maria');
  await sees('waiting for you');
  await sees(/Still waiting: @maria/);
});

test('a nudge asks the approvers once more', async () => {
  const { page, types, becomes, sees } = await scene.visit();
  await types('/workspace-ssh ws-janedoe01 203.0.113.35 1m please look');
  const waiting = await sees(/Waiting for @maria[\s\S]*203\.0\.113\.35/);
  const nudge = waiting.getByRole('button', { name: 'Nudge' });
  const answers = page.locator('.message').filter({ hasText: /asked a moment ago|I asked them again/ });
  // A nudge is too soon until TIME_NUDGE is over, and again after it was sent: on a slow machine the first may be sent.
  const heard = async () => (await answers.allInnerTexts()).join('\n');
  while (!/asked a moment ago/.test(await heard()) || !/I asked them again/.test(await heard())) {
    const before = await answers.count();
    await nudge.click();
    await answers.nth(before).waitFor();
  }
  await sees('They were asked a moment ago. Nudge them again in');
  await sees('I asked them again.');
  await becomes('maria');
  await sees(/please look[\s\S]*@jane nudges/);
});

test('another person who may decide is asked, and opens access', async () => {
  const { page, types, becomes, sees, presses, opens } = await scene.visit();
  await types('/workspace-ssh ws-janedoe01 203.0.113.36 1m anybody else?');
  const waiting = await sees(/Waiting for @maria[\s\S]*203\.0\.113\.36/);
  await waiting.getByRole('button', { name: 'Ask someone else' }).click();
  const form = page.getByRole('dialog', { name: 'Ask someone else' });
  await form.getByLabel('Who may decide as well').selectOption({ label: 'Sam Okafor' });
  await form.getByRole('button', { name: 'Ask', exact: true }).click();
  await form.waitFor({ state: 'detached' });
  await becomes('sam');
  await sees(/anybody else\?[\s\S]*@jane asks you as well/);
  await presses(/^Approve/);
  await opens('203.0.113.36/32');
});

test('a channel of the policy shows the request and its end, and approvers can decide in the channel', async () => {
  const { page, types, becomes, sees, presses, opens } = await scene.visit();
  const channel = page.locator('#sidebar').getByRole('button', { name: /^it-access/ });
  await types('/workspace-ssh ws-mariaprv1 10.8.0.37 1h from the channel');
  await sees(/Waiting for[\s\S]*10\.8\.0\.37/);
  await becomes('sam');
  // A person who is chosen starts at their unread messages, unless the message comes only afterwards.
  await channel.click();
  await sees(/from the channel[\s\S]*any of 2 people. It waits for @sam or @ada/);
  await presses(/^Approve/);
  // The WorkSpace is not Jane's own, so the approval asks for a confirmation.
  await page.getByRole('alertdialog').getByRole('button', { name: 'Approve 1 h' }).click();
  await opens('10.8.0.37/32');
  await sees(/from the channel[\s\S]*Approved by @sam/);
  await becomes('jane');
  const open = await sees(/Open until[\s\S]*10\.8\.0\.37/);
  await open.getByRole('button', { name: 'End now' }).click();
  await becomes('maria');
  await channel.click();
  await sees(/from the channel[\s\S]*ended/i);
});

test('every time on the page is in the zone of the visitor, whoever they are, and the page names it', async () => {
  const { page, types, becomes, sees } = await scene.visit();
  await types('/workspace-ssh emergency ws-janedoe01 203.0.113.38 1h which hour is it');
  const card = await sees(/Open until[\s\S]*203\.0\.113\.38/);
  const [untilAt] = await card
    .locator('time')
    .evaluateAll((all) => all.map((one) => one.getAttribute('datetime')));
  const hour = new Intl.DateTimeFormat('en-GB', {
    timeZone: ZONE,
    hour: '2-digit',
    minute: '2-digit',
  }).format(new Date(untilAt ?? ''));
  expect(await card.innerText()).toContain(hour);
  expect(await page.locator('#clock').innerText()).toMatch(new RegExp(`^\\d\\d:\\d\\d:\\d\\d · ${ZONE}$`));
  // Ada's Slack is set to New York.
  await becomes('ada');
  await sees(new RegExp(`which hour is it[^]*${hour}`));
});
