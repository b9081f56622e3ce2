/** Holds that the pretend Web API refuses, limits and fails as Slack's does, as a real client meets it. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { WebClient } from '@slack/web-api';
import { startSlack } from '../../../sandbox/slack/server.js';
import type { SlackTown } from '../../../sandbox/slack/slack-town.js';
import { silent, smallWorld } from './fixture.js';

let town: SlackTown;
let slack: WebClient;
beforeEach(async () => {
  town = await startSlack(smallWorld());
  slack = client(town.world.app.botToken);
});
afterEach(() => town.close());

function client(token: string | undefined, timeout = 0): WebClient {
  return new WebClient(token, {
    slackApiUrl: town.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: silent,
    timeout,
  });
}

/** The error of a call, or `ok`. */
async function outcome(call: Promise<unknown>): Promise<unknown> {
  try {
    await call;
    return 'ok';
  } catch (error) {
    if (error instanceof Error && 'data' in error && typeof error.data === 'object' && error.data !== null) {
      return 'error' in error.data ? error.data.error : error.data;
    }
    return error instanceof Error && 'retryAfter' in error ? `wait ${error.retryAfter}` : String(error);
  }
}

const button = (value: string) => ({
  type: 'actions' as const,
  elements: [
    { type: 'button' as const, action_id: 'go', value, text: { type: 'plain_text' as const, text: 'Go' } },
  ],
});

describe('tokens and scopes', () => {
  test.each([
    ['no token', undefined, 'not_authed'],
    ['a wrong token', 'xoxb-wrong', 'invalid_auth'],
    ['the app-level token', 'xapp-sandbox', 'not_allowed_token_type'],
  ])('%s is refused', async (_, token, error) => {
    expect(await outcome(client(token).auth.test())).toBe(error);
  });

  test('apps.connections.open takes only the app-level token', async () => {
    expect(await outcome(slack.apps.connections.open())).toBe('not_allowed_token_type');
    const { url } = await client('xapp-sandbox').apps.connections.open();
    expect(url).toMatch(/^ws:\/\/127\.0\.0\.1:/);
  });

  test('the error for a missing scope names the needed and the granted scopes', async () => {
    town.world.app.scopes = ['commands'];
    await expect(slack.chat.postMessage({ channel: 'U0JANE', text: 'x' })).rejects.toMatchObject({
      data: { error: 'missing_scope', needed: 'chat:write', provided: 'commands' },
    });
    expect(await outcome(slack.apiCall('chat.sing'))).toBe('unknown_method');
  });
});

test.each<[string, () => Promise<unknown>, string]>([
  [
    'a channel that is not there',
    () => slack.chat.postMessage({ channel: 'C9', text: 'x' }),
    'channel_not_found',
  ],
  [
    'a channel without the bot',
    () => slack.chat.postMessage({ channel: 'C0NOBOT', text: 'x' }),
    'not_in_channel',
  ],
  [
    'a private channel without the bot',
    () => slack.chat.postMessage({ channel: 'C0SECRET', text: 'x' }),
    'channel_not_found',
  ],
  [
    'a deactivated person',
    () => slack.chat.postMessage({ channel: 'U0GONE', text: 'x' }),
    'channel_not_found',
  ],
  ['an empty message', () => slack.chat.postMessage({ channel: 'U0JANE', text: '' }), 'no_text'],
  [
    'a long text',
    () => slack.chat.postMessage({ channel: 'U0JANE', text: 'x'.repeat(40_001) }),
    'msg_too_long',
  ],
  [
    'an unknown message',
    () => slack.chat.update({ channel: 'C0GENERAL', ts: '1.2', text: 'x' }),
    'message_not_found',
  ],
  ['an unknown person', () => slack.users.info({ user: 'U9' }), 'user_not_found'],
  ['an unknown e-mail address', () => slack.users.lookupByEmail({ email: 'x@y.example' }), 'users_not_found'],
  ['an unknown group', () => slack.usergroups.users.list({ usergroup: 'S9' }), 'no_such_subteam'],
  ['a made-up trigger', () => slack.views.open({ trigger_id: '1.2.x', view: modal() }), 'invalid_trigger_id'],
  ['an unknown view', () => slack.views.update({ view_id: 'V9', view: modal() }), 'not_found'],
  ['a modal as Home', () => slack.views.publish({ user_id: 'U0JANE', view: modal() }), 'invalid_arguments'],
])('a call with %s is refused', async (_, call, error) => {
  expect(await outcome(call())).toBe(error);
});

test('people, their managers and their groups are described in Slack’s shapes', async () => {
  const { user } = await slack.users.info({ user: 'U0JANE' });
  expect(user).toMatchObject({
    tz: 'America/New_York',
    deleted: false,
    profile: { email: 'jane@corp.example' },
  });
  const { profile } = await slack.users.profile.get({ user: 'U0JANE' });
  expect(profile?.fields).toEqual({ Xf0BOSS: { value: 'U0MARIA', alt: '' } });
  expect((await slack.users.profile.get({ user: 'U0MARIA' })).profile?.fields).toBeNull();
  const { profile: ofTeam } = await slack.team.profile.get();
  expect(ofTeam?.fields).toMatchObject([{ id: 'Xf0BOSS', label: 'Manager', type: 'user' }]);
  expect((await slack.usergroups.list()).usergroups).toMatchObject([{ id: 'S0ADMINS', handle: 'it-admins' }]);
  expect((await slack.usergroups.users.list({ usergroup: 'S0ADMINS' })).users).toEqual(['U0MARIA']);
  town.world.app.scopes = ['users:read'];
  expect((await slack.users.info({ user: 'U0JANE' })).user?.profile?.email).toBeUndefined();
});

test('an edit of a message keeps the parts that it leaves out, notifies nobody, and is allowed only on the bot’s own messages', async () => {
  const { channel = '', ts = '' } = await slack.chat.postMessage({
    channel: 'U0JANE',
    text: 'a',
    blocks: [button('1')],
  });
  await slack.chat.update({ channel, ts, text: 'b' });
  expect(town.message(channel, ts)).toMatchObject({ text: 'b', blocks: [{ type: 'actions' }] });
  await slack.chat.update({ channel, ts, text: 'c', blocks: [] });
  expect(town.message(channel, ts)?.blocks).toEqual([]);
  expect(town.notifications('U0JANE')).toEqual([{ text: 'a', channel, ts }]);
  await town.person('U0JANE').say('mine');
  const mine = town.dm('U0JANE')[1]?.ts ?? '';
  expect(await outcome(slack.chat.update({ channel, ts: mine, text: 'x' }))).toBe('cant_update_message');
  expect((await slack.chat.getPermalink({ channel, message_ts: ts })).permalink).toContain(
    '/archives/D0JANE/p',
  );
  await slack.chat.delete({ channel, ts });
  expect(town.message(channel, ts)).toBeUndefined();
});

test('a message in a channel notifies only people whom it mentions', async () => {
  await slack.chat.postMessage({ channel: 'C0GENERAL', text: 'quiet, &lt;!channel&gt;' });
  await slack.chat.postMessage({ channel: 'C0GENERAL', text: '<!subteam^S0ADMINS> look' });
  expect(town.notifications('U0MARIA')).toMatchObject([{ text: '@it-admins look' }]);
  expect(town.notifications('U0JANE')).toEqual([]);
  await slack.chat.postEphemeral({ channel: 'C0GENERAL', user: 'U0JANE', text: 'only you' });
  expect(town.ephemerals('U0JANE')).toMatchObject([{ text: 'only you' }]);
  expect(town.messages('C0GENERAL')).toHaveLength(2);
});

describe('triggers and views', () => {
  /** @returns the trigger that comes with a command of Jane's */
  async function trigger(): Promise<string> {
    await town.person('U0JANE').command('');
    const request = town.journal.at(-1)?.request;
    if (typeof request !== 'object' || request === null || !('trigger_id' in request))
      throw new Error('no trigger');
    return String(request.trigger_id);
  }

  test('a trigger works once and not for long', async () => {
    const first = await trigger();
    expect(await outcome(slack.views.open({ trigger_id: first, view: modal() }))).toBe('ok');
    expect(await outcome(slack.views.open({ trigger_id: first, view: modal() }))).toBe(
      'exchanged_trigger_id',
    );
    const second = await trigger();
    town.settings.triggerLifeMs = -1;
    expect(await outcome(slack.views.open({ trigger_id: second, view: modal() }))).toBe('expired_trigger_id');
  });

  test('an update keeps typed text where the ids stay, and an update with a stale hash is refused', async () => {
    await slack.views.open({ trigger_id: await trigger(), view: modal('a', 'old') });
    const jane = town.person('U0JANE');
    const [view] = jane.views();
    if (!view) throw new Error('no view');
    const { hash } = view;
    await jane.fill(view, { 'Why?': 'typed' });
    await slack.views.update({ view_id: view.id, hash, view: modal('a', 'new') });
    expect(view.values.a?.text?.value).toBe('typed');
    expect(await outcome(slack.views.update({ view_id: view.id, hash, view: modal('a') }))).toBe(
      'hash_conflict',
    );
    await slack.views.update({ view_id: view.id, view: modal('b', 'new') });
    expect(view.values).toEqual({ b: { text: { type: 'plain_text_input', value: 'new' } } });
    await jane.close(view);
    expect(await outcome(slack.views.update({ view_id: view.id, view: modal() }))).toBe('not_found');
  });
});

function modal(blockId = 'a', initial = 'x') {
  return {
    type: 'modal' as const,
    title: { type: 'plain_text' as const, text: 'Form' },
    submit: { type: 'plain_text' as const, text: 'Send' },
    blocks: [
      {
        type: 'input' as const,
        block_id: blockId,
        label: { type: 'plain_text' as const, text: 'Why?' },
        element: { type: 'plain_text_input' as const, action_id: 'text', initial_value: initial },
      },
    ],
  };
}

describe('rates and faults', () => {
  test('a channel takes a burst and then about one message a second', async () => {
    town.settings.rates.postBurst = 2;
    const post = (channel: string) => outcome(slack.chat.postMessage({ channel, text: 'x' }));
    expect([await post('U0JANE'), await post('U0JANE'), await post('U0JANE')]).toEqual([
      'ok',
      'ok',
      'wait 1',
    ]);
    expect(await post('U0MARIA')).toBe('ok');
    town.settings.rates.enabled = false;
    expect(await post('U0JANE')).toBe('ok');
  });

  test('a tier limits the calls of a method in a minute', async () => {
    const calls = Array.from({ length: 60 }, () => outcome(slack.usergroups.list()));
    const outcomes = await Promise.all(calls);
    // One more is taken every three seconds, of which the calls themselves may take some.
    const taken = outcomes.filter((o) => o === 'ok');
    expect(taken.length).toBeGreaterThanOrEqual(20);
    expect(taken.length).toBeLessThan(60);
    expect(outcomes.filter((o) => o !== 'ok' && !/^wait [1-3]$/.test(String(o)))).toEqual([]);
  });

  test('planned faults strike as often as they say, before the effect, after it or instead of it', async () => {
    const post = (text: string, timeout = 0) =>
      outcome(client('xoxb-sandbox', timeout).chat.postMessage({ channel: 'U0JANE', text }));
    const texts = () => town.dm('U0JANE').map((message) => message.text);
    const method = 'chat.postMessage';
    await slack.auth.test(); // This call connects first, so that the short timeout below covers the answer alone.
    town.settings.faults.push({ method, times: 1, kind: 'timeout-after-effect' });
    expect(await post('done', 200)).toMatch(/abort|timeout/i);
    expect(texts()).toEqual(['done']);
    town.settings.faults.push({ method, times: 1, kind: 'drop' }, { method: '*', times: 1, kind: '500' });
    expect(await post('cut')).toMatch(/fetch failed/);
    expect(await post('500')).toMatch(/500/);
    town.settings.faults.push({ method, times: 1, kind: '429', retryAfterSeconds: 7 });
    expect(await post('429')).toBe('wait 7');
    town.settings.faults.push({ method, times: 1, kind: 'api-error', error: 'is_archived' });
    expect(await post('error')).toBe('is_archived');
    expect(await post('fine')).toBe('ok');
    expect(texts()).toEqual(['done', 'fine']);
  });

  test.each([
    ['refused', 0, /fetch failed/],
    ['500', 0, /500/],
    ['hang', 50, /abort|timeout/i],
  ] as const)(
    'in an outage of the kind %s calls fail, and afterwards they work again',
    async (down, timeout, says) => {
      town.settings.down = down;
      expect(await outcome(client('xoxb-sandbox', timeout).auth.test())).toMatch(says);
      town.settings.down = 'no';
      expect(await outcome(slack.auth.test())).toBe('ok');
    },
  );
});

test('a response_url works five times', async () => {
  await town.person('U0JANE').command('x', { channel: 'C0NOBOT' });
  const request = town.journal.at(-1)?.request;
  const url =
    typeof request === 'object' && request !== null && 'response_url' in request ? request.response_url : '';
  const post = async (body: object): Promise<number> => {
    const headers = { 'content-type': 'application/json' };
    return (await fetch(String(url), { method: 'POST', headers, body: JSON.stringify(body) })).status;
  };
  const statuses = [await post({ text: 'a' }), await post({ text: 'b', response_type: 'in_channel' })];
  expect(await post({ text: '' })).toBe(400);
  statuses.push(await post({ text: 'c' }), await post({ text: 'd' }), await post({ text: 'e' }));
  expect(statuses).toEqual([200, 200, 200, 200, 404]);
  expect(town.messages('C0NOBOT')).toMatchObject([{ text: 'b' }]);
  expect(town.ephemerals('U0JANE').map((m) => m.text)).toEqual([
    '/workspace-ssh failed with the error "dispatch_failed"',
    'a',
    'c',
    'd',
  ]);
});
