/** Deciding: denial with a reason, two approvals, a reminder, an emergency, an early end. */
import { expect, test } from '@jest/globals';
import { SOON_MS, stage } from './visitor.js';

const scene = stage();

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

test('two approvals: the first opens nothing, the second does', async () => {
  const { types, becomes, sees, presses, rule } = await scene.visit();
  await types('/workspace-ssh ws-janedoe01 203.0.113.32 3h two of you');
  await becomes('maria');
  await sees('two of you');
  await presses(/^Approve/);
  await sees('1 of 2: approved by @maria');
  expect(await rule('203.0.113.32/32').count()).toBe(0);
  await becomes('sam');
  await sees('two of you');
  await presses(/^Approve/);
  await rule('203.0.113.32/32').waitFor();
  await becomes('jane');
  await sees(/Open until[\s\S]*203\.0\.113\.32/);

  // An early end: asked back by nobody, and the rule is gone before it is said.
  await presses('End now');
  await sees(/Ended .*@jane ended it/);
  expect(scene.console.town.aws.opens('ws-janedoe01', '203.0.113.32')).toEqual([]);
});

test('an emergency opens at once, and everybody concerned hears of it', async () => {
  const { types, becomes, sees, rule } = await scene.visit();
  await types('/workspace-ssh emergency ws-janedoe01 203.0.113.33 20s production is down');
  await rule('203.0.113.33/32').waitFor();
  await becomes('ada');
  await sees(/emergency[\s\S]*production is down/i);
});

test('whoever has not answered is reminded', async () => {
  const { types, becomes, sees } = await scene.visit();
  await types('/workspace-ssh ws-janedoe01 203.0.113.34 1m waiting for you');
  await becomes('maria');
  await sees('waiting for you');
  // The policy of the sandbox reminds after a minute.
  await sees(/Still waiting: @maria/, 60_000 + SOON_MS);
});
