/** The command and the form are read in one way: the same text means the same in both. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readCommand } from '../../../src/access/reading/command/command-line.js';
import { readReasonForm } from '../../../src/slack/forms/reason-forms.js';
import { readRequestForm } from '../../../src/slack/forms/request-form.js';
import { checkAsk } from '../../../src/workflow/asking/check-ask.js';
import { anyCharacter } from '../../any-character.js';
import { runs } from '../../depth.js';
import { policy } from '../parts.js';

const by = { requester: 'U0JANE', atMs: Date.parse('2026-11-25T09:00Z') };

const patterned = {
  ...policy,
  limits: { ...policy.limits, reason: { pattern: '[A-Z]+-[0-9]+', hint: 'Add the ticket.' } },
};

function byCommand(text: string) {
  const read = readCommand(text, []);
  if (read.kind !== 'request') return read;
  const { targetId: targetText, ...rest } = read.parts;
  return checkAsk(patterned, { targetText, ...rest }, by);
}

/** A field that is left out is empty, as Slack sends it; the choice of WorkSpaces is not shown then. */
function byForm(fields: {
  target?: string;
  chosen?: string;
  source?: string;
  duration?: string;
  reason?: string;
}) {
  const typed = (name: string, value?: string) => ({ [name]: { [name]: { value: value ?? null } } });
  const chosen = (name: string, value?: string) => ({
    [name]: { [name]: { selected_option: value === undefined ? null : { value } } },
  });
  const values = {
    ...typed('workspace-id', fields.target),
    ...(fields.chosen === undefined ? {} : chosen('workspace', fields.chosen)),
    ...typed('source', fields.source),
    ...chosen('duration', fields.duration),
    ...typed('reason', fields.reason),
  };
  return checkAsk(patterned, readRequestForm({ private_metadata: '{}', state: { values } }).typed, by);
}

const REASON = 'fixing OPS-412';

describe('the command and the form read the same', () => {
  test.each([
    '203.0.113.25',
    '\u202a203.0.113.25\u202c',
    '203.0.113.25\u200b',
    '203.0.113.25.',
    '`203.0.113.25`',
    '*203.0.113.25*',
    '“203.0.113.25”',
    '２０３.0.113.25',
  ])('of the address %j', (source) => {
    const read = byCommand(`${source} 2h ${REASON}`);
    expect(read).toMatchObject({ ok: true, ask: { source: { cidr: '203.0.113.25/32' } } });
    expect(byForm({ source, duration: '2h', reason: REASON })).toEqual(read);
  });

  test.each(['[2001:db8::25]', '2001:DB8::25,'])('of the address %j', (source) => {
    const read = byCommand(`${source} 2h ${REASON}`);
    expect(read).toMatchObject({ ok: true, ask: { source: { cidr: '2001:db8::25/128' } } });
    expect(byForm({ source, duration: '2h', reason: REASON })).toEqual(read);
  });

  // Slack makes links of addresses that are typed behind a command; into a form people paste such links.
  test.each(['<http://203.0.113.25|203.0.113.25>', '<mailto:203.0.113.25>', 'https://203.0.113.25/'])(
    'of the link %j',
    (source) => {
      const read = byCommand(`${source} 2h ${REASON}`);
      expect(read).toMatchObject({ ok: true, ask: { source: { cidr: '203.0.113.25/32' } } });
      expect(byForm({ source, duration: '2h', reason: REASON })).toEqual(read);
    },
  );

  test.each(['203.0.113.999', '203.0.0.0/16', 'laptop.example.com', 'my ip', '2001:db8::zz7'])(
    'of the source %j, which is refused with one sentence',
    (source) => {
      const read = byCommand(`${source} 2h ${REASON}`);
      expect(read).toMatchObject({ ok: false, problems: [{ field: 'source' }] });
      expect(byForm({ source, duration: '2h', reason: REASON })).toEqual(read);
    },
  );

  test.each(['`ws-8kd2x4f9m`', 'WS-8KD2X4F9M,', 'ws\u2011\u200b8kd2x4f9m', '<ws-8kd2x4f9m>'])(
    'of the id %j',
    (target) => {
      const read = byCommand(`${target} 203.0.113.25 2h ${REASON}`);
      expect(read).toMatchObject({ ok: true, ask: { target: { workspaceId: 'ws-8kd2x4f9m' } } });
      expect(byForm({ target, source: '203.0.113.25', duration: '2h', reason: REASON })).toEqual(read);
    },
  );

  test.each([
    ['a ticket with invisible characters', 'fixing OP\u200bS-\u20604\u00ad12', REASON],
    ['controls of direction', 'fixing \u202eOPS-412\u2066', REASON],
    ['Persian and an emoji', 'OPS-412 می\u200cخواهم 👩\u200d🔧', 'OPS-412 می\u200cخواهم 👩\u200d🔧'],
    ['typographic characters', '“OPS–412”', '"OPS-412"'],
    ['line breaks', ' fixing\n\n OPS-412 ', REASON],
  ])('of a reason with %s', (_, reason, shown) => {
    const read = byCommand(`203.0.113.25 2h ${reason}`);
    expect(read).toMatchObject({ ok: true, ask: { reason: shown, ticket: { text: 'OPS-412' } } });
    expect(byForm({ source: '203.0.113.25', duration: '2h', reason })).toEqual(read);
  });

  test.each(['\u200b', '\u3164\u3164', '\u2800', '\u202e', '\u0301', ' \n '])(
    'of the reason %j, which shows nothing',
    (reason) => {
      const read = byCommand(`203.0.113.25 2h ${reason}`);
      expect(read).toEqual({
        ok: false,
        problems: [{ field: 'reason', sentence: 'Say why in a few words: your approver reads it.' }],
      });
      expect(byForm({ source: '203.0.113.25', duration: '2h', reason })).toEqual(read);
    },
  );

  test('of an address with any text around it, and of any reason', () => {
    const noise = fc.array(
      fc.constantFrom(
        ...[
          '`',
          '*',
          '_',
          '"',
          '(',
          ')',
          '<',
          '>',
          '.',
          ',',
          '\u200b',
          '\u202e',
          '\u200d',
          '\u2069',
          '２',
          '/24',
          'x',
          ':',
        ],
      ),
      { maxLength: 2 },
    );
    const word = fc.oneof(
      fc.constantFrom(
        'OPS-412',
        'fix',
        'می\u200cخواهم',
        '👩\u200d🔧',
        '\u202e',
        '\u200d',
        '“it”',
        '&',
        '\n',
        '10.0.0.5',
      ),
      fc.string({ unit: anyCharacter, maxLength: 6 }),
    );
    const around = fc.tuple(noise, fc.constantFrom('203.0.113.25', '2001:db8::7', 'ws-8kd2x4f9m'), noise);
    let taken = 0;
    fc.assert(
      fc.property(around, fc.array(word, { maxLength: 5 }), ([before, part, after], words) => {
        const said = [...before, part, ...after].join('');
        const reason = ['because', 'OPS-412', ...words].join(' ');
        const escaped = reason.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
        const name = part.startsWith('ws') ? 'target' : 'source';
        const source = name === 'target' ? '203.0.113.26' : undefined;
        const typed = said.replaceAll('<', '&lt;').replaceAll('>', '&gt;');
        const read = byCommand(['2h', source, typed, escaped].filter(Boolean).join(' '));
        // The command has no fields: a text that is no part of a request begins the reason, or is asked back.
        if (!('ok' in read) || !read.ok) return;
        if (name === 'target' && read.ask.target.kind === 'own') return;
        taken += 1;
        expect(byForm({ ...(source ? { source } : {}), [name]: said, duration: '2h', reason })).toEqual(read);
      }),
      { numRuns: runs(1500) },
    );
    expect(taken).toBeGreaterThan(runs(100));
  });
});

test('a field of the form that shows nothing is empty, so the choice beside it counts', () => {
  const fields = { chosen: 'ws-janedoe01', source: '203.0.113.25', duration: '2h', reason: REASON };
  expect(byForm({ ...fields, target: '\u200b\u3164' })).toMatchObject({
    ok: true,
    ask: { target: { kind: 'workspace', workspaceId: 'ws-janedoe01' } },
  });
});

test('the reason of a denial is read as the reason of a request is', () => {
  const denied = (value: string) =>
    readReasonForm({
      private_metadata: '{"id":"K7QF2","v":3}',
      state: { values: { 'deny-reason': { text: { value } } } },
    }).reason;
  expect(denied('ask\u202e Tom\nfirst')).toBe('ask Tom first');
  expect(denied('\u2800\u200b')).toBeUndefined();
});
