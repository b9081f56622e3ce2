import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { PATIENCE_MS } from '../../patience.js';
import { type Story, startStory } from '../story.js';
import { ahead, answered, filledForm, formOf, heard, holds, seen, shows, typesAddress } from './asking.js';

let story: Story;
beforeAll(async () => {
  story = await startStory({ env: { TIME_AWS: '5s', TIME_DRAIN: '1s' } });
});
afterEach(async () => {
  const { aws, slack } = story.town;
  aws.settings.latencyMs = 0;
  aws.down = false;
  aws.faults.clear();
  for (const name of ['jane', 'lee'] as const) {
    for (const view of story.person(name).views()) await story.person(name).close(view);
  }
  slack.settings.faults = [];
});
afterAll(() => story.end());

const listed = async () => (await answered(story, 'jane', 'list')).match(/^\w{5} · /gm)?.length ?? 0;

describe('the form', () => {
  test('opens before AWS answers, then shows the WorkSpaces and keeps the typed text', async () => {
    const { aws } = story.town;
    aws.settings.latencyMs = 600;
    const jane = story.person('jane');
    await jane.command('');
    const view = await formOf(story, 'jane');
    expect(shows(story, view)).toContain('Looking for yours…');
    await typesAddress(story, 'jane', view, '203.0.113.25');
    await jane.fill(view, { reason: 'half a rea', 'workspace-id': 'ws-tombecker1' });
    await story.until('AWS has answered', () => shows(story, view).includes('ws-janedoe01'));
    expect(shows(story, view)).toContain('Ubuntu 22.04 · ws-janedoe01 · Available');
    expect(holds(view, 'workspace')).toBe('ws-janedoe01');
    expect([holds(view, 'source'), holds(view, 'reason')]).toEqual(['203.0.113.25', 'half a rea']);
    expect(holds(view, 'workspace-id')).toBe('ws-tombecker1');
  });

  test('says that a person has no WorkSpace, and takes the id of another WorkSpace', async () => {
    const lee = story.person('lee');
    await lee.command('');
    const view = await filledForm(story, 'lee');
    expect(shows(story, view)).toMatch(/find no WorkSpace of yours/);
    await typesAddress(story, 'lee', view, '203.0.113.26');
    await lee.fill(view, { 'workspace-id': 'ws-tombecker1', reason: 'helping Tom' });
    const sent = await lee.submit(view);
    expect(sent.errors).toBeUndefined();
    expect(await story.sees('lee', /Waiting for/)).toContain('ws-tombecker1');
  });

  test('takes the id of a WorkSpace while AWS does not answer, and the request waits for AWS', async () => {
    const { aws } = story.town;
    aws.down = true;
    const jane = story.person('jane');
    await jane.command('');
    const view = await filledForm(story, 'jane');
    expect(shows(story, view)).toMatch(/can’t look up your WorkSpaces now/);
    await typesAddress(story, 'jane', view, '203.0.113.27');
    await jane.fill(view, { 'workspace-id': 'ws-janedoe01', reason: 'AWS is down' });
    expect((await jane.submit(view)).errors).toBeUndefined();
    await story.sees('jane', /Waiting for AWS/);
    expect(story.reads('maria').join()).not.toContain('AWS is down');
    aws.down = false;
    await story.sees('maria', /AWS is down/);
  });

  test('shows each problem under its field, and keeps the typed text', async () => {
    const jane = story.person('jane');
    await jane.command('');
    const view = await filledForm(story, 'jane');
    const typed = { 'workspace-id': 'my laptop', source: '203.0.0.0/16', reason: 'x'.repeat(500) };
    await typesAddress(story, 'jane', view, typed.source);
    await jane.fill(view, typed);
    const sent = await jane.submit(view);
    expect(sent.acked).toBe(true);
    expect(sent.problem).toBeUndefined();
    expect(Object.keys(sent.errors ?? {}).sort()).toEqual(['source', 'workspace-id']);
    expect(sent.errors?.source).toContain('65,536 addresses; the policy allows at most /24 (256)');
    expect(JSON.stringify(sent.errors)).not.toContain('`');
    expect(view.open).toBe(true);
    for (const [field, text] of Object.entries(typed)) expect(holds(view, field)).toBe(text);

    await typesAddress(story, 'jane', view, '203.0.113.28');
    await jane.fill(view, { 'workspace-id': null, reason: 'corrected' });
    expect((await jane.submit(view)).errors).toBeUndefined();
    expect(view.open).toBe(false);
    expect(await story.sees('maria', /corrected/)).toContain('203.0.113.28');
  });

  test('shows the field for a time once a later opening is chosen, and asks for access at that time', async () => {
    const jane = story.person('jane');
    await jane.command('');
    const view = await filledForm(story, 'jane');
    await typesAddress(story, 'jane', view, '203.0.113.31');
    await jane.fill(view, { reason: 'tonight', when: 'At a date and time' });
    await story.until('the field for a time is there', () => 'starts-at' in view.values);
    const passed = Math.floor(story.now() / 1000) - 60;
    await jane.fill(view, { 'starts-at': passed });
    expect((await jane.submit(view)).errors).toEqual({
      'starts-at': 'That time has passed. Choose a later one, or now.',
    });
    await jane.fill(view, { 'starts-at': passed + 7200 });
    expect((await jane.submit(view)).errors).toBeUndefined();
    expect(await story.sees('maria', /tonight/)).toMatch(/\*, to open /);
    await story.presses('jane', /tonight|to open /, 'Take back');

    const { typed, atMs } = ahead(story, 120);
    const said = await answered(story, 'jane', `at ${typed} 203.0.0.0/16 tonight`);
    expect(said).toContain('[Open the form, filled in]');
    await jane.press(await heard(story, 'jane', /65,536 addresses/), 'Open the form, filled in');
    const filled = await filledForm(story, 'jane');
    expect(filled.values['starts-at']?.['starts-at']?.selected_date_time).toBe(atMs / 1000);
  });

  test('shows every choice, also one that was made before the form had changed for the choice before it', async () => {
    const { settings } = story.town.slack;
    const jane = story.person('jane');
    await jane.command('');
    const view = await filledForm(story, 'jane');
    settings.latencyMs = 400; // Each change of the form is under way for so long.
    await jane.fill(view, { network: 'Another address', when: 'At a date and time' });
    await story.until('both fields are there', () => 'source' in view.values && 'starts-at' in view.values);
    await jane.fill(view, { network: 'Office' });
    await jane.fill(view, { network: 'Another address', when: 'Now, as soon as it is approved' });
    await story.until('the field for a time is gone', () => !('starts-at' in view.values));
    expect('source' in view.values).toBe(true);
    await jane.fill(view, { source: '203.0.113.32' });
    await jane.fill(view, { network: 'Office', when: 'At a date and time' });
    await story.until('the field for a time is back', () => 'starts-at' in view.values);
    expect('source' in view.values).toBe(false);
    settings.latencyMs = 0;
    await jane.close(view);
  });

  test('makes one request when Slack delivers the form twice', async () => {
    const { slack } = story.town;
    const jane = story.person('jane');
    await jane.command('');
    const view = await filledForm(story, 'jane');
    const before = await listed();
    await typesAddress(story, 'jane', view, '203.0.113.29');
    await jane.fill(view, { reason: 'sent twice' });
    slack.settings.faults.push({ method: 'view_submission', times: 1, kind: 'twice' });
    expect((await jane.submit(view)).acked).toBe(true);
    expect(view.open).toBe(false);
    await story.sees('maria', /sent twice/);
    expect(await listed()).toBe(before + 1);
    expect(story.reads('maria').filter((text) => text.includes('sent twice'))).toHaveLength(1);
  });

  test('may be closed while the bot looks up WorkSpaces, which counts as no fault', async () => {
    story.town.aws.settings.latencyMs = 300;
    const jane = story.person('jane');
    await jane.command('');
    const view = await formOf(story, 'jane');
    await jane.close(view);
    const heardBefore = story.town.slack.ephemerals('U0JANE').length;
    await story.until('the update was refused', () =>
      story.town.slack.journal.some(
        ({ method, response }) => method === 'views.update' && JSON.stringify(response).includes('not_found'),
      ),
    );
    await story.says('jane', 'help'); // One more round of messages, in which a complaint would have come.
    expect(story.town.slack.ephemerals('U0JANE')).toHaveLength(heardBefore + 1);
  });

  test('opens from the shortcut, and from the button on Home', async () => {
    const jane = story.person('jane');
    await jane.shortcut('request-ssh-access');
    await jane.close(await filledForm(story, 'jane'));
    await jane.openHome();
    const home = await story.town.slack.until(() => jane.home(), PATIENCE_MS, 'Home');
    await jane.pressInView(home, 'Request SSH access');
    expect(shows(story, await filledForm(story, 'jane'))).toContain('ws-janedoe01');
  });

  test('says who will be asked, and asks for one address only', async () => {
    const jane = story.person('jane');
    await jane.command('');
    const view = await filledForm(story, 'jane');
    expect(shows(story, view)).toContain('*@maria will be asked*.');
    expect(shows(story, view)).not.toMatch(/\(optional\)[\s\S]*Where will you connect from\?/);
    expect(holds(view, 'source')).toBeUndefined();
    await jane.fill(view, { reason: 'where from' });
    const missing = await jane.submit(view);
    expect(Object.keys(missing.errors ?? {})).toEqual(['network']);
    await typesAddress(story, 'jane', view, '203.0.113.44');
    // Somebody who chooses a network after all has no field for an address any more.
    await jane.fill(view, { network: 'Office' });
    await story.until('the field is gone', () => !('source' in view.values));
    expect(holds(view, 'reason')).toBe('where from');
    expect((await jane.submit(view)).errors).toBeUndefined();
    expect(await story.sees('maria', /where from/)).toContain('From Office, 198.51.100.0/24');
  });

  test('shows the field for an address at once, also while the bot looks for WorkSpaces', async () => {
    const { aws } = story.town;
    aws.settings.latencyMs = 1_000;
    const jane = story.person('jane');
    await jane.command('');
    const view = await formOf(story, 'jane');
    expect(shows(story, view)).toContain('Looking for yours…');
    await typesAddress(story, 'jane', view, '203.0.113.45');
    expect(shows(story, view)).toContain('Looking for yours…');
    await story.until('AWS has answered', () => shows(story, view).includes('ws-janedoe01'));
    expect(holds(view, 'source')).toBe('203.0.113.45');
    expect(shows(story, view)).toContain('*@maria will be asked*.');
  });

  test('offers the address and the duration that were used last, and says which access is open already', async () => {
    const jane = story.person('jane');
    const id = await story.asks('jane', 'ws-janedoe01 203.0.113.46 2h the first time');
    await story.presses('maria', id, 'Approve');
    await story.sees('jane', new RegExp(`Open until[^\\n]*${id}`));
    await jane.command('');
    const view = await filledForm(story, 'jane');
    const shown = shows(story, view);
    expect(shown).toMatch(
      new RegExp(`You have this open already\\*\\n${id} · Open until[^\\n]*\\n\`ssh "CORP`),
    );
    expect(shown.indexOf('Office ·')).toBeLessThan(shown.indexOf('Last used: 203.0.113.46, now'));
    expect(shown.indexOf('Last used')).toBeLessThan(shown.indexOf('Another address'));
    expect([holds(view, 'network'), holds(view, 'duration')]).toEqual([undefined, '2h']);
    await jane.fill(view, { network: 'Last used: 203.0.113.46, now', reason: 'the second time' });
    expect((await jane.submit(view)).errors).toBeUndefined();
    await story.sees('jane', `*Open already when you asked*: ${id} was open, from 203.0.113.46, until`);
    await story.says('jane', `end ${id}`);
    await story.sees('jane', new RegExp(`Ended[^\\n]*${id}`));
  });

  test('opens with the last request by `again`, and by the button on the card of access that has ended', async () => {
    const jane = story.person('jane');
    await jane.command('again');
    const view = await filledForm(story, 'jane');
    const fields = ['network', 'workspace', 'duration', 'reason'].map((field) => holds(view, field));
    expect(fields).toEqual(['203.0.113.46', 'ws-janedoe01', '2h', 'the first time']);
    expect(shows(story, view)).toContain('Last used: 203.0.113.46, less than an hour ago');
    const before = await listed();
    await jane.close(view);
    expect(await listed()).toBe(before);
    await jane.press(await seen(story, 'jane', /Ended/), 'Request again');
    const same = await filledForm(story, 'jane');
    expect(['network', 'duration', 'reason'].map((field) => holds(same, field))).toEqual([
      '203.0.113.46',
      '2h',
      'the first time',
    ]);
    expect((await jane.submit(same)).errors).toBeUndefined();
    await story.sees('maria', /the first time/);
  });

  test('does not open by `again` where there is no request to repeat, which is said', async () => {
    expect(await answered(story, 'gina', 'again')).toBe(
      'You have no requests yet. `/workspace-ssh` opens the form.',
    );
  });
});
