import { describe, expect, test } from '@jest/globals';
import { checkView } from '../../../sandbox/slack/block-kit/check.js';
import { isIn } from '../../../src/access/request/request.js';
import { whichToEndReply } from '../../../src/slack/answering/commands/end.js';
import { listReply } from '../../../src/slack/answering/commands/list.js';
import { FORMS, SHORTCUTS } from '../../../src/slack/answering/table.js';
import { homeView } from '../../../src/slack/cards/home.js';
import { askElseForm } from '../../../src/slack/forms/ask-else-form.js';
import { denyForm, endForm, readReasonForm } from '../../../src/slack/forms/reason-forms.js';
import { errorsOf, readRequestForm, requestForm } from '../../../src/slack/forms/request-form.js';
import type { Own } from '../../../src/slack/forms/workspace-fields.js';
import { SHORTCUT, VIEW } from '../../../src/slack/words/ids.js';
import { FIRST_PAGES, type Prefill, readPages } from '../../../src/slack/words/values.js';
import { checkAsk } from '../../../src/workflow/asking/check-ask.js';
import { policyOf } from '../../policy-file/policies.js';
import { policy } from '../parts.js';
import { HOSTILE, homeWith, NOW, phases, requestIn } from '../requests.js';

function fail(): never {
  throw new Error('no such phase');
}

const desktop = (workspaceId: string) => ({
  workspaceId,
  directoryId: 'd-1',
  userName: 'jane',
  state: 'AVAILABLE',
  operatingSystem: 'A_SYSTEM_THAT_NOBODY_HAS_SEEN_BEFORE_AND_WITH_A_VERY_LONG_NAME_1_2_3',
  stopsByItself: true,
});

const owns: Record<string, Own> = {
  'while looking': 'looking',
  'with one': { desktops: [desktop('ws-1')] },
  'with 150': { desktops: Array.from({ length: 150 }, (_, n) => desktop(`ws-${n}`)) },
  'with none': { sentence: HOSTILE, none: true },
  'while AWS does not answer': { sentence: HOSTILE, none: false },
};
const prefills: Record<string, Prefill> = {
  nothing: {},
  'a typed request': {
    command: '/x',
    target: 'ws-1',
    source: '203.0.113.25',
    duration: '45m',
    reason: 'x'.repeat(3000),
  },
  nonsense: { target: HOSTILE.repeat(20), source: HOSTILE.repeat(20), duration: 'soon', reason: HOSTILE },
};

describe.each(Object.entries(owns))('the request form %s', (_, own) => {
  test.each(Object.entries(prefills))(
    'is taken by Slack and has a function when it opens with %s',
    (_name, filled) => {
      const pause = { kind: 'by' as const, by: 'U0ADA', sinceMs: 0 };
      const view = requestForm(policy, filled, own, { pause, addressIs: 'shown' });
      expect(checkView(view)).toMatchObject({ ok: true });
      expect(Object.keys(FORMS)).toContain(view.callback_id);
    },
  );
});

/** Every field of the form, as one person or another may see it. */
function fieldsOfForm(): string[] {
  const shown = { addressIs: 'shown', timeIs: 'shown' } as const;
  const networks = policyOf('limits: { networks: { Office: 52.1.2.0/24 } }');
  const forms = Object.values(owns).map((own) => requestForm(networks, {}, own, shown));
  const blocks = forms.flatMap((view) => view.blocks.filter(({ type }) => type === 'input'));
  return [...new Set(blocks.map(({ block_id = '' }) => block_id))].sort();
}

test('a version that knows other fields does not take the request form for its own', () => {
  // A field that is new here needs a new number behind it: an older version would read the form without that field.
  expect([requestForm(policy, {}, 'looking').callback_id, ...fieldsOfForm()]).toEqual([
    'request-form-2',
    'duration',
    'network',
    'reason',
    'source',
    'starts-at',
    'when',
    'workspace',
    'workspace-id',
  ]);
});

test('the request form of versions that knew no time is still taken', () => {
  expect(FORMS).toHaveProperty(['request-form'], FORMS[VIEW.request]);
});

test('a person who names another target never asks for their own WorkSpace instead', () => {
  const view = requestForm(policy, { target: 'ws-tom' }, { desktops: [desktop('ws-1')] });
  expect(JSON.stringify(view)).toContain('"initial_value":"ws-tom"');
  expect(JSON.stringify(view)).not.toContain('initial_option":{"text":{"type":"plain_text","text":"A S');
});

test('a form that is sent before AWS answers asks for the target that it was opened with', () => {
  const { private_metadata = '' } = requestForm(policy, { target: 'ws-1', command: '/x' }, 'looking');
  const read = readRequestForm({ private_metadata, state: { values: {} } });
  expect(read).toMatchObject({ typed: { targetText: 'ws-1' }, command: '/x' });
});

describe('a form that is sent as it opened, with an address and a reason,', () => {
  const OTHERS =
    'rules: [{ name: own, target: own, ask: [admins] }, { name: any, target: other, ask: [admins] }]';
  const two: Own = { desktops: [desktop('ws-janedoe01'), desktop('ws-janedoe02')] };
  const one: Own = { desktops: [desktop('ws-janedoe01')] };

  const inputsOf = (rules: string, own: Own, filled: Prefill = {}) => {
    const view = checkView(requestForm(policyOf(rules), filled, own, { addressIs: 'shown' }));
    if (!view.ok) throw new Error(view.messages.join());
    return view.value.blocks.flatMap((block) => (block.type === 'input' ? [block] : []));
  };

  /** The request that a form with these fields makes, or its errors. */
  function sent(rules: string, own: Own, typed: Record<string, string> = {}, filled: Prefill = {}) {
    const address = { network: '+another', source: '203.0.113.25' };
    const held: Record<string, string | undefined> = { ...address, reason: 'fixing', ...typed };
    const values = Object.fromEntries(
      inputsOf(rules, own, filled).map(({ block_id: id = '', element }) => {
        if (element.type !== 'static_select') {
          const first = element.type === 'plain_text_input' ? element.initial_value : undefined;
          return [id, { [id]: { value: held[id] ?? first ?? null } }];
        }
        const value = held[id] ?? element.initial_option?.value;
        return [id, { [id]: { selected_option: value === undefined ? null : { value } } }];
      }),
    );
    const read = readRequestForm({ private_metadata: '{}', state: { values } });
    const checked = checkAsk(policyOf(rules), read.typed, { requester: 'U0JANE', atMs: 0 });
    return checked.ok ? checked.ask.target : errorsOf({ state: { values } }, checked.problems);
  }

  test('is asked back under the choice of WorkSpaces where the form offers several', () => {
    const back = { workspace: 'Choose a WorkSpace, or name another one.' };
    expect(sent(OTHERS, two)).toEqual(back);
    // "Another WorkSpace" is chosen and none is named: the form must not ask for the person's own.
    expect(sent(OTHERS, one, { workspace: '+another' })).toEqual(back);
    expect(sent(OTHERS, two, {}, { target: 'ws-tombecker1' })).toMatchObject({
      workspaceId: 'ws-tombecker1',
    });
    expect(sent(OTHERS, two, { workspace: 'ws-janedoe02' })).toMatchObject({ workspaceId: 'ws-janedoe02' });
    expect(sent(OTHERS, two, { 'workspace-id': 'ws-tombecker1' })).toMatchObject({
      workspaceId: 'ws-tombecker1',
    });
    expect(sent(OTHERS, one)).toMatchObject({ workspaceId: 'ws-janedoe01' });
  });

  test('asks for no WorkSpace where another one was chosen and its id is left out', () => {
    const hintOf = (own: Own) => {
      const other = inputsOf(OTHERS, own).find(({ block_id }) => block_id === 'workspace-id');
      return [other?.hint?.text, other?.optional];
    };
    expect(hintOf(two)).toEqual(['Its id, such as ws-8kd2x4f9m.', true]);
    expect(hintOf(one)).toEqual(['Its id, such as ws-8kd2x4f9m.', true]);
    expect(hintOf({ sentence: 'None.', none: true })).toEqual(['Its id, such as ws-8kd2x4f9m.', false]);
    const empty = 'Its id, such as ws-8kd2x4f9m. Empty means yours, where you have one only.';
    expect(hintOf('looking')).toEqual([empty, true]);
    expect(hintOf({ sentence: 'AWS is away.', none: false })).toEqual([empty, true]);
  });

  const own = (conditions: string) => `rules: [{ name: it, target: own, ${conditions}, ask: [admins] }]`;
  test.each<[what: string, rules: string, typed: Record<string, string>, errors: Record<string, string>]>([
    [
      'a duration that is too long for every rule',
      own('up-to: 30m'),
      {},
      { duration: 'The policy allows this for at most 30 minutes. Ask for less.' },
    ],
    [
      'an address from which no rule allows it',
      own('source: [Office, private]'),
      {},
      { source: 'The policy does not allow this from 203.0.113.25. Ask from Office or a private address.' },
    ],
    [
      'a network from which no rule allows it',
      own('source: Office'),
      { source: '', network: 'VPN' },
      { network: 'The policy does not allow this from 10.8.0.0/16. Ask from Office.' },
    ],
    [
      'an hour at which no rule allows it',
      own('when: { days: mon-fri, hours: 09:00-17:00, time-zone: UTC }'),
      {},
      {
        reason:
          'The policy does not allow this at that time: thu 00:00 in UTC is outside of mon-fri 09:00-17:00. Ask for another time.',
      },
    ],
    [
      'a person whom no rule names',
      own('requester: U0TOM'),
      {},
      { workspace: 'No rule of the policy allows this. Ask an admin.' },
    ],
    [
      'a directory, where no rule allows any',
      OTHERS,
      { 'workspace-id': 'd-00000001' },
      {
        'workspace-id': 'The policy does not let you ask for all WorkSpaces of a directory. Name one: ws-….',
      },
    ],
    [
      'a directory that the policy does not name',
      'rules: [{ name: all, target: everything, ask: [admins] }]',
      { 'workspace-id': 'd-0000000f' },
      { 'workspace-id': 'The policy does not name directory d-0000000f. Ask an admin.' },
    ],
  ])('is refused at once for %s', (_, rules, typed, errors) => {
    expect(sent(rules, one, typed)).toEqual(errors);
  });
});

test('a problem of a field that is not shown stands under Why?', () => {
  const values = { reason: { reason: { value: 'x' } } };
  const target = { field: 'target' as const, sentence: 'It looks like `ws-1`.' };
  const reason = { field: 'reason' as const, sentence: 'Too long.' };
  expect(errorsOf({ state: { values } }, [target, reason])).toEqual({
    reason: 'It looks like ws-1. Too long.',
  });
});

test('a form that cannot show everything says so, and shortens options so that they stay different', () => {
  const desktops = Array.from({ length: 150 }, (_, n) => desktop(`ws-number${n}`));
  const form = JSON.stringify(requestForm(policy, {}, { desktops }));
  expect(form).toContain('The first 99 of your 150. Name another one by its id below.');
  expect(form).toContain('Another WorkSpace');
  expect(form).toMatch(/A SYSTEM[^"]*… · ws-number98 · Available/);
  expect(JSON.stringify(requestForm(policy, {}, { desktops: desktops.slice(0, 100) }))).not.toContain(
    'The first',
  );

  const people = Array.from({ length: 101 }, (_, n) => ({
    id: `U${n}`,
    name: `Person ${n}`,
    active: true,
    human: true,
    guest: false,
    foreign: false,
    timeZone: 'UTC',
  }));
  const some = (found: typeof people) =>
    JSON.stringify(askElseForm({ id: 'K7QF2', version: 1 }, { people: found }));
  expect(some(people)).toContain('These are 100 of 101 people.');
  expect(some(people.slice(1))).not.toContain('These are');
});

test.each([
  ['deny', denyForm({ id: 'K7QF2', version: 3 })],
  ['end', endForm({ id: 'K7QF2', version: 3 }, 'U0JANE')],
])('the %s form carries the version of the request that the approver saw', (_, view) => {
  expect(checkView(view)).toMatchObject({ ok: true });
  expect(Object.keys(FORMS)).toContain(view.callback_id);
  const values = { 'deny-reason': { text: { value: ' ask Tom ' } } };
  expect(readReasonForm({ private_metadata: view.private_metadata ?? '', state: { values } })).toEqual({
    request: { id: 'K7QF2', version: 3 },
    reason: 'ask Tom',
  });
});

test('Home lists a request in every state', () => {
  const requests = Object.values(phases()).map((phase) => requestIn(phase));
  expect(checkView(homeWith([...requests, ...requests, ...requests]))).toMatchObject({ ok: true });
  expect(checkView(homeWith([]))).toMatchObject({ ok: true });
  const viewer = { userId: 'U0JANE', isAdmin: false, command: '/c', atMs: NOW, pages: FIRST_PAGES };
  expect(checkView(homeView(viewer, { sentence: 'down' }))).toMatchObject({ ok: true });
});

describe('of 51 requests', () => {
  const of = (state: string, length: number) =>
    Object.entries(phases()).flatMap(([name, phase]) =>
      name === state ? Array.from({ length }, () => requestIn(phase)) : [],
    );
  const live = [...of('pending', 40), ...of('open', 1)];
  const all = [...live, ...of('refused', 10)];
  const text = (blocks: unknown) => JSON.stringify(blocks);

  test.each([
    ['Home', homeWith(all, {}, { waits: [], others: [] }).blocks, 5],
    ['list', listReply('/x', all).blocks, 30],
    ['end', whichToEndReply('/x', live).blocks, 30],
  ])('%s shows whole lines, open access first, and says how many more there are', (what, blocks, shown) => {
    const lines = blocks.flatMap((block) =>
      'text' in block && typeof block.text === 'object' ? block.text.text.split('\n') : [],
    );
    const requests = lines.filter((line) => line.startsWith('K7QF2 · '));
    expect(requests).toHaveLength(shown);
    expect(requests[0]).toContain('Open until');
    for (const line of requests.slice(1))
      expect(line).toMatch(/^K7QF2 · Waiting for .* from 203\.0\.113\.25$/);
    expect(text(blocks)).toContain(what === 'Home' ? '1–5 of 41' : `and ${41 - shown} more`);
    if (what === 'end') return;
    expect(text(blocks)).toContain('ssh \\"CORP');
    expect(text(blocks).match(/Not allowed/g)).toHaveLength(5);
    expect(text(blocks)).toContain('and older ones');
  });
});

describe('Home', () => {
  const asked = Array.from({ length: 7 }, (_, n) =>
    requestIn(phases().pending ?? fail(), { reason: `ask ${n}` }),
  );
  const open = Array.from({ length: 23 }, (_, n) =>
    requestIn(phases().open ?? fail(), { requester: `UOTHER${String(n).padStart(4, '0')}` }),
  );
  const lists = { waits: asked.flatMap((r) => (isIn(r, 'pending') ? [r] : [])) };
  const text = (home: object) => JSON.stringify(home);
  const others = (home: object) => text(home).match(/<@UOTHER\d{4}>/g) ?? [];

  test.each([
    [0, ['ask 0', 'ask 1', 'ask 2'], '1–3 of 7', ['More'], 10],
    [1, ['ask 3', 'ask 4', 'ask 5'], '4–6 of 7', ['Back', 'More'], 10],
    [2, ['ask 6'], '7–7 of 7', ['Back'], 3],
    // A list may have become shorter meanwhile.
    [9, ['ask 6'], '7–7 of 7', ['Back'], 3],
  ])('shows page %i of each list, and the way to the others', (page, asks, which, ways, rows) => {
    const pages = { waits: page, own: 0, others: page };
    const home = homeWith(open, { userId: 'UMARIA0001', pages }, lists);
    expect(text(home).match(/ask \d/g)).toEqual(asks);
    expect(text(home)).toContain(which);
    expect(['Back', 'More'].filter((way) => text(home.blocks.slice(0, 50)).includes(`"${way}"`))).toEqual(
      expect.arrayContaining(ways),
    );
    expect(others(home)).toHaveLength(rows);
    expect(readPages(home.private_metadata)).toEqual(pages);
  });

  test('turns the page of one list and leaves the other lists where they are', () => {
    const home = homeWith(open, { userId: 'UMARIA0001', pages: { waits: 1, own: 2, others: 1 } }, lists);
    const values = [...text(home.blocks).matchAll(/"action_id":"home\.\w+".*?"value":"(.*?[^\\])"/g)];
    expect(values.map(([, value = '']) => readPages(value.replaceAll('\\', '')))).toEqual([
      { waits: 0, own: 2, others: 1 },
      { waits: 2, own: 2, others: 1 },
      { waits: 1, own: 1, others: 1 },
      { waits: 1, own: 3, others: 1 },
      { waits: 1, own: 2, others: 0 },
      { waits: 1, own: 2, others: 2 },
    ]);
  });

  test('shows who approved, and the button that lifts a pause, to admins alone', () => {
    const pause = { kind: 'by' as const, by: 'UADA000001', sinceMs: 0 };
    const admin = text(homeWith(open, {}, { pause }));
    expect(admin).toContain('approved by <@UMARIA0001>');
    expect(admin).toContain('"openings.resume"');
    const { others: _, ...rest } = { others: [], own: { requests: [], newer: [] } };
    const view = homeView(
      { userId: 'U0JANE', isAdmin: false, command: '/c', atMs: NOW, pages: FIRST_PAGES },
      { ...rest, waits: [], newer: [], unread: 0, pause },
    );
    expect(text(view)).not.toContain('"openings.resume"');
    expect(text(view)).toContain('New access is paused');
  });

  test('tells an admin of what a newer version keeps of others beside everybody else’s, and not as their own', () => {
    const home = homeWith([], {}, { others: [], newer: ['M3XY9'] });
    const words = text(home.blocks);
    expect(words).toContain('Nothing of yours is open or waiting.');
    expect(words).toMatch(/\*Everybody else\*.*M3XY9/);
    expect(words).not.toContain('Nobody else has anything open');
  });

  test('says which requests it does not show, and since when it may be out of date', () => {
    const home = text(homeWith([], {}, { unread: 1_200 }));
    expect(home).toContain('1,200 more requests are open or waiting that I did not look at here');
    expect(home).toMatch(/As of <!date/);
  });
});

test('the shortcut of the manifest has a function', () => {
  expect(SHORTCUT).toBe('request-ssh-access');
  expect(Object.keys(SHORTCUTS)).toEqual([SHORTCUT]);
});
