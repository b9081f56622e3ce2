import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { PATIENCE_MS } from '../../patience.js';
import { type Story, startStory } from '../story.js';
import { answered, filledForm, formOf, holds, shows } from './asking.js';

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
  test('opens before AWS answers, then shows the WorkSpaces and keeps what was typed', async () => {
    const { aws } = story.town;
    aws.settings.latencyMs = 600;
    const jane = story.person('jane');
    await jane.command('');
    const view = await formOf(story, 'jane');
    expect(shows(story, view)).toContain('Looking for yours…');
    await jane.fill(view, { source: '203.0.113.25', reason: 'half a rea', 'workspace-id': 'ws-tombecker1' });
    await story.until('AWS has answered', () => shows(story, view).includes('ws-janedoe01'));
    expect(shows(story, view)).toContain('Ubuntu 22.04 · ws-janedoe01 · Available');
    expect(holds(view, 'workspace')).toBe('ws-janedoe01');
    expect([holds(view, 'source'), holds(view, 'reason')]).toEqual(['203.0.113.25', 'half a rea']);
    expect(holds(view, 'workspace-id')).toBe('ws-tombecker1');
  });

  test('says that a person has no WorkSpace, and takes the id of another', async () => {
    const lee = story.person('lee');
    await lee.command('');
    const view = await filledForm(story, 'lee');
    expect(shows(story, view)).toMatch(/find no WorkSpace of yours/);
    await lee.fill(view, { 'workspace-id': 'ws-tombecker1', source: '203.0.113.26', reason: 'helping Tom' });
    const sent = await lee.submit(view);
    expect(sent.errors).toBeUndefined();
    expect(await story.sees('lee', /Waiting for/)).toContain('ws-tombecker1');
  });

  test('takes an id while AWS does not answer, and the request waits for AWS', async () => {
    const { aws } = story.town;
    aws.down = true;
    const jane = story.person('jane');
    await jane.command('');
    const view = await filledForm(story, 'jane');
    expect(shows(story, view)).toMatch(/can’t look up your WorkSpaces now/);
    await jane.fill(view, { 'workspace-id': 'ws-janedoe01', source: '203.0.113.27', reason: 'AWS is down' });
    expect((await jane.submit(view)).errors).toBeUndefined();
    await story.sees('jane', /Waiting for AWS/);
    expect(story.reads('maria').join()).not.toContain('AWS is down');
    aws.down = false;
    await story.sees('maria', /AWS is down/);
  });

  test('shows each problem under its field, and keeps what was typed', async () => {
    const jane = story.person('jane');
    await jane.command('');
    const view = await filledForm(story, 'jane');
    const typed = { 'workspace-id': 'my laptop', source: '203.0.0.0/16', reason: 'x'.repeat(500) };
    await jane.fill(view, typed);
    const sent = await jane.submit(view);
    expect(sent.acked).toBe(true);
    expect(sent.problem).toBeUndefined();
    expect(Object.keys(sent.errors ?? {}).sort()).toEqual(['source', 'workspace-id']);
    expect(sent.errors?.source).toContain('65,536 addresses; the policy allows at most /24 (256)');
    expect(JSON.stringify(sent.errors)).not.toContain('`');
    expect(view.open).toBe(true);
    for (const [field, text] of Object.entries(typed)) expect(holds(view, field)).toBe(text);

    await jane.fill(view, { source: '203.0.113.28', 'workspace-id': null, reason: 'corrected' });
    expect((await jane.submit(view)).errors).toBeUndefined();
    expect(view.open).toBe(false);
    expect(await story.sees('maria', /corrected/)).toContain('203.0.113.28');
  });

  test('makes one request when Slack delivers it twice', async () => {
    const { slack } = story.town;
    const jane = story.person('jane');
    await jane.command('');
    const view = await filledForm(story, 'jane');
    const before = await listed();
    await jane.fill(view, { source: '203.0.113.29', reason: 'sent twice' });
    slack.settings.faults.push({ method: 'view_submission', times: 1, kind: 'twice' });
    expect((await jane.submit(view)).acked).toBe(true);
    expect(view.open).toBe(false);
    await story.sees('maria', /sent twice/);
    expect(await listed()).toBe(before + 1);
    expect(story.reads('maria').filter((text) => text.includes('sent twice'))).toHaveLength(1);
  });

  test('may be closed while the bot looks up WorkSpaces, which is no fault', async () => {
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
    await story.says('jane', 'help'); // one more round, in which a complaint would have come
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
});
