/** Holds what the pretend Slack refuses in Block Kit, a row for each refusal, and what it accepts at the very limit. */
import { describe, expect, test } from '@jest/globals';
import { checkMessageBlocks, checkView } from '../../../../sandbox/slack/block-kit/check.js';

const plain = (length: number) => ({ type: 'plain_text', text: 'x'.repeat(length) });
const mrkdwn = (length: number) => ({ type: 'mrkdwn', text: 'x'.repeat(length) });
const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));
const section = (extra: object = {}) => ({ type: 'section', text: mrkdwn(1), ...extra });
const actions = (...elements: object[]) => ({ type: 'actions', elements });
const button = (extra: object = {}) => ({ type: 'button', text: plain(1), ...extra });
const option = (name: string) => ({ text: { type: 'plain_text', text: name }, value: name });
const options = (count: number) => times(count, (i) => option(`o${i}`));
const select = (extra: object = {}) => ({ type: 'static_select', options: options(2), ...extra });
const input = (element: object, extra: object = {}) => ({
  type: 'input',
  label: plain(1),
  element,
  ...extra,
});
const typed = (extra: object = {}) => ({ type: 'plain_text_input', ...extra });
const confirm = (extra: object = {}) => ({
  title: plain(100),
  text: mrkdwn(300),
  confirm: plain(30),
  deny: plain(30),
  ...extra,
});
const modal = (extra: object = {}) => ({ type: 'modal', title: plain(24), blocks: [section()], ...extra });

describe('the pretend Slack, of messages:', () => {
  test.each<[string, object[]]>([
    ['a section of 3000', [section({ text: mrkdwn(3000) })]],
    ['ten fields of 2000', [{ type: 'section', fields: times(10, () => mrkdwn(2000)) }]],
    ['a header of 150', [{ type: 'header', text: plain(150) }]],
    ['a full button', [actions(button({ text: plain(75), value: 'x'.repeat(2000), confirm: confirm() }))]],
    ['25 elements', [actions(...times(25, (i) => button({ action_id: `b${i}` })))]],
    ['five overflow options', [section({ accessory: { type: 'overflow', options: options(5) } })]],
    ['100 options', [actions(select({ options: options(100), initial_option: option('o7') }))]],
    ['50 blocks', times(50, () => ({ type: 'divider' }))],
    [
      'one action_id in two blocks',
      [actions(button({ action_id: 'a' })), actions(button({ action_id: 'a' }))],
    ],
    ['a context of ten', [{ type: 'context', elements: times(10, () => mrkdwn(2)) }]],
    ['an image', [{ type: 'image', image_url: 'https://x.example/y.png', alt_text: 'y' }]],
    ['rich text', [{ type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [] }] }]],
  ])('accepts %s', (_, blocks) => {
    expect(checkMessageBlocks(blocks)).toMatchObject({ ok: true });
  });

  test.each<[string, object[], string]>([
    [
      'a section of 3001',
      [section({ text: mrkdwn(3001) })],
      'must be less than 3001 characters [json-pointer:/blocks/0/text/text]',
    ],
    [
      'an empty text',
      [section({ text: mrkdwn(0) })],
      'must be more than 0 characters [json-pointer:/blocks/0/text/text]',
    ],
    ['a section of nothing', [{ type: 'section' }], 'missing required field: text [json-pointer:/blocks/0]'],
    [
      'eleven fields',
      [{ type: 'section', fields: times(11, () => mrkdwn(1)) }],
      'no more than 10 items allowed',
    ],
    ['a field of 2001', [{ type: 'section', fields: [mrkdwn(2001)] }], 'must be less than 2001 characters'],
    ['a header of 151', [{ type: 'header', text: plain(151) }], 'must be less than 151 characters'],
    ['a header in mrkdwn', [{ type: 'header', text: mrkdwn(1) }], '/blocks/0/text/type'],
    [
      'a button of 76',
      [actions(button({ text: plain(76) }))],
      'must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]',
    ],
    ['a value of 2001', [actions(button({ value: 'x'.repeat(2001) }))], 'must be less than 2001 characters'],
    [
      'an action_id of 256',
      [actions(button({ action_id: 'x'.repeat(256) }))],
      'must be less than 256 characters',
    ],
    ['a block_id of 256', [section({ block_id: 'x'.repeat(256) })], 'must be less than 256 characters'],
    ['a button style', [actions(button({ style: 'warning' }))], '/style'],
    [
      'a confirmation title of 101',
      [actions(button({ confirm: confirm({ title: plain(101) }) }))],
      'less than 101',
    ],
    [
      'a confirmation text of 301',
      [actions(button({ confirm: confirm({ text: mrkdwn(301) }) }))],
      'less than 301',
    ],
    [
      'a confirmation button of 31',
      [actions(button({ confirm: confirm({ deny: plain(31) }) }))],
      'less than 31',
    ],
    [
      '26 elements',
      [actions(...times(26, () => button()))],
      'no more than 25 items allowed [json-pointer:/blocks/0/elements]',
    ],
    ['no elements', [actions()], 'no fewer than 1 items allowed'],
    [
      'six overflow options',
      [section({ accessory: { type: 'overflow', options: options(6) } })],
      'no more than 5 items',
    ],
    [
      'eleven radio buttons',
      [actions({ type: 'radio_buttons', options: options(11) })],
      'no more than 10 items',
    ],
    ['eleven checkboxes', [actions({ type: 'checkboxes', options: options(11) })], 'no more than 10 items'],
    ['101 options', [actions(select({ options: options(101) }))], 'no more than 100 items'],
    [
      'an option text of 76',
      [actions(select({ options: [{ text: plain(76), value: 'v' }] }))],
      'less than 76',
    ],
    [
      'an option value of 76',
      [actions(select({ options: [{ text: plain(1), value: 'x'.repeat(76) }] }))],
      'less than 76',
    ],
    [
      'a link in a select’s option',
      [actions(select({ options: [{ ...option('a'), url: 'https://x.example' }] }))],
      'invalid additional property: url',
    ],
    ['a placeholder of 151', [actions(select({ placeholder: plain(151) }))], 'less than 151'],
    [
      'a foreign initial option',
      [actions(select({ initial_option: option('zz') }))],
      'is not one of the options',
    ],
    [
      'neither options nor groups',
      [actions({ type: 'static_select' })],
      'must provide either `options` or `option_groups`',
    ],
    ['an unknown block', [{ type: 'sectoin' }], 'unsupported type [json-pointer:/blocks/0/type]'],
    [
      'an unknown element',
      [actions({ type: 'lever' })],
      'unsupported type [json-pointer:/blocks/0/elements/0/type]',
    ],
    [
      'an unknown property',
      [section({ colour: 'red' })],
      'invalid additional property: colour [json-pointer:/blocks/0]',
    ],
    [
      'a missing button text',
      [actions({ type: 'button' })],
      'missing required field: text [json-pointer:/blocks/0/elements/0]',
    ],
    ['a text input in actions', [actions(typed())], 'unsupported type'],
    ['a multi-select in actions', [actions({ type: 'multi_users_select' })], 'unsupported type'],
    ['a button as input', [input(button())], 'unsupported type'],
    [
      'eleven in a context',
      [{ type: 'context', elements: times(11, () => mrkdwn(1)) }],
      'no more than 10 items',
    ],
    ['a button in a context', [{ type: 'context', elements: [button()] }], 'unsupported type'],
    [
      '51 blocks',
      times(51, () => ({ type: 'divider' })),
      'no more than 50 items allowed [json-pointer:/blocks]',
    ],
    [
      'a block_id twice',
      [section({ block_id: 'a' }), section({ block_id: 'a' })],
      '`block_id` must be unique',
    ],
    [
      'an action_id twice in a block',
      [actions(button({ action_id: 'a' }), button({ action_id: 'a' }))],
      'action_id "a" already exists',
    ],
    ['an image of nothing', [{ type: 'image', alt_text: 'x' }], 'must have either image_url or slack_file'],
    ['a wrong date', [actions({ type: 'datepicker', initial_date: '2026-13-01' })], '/initial_date'],
    ['a wrong time', [actions({ type: 'timepicker', initial_time: '24:00' })], '/initial_time'],
  ])('refuses %s', (_, blocks, sentence) => {
    const checked = checkMessageBlocks(blocks);
    expect(checked.ok ? 'accepted' : checked.messages.join('\n')).toContain(sentence);
  });
});

describe('the pretend Slack, of views:', () => {
  test.each<[string, object]>([
    [
      'a full modal',
      modal({
        submit: plain(24),
        close: plain(24),
        private_metadata: 'x'.repeat(3000),
        callback_id: 'x'.repeat(255),
      }),
    ],
    ['100 blocks', modal({ blocks: times(100, () => section()) })],
    [
      'inputs with a submit button',
      modal({ submit: plain(1), blocks: [input(typed(), { hint: plain(2000) })] }),
    ],
    ['a Home tab', { type: 'home', blocks: [section()] }],
  ])('accepts %s', (_, view) => {
    expect(checkView(view)).toMatchObject({ ok: true });
  });

  test.each<[string, object, string]>([
    [
      'a title of 25',
      modal({ title: plain(25) }),
      'must be less than 25 characters [json-pointer:/view/title/text]',
    ],
    ['a submit of 25', modal({ submit: plain(25) }), 'must be less than 25 characters'],
    ['a close of 25', modal({ close: plain(25) }), 'must be less than 25 characters'],
    ['no title', { type: 'modal', blocks: [] }, 'missing required field: title [json-pointer:/view]'],
    [
      'private_metadata of 3001',
      modal({ private_metadata: 'x'.repeat(3001) }),
      'must be less than 3001 characters',
    ],
    ['a callback_id of 256', modal({ callback_id: 'x'.repeat(256) }), 'must be less than 256 characters'],
    [
      '101 blocks',
      modal({ blocks: times(101, () => section()) }),
      'no more than 100 items allowed [json-pointer:/view/blocks]',
    ],
    ['inputs without a submit button', modal({ blocks: [input(typed())] }), 'missing required field: submit'],
    [
      'a label of 2001',
      modal({ submit: plain(1), blocks: [input(typed(), { label: plain(2001) })] }),
      'less than 2001',
    ],
    [
      'a hint in mrkdwn',
      modal({ submit: plain(1), blocks: [input(typed(), { hint: mrkdwn(1) })] }),
      '/hint/type',
    ],
    [
      'a max_length of 3001',
      modal({ submit: plain(1), blocks: [input(typed({ max_length: 3001 }))] }),
      'max_length',
    ],
    [
      'a number without is_decimal_allowed',
      modal({ submit: plain(1), blocks: [input({ type: 'number_input' })] }),
      'missing required field: is_decimal_allowed',
    ],
    [
      'two focused fields',
      modal({ submit: plain(1), blocks: times(2, () => input(typed({ focus_on_load: true }))) }),
      'only one element',
    ],
    [
      'a Home tab with a title',
      { type: 'home', title: plain(1), blocks: [] },
      'invalid additional property: title',
    ],
    ['another type', { type: 'dialog', blocks: [] }, 'unsupported type [json-pointer:/view/type]'],
  ])('refuses %s', (_, view, sentence) => {
    const checked = checkView(view);
    expect(checked.ok ? 'accepted' : checked.messages.join('\n')).toContain(sentence);
  });
});
