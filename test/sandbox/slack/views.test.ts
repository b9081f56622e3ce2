/**
 * Holds how modals behave on a person's screen: how they stack, what Slack refuses to submit, what an app's answer
 * does.
 */
import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { WebClient } from '@slack/web-api';
import { startSlack } from '../../../sandbox/slack/server.js';
import type { Person, SlackTown } from '../../../sandbox/slack/slack-town.js';
import type { OpenView } from '../../../sandbox/slack/state/board.js';
import { smallWorld } from './fixture.js';

/** An app that acknowledges with the response that the test chooses. */
let answer: unknown;
let app: Server;
let town: SlackTown;
let slack: WebClient;
let jane: Person;

beforeEach(async () => {
  answer = undefined;
  app = createServer((request, response) => {
    request.resume();
    response.setHeader('content-type', 'application/json');
    response.end(answer === undefined ? '' : JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
  const address = app.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  town = await startSlack(smallWorld(), { httpEventsUrl: `http://127.0.0.1:${port}/` });
  slack = new WebClient('xoxb-sandbox', { slackApiUrl: town.apiUrl, retryConfig: { retries: 0 } });
  jane = town.person('U0JANE');
});
afterEach(async () => {
  await town.close();
  await new Promise((resolve) => app.close(resolve));
});

const text = (words: string) => ({ type: 'plain_text' as const, text: words });
const option = (name: string) => ({ text: text(name), value: name });
const input = (blockId: string, element: object, extra: object = {}) => ({
  type: 'input',
  block_id: blockId,
  label: text(`The ${blockId}`),
  element: { action_id: 'it', ...element },
  ...extra,
});
const modal = (title: string, blocks: object[] = [{ type: 'divider' }], extra: object = {}) => ({
  type: 'modal',
  title: text(title),
  submit: text('Send'),
  blocks,
  ...extra,
});

function lastTrigger(): string {
  const request = town.journal.findLast((entry) => entry.kind === 'delivery')?.request;
  return typeof request === 'object' && request !== null && 'trigger_id' in request
    ? String(request.trigger_id)
    : '';
}

async function open(view: object): Promise<OpenView> {
  await jane.command('');
  await slack.apiCall('views.open', { trigger_id: lastTrigger(), view });
  return top();
}

function top(): OpenView {
  const view = jane.views().at(-1);
  if (!view) throw new Error('no modal is open');
  return view;
}

const titles = (): unknown[] =>
  jane.views().map(({ view }) => (view.type === 'modal' ? view.title.text : view.type));
const pressable = (title: string) =>
  modal(title, [{ type: 'actions', elements: [{ type: 'button', action_id: 'go', text: text('Go') }] }]);

test('modals stack three deep, and closing one shows the one below', async () => {
  await open(pressable('one'));
  for (const title of ['two', 'three']) {
    await jane.pressInView(top(), 'Go');
    await slack.apiCall('views.push', { trigger_id: lastTrigger(), view: pressable(title) });
  }
  expect(titles()).toEqual(['one', 'two', 'three']);
  await jane.pressInView(top(), 'Go');
  const push = slack.apiCall('views.push', { trigger_id: lastTrigger(), view: pressable('four') });
  await expect(push).rejects.toMatchObject({ data: { error: 'push_limit_reached' } });
  await jane.close(top());
  expect(titles()).toEqual(['one', 'two']);
});

test('an app’s answer to a submission updates, pushes, clears, or closes', async () => {
  const view = await open(modal('one'));
  answer = { response_action: 'update', view: modal('changed') };
  await jane.submit(view);
  answer = { response_action: 'push', view: modal('pushed') };
  await jane.submit(view);
  expect(titles()).toEqual(['changed', 'pushed']);
  answer = undefined;
  await jane.submit(top());
  expect(titles()).toEqual(['changed']);
  answer = { response_action: 'push', view: modal('pushed') };
  await jane.submit(view);
  answer = { response_action: 'clear' };
  await jane.submit(top());
  expect(titles()).toEqual([]);
});

test.each([
  ['a refused view', { response_action: 'update', view: modal('x'.repeat(25)) }, 'less than 25'],
  ['an unknown action', { response_action: 'explode' }, 'not an answer'],
  ['no errors at all', { response_action: 'errors', errors: {} }, 'no errors'],
  ['an error at no input', { response_action: 'errors', errors: { nowhere: 'x' } }, 'nowhere'],
])('an answer with %s leaves the form open with a failure', async (_, given, problem) => {
  const view = await open(modal('one'));
  answer = given;
  expect(await jane.submit(view)).toMatchObject({
    failure: 'bad_response',
    problem: expect.stringContaining(problem),
  });
  expect(titles()).toEqual(['one']);
});

describe('before the app hears of a form, Slack checks', () => {
  test.each<[string, object, object, string | undefined]>([
    ['white space', { type: 'plain_text_input' }, { it: ' ' }, 'required'],
    ['an empty optional field', { type: 'plain_text_input', optional: true }, {}, undefined],
    [
      'a text that is too long',
      { type: 'plain_text_input', max_length: 3 },
      { it: 'four' },
      '3 characters or less',
    ],
    [
      'a text that is too short',
      { type: 'plain_text_input', min_length: 5 },
      { it: 'four' },
      '5 characters or more',
    ],
    [
      'a text that is no whole number',
      { type: 'number_input', is_decimal_allowed: false },
      { it: '1.5' },
      'number',
    ],
    [
      'a number that is too small',
      { type: 'number_input', is_decimal_allowed: true, min_value: '2' },
      { it: 1.5 },
      'at least 2',
    ],
    ['a text that is no e-mail address', { type: 'email_text_input' }, { it: 'jane' }, 'email'],
    ['a choice of nobody', { type: 'users_select' }, {}, 'required'],
    ['a choice of somebody', { type: 'users_select' }, { it: '@maria' }, undefined],
    ['checkboxes without a tick', { type: 'checkboxes', options: [option('a')] }, {}, 'required'],
    [
      'checkboxes with two ticks',
      { type: 'checkboxes', options: [option('a'), option('b')] },
      { it: ['a', 'b'] },
      undefined,
    ],
    ['a date', { type: 'datepicker' }, { it: '2026-11-23' }, undefined],
  ])('%s', async (_, { optional, ...element }: { optional?: boolean }, fields, sentence) => {
    const view = await open(modal('form', [input('field', element, optional ? { optional } : {})]));
    await jane.fill(view, { ...fields });
    const { acked, errors } = await jane.submit(view);
    expect(acked).toBe(sentence === undefined);
    expect(errors?.field ?? '').toContain(sentence ?? '');
  });
});

test('a person can choose only offered options and existing people', async () => {
  const select = { type: 'static_select', options: [option('1 h'), option('2 h')] };
  const view = await open(modal('form', [input('long', select), input('who', { type: 'users_select' })]));
  await expect(jane.fill(view, { 'The long': '3 h' })).rejects.toThrow(
    'no option "3 h" is offered, only: 1 h | 2 h',
  );
  await expect(jane.fill(view, { 'The who': 'gone' })).rejects.toThrow('nobody to choose');
  await expect(jane.fill(view, { 'The what': 'x' })).rejects.toThrow('nothing here is called "The what"');
});

test('a chosen option that an update no longer offers is not kept', async () => {
  const offering = (...names: string[]) =>
    modal('form', [input('long', { type: 'static_select', options: names.map(option) })]);
  const view = await open(offering('1 h', '2 h'));
  await jane.fill(view, { 'The long': '2 h' });
  await slack.apiCall('views.update', { view_id: view.id, view: offering('2 h', '3 h') });
  expect(view.values.long?.it?.selected_option?.value).toBe('2 h');
  await slack.apiCall('views.update', { view_id: view.id, view: offering('3 h') });
  expect(view.values.long?.it?.selected_option).toBeNull();
});

test('a choice on a Home tab or in a message is sent to the app at once', async () => {
  const radio = { type: 'radio_buttons', action_id: 'pick', options: [option('1 h'), option('2 h')] };
  const blocks = [{ type: 'actions', elements: [radio] }];
  await slack.apiCall('views.publish', { user_id: 'U0JANE', view: { type: 'home', blocks } });
  await slack.apiCall('chat.postMessage', { channel: 'U0JANE', text: 'x', blocks });
  const [home, message] = [jane.home(), town.dm('U0JANE')[0]];
  if (!home || !message) throw new Error('not shown');
  await jane.pressInView(home, '2 h');
  await jane.press(message, 'pick', '1 h');
  const actions = town.journal
    .filter((entry) => entry.method === 'block_actions')
    .map((entry) => entry.request);
  expect(actions).toMatchObject([
    { container: { type: 'view' }, actions: [{ type: 'radio_buttons', selected_option: { value: '2 h' } }] },
    { container: { type: 'message' }, actions: [{ action_id: 'pick', selected_option: { value: '1 h' } }] },
  ]);
  await expect(jane.press(message, 'pick')).rejects.toThrow('say what to choose');
});

test('nobody can press a button that they cannot see, or that is gone', async () => {
  const blocks = pressable('x').blocks;
  await slack.apiCall('chat.postMessage', { channel: 'U0MARIA', text: 'x', blocks });
  await slack.apiCall('chat.postEphemeral', { channel: 'C0GENERAL', user: 'U0JANE', text: 'x', blocks });
  const [hers] = town.dm('U0MARIA');
  const [whisper] = town.ephemerals('U0JANE');
  if (!hers || !whisper) throw new Error('not posted');
  await expect(jane.press(hers, 'Go')).rejects.toThrow('cannot see');
  await expect(town.person('U0MARIA').press(whisper, 'Go')).rejects.toThrow('cannot see');
  expect(await jane.press(whisper, 'Go')).toMatchObject({ acked: true });
  await slack.chat.delete({ channel: hers.channel, ts: hers.ts });
  await expect(town.person('U0MARIA').press(hers, 'Go')).rejects.toThrow('is gone');
});

test('a response_url works for thirty minutes only', async () => {
  await jane.command('');
  const request = town.journal.at(-1)?.request;
  const url =
    typeof request === 'object' && request !== null && 'response_url' in request ? request.response_url : '';
  const respond = async (): Promise<number> =>
    (await fetch(String(url), { method: 'POST', body: new URLSearchParams({ text: 'x' }) })).status;
  expect(await respond()).toBe(200);
  const later = Date.now() + 31 * 60_000;
  const clock = jest.spyOn(Date, 'now').mockReturnValue(later);
  try {
    expect(await respond()).toBe(404);
  } finally {
    clock.mockRestore();
  }
});
