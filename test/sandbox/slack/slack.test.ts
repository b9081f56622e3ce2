/**
 * Runs a real Bolt app on the pretend Slack over Socket Mode and signed HTTP, so that both behave as the SDK expects.
 */
import { afterEach, describe, expect, test } from '@jest/globals';
import type { App } from '@slack/bolt';
import type { View } from '@slack/types';
import { plain } from '../../../sandbox/slack/reading/plain.js';
import { type Running, slackWithApp } from './fixture.js';

const form = (extra: Partial<View> = {}): View => ({
  type: 'modal',
  callback_id: 'ask',
  title: { type: 'plain_text', text: 'Request SSH access' },
  submit: { type: 'plain_text', text: 'Send request' },
  notify_on_close: true,
  blocks: [
    {
      type: 'input',
      block_id: 'why',
      label: { type: 'plain_text', text: 'Why?' },
      element: { type: 'plain_text_input', action_id: 'text' },
    },
    {
      type: 'input',
      block_id: 'where',
      label: { type: 'plain_text', text: 'WorkSpace' },
      element: { type: 'external_select', action_id: 'pick', min_query_length: 2 },
    },
    {
      type: 'input',
      block_id: 'long',
      dispatch_action: true,
      label: { type: 'plain_text', text: 'How long?' },
      element: {
        type: 'static_select',
        action_id: 'duration',
        options: ['1 h', '2 h'].map((text) => ({ text: { type: 'plain_text', text }, value: text })),
      },
    },
  ],
  ...extra,
});

/** A small access bot: a command opens a form, and the form asks for an approval with buttons. */
function listeners(app: App): void {
  app.command('/workspace-ssh', async ({ ack, command, client }) => {
    if (command.text === 'help') return ack({ text: `You typed ${command.text}.` });
    if (command.text.startsWith('say ')) return ack(command.text);
    await ack();
    await client.views.open({ trigger_id: command.trigger_id, view: form() });
  });
  app.shortcut('request', async ({ ack, shortcut, client }) => {
    await ack();
    await client.views.open({ trigger_id: shortcut.trigger_id, view: form() });
  });
  app.options('pick', async ({ ack, options }) =>
    ack({
      options: [{ text: { type: 'plain_text', text: `Ubuntu ${options.value}` }, value: options.value }],
    }),
  );
  app.action('duration', async ({ ack, action, body, client }) => {
    await ack();
    if (body.type !== 'block_actions' || action.type !== 'static_select' || !body.view) return;
    const { hash, id } = body.view;
    const title = `Until ${action.selected_option?.value}`;
    await client.views.update({
      view_id: id,
      hash,
      view: form({ title: { type: 'plain_text', text: title } }),
    });
  });
  app.view('ask', async ({ ack, view, body, client }) => {
    const why = view.state.values.why?.text?.value ?? '';
    if (why === 'stray') return ack({ response_action: 'errors', errors: { nowhere: 'No such field.' } });
    if (why.length < 5) return ack({ response_action: 'errors', errors: { why: 'Say a little more.' } });
    await ack();
    const where = view.state.values.where?.pick?.selected_option?.value;
    await client.chat.postMessage({
      channel: 'U0MARIA',
      text: `Jane asks: ${why}`,
      blocks: [
        {
          type: 'section',
          text: {
            type: 'mrkdwn',
            text: `<@${body.user.id}> asks for ${where}: ${why} <!date^1700000000^{time}|x>`,
          },
        },
        {
          type: 'actions',
          block_id: 'decide',
          elements: [
            {
              type: 'button',
              action_id: 'approve',
              value: 'K7QF2',
              text: { type: 'plain_text', text: 'Approve 2 h' },
              confirm: {
                title: { type: 'plain_text', text: 'Sure?' },
                text: { type: 'plain_text', text: 'Opens 14 WorkSpaces' },
                confirm: { type: 'plain_text', text: 'Yes' },
                deny: { type: 'plain_text', text: 'No' },
              },
            },
            {
              type: 'overflow',
              action_id: 'more',
              options: [{ text: { type: 'plain_text', text: 'Not me' }, value: 'not-me' }],
            },
          ],
        },
      ],
    });
  });
  app.view({ callback_id: 'ask', type: 'view_closed' }, async ({ ack }) => ack());
  app.action('approve', async ({ ack, action, body, client }) => {
    await ack();
    if (body.type !== 'block_actions' || action.type !== 'button' || !body.channel || !body.message) return;
    const text = `Approved ${action.value} by <@${body.user.id}>`;
    await client.chat.update({ channel: body.channel.id, ts: body.message.ts, text, blocks: [] });
  });
  app.action('more', async ({ ack, respond }) => {
    await ack();
    await respond({ text: 'Then who?' });
    await respond({ text: 'Passed on.', replace_original: true });
  });
  app.message(async ({ message, say }) => {
    if (message.subtype === undefined) await say(`You said ${message.text}`);
  });
  app.event('app_home_opened', async ({ event, client }) => {
    await client.views.publish({
      user_id: event.user,
      view: {
        type: 'home',
        blocks: [
          {
            type: 'actions',
            elements: [
              { type: 'button', action_id: 'ask-home', text: { type: 'plain_text', text: 'Request' } },
            ],
          },
        ],
      },
    });
  });
  app.action('ask-home', async ({ ack, body, client }) => {
    await ack();
    if (body.type === 'block_actions') await client.views.open({ trigger_id: body.trigger_id, view: form() });
  });
}

describe.each(['socket', 'http'] as const)('over %s', (transport) => {
  let running: Running;
  afterEach(() => running.stop());
  const start = async (): Promise<Running> => {
    running = await slackWithApp(transport, listeners);
    return running;
  };

  test('a request goes from the command through the form to the approver and back', async () => {
    const { town } = await start();
    const [jane, maria] = [town.person('U0JANE'), town.person('U0MARIA')];
    expect(await jane.command('')).toMatchObject({ acked: true });
    const view = await town.until(() => jane.views()[0]);
    expect(view.view).toMatchObject({ title: { text: 'Request SSH access' } });

    expect(await jane.submit(view)).toMatchObject({
      acked: false,
      errors: {
        why: 'Please complete this required field.',
        where: expect.any(String),
        long: expect.any(String),
      },
    });

    expect(await jane.suggestions(view, 'WorkSpace', 'w')).toEqual([]);
    const before = view.hash;
    await jane.fill(view, { 'Why?': 'ci', WorkSpace: 'ws-1' });
    const [dispatched] = await jane.fill(view, { 'How long?': '2 h' });
    expect(dispatched).toMatchObject({ acked: true });
    await town.until(() => view.hash !== before);
    expect(view.view).toMatchObject({ title: { text: 'Until 2 h' } });
    expect(view.values.why?.text?.value).toBe('ci');

    expect(await jane.submit(view)).toMatchObject({ acked: true, errors: { why: 'Say a little more.' } });
    expect(view.errors).toEqual({ why: 'Say a little more.' });
    await jane.fill(view, { why: 'fixing the build' });
    expect(await jane.submit(view)).toMatchObject({ acked: true });
    expect(view.open).toBe(false);
    expect(jane.views()).toEqual([]);

    const asked = await town.until(() => town.dm('U0MARIA')[0]);
    expect(plain(asked, town.world, 'U0MARIA')).toBe(
      '@jane asks for ws-1: fixing the build 23:13\n[Approve 2 h] [⋯ Not me]',
    );
    expect(town.notifications('U0MARIA')).toMatchObject([{ text: 'Jane asks: fixing the build' }]);
    expect(await maria.press(asked, 'Approve 2 h')).toMatchObject({
      acked: true,
      confirmed: { text: 'Opens 14 WorkSpaces', confirm: 'Yes' },
    });
    await town.until(() => town.dm('U0MARIA')[0]?.text === 'Approved K7QF2 by <@U0MARIA>');
    expect(plain(town.dm('U0MARIA')[0] ?? asked, town.world)).toBe('Approved K7QF2 by @maria');
    expect(town.notifications('U0MARIA')).toHaveLength(1);
  });

  test('a click on a message that was edited meanwhile arrives, and its response_url works', async () => {
    const { town, app } = await start();
    await app.client.chat.postMessage({
      channel: 'C0GENERAL',
      text: 'pick',
      blocks: [
        {
          type: 'actions',
          elements: [
            {
              type: 'overflow',
              action_id: 'more',
              options: [{ text: { type: 'plain_text', text: 'Not me' }, value: 'n' }],
            },
          ],
        },
      ],
    });
    const [asked] = town.messages('C0GENERAL');
    if (!asked) throw new Error('not posted');
    await app.client.chat.update({ channel: asked.channel, ts: asked.ts, text: 'done', blocks: [] });
    await town.person('U0MARIA').press(asked, 'Not me');
    await town.until(() => town.message(asked.channel, asked.ts)?.text === 'Passed on.');
    expect(town.ephemerals('U0MARIA')).toMatchObject([{ text: 'Then who?' }]);
    expect(town.ephemerals('U0JANE')).toEqual([]);
  });

  test('an immediate reply, escaping, the shortcut, the Home tab and a closed form work', async () => {
    const { town } = await start();
    const jane = town.person('U0JANE');
    expect(await jane.command('help')).toMatchObject({ ephemeral: 'You typed help.' });
    expect(await jane.command('say <hi> @maria & #general https://x.example/y @nobody')).toMatchObject({
      ephemeral: 'say &lt;hi&gt; <@U0MARIA|maria> &amp; <#C0GENERAL|general> <https://x.example/y> @nobody',
    });
    expect(await jane.command('', { command: '/other' })).toMatchObject({
      acked: false,
      ephemeral: expect.stringContaining('not a valid command'),
    });
    await jane.shortcut('Request SSH access');
    const view = await town.until(() => jane.views()[0]);
    expect(await jane.close(view)).toMatchObject({ acked: true });
    expect(jane.views()).toEqual([]);

    await jane.openHome();
    const home = await town.until(() => jane.home());
    await jane.pressInView(home, 'Request');
    await town.until(() => jane.views()[0]);
  });

  test('a message in the DM is answered once, although the bot gets events for its own messages', async () => {
    const { town } = await start();
    await town.person('U0JANE').say('hi');
    await town.until(() => town.dm('U0JANE')[1]?.text === 'You said hi');
    await town.until(() => town.journal.filter((entry) => entry.method === 'message.im').length === 2);
    expect(town.dm('U0JANE')).toHaveLength(2);
  });

  test('an error that an app answers for an unknown field of a form is a failure that the person sees', async () => {
    const { town } = await start();
    const jane = town.person('U0JANE');
    await jane.command('');
    const view = await town.until(() => jane.views()[0]);
    await jane.fill(view, { 'Why?': 'stray', WorkSpace: 'ws-1', 'How long?': '1 h' });
    expect(await jane.submit(view)).toMatchObject({ failure: 'bad_response' });
    expect(view.open).toBe(true);
  });
});
