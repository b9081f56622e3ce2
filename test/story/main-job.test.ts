import { afterEach, describe, expect, test } from '@jest/globals';
import { SOURCE, type Story, startStory } from './story.js';

let story: Story;
afterEach(() => story.end());

describe.each([
  // By its timers, in real time.
  { over: 'Socket Mode', http: false, duration: '20s', env: { TIME_SWEEP: '1h' }, lastMs: 0 },
  // By the sweeps.
  { over: 'signed HTTP', http: true, duration: '1h', env: { TIME_SWEEP: '300ms' }, lastMs: 60_000 },
])('over $over', ({ http, duration, env, lastMs }) => {
  test('a request is asked, approved, opened, told, warned of and closed', async () => {
    story = await startStory({ http, env });
    const { town } = story;
    const id = await story.asks('jane', `ws-janedoe01 203.0.113.25 ${duration} fixing the build`);
    const card = await story.sees('maria', /Approve/);
    expect(card).toMatch(/@jane asks for SSH/);
    expect(card).toMatch(id);
    expect(card).toMatch(/fixing the build/);
    expect(card).toMatch(/203\.0\.113\.25/);
    expect(story.rules()).toEqual([]);

    await story.presses('maria', id, 'Approve');
    await story.rulesBecome(1);
    const [rule] = story.rules();
    expect(rule?.cidr).toBe(SOURCE);
    expect(town.aws.opens('ws-janedoe01', '203.0.113.25')).toHaveLength(1);
    expect(town.aws.opens('ws-tombecker1', '203.0.113.25')).toEqual([]);

    const told = await story.sees('jane', /ssh "/);
    expect(told).toContain('ssh "CORP\\jane@198.51.100.7"');
    expect(town.slack.notifications('U0JANE').every(({ text }) => !text.includes('ssh "'))).toBe(true);
    if (lastMs > 0) story.passes(3_600_000 - lastMs);
    expect(await story.sees('jane', /left/)).toContain('ssh "CORP\\jane@198.51.100.7"');
    story.passes(lastMs);
    await story.rulesBecome(0);
    await story.sees('jane', /Ended/);
    expect(story.reads('maria').join('\n')).not.toMatch(/\[Approve/);
  });
});

test('a manager denies with a reason, and the requester reads it', async () => {
  story = await startStory();
  const id = await story.asks('jane', 'ws-janedoe01 203.0.113.25 1m fixing the build');
  await story.presses('maria', id, 'Deny');
  const maria = story.person('maria');
  await story.until('the form for the reason', () => maria.views().length > 0);
  const [view] = maria.views();
  if (!view) throw new Error('no form');
  const block = Object.keys(view.values)[0] ?? '';
  await maria.fill(view, { [block]: 'not today <!channel>' });
  const sent = await maria.submit(view);
  expect(sent.errors).toBeUndefined();
  const card = await story.sees('jane', /Denied/);
  expect(card).toContain('not today <!channel>');
  expect(story.rules()).toEqual([]);
});

test('End now closes at once, and says that open sessions may go on', async () => {
  story = await startStory();
  const id = await story.asks('jane', 'ws-janedoe01 203.0.113.25 1h fixing the build');
  await story.presses('maria', id, 'Approve');
  await story.sees('jane', /ssh "/);
  await story.presses('jane', /ssh "/, 'End now');
  await story.rulesBecome(0);
  const ended = await story.sees('jane', /Ended/);
  expect(ended).toMatch(/still open/);
  // The older cards fold to a line that claims nothing, so that only the newest says how access stands.
  const folded = `${id} · see below`;
  await story.until('the older cards to fold', () =>
    story
      .reads('jane')
      .slice(0, -1)
      .every((text) => text === folded),
  );
  expect(story.reads('jane')).toEqual([folded, folded, ended]);
});

test('a bot that was stopped ends on its next start what it opened before', async () => {
  story = await startStory();
  const id = await story.asks('jane', 'ws-janedoe01 203.0.113.25 1h fixing the build');
  await story.presses('maria', id, 'Approve');
  await story.sees('jane', /ssh "/);
  await story.stopBot();
  story.passes(3_600_000);
  expect(story.rules()).toHaveLength(1);
  await story.startBot();
  await story.rulesBecome(0);
  await story.sees('jane', /Ended/);
});
