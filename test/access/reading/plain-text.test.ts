import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bare, oneStraightLine, straighten } from '../../../src/access/reading/plain-text.js';
import { anyCharacter } from '../../any-character.js';
import { runs } from '../../depth.js';

/** U+202A to U+202E, the isolates U+2066 to U+2069, and the marks U+200E, U+200F and U+061C. */
const DIRECTIONS = '\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c';

describe('a character that shows nothing is taken out', () => {
  test.each([...DIRECTIONS].map((control) => [control.charCodeAt(0).toString(16), control]))(
    'U+%s, which turns the direction of a text',
    (_, control) => expect(straighten(`Approved${control} by Maria`)).toBe('Approved by Maria'),
  );

  test.each([
    ['a soft hyphen', 'OPS\u00ad-412', 'OPS-412'],
    ['zero width', 'OPS\u200b-\u2060412\ufeff', 'OPS-412'],
    ['a joiner between Latin letters or digits', 'OP\u200dS-4\u200c12', 'OPS-412'],
    ['a variation selector without an emoji', 'OPS\ufe0f-412\ufe0f', 'OPS-412'],
    ['tags without a flag', 'OPS\u{e0041}\u{e0042}-412', 'OPS-412'],
    ['a filler', 'OPS\u3164-\uffa0412', 'OPS-412'],
    ['control characters', 'OPS\0\u0007-\u009f412', 'OPS-412'],
    ['half a character', 'OPS\ud83d-412', 'OPS-412'],
    ['the second of two joiners', 'می\u200c\u200cخواهم', 'می\u200cخواهم'],
    ['a joiner after a control of direction', '\u061c\u200dOPS', 'OPS'],
  ])('%s', (_, text, shown) => expect(straighten(text)).toBe(shown));
});

test.each([
  ['a family', '👨\u200d👩\u200d👧\u200d👦'],
  ['a detective with a skin tone', '🕵🏽\u200d♂\ufe0f'],
  ['a rainbow flag', '🏳\ufe0f\u200d🌈'],
  ['a heart and a keycap', '❤\ufe0f 1\ufe0f\u20e3'],
  ['the flag of Scotland', '🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}'],
  ['Persian', 'می\u200cخواهم خانه\u200cها را ببینم'],
  ['a Persian abbreviation', 'ه\u200d.ش'],
  ['Hindi', 'क्\u200dष and श्\u200cर'],
  ['a Japanese name', '葛\u{e0100}城'],
  ['Hebrew and Arabic without controls', 'שלום مرحبا'],
])('%s keeps the invisible characters that its letters or signs need', (_, text) => {
  expect(straighten(text)).toBe(text);
  expect(oneStraightLine(text)).toBe(text);
});

test.each(['', ' \n\t', '\u200b\u2060', '\u3164', '\u2800\u2800', '\u202e', '\ufe0f', '\u0301', '\u{e0041}'])(
  'a line that would show nothing is empty: %j',
  (text) => expect(oneStraightLine(text)).toBe(''),
);

test('a line has single spaces and no line breaks', () => {
  expect(oneStraightLine(' fixing\n the\u00a0 build\u2028now ')).toBe('fixing the build now');
});

describe('quotes, brackets and marks around a part of a request are taken off:', () => {
  test.each([
    '203.0.113.25',
    ' 203.0.113.25\n',
    '203.0.113.25.',
    '203.0.113.25,',
    '`203.0.113.25`',
    '`203.0.113.25',
    '```203.0.113.25```',
    '*203.0.113.25*',
    '_~203.0.113.25~_',
    '“203.0.113.25”',
    "'203.0.113.25',",
    '(203.0.113.25)',
    '[203.0.113.25]',
    '<203.0.113.25>',
    '<http://203.0.113.25|203.0.113.25>',
    '<http://203.0.113.25>',
    '`<http://203.0.113.25/|203.0.113.25>`',
    '<mailto:203.0.113.25|203.0.113.25>',
    'https://203.0.113.25/',
    '２０３．０．１１３．２５',
    '\u202a203.0.113.25\u202c',
    '203.0.113.25\u200d',
  ])('%j reads as 203.0.113.25', (text) => expect(bare(text)).toBe('203.0.113.25'));

  test.each([
    ['[2001:db8::25]', '2001:db8::25'],
    ['http://[2001:db8::25]/', '2001:db8::25'],
    ['[2001:db8::]/64', '2001:db8::/64'],
    ['2001:db8::', '2001:db8::'],
    ['<http://203.0.113.0/24|203.0.113.0/24>,', '203.0.113.0/24'],
    // The address of a link counts, and not the text that somebody gave the link.
    ['<https://evil.example|203.0.113.25>', 'evil.example'],
    ['２ｈ：', '2h'],
    ['`WS-8KD2X4F9M`', 'WS-8KD2X4F9M'],
    ['-2h', '-2h'],
    ['~2h', '~2h'],
    ['203.0.113.*', '203.0.113.*'],
    ['Lab_', 'Lab_'],
    ['203.0.113.25/', '203.0.113.25/'],
    ['don’t', "don't"],
    ['', ''],
  ])('%j reads as %j', (text, part) => expect(bare(text)).toBe(part));
});

describe('for any text', () => {
  const piece = fc.oneof(
    fc.constantFrom(...DIRECTIONS, '\u200c', '\u200d', '\ufe0f', '👩', '🏽', '🏴', '\u{e0067}', '\u{e007f}'),
    fc.constantFrom('م', 'क', '्', '葛', '\u{e0100}', '1', '\u20e3', '\u2800', '\ud83d', '٣', '\u061c'),
    fc.constantFrom('`', '*', '<', '>', '|', '[', ']', ':', '.', 'http://', 'mailto:', '/', '/24', '２', 'h'),
    fc.string({ unit: anyCharacter, maxLength: 3 }),
  );
  const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));

  test('a text that was read once stays the same when it is read again, and holds no control of direction', () => {
    fc.assert(
      fc.property(text, (typed) => {
        for (const read of [straighten, oneStraightLine, bare]) {
          const once = read(typed);
          if (read(once) !== once) throw new Error(`${read.name} reads ${JSON.stringify(once)} otherwise`);
          if ([...DIRECTIONS].some((control) => once.includes(control)))
            throw new Error(JSON.stringify(once));
        }
      }),
      { numRuns: runs(6000) },
    );
  });
});
