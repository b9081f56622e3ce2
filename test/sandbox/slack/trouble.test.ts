/** Holds what people see, and what Slack sends again, when something goes wrong between Slack and an app. */
import { createServer } from 'node:http';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { App } from '@slack/bolt';
import { WebSocket } from 'ws';
import { startSlack } from '../../../sandbox/slack/server.js';
import type { SlackOptions, SlackTown } from '../../../sandbox/slack/slack-town.js';
import { type Running, slackWithApp, smallWorld } from './fixture.js';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function running(
  transport: 'socket' | 'http',
  listen: (app: App) => void,
  options?: SlackOptions,
): Promise<Running> {
  const started = await slackWithApp(transport, listen, options);
  closers.push(started.stop);
  return started;
}

async function slackAlone(options?: SlackOptions): Promise<SlackTown> {
  const town = await startSlack(smallWorld(), options);
  closers.push(() => town.close());
  return town;
}

describe.each(['socket', 'http'] as const)('over %s', (transport) => {
  test('a command that the app does not acknowledge in time shows operation_timeout', async () => {
    const { town } = await running(transport, (app) => app.command('/workspace-ssh', async () => {}), {
      settings: { ackTimeoutMs: 40 },
    });
    const delivery = await town.person('U0JANE').command('x');
    const shown = '/workspace-ssh failed with the error "operation_timeout"';
    expect(delivery).toMatchObject({ acked: false, failure: 'operation_timeout', ephemeral: shown });
    expect(delivery.ackMs).toBeGreaterThanOrEqual(39);
    expect(town.ephemerals('U0JANE')).toMatchObject([{ text: shown, user: 'USLACKBOT' }]);
  });

  test('an event whose acknowledgement is lost comes again, marked as a repetition', async () => {
    const seen: (number | undefined)[] = [];
    const { town } = await running(
      transport,
      (app) => {
        app.message(async ({ context }) => {
          seen.push(context.retryNum);
        });
      },
      { settings: { eventRetryDelaysMs: [5, 5, 5] } },
    );
    town.settings.faults.push({ method: 'message.im', kind: 'lost-ack', times: 2 });
    expect(await town.person('U0JANE').say('hi')).toMatchObject({ acked: false });
    await town.until(() => town.journal.filter((entry) => entry.method === 'message.im').length === 3);
    expect(seen).toEqual([undefined, 1, 2]);
  });

  test('a payload that Slack delivers twice carries the same trigger', async () => {
    const triggers: string[] = [];
    const { town } = await running(transport, (app) => {
      app.command('/workspace-ssh', async ({ ack, command, respond }) => {
        triggers.push(command.trigger_id);
        await ack();
        await respond('seen');
      });
    });
    town.settings.faults.push({ method: '/workspace-ssh', kind: 'twice', times: 1 });
    await town.person('U0JANE').command('x');
    await town.until(() => town.ephemerals('U0JANE').length === 2);
    expect(triggers).toHaveLength(2);
    expect(new Set(triggers).size).toBe(1);
  });

  test('a form whose submission is not acknowledged stays open with the typed text', async () => {
    const { town } = await running(transport, (app) => {
      app.shortcut('request', async ({ ack, shortcut, client }) => {
        await ack();
        await client.views.open({
          trigger_id: shortcut.trigger_id,
          view: {
            type: 'modal',
            title: { type: 'plain_text', text: 'Form' },
            submit: { type: 'plain_text', text: 'Send' },
            blocks: [
              {
                type: 'input',
                block_id: 'why',
                label: { type: 'plain_text', text: 'Why?' },
                element: { type: 'plain_text_input', action_id: 'text' },
              },
            ],
          },
        });
      });
      app.view(/.*/, async () => {});
    });
    const jane = town.person('U0JANE');
    await jane.shortcut('request');
    const view = await town.until(() => jane.views()[0]);
    await jane.fill(view, { 'Why?': 'because' });
    town.settings.ackTimeoutMs = 40;
    expect(await jane.submit(view)).toMatchObject({ acked: false, failure: 'operation_timeout' });
    expect(view).toMatchObject({ open: true, values: { why: { text: { value: 'because' } } } });
  });
});

test('a command shows dispatch_failed if no app is connected', async () => {
  const town = await slackAlone();
  expect(await town.person('U0JANE').command('x')).toMatchObject({
    failure: 'dispatch_failed',
    ephemeral: '/workspace-ssh failed with the error "dispatch_failed"',
  });
});

test('over HTTP a refused connection and an error status show dispatch_failed, and events come again', async () => {
  const retries: (string | string[] | undefined)[] = [];
  const server = createServer((request, response) => {
    retries.push(request.headers['x-slack-retry-num']);
    response.writeHead(retries.length < 3 ? 500 : 200).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(async () => void server.close());
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const town = await slackAlone({
    httpEventsUrl: `http://127.0.0.1:${port}/`,
    settings: { eventRetryDelaysMs: [1, 1, 1] },
  });
  await town.person('U0JANE').say('hi');
  await town.until(() => retries.length === 3);
  expect(retries).toEqual([undefined, '1', '2']);
  town.deliverTo('http://127.0.0.1:9/');
  expect(await town.person('U0JANE').command('x')).toMatchObject({ failure: 'dispatch_failed' });
});

test('deactivated people and people of another workspace cannot act', async () => {
  const town = await slackAlone();
  await expect(town.person('U0GONE').command('x')).rejects.toThrow('deactivated');
  await expect(town.person('U0ALIEN').say('x')).rejects.toThrow('another workspace');
  await expect(town.person('U0NOBODY').openHome()).rejects.toThrow('no user');
});

test('without the scope im:history the bot gets no event for messages in its DM', async () => {
  const town = await slackAlone();
  town.world.app.scopes = town.world.app.scopes.filter((scope) => scope !== 'im:history');
  expect(await town.person('U0JANE').say('hi')).toMatchObject({
    acked: false,
    problem: 'message.im needs im:history',
  });
  expect(town.journal).toEqual([]);
});

test('each payload goes to one of the connections, and a refresh disconnects all of them', async () => {
  const town = await slackAlone();
  const received: Received[] = [];
  await connect(town, 1, received);
  await connect(town, 2, received);
  await town.until(() => town.connected() === 2);
  for (const text of ['a', 'b', 'c', 'd']) await town.person('U0JANE').command(text);
  const commands = received.filter(({ envelope }) => envelope.type === 'slash_commands');
  expect(commands.map(({ by }) => by)).toEqual([1, 2, 1, 2]);
  town.refreshConnections();
  await town.until(() => town.connected() === 0);
  const goodbyes = received.filter(({ envelope }) => envelope.type === 'disconnect');
  expect(goodbyes.map(({ envelope }) => envelope.reason)).toEqual(['refresh_requested', 'refresh_requested']);
});

test('an outage that refuses connections cuts Socket Mode too', async () => {
  const town = await slackAlone();
  const ws = await connect(town, 1, []);
  const cut = new Promise((resolve) => ws.once('close', resolve));
  town.settings.down = 'refused';
  expect(await cut).toBe(1006);
  await town.until(() => town.connected() === 0);
});

interface Received {
  by: number;
  envelope: { type: string; reason?: string; envelope_id?: string };
}

/** A client of Socket Mode without the SDK, which waits 5 s and more before it reconnects. */
async function connect(town: SlackTown, by: number, received: Received[]): Promise<WebSocket> {
  const answer = await fetch(`${town.apiUrl}apps.connections.open`, {
    method: 'POST',
    headers: { authorization: `Bearer ${town.world.app.appToken}` },
  });
  const { url }: { url?: string } = JSON.parse(await answer.text());
  const ws = new WebSocket(url ?? '');
  ws.on('message', (data) => {
    const envelope = JSON.parse(data.toString());
    received.push({ by, envelope });
    if (envelope.envelope_id) ws.send(JSON.stringify({ envelope_id: envelope.envelope_id }));
    if (envelope.type === 'disconnect') ws.close();
  });
  await new Promise((resolve) => ws.once('open', resolve));
  return ws;
}
