import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { answerTo } from '../../../sandbox/slack/people/answer.js';
import { plain, plainMrkdwn } from '../../../sandbox/slack/reading/plain.js';
import { startSlack } from '../../../sandbox/slack/server.js';
import type { SlackTown } from '../../../sandbox/slack/slack-town.js';
import type { Message } from '../../../sandbox/slack/state/conversations.js';
import type { Delivery } from '../../../sandbox/slack/state/mail.js';
import { postSigned } from '../../../sandbox/slack/wire/signed-http.js';
import { people, slackWorld } from '../../../sandbox/world.js';
import { readSource } from '../../../src/access/reading/source.js';
import { following } from '../../../src/access/request/others/follows.js';
import { isIn } from '../../../src/access/request/request.js';
import { working } from '../../../src/slack/answering/commands/subcommand.js';
import { SUBCOMMANDS } from '../../../src/slack/answering/commands/table.js';
import { registerListeners } from '../../../src/slack/answering/listeners.js';
import { MOST_UNDER_WAY } from '../../../src/slack/answering/under-way.js';
import { createSlack, type Slack, type SlackOptions } from '../../../src/slack/connection/app.js';
import { createMessenger } from '../../../src/slack/connection/messenger.js';
import { createPeople } from '../../../src/slack/connection/people.js';
import { SHORTCUT } from '../../../src/slack/words/ids.js';
import { createMemory } from '../../../src/workflow/memory.js';
import { type Parts, SlackFailed } from '../../../src/workflow/ports.js';
import { StoreUnreachable } from '../../../src/workflow/ports-store.js';
import { PATIENCE_MS } from '../../patience.js';
import { until } from '../../redis/redis.js';
import { type Fake, fakeParts } from '../parts.js';
import { facts, NOW, need, phases, requestIn } from '../requests.js';

const ASK = 'ws-janedoe01 203.0.113.25 2h fixing the build';
let warnings: string[];
let said: string[];
const log = {
  info: (_: object, message: string) => said.push(message),
  warn: (_: object, message: string) => warnings.push(message),
  error: (_: object, message: string) => said.push(message),
};

let town: SlackTown;
let slack: Slack;
let parts: Parts;
let fake: Fake;

beforeEach(async () => {
  warnings = [];
  said = [];
  const world = slackWorld({
    scopes: [
      'commands',
      'chat:write',
      'im:write',
      'im:history',
      'users:read',
      'users:read.email',
      'users.profile:read',
    ],
    commands: ['/workspace-ssh', '/ssh-please'],
    shortcuts: [{ callbackId: SHORTCUT, name: 'Request SSH access' }],
    events: ['app_home_opened', 'message.im'],
  });
  // A busy machine takes longer than Slack waits.
  town = await startSlack(world, { settings: { ackTimeoutMs: PATIENCE_MS, triggerLifeMs: PATIENCE_MS } });
  ({ parts, fake } = fakeParts());
  slack = listening({ kind: 'socket', appToken: world.app.appToken }, 2_000);
  await town.waitConnected();
});

afterEach(async () => {
  await slack.stop();
  await town.close();
});

/** The bot's side of Slack with its listeners, once it has begun to listen. */
function listening(mode: SlackOptions['mode'], drainMs: number): Slack {
  const started = createSlack({
    botToken: town.world.app.botToken,
    mode,
    apiUrl: town.apiUrl,
    drainMs,
    beside: createMemory().beside,
    log,
  });
  registerListeners(started.app, parts);
  started.start();
  return started;
}

const jane = () => town.person(people.jane);
const maria = () => town.person(people.maria);
const only = () => [...fake.requests.values()].at(-1);

/** The text that the person reads as the acknowledgement. */
function answer(delivery: Delivery): string {
  expect(delivery).toMatchObject({ acked: true });
  return plainMrkdwn(delivery.ephemeral ?? '', town.world, people.jane);
}

/** The text that the person reads as the answer to a command, which may come after the acknowledgement. */
async function answerOf(
  text: string,
  { command = '/workspace-ssh', by = people.jane }: { command?: string; by?: string } = {},
): Promise<string> {
  const { message } = await answerTo(town, by, text, PATIENCE_MS, { command });
  return plainMrkdwn(message.text, town.world, by);
}

/** Posts a card of the request into Jane's or Maria's conversation, and returns the message. */
async function shownCard(
  userId: string,
  surface: 'access' | 'approval',
  request = pending(),
): Promise<Message> {
  fake.requests.set(request.id, request);
  const card = { surface, request, folded: false, viewer: userId };
  const posted = await createMessenger({ client: slack.client, log }).post(userId, card);
  const message = 'unreachable' in posted ? undefined : town.message(posted.channel, posted.ts);
  if (!message) throw new Error('not posted');
  return message;
}

function pending(...approvers: string[]) {
  const asked = approvers.length > 0 ? approvers : [people.maria];
  const parts = [{ asked: { kind: 'manager' as const }, people: asked }];
  const nowMs = Date.now();
  return requestIn(
    {
      state: 'pending',
      facts,
      need: { ...need, asks: { ...need.asks, parts, approvers: asked } },
      pendingAtMs: nowMs,
      lapsesAtMs: nowMs + 3_600_000,
    },
    { requester: people.jane, askedAtMs: nowMs },
  );
}

const told = (userId: string, words: string | RegExp) =>
  town.until(
    () => town.ephemerals(userId).find(({ text }) => new RegExp(words).test(text)),
    3000,
    `"${words}"`,
  );

describe('the command', () => {
  test('stores a request before it answers', async () => {
    expect(answer(await jane().command(ASK))).toContain('Checking · K7QF2'.replace('Checking', '*Checking*'));
    expect(only()).toMatchObject({ version: 1, ask: { requester: people.jane, reason: 'fixing the build' } });
  });

  test('makes one request when Slack delivers the command twice', async () => {
    town.settings.faults.push({ method: '/workspace-ssh', kind: 'twice', times: 1 });
    await jane().command(ASK);
    expect(fake.requests.size).toBe(1);
  });

  test('names a problem, and offers the form filled in with the typed command', async () => {
    const said = await jane().command('ws-janedoe01 203.0.0.0/16 2h fixing the build');
    expect(answer(said)).toContain('65,536');
    expect(fake.requests.size).toBe(0);
    const [reply] = town.ephemerals(people.jane);
    if (!reply) throw new Error('nothing was answered');
    await jane().press(reply, 'Open the form, filled in');
    const form = await town.until(() => jane().views().at(-1));
    expect(JSON.stringify(form.values)).toContain('203.0.0.0/16');
    expect(JSON.stringify(form.values)).toContain('fixing the build');
  });

  test('asks for no more once as many requests wait as the policy allows, and neither does the form', async () => {
    for (let n = 0; n < 20; n++) await jane().command(ASK);
    const said = answer(await jane().command(ASK));
    expect(said).toBe(
      '*Not sent.* 20 requests wait already, as many as the policy allows. `end` takes one back.',
    );
    await jane().command('');
    const form = await town.until(() =>
      jane()
        .views()
        .find(({ view }) => JSON.stringify(view).includes('Ubuntu 22.04')),
    );
    await jane().fill(form, { source: '203.0.113.25', reason: 'fixing the build' });
    expect((await jane().submit(form)).errors).toEqual({
      reason: 'Not sent. 20 requests wait already, as many as the policy allows. end takes one back.',
    });
    expect(fake.requests.size).toBe(20);
  });

  test('of a person of whom several are under way is answered at once with that, and nobody else waits', async () => {
    let goOn = () => {};
    fake.holds = new Promise((resolve) => {
      goOn = resolve;
    });
    const asks = Array.from({ length: MOST_UNDER_WAY }, () => jane().command(ASK));
    for (const text of [ASK, 'list'])
      expect(answer(await jane().command(text))).toContain(
        `I am still at ${MOST_UNDER_WAY} commands and clicks`,
      );
    expect(answer(await maria().command('help'))).toBeDefined();
    goOn();
    await Promise.all(asks);
    expect(answer(await jane().command(ASK))).toContain('Not sent.');
    expect(readFileSync('docs/security.md', 'utf8')).toContain(`works on ${MOST_UNDER_WAY} commands`);
  });

  test('answers help with the command name that was typed, and with working subcommands alone', async () => {
    const help = await answerOf('help', { command: '/ssh-please' });
    expect(help).toContain('/ssh-please list');
    expect(help).not.toContain('check [id]');
    expect(await answerOf('lst')).toMatch(/lst.*list/s);
  });

  test.each(['check', 'check K7QF2'])(
    'answers a subcommand that is still to come with help: %s',
    async (typed) => {
      const said = await answerOf(typed);
      expect(said).toContain(`\`${typed.split(' ')[0]}\` does not work yet.`);
      expect(said).toContain('/workspace-ssh list');
    },
  );

  test('points out an address in the reason, and leaves the address there', async () => {
    const said = answer(await jane().command('2h because of OPS-412, 203.0.113.25.'));
    expect(said).toContain('I read everything from `because` on as the reason. Put the address before it.');
    expect(fake.requests.size).toBe(0);
    expect(answer(await jane().command('2h because of OPS-412'))).not.toContain('I read everything');
    expect(answer(await jane().command('203.0.113.25 because 10.0.0.5 is down'))).toContain('*Checking*');
  });

  test.each(
    working(SUBCOMMANDS)
      .filter(({ doing }) => doing !== 'request')
      .map(({ word, takes }) => [
        takes === 'all' ? `${word} all` : takes === 'person' ? `${word} @tom` : word,
      ]),
  )('is acknowledged before the store has to answer: %s', async (typed) => {
    let answers = () => {};
    fake.holds = new Promise((resolve) => {
      answers = resolve;
    });
    parts.policy = { ...parts.policy, admins: [people.jane] };
    expect(await jane().command(typed)).toMatchObject({ acked: true });
    answers();
    await town.until(() => town.ephemerals(people.jane).length === 1);
  });

  test.each(['help', 'hlep', 'check'])(
    'is answered with the acknowledgement, without another call: %s',
    async (typed) => {
      const { ephemeral } = await jane().command(typed);
      expect(ephemeral).toContain('without the form');
      expect(town.journal.map(({ method }) => method)).not.toContain('response_url');
    },
  );

  test.each(
    working(SUBCOMMANDS)
      .filter(({ who }) => who === 'admins')
      .map(({ word, takes }) => [
        takes === 'all' ? `${word} all` : takes === 'person' ? `${word} @tom` : word,
      ]),
  )(
    'that is for admins is refused to everybody else, also a word that help does not name: %s',
    async (typed) => {
      expect(await answerOf(typed)).toContain('That is for admins: ');
    },
  );

  test('counts for an admin the requests that it does not read', async () => {
    parts.policy = { ...parts.policy, admins: [people.jane] };
    for (let n = 0; n < 250; n++) {
      const phase = { state: 'submitted' as const, giveUpAtMs: NOW, waitsForAws: false };
      fake.requests.set(`R${n}`, { ...requestIn(phase, { requester: people.tom }), id: `R${n}` });
    }
    const { live } = parts.store;
    let read = 0;
    parts.store.live = async (most) => {
      const some = await live(most);
      read = some.requests.length;
      return some;
    };
    const { message } = await answerTo(town, people.jane, 'list', PATIENCE_MS);
    expect(read).toBe(200);
    expect(plain(message, town.world, people.jane)).toMatch(/^and 230 more$/m);
    parts.store.live = async () => {
      throw new Error('requests are read to count them');
    };
    expect(await answerOf('end all')).toBe(
      '*End everything?* 250 requests are open, waiting or closing. Nothing is done yet.',
    );
  });

  test('lists and ends the requests of the person who typed the command', async () => {
    await jane().command(ASK);
    expect(await answerOf('list')).toContain('1 of your requests');
    expect(await answerOf('end')).toContain('Taken back');
    expect(only()?.phase.state).toBe('cancelled');
    expect(await answerOf('end')).toContain('Nothing of yours');
  });

  test('claims nothing while the store is down, and gives back the typed command', async () => {
    fake.store = 'down';
    const said = answer(await jane().command(ASK));
    expect(said).toMatch(
      /Not sent.*nothing was opened.*You typed: `ws-janedoe01.*@ada, reference [0-9A-F]{4}/s,
    );
    expect(fake.faults).toHaveLength(1);
    expect(await answerOf('list')).toContain("I can't look");
    fake.store = 'unsure';
    expect(answer(await jane().command(ASK))).toContain('could not confirm');
    expect(parts.memory.watched.failures).toEqual([{ during: 'answering', cause: 'store-away', times: 3 }]);
  });
});

describe('the form', () => {
  async function openForm() {
    expect(await jane().command('')).toMatchObject({ acked: true });
    return town.until(() =>
      jane()
        .views()
        .find(({ view }) => JSON.stringify(view).includes('Ubuntu 22.04')),
    );
  }

  test('opens at once, fills in the WorkSpace, and sends the request', async () => {
    const form = await openForm();
    await jane().fill(form, { source: '203.0.113.25', reason: 'fixing the build' });
    const sent = await jane().submit(form);
    expect(sent.errors).toBeUndefined();
    expect(jane().views()).toEqual([]);
    expect(only()?.ask).toMatchObject({
      target: { kind: 'workspace', workspaceId: 'ws-janedoe01' },
      durationMs: 7_200_000,
      command: '/workspace-ssh',
    });
  });

  test('shows each problem under its field', async () => {
    const form = await openForm();
    await jane().fill(form, { source: '0.0.0.0/0', reason: 'fixing the build' });
    expect((await jane().submit(form)).errors).toEqual({ source: expect.stringContaining('whole Internet') });
    expect(fake.requests.size).toBe(0);
  });

  test('stays open with its fields when the store is down', async () => {
    const form = await openForm();
    fake.store = 'down';
    await jane().fill(form, { source: '203.0.113.25', reason: 'fixing the build' });
    expect((await jane().submit(form)).errors).toEqual({
      reason: expect.stringMatching(/^Not sent\. .*reference [0-9A-F]{4}\.$/),
    });
  });

  test('takes the id of a WorkSpace when AWS does not answer', async () => {
    fake.aws = 'down';
    await jane().shortcut(SHORTCUT);
    const form = await town.until(() =>
      jane()
        .views()
        .find(({ view }) => JSON.stringify(view).includes('Send the request all the same')),
    );
    await jane().fill(form, {
      'workspace-id': 'ws-janedoe01',
      source: '203.0.113.25',
      reason: 'fixing the build',
    });
    expect((await jane().submit(form)).errors).toBeUndefined();
    expect(only()?.ask.target).toEqual({ kind: 'workspace', workspaceId: 'ws-janedoe01' });
  });
});

test('a subcommand without an id means the newest request of a chain, also before the request that it took over from has ended', async () => {
  const phase = phases()['open, can be extended'];
  if (!phase) throw new Error('no such phase');
  const open = { ...requestIn(phase, { requester: people.jane }), id: 'A2AAA' };
  if (!isIn(open, 'open')) throw new Error('not open');
  const newest = { ...open, id: 'B2BBB', ask: { ...open.ask, follows: following(open) } };
  for (const one of [open, newest]) fake.requests.set(one.id, one);
  expect(await answerOf('extend 1h')).toContain('1 hour more for B2BBB');
});

describe('one more request for a WorkSpace that is open', () => {
  /** Open access of Jane's, and the card of a request that she sent as well, on which that is offered. */
  async function offered(open: string, offer: object, source: string) {
    const phase = phases()[open];
    if (!phase) throw new Error(`no ${open}`);
    const known = { ...requestIn(phase, { requester: people.jane }), id: 'A2AAA' };
    fake.requests.set(known.id, known);
    const second = pending();
    if (!isIn(second, 'pending')) throw new Error('not pending');
    const besides = {
      shown: [{ id: known.id, of: 'ws-janedoe01', source: '203.0.113.25/32', same: true, ...offer }],
      more: 0,
    };
    const other = readSource(source, parts.policy.limits.sources);
    if (!other.ok) throw new Error(other.sentence);
    return shownCard(people.jane, 'access', {
      ...second,
      ask: { ...second.ask, source: other.source },
      phase: { ...second.phase, facts: { ...facts, besides } },
    });
  }
  const isTakenBack = () => fake.requests.get('K7QF2')?.phase.state === 'cancelled';

  test('extends that access with one press instead, and is taken back', async () => {
    const hour = { endsAtMs: NOW + 7_200_000, stepMs: 3_600_000 };
    const card = await offered('open, can be extended', hour, '203.0.113.25');
    await jane().press(card, 'Extend A2AAA instead');
    await town.until(isTakenBack);
    expect(only()?.ask).toMatchObject({ durationMs: 3_600_000, follows: { id: 'A2AAA' } });
  });

  test('moves that access to its own address with one press instead, and is taken back', async () => {
    const offer = { endsAtMs: NOW + 7_200_000, movable: true };
    const card = await offered('open, can be moved', offer, '203.0.113.99');
    await jane().press(card, 'Move A2AAA instead');
    const form = await town.until(() => jane().views().at(-1));
    expect(JSON.stringify(form.view.blocks)).toContain('K7QF2 is taken back then.');
    await jane().fill(form, { source: '0.0.0.0/0' });
    expect((await jane().submit(form)).errors).toEqual({ source: expect.stringContaining('whole Internet') });
    expect(isTakenBack()).toBe(false);
    await jane().fill(form, { source: '203.0.113.99' });
    expect((await jane().submit(form)).errors).toBeUndefined();
    await town.until(isTakenBack);
    expect(only()?.ask).toMatchObject({
      source: { cidr: '203.0.113.99/32' },
      follows: { id: 'A2AAA', movesFrom: '203.0.113.25/32' },
    });
  });
});

describe('a decision', () => {
  test('is stored by the first click, and who clicks second is told of it', async () => {
    const card = await shownCard(people.maria, 'approval');
    await maria().press(card, 'Approve 2 h');
    await town.until(() => only()?.phase.state !== 'pending' || undefined);
    await maria().press(card, 'Approve 2 h');
    await told(people.maria, 'was approved by');
  });

  test('of the requester on their own request is refused', async () => {
    const card = await shownCard(people.jane, 'approval', pending(people.jane, people.maria));
    await jane().press(card, 'Approve 2 h');
    await told(people.jane, 'Nobody approves their own request');
    expect(only()?.phase.state).toBe('pending');
  });

  test('to deny is stored with its reason', async () => {
    const card = await shownCard(people.maria, 'approval');
    await maria().press(card, 'Deny');
    const form = await town.until(() => maria().views().at(-1));
    await maria().fill(form, { 'Why not?': 'ask Tom first' });
    await maria().submit(form);
    await town.until(() => only()?.phase.state === 'denied');
    expect(only()?.phase).toMatchObject({ review: { by: people.maria, reason: 'ask Tom first' } });
  });

  test('is handed over only by somebody who may decide', async () => {
    const card = await shownCard(people.tom, 'approval', pending(people.maria, people.tom));
    fake.requests.set('K7QF2', pending());
    await town.person(people.tom).press(card, 'Not me');
    await told(people.tom, 'You are not among the people who may decide this now');
    expect(only()?.phase).toMatchObject({ need: { hears: { handedOver: [] } } });
    // By the policy nobody but Maria decides.
    const hers = await shownCard(people.maria, 'approval', pending(people.maria, people.tom));
    await maria().press(hers, 'Not me');
    await told(people.maria, 'Nobody else may decide K7QF2 by the policy.');
    expect(only()?.version).toBe(3);
  });

  test('that comes too late is answered with the outcome, also after the form has closed', async () => {
    const card = await shownCard(people.maria, 'approval');
    await maria().press(card, 'Deny');
    const form = await town.until(() => maria().views().at(-1));
    await answerOf('end');
    await maria().submit(form);
    await town.until(() => town.dm(people.maria).find(({ text }) => text.includes('was taken back')));
  });

  test('to deny that cannot be stored is answered by a message, since its form has no field for that', async () => {
    const card = await shownCard(people.maria, 'approval');
    await maria().press(card, 'Deny');
    const form = await town.until(() => maria().views().at(-1));
    fake.store = 'down';
    expect(await maria().submit(form)).toMatchObject({ acked: true });
    await town.until(() => town.dm(people.maria).find(({ text }) => text.includes('nothing was changed')));
  });

  test('that cannot be stored is answered with a reference', async () => {
    const card = await shownCard(people.maria, 'approval');
    fake.store = 'down';
    await maria().press(card, 'Approve 2 h');
    await told(people.maria, 'Not done.*nothing was changed');
  });
});

describe('cards, Home and people', () => {
  test('a press on Take back takes back a waiting request', async () => {
    const card = await shownCard(people.jane, 'access');
    await jane().press(card, 'Take back');
    await town.until(() => only()?.phase.state === 'cancelled');
  });

  test('Home lists the requests, and keeps its button when the store is down', async () => {
    fake.requests.set('K7QF2', pending());
    await jane().openHome();
    const home = await town.until(() => jane().home());
    expect(JSON.stringify(home.view)).toContain('K7QF2');
    await jane().pressInView(home, 'Take back');
    await town.until(() => JSON.stringify(jane().home()?.view).includes('Nothing of yours is open'));
    fake.store = 'down';
    await jane().openHome();
    await town.until(() => JSON.stringify(jane().home()?.view).includes('unreachable'));
    fake.store = 'up';
    await jane().pressInView(home, 'Request SSH access');
    const form = await town.until(() =>
      jane()
        .views()
        .find(({ view }) => JSON.stringify(view).includes('Ubuntu 22.04')),
    );
    await jane().fill(form, { source: '203.0.113.26', reason: 'from Home' });
    await jane().submit(form);
    const asked = await town.until(() =>
      [...fake.requests.values()].find(({ ask }) => ask.reason === 'from Home'),
    );
    // No command led to Home, so the request goes by the name in the settings.
    expect(asked.ask.command).toBe('/ssh-here');
  });

  test('a message "hi" is answered once, with help, and no listener hears of that answer', async () => {
    const heard: unknown[] = [];
    slack.app.use(async ({ payload, next }) => {
      heard.push('text' in payload ? payload.text : payload);
      await next();
    });
    await jane().say('hi');
    const help = await town.until(() => town.dm(people.jane).find(({ user }) => user !== people.jane));
    expect(help.text).toContain('/ssh-here list');
    expect(help.text).not.toContain('/workspace-ssh');
    expect(town.dm(people.jane)).toHaveLength(2);
    await town.until(() => town.journal.filter(({ method }) => method === 'message.im').length === 2);
    expect(heard).toEqual(['hi']);
  });

  test('an edit of a message that is gone ends as lost, not as a fault', async () => {
    const messenger = createMessenger({ client: slack.client, log });
    const card = { surface: 'access' as const, request: pending(), folded: false, viewer: people.jane };
    const { channel } = await shownCard(people.jane, 'access');
    expect(await messenger.edit({ channel, ts: '1.000001' }, card)).toBe('lost');
  });

  test('a card for a person who was deactivated ends as unreachable, not as a fault', async () => {
    const lee = town.world.users.find(({ id }) => id === people.lee);
    if (lee) lee.deleted = true;
    const card = { surface: 'access' as const, request: pending(), folded: false, viewer: people.lee };
    expect(await createMessenger({ client: slack.client, log }).post(people.lee, card)).toEqual({
      unreachable: 'channel_not_found',
    });
    if (lee) lee.deleted = false;
  });

  test('a card is posted to a person in one call, and edited in the conversation that Slack answers', async () => {
    const before = town.journal.length;
    const messenger = createMessenger({ client: slack.client, log });
    const card = { surface: 'access' as const, request: pending(), folded: false, viewer: people.jane };
    const posted = await messenger.post(people.jane, card);
    if ('unreachable' in posted) throw new Error('not posted');
    expect(posted.channel).toBe(town.dm(people.jane)[0]?.channel);
    // A card that would not look different costs no call.
    const newer = { ...card, request: { ...card.request, version: card.request.version + 1 } };
    expect(await messenger.edit(posted, newer)).toEqual({ look: posted.look });
    const edited = await messenger.edit(posted, { ...card, folded: true });
    expect(edited).not.toEqual({ look: posted.look });
    const calls = town.journal.slice(before).filter(({ kind }) => kind === 'api');
    expect(calls.map(({ method }) => method)).toEqual(['chat.postMessage', 'chat.update']);
  });

  test('a card that Slack refuses for what it shows reaches its reader as one line, and the refusal is logged', async () => {
    const messenger = createMessenger({ client: slack.client, log });
    const refusal = { kind: 'api-error', error: 'msg_blocks_too_long' } as const;
    town.settings.faults.push({ method: 'chat.postMessage', times: 1, ...refusal });
    const request = pending();
    const card = { surface: 'approval' as const, request, folded: false, viewer: people.maria };
    const posted = await messenger.post(people.maria, card);
    if ('unreachable' in posted) throw new Error('not posted');
    const shown = town.dm(people.maria).find(({ ts }) => ts === posted.ts);
    expect(JSON.stringify(shown?.blocks)).toContain('asks for SSH');
    expect(JSON.stringify(shown?.blocks)).toContain('look at my Home instead');
    expect(said).toContain('Slack refuses a card for what it shows');
    // The whole card comes with the next change that Slack takes.
    const edited = await messenger.edit(posted, { ...card, folded: true });
    expect(edited).not.toBe('lost');
  });

  test.each([
    ['a rate limit', { kind: '429', retryAfterSeconds: 3 }, { why: 'busy', retryAfterMs: 3_000 }],
    ['a temporary refusal', { kind: 'api-error', error: 'internal_error' }, { why: 'refused' }],
    ['no answer', { kind: '500' }, { why: 'away' }],
  ] as const)('%s of Slack becomes an error of its own kind', async (_, fault, told) => {
    town.settings.faults.push({ method: 'chat.postMessage', times: 1, ...fault });
    const card = { surface: 'access' as const, request: pending(), folded: false, viewer: people.jane };
    const posted = createMessenger({ client: slack.client, log }).post(people.jane, card);
    await expect(posted).rejects.toThrow(SlackFailed);
    await expect(posted).rejects.toMatchObject(told);
  });

  test('a person is read from Slack with status, kind, address and profile fields', async () => {
    const known = createPeople(slack.client);
    expect(await known.person(people.jane)).toMatchObject({
      name: 'Jane Doe',
      email: 'jane@example.com',
      active: true,
      human: true,
      guest: false,
      foreign: false,
      timeZone: 'Europe/Berlin',
    });
    expect(await known.person(people.gina)).toMatchObject({ guest: true });
    const elsewhere = { realName: 'Al Ien', tz: 'UTC', tzOffset: 0, teamId: 'T0OTHER' };
    town.world.users.push({ id: 'U0ALIEN', name: 'alien', ...elsewhere });
    town.world.users.push({ id: 'U0CONNECT', name: 'connect', ...elsewhere });
    // Slack does not call somebody a stranger who is in a channel with the app.
    const members = ['U0CONNECT', town.world.app.botUserId];
    town.world.channels.push({ id: 'C0CONNECT', name: 'connect', members });
    expect(await known.person('U0ALIEN')).toMatchObject({ foreign: true });
    expect(await known.person('U0CONNECT')).toMatchObject({ foreign: true });
    expect(await known.person('U0BOT')).toMatchObject({ human: false });
    expect(await known.person('U0NOBODY')).toBeUndefined();
    expect(await known.profileField(people.jane, 'Xf0MANAGER')).toBe(people.maria);
    expect(await known.profileField(people.jane, 'Xf0NOTHING')).toBeUndefined();
  });
});

test('a handle stays with the group that it was first seen on, until a restart', async () => {
  const { world } = town;
  world.app.scopes.push('usergroups:read');
  let nowMs = 0;
  const known = createPeople(slack.client, () => nowMs);
  const later = () => {
    nowMs += 60_001;
    return known.groupMembers('@security');
  };
  const members = [people.sam, people.ada];
  expect(await later()).toEqual(members);
  const [security] = world.userGroups;
  Object.assign(security ?? {}, { handle: 'renamed' });
  expect(await later()).toEqual(members);
  const other = { id: 'S0OTHER', handle: 'security', name: 'Other', users: [people.lee] };
  world.userGroups.push(other);
  const moved = { wasId: 'S0SECURITY', isId: 'S0OTHER' };
  expect(await later()).toEqual(moved);
  expect(await known.groupMembers('S0SECURITY')).toEqual(members);
  world.userGroups.pop();
  Object.assign(security ?? {}, { handle: 'security' });
  expect(await later()).toEqual(moved);
  expect(await createPeople(slack.client).groupMembers('@security')).toEqual(members);
});

describe('the connection', () => {
  test('comes back after Slack closed it', async () => {
    let connections = 0;
    town.onEvent((event) => {
      if (event.type === 'connections') connections += 1;
    });
    town.refreshConnections();
    await town.until(() => connections >= 2 && town.connected() === 1, 15_000);
    expect(await answerOf('help')).toContain('list');
  });

  test('comes back after Slack was down', async () => {
    town.settings.down = 'refused';
    await town.until(() => warnings.some((message) => message.startsWith('no connection')), 15_000);
    expect(slack.connected()).toBe(false);
    town.settings.down = 'no';
    await town.waitConnected(15_000);
    expect(await answerOf('help')).toContain('list');
  });

  test('a refused token while reconnecting does not end the process', async () => {
    town.settings.faults.push({
      method: 'apps.connections.open',
      kind: 'api-error',
      error: 'invalid_auth',
      times: 1,
    });
    town.refreshConnections();
    await town.until(() => said.some((text) => text.startsWith('Slack refuses SLACK_APP_TOKEN')), 15_000);
    expect(slack.connected()).toBe(false);
    await town.waitConnected(15_000);
    await until('the connection', () => slack.connected());
  });

  // Over HTTP nothing but a refused bot token makes a connection look down.
  const overHttp = { kind: 'http' as const, signingSecret: 'not-a-secret-of-slack' };
  test.each([
    ['SLACK_BOT_TOKEN', 'invalid_auth', { botToken: 'xoxb-another', mode: overHttp }],
    ['SLACK_BOT_TOKEN', 'not_allowed_token_type', { botToken: 'xapp-sandbox-not-a-secret', mode: overHttp }],
    ['SLACK_APP_TOKEN', 'invalid_auth', { mode: { kind: 'socket' as const, appToken: 'xapp-another' } }],
    [
      'SLACK_APP_TOKEN',
      'not_allowed_token_type',
      { mode: { kind: 'socket' as const, appToken: 'xoxb-sandbox-not-a-secret' } },
    ],
  ])('says that Slack refuses %s (%s), and is not connected', async (setting, code, wrong) => {
    const { botToken } = town.world.app;
    const refused = createSlack({
      botToken,
      apiUrl: town.apiUrl,
      drainMs: 500,
      beside: createMemory().beside,
      log,
      ...wrong,
    });
    refused.start();
    try {
      await town.until(() => said.some((text) => text.startsWith(`Slack refuses ${setting} (${code}): `)));
      expect(refused.connected()).toBe(false);
      expect(warnings.join()).not.toMatch(/does not answer|no connection/);
    } finally {
      await refused.stop();
    }
  });

  test('leaves out events and clicks that come from another workspace or are for another app', async () => {
    await town.until(() => said.includes('Slack knows us'));
    const { team, app } = town.world;
    const [own, ours] = [team.id, app.appId];
    team.id = 'T0OTHER';
    await jane().command(ASK);
    Object.assign(team, { id: own });
    app.appId = 'A0OTHER';
    await jane().command(ASK);
    expect(fake.requests.size).toBe(0);
    app.appId = ours;
    await jane().command(ASK);
    expect(fake.requests.size).toBe(1);
  });

  test('is kept while a command that has begun finishes', async () => {
    const { change } = parts.store;
    let begun = false;
    parts.store.change = async (step) => {
      begun = true;
      await new Promise((resolve) => setTimeout(resolve, 300));
      return change(step);
    };
    const asked = jane().command(ASK);
    await town.until(() => begun);
    await slack.stop();
    expect(answer(await asked)).toContain('K7QF2');
  });

  test('outlives frames that Slack never sends', async () => {
    const broken = ['null', '{"type":"events_api"}', '{"type":"events_api","payload":{"event":null}}'];
    for (const frame of [...broken, 'no JSON', '5', '[]', '{"type":"slash_commands"}']) town.sendFrame(frame);
    const leftOut = () => warnings.filter((text) => text === 'Slack sent what is no envelope; left out');
    await until('they were left out', () => leftOut().length === broken.length);
    expect(await answerOf('help')).toContain('list');
  });

  test('over HTTP takes requests from the web server', async () => {
    // Slack does not answer for the token until the test lets Slack go on: a command is answered all the same.
    town.settings.latencyMs = PATIENCE_MS;
    const { url, stop } = await serveHttp();
    const { app } = town.world;
    expect(answer(await jane().command(ASK))).toContain('K7QF2');
    town.settings.latencyMs = 0;
    expect((await fetch(url)).status).toBe(404);
    const secret = { signingSecret: app.signingSecret, contentType: 'application/json' };
    const posts = async (body: string, options = secret) => {
      const signal = AbortSignal.timeout(PATIENCE_MS);
      const answered = await postSigned(url, body, { ...options, signal });
      return answered === 'unreachable' ? answered : answered.status;
    };
    for (const body of ['null', '[]', '5', 'no JSON']) expect(await posts(body)).toBe(400);
    for (const body of ['payload=null', 'payload=5', 'command=1&command=2'])
      expect(await posts(body, { ...secret, contentType: 'application/x-www-form-urlencoded' })).toBe(400);
    const user = { id: people.jane, team_id: town.world.team.id };
    const unknown = {
      type: 'block_actions',
      trigger_id: '1',
      user,
      actions: [{ type: 'button', action_id: 'newer' }],
    };
    const clicked = `payload=${encodeURIComponent(JSON.stringify({ ...unknown, api_app_id: app.appId }))}`;
    expect(await posts(clicked, { ...secret, contentType: 'application/x-www-form-urlencoded' })).toBe(404);
    expect(await posts('null', { ...secret, signingSecret: 'f'.repeat(32) })).toBe(401);
    // The longest bodies, as docs/operating.md says them.
    const looksSigned = { 'x-slack-signature': 'v0=00', 'x-slack-request-timestamp': '1' };
    const long = async (length: number, headers: Record<string, string>) =>
      (await fetch(url, { method: 'POST', headers, body: 'ssl_check=1&'.padEnd(length, 'x') })).status;
    expect([await long(12, {}), await long(1_024, {}), await long(1_025, {})]).toEqual([200, 200, 401]);
    const most = 256 * 1_024;
    expect([await long(most, looksSigned), await long(most + 1, looksSigned)]).toEqual([401, 413]);
    expect((await fetch(url, { method: 'POST', body: 'command=list' })).status).toBe(401);
    // A length that is announced is refused before the body comes, and one that is not as soon as too much has come.
    const begun = 'POST /slack/events HTTP/1.1\r\nhost: bot\r\n';
    const signed = 'x-slack-signature: v0=00\r\nx-slack-request-timestamp: 1\r\n';
    const chunked = `transfer-encoding: chunked\r\n\r\n${(300_000).toString(16)}\r\n${'x'.repeat(300_000)}`;
    const refusedAndClosed = (status: number) =>
      new RegExp(`^HTTP/1\\.1 ${status} [^]*connection: close`, 'i');
    expect(await answerToBytes(url, `${begun}content-length: 300000\r\n\r\n`)).toMatch(refusedAndClosed(401));
    const announced = `${begun}${signed}content-length: 300000\r\n\r\n`;
    expect(await answerToBytes(url, announced)).toMatch(refusedAndClosed(413));
    expect(await answerToBytes(url, `${begun}${signed}${chunked}`)).toMatch(refusedAndClosed(413));
    expect(warnings.filter((text) => text.includes('was refused'))).toHaveLength(1);
    expect(await answerOf('help')).toContain('list');
    await stop();
  });
});

describe('a command or a click that Slack delivers again', () => {
  const ada = () => town.person(people.ada);
  const paused = () => fake.pause?.paused;
  beforeEach(() => {
    parts.log.warn = log.warn;
  });

  /** Keeps the body that came last. The function posts it once more. */
  function keepBody(url: string): () => Promise<void> {
    const payload = town.journal.findLast(({ kind }) => kind === 'delivery')?.request;
    if (typeof payload !== 'object' || payload === null) throw new Error('nothing was delivered');
    const form = new URLSearchParams();
    if (!('command' in payload)) form.set('payload', JSON.stringify(payload));
    else for (const [name, value] of Object.entries(payload)) form.set(name, String(value));
    const { signingSecret } = town.world.app;
    return async () => {
      await postSigned(url, form.toString(), {
        signingSecret,
        contentType: 'application/x-www-form-urlencoded',
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
    };
  }

  test('lifts no newer pause, whether its first delivery found a pause or not', async () => {
    const { url, stop } = await serveHttp();
    for (const found of ['Nothing is paused.', '*Resumed.*']) {
      expect(await answerOf('resume', { by: people.ada })).toContain(found);
      const again = keepBody(url);
      await answerOf('pause', { by: people.ada });
      await again();
      await told(people.ada, 'Not done again.* Slack has sent me this before');
      expect(paused()).toBe(true);
    }
    expect(warnings).toContain('a delivery of Slack came again and was left out');
    await stop();
  });

  test.each([
    ['end', () => jane().command('end')],
    ['end @person', () => ada().command('end @jane')],
    [
      'End all',
      async () => {
        const { message } = await answerTo(town, people.ada, 'end all', PATIENCE_MS);
        await ada().press(message, 'End all 1');
      },
    ],
  ])('ends no newer request: %s', async (_, ends) => {
    const { url, stop } = await serveHttp();
    await jane().command(ASK);
    await ends();
    await until('it was taken back', () => only()?.phase.state === 'cancelled');
    const again = keepBody(url);
    await jane().command(ASK);
    await again();
    await until('it was left out', () => warnings.some((text) => text.includes('came again')));
    expect(only()?.phase.state).toBe('submitted');
    await stop();
  });

  test('opens nothing while the store does not say whether it came before, and ends access all the same', async () => {
    parts.store.turn = async () => {
      throw new StoreUnreachable(false);
    };
    await answerOf('pause', { by: people.ada });
    expect(paused()).toBe(true);
    expect(await answerOf('resume', { by: people.ada })).toContain('could not confirm');
    expect(paused()).toBe(true);
    await shownCard(people.jane, 'access');
    expect(await answerOf('end')).toContain('Taken back');
    expect(only()?.phase.state).toBe('cancelled');
  });
});

/** The same bot over HTTP, in a web server of its own. Slack sends there from now on. */
async function serveHttp(): Promise<{ url: string; stop(): Promise<void> }> {
  const http = listening({ kind: 'http', signingSecret: town.world.app.signingSecret }, 500);
  const server = createServer((request, response) => http.requestListener?.(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${portOf(server.address())}/slack/events`;
  town.deliverTo(url);
  return {
    url,
    async stop() {
      await http.stop();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The answer of the server to the bytes, once the server has closed the connection. */
function answerToBytes(url: string, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let said = '';
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (chunk) => {
      said += chunk.toString();
    });
    socket.setTimeout(PATIENCE_MS, () => {
      said = 'still connected';
      socket.destroy();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(said));
  });
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === 'object' && address ? address.port : 0;
}
