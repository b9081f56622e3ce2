import { describe, expect, test } from '@jest/globals';
import { readPayload } from '../../../src/slack/connection/payload.js';

const FORM = 'application/x-www-form-urlencoded';
const JSON_TYPE = 'application/json';
const form = (fields: Record<string, string>) => new URLSearchParams(fields).toString();
const payload = (value: unknown) => form({ payload: JSON.stringify(value) });

const command = {
  command: '/workspace-ssh',
  text: '',
  user_id: 'U0JANE',
  trigger_id: '1.2',
  response_url: 'https://',
};
const user = { id: 'U0JANE' };
const click = {
  type: 'block_actions',
  user,
  trigger_id: '1.2',
  actions: [{ type: 'button', action_id: 'approve' }],
};
const sent = {
  type: 'view_submission',
  user,
  trigger_id: '1.2',
  view: { id: 'V1', callback_id: 'request', private_metadata: '' },
};
const event = { type: 'event_callback', event_id: 'Ev1', event: { type: 'message' } };

describe('a body of Slack is read', () => {
  test.each([
    ['a command', FORM, form(command), command],
    ['a command with a charset', `${FORM}; charset=utf-8`, form(command), command],
    ['a click', FORM, payload(click), click],
    ['a form', FORM, payload(sent), sent],
    [
      'a shortcut',
      FORM,
      payload({ type: 'shortcut', user, callback_id: 'ask', trigger_id: '1' }),
      { callback_id: 'ask' },
    ],
    ['an event', JSON_TYPE, JSON.stringify(event), event],
    [
      'the check of the address',
      JSON_TYPE,
      '{"type":"url_verification","challenge":"c"}',
      { challenge: 'c' },
    ],
  ])('%s', (_, type, body, read) => {
    expect(readPayload(type, body)).toMatchObject(read);
  });
});

describe('a body that Slack does not send is refused', () => {
  const texts = [
    'null',
    'true',
    '5',
    '"event_callback"',
    '[]',
    '[null]',
    '{}',
    '',
    'not JSON',
    '{"type":null}',
    '{"type":"event_callback"}',
    '{"type":"event_callback","event_id":"Ev1","event":null}',
    '{"type":"event_callback","event_id":"Ev1","event":{"type":5}}',
    '{"type":"event_callback","event_id":5,"event":{"type":"message"}}',
    '{"type":"url_verification","challenge":{}}',
    '{"command":"/workspace-ssh","text":"list"}',
    '['.repeat(100_000),
  ];
  test.each(texts.map((body) => [body.slice(0, 60), body]))('as JSON: %s', (_, body) => {
    expect(readPayload(JSON_TYPE, body)).toBeUndefined();
    expect(readPayload(undefined, body)).toBeUndefined();
  });

  test.each([
    null,
    5,
    [],
    {},
    { type: 'block_actions' },
    { ...click, user: null },
    { ...click, user: {} },
    { ...click, actions: [] },
    { ...click, actions: null },
    { ...click, actions: [null] },
    { ...click, actions: [{ type: 'button' }] },
    { ...click, trigger_id: undefined },
    { ...sent, trigger_id: undefined },
    { ...sent, view: null },
    { ...sent, view: {} },
    { type: 'shortcut', user },
    { type: 'something new', user },
  ])('as a payload: %j', (value) => {
    expect(readPayload(FORM, payload(value))).toBeUndefined();
  });

  test.each([
    '',
    'payload',
    'payload=%7B%7D&payload=%7B%7D',
    'command=%2Fworkspace-ssh',
    form({ ...command, user_id: '' }).replace('user_id=', 'nobody='),
    `${form(command)}&text=again`,
    `{"type":"event_callback","text":"&${payload(click)}&"}`,
    `{"type":"event_callback","text":"&${form(command)}&"}`,
  ])('as a form: %s', (body) => {
    expect(readPayload(FORM, body)).toBeUndefined();
  });
});
