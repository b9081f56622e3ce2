import { describe, expect, test } from '@jest/globals';
import { patternProblem, type Search, searchFor } from '../../../src/access/reading/pattern.js';

test('a search answers with the text found and its groups', () => {
  expect([...(searchFor('([A-Z]+)-([0-9]+)(x)?')('see OPS-412') ?? [])]).toEqual([
    'OPS-412',
    'OPS',
    '412',
    undefined,
  ]);
  expect(searchFor('[A-Z]+-[0-9]+')('the build')).toBeUndefined();
});

describe('a pattern finds the same as in JavaScript:', () => {
  test.each([
    ['[A-Z]+-[0-9]+', ['see OPS-412 and X-1', 'ops-412', 'OPS-', '']],
    ['^#\\d{1,6}$', ['#412', '#412\n', ' #412', '#1234567', '#٤١٢']],
    ['(OPS|INFRA)-\\d{1,6}', ['OPS-1', 'INFRA-1234567', 'ops-1']],
    ['(OPS|OPSX)-?', ['OPSX-']],
    ['for .+', ['for the build', 'for ', 'for a\nb', 'for 🙂x']],
    ['\\bOPS\\b', ['OPS', 'XOPS', 'OPS!', 'ÄOPS']],
    ['\\w+@\\w+\\.com', ['a_b@example.com', 'ä@example.com', 'a@example-com']],
    ['[^ ]+?-', ['a-b-c', ' -']],
    ['Ä+', ['ÄÄ', 'ää']],
    ['(?<ticket>[A-Z]+)', ['OPS']],
    ['[+*]{1,3}(a)?', ['+*a', '++']],
    ['\\(\\d+\\)', ['(1)', '1']],
    ['x*', ['', 'y', 'xx']],
    ['(a|b)*c', ['abc', 'c']],
  ])('%s', (pattern, texts) => {
    for (const text of texts) {
      const ours = searchFor(pattern)(text);
      const theirs = new RegExp(pattern).exec(text);
      expect(ours && [...ours]).toEqual(theirs ? [...theirs] : undefined);
    }
  });
});

describe('a pattern that RE2 cannot take is refused with a sentence:', () => {
  test.each(['[A-Z]+-\\d+', '(a+)+$', '(a|a){2,}$', 'a*a*a*b', '(?i)ops-[0-9]+', '\\p{Lu}+', '[A-Z]{1,500}'])(
    'no refusal for %s, which RE2 can take',
    (pattern) => {
      expect(patternProblem(pattern)).toBeUndefined();
    },
  );

  const around = 'which RE2 cannot. Write a group around what is the ticket: #([0-9]+).';
  test.each([
    ['[A-Z', 'is not a regular expression of RE2: missing closing ] at [A-Z.'],
    ['OPS-(\\d+', 'is not a regular expression of RE2: missing closing ) at OPS-(\\d+.'],
    ['*', 'is not a regular expression of RE2: missing argument to repetition operator at *.'],
    ['OPS\\', 'is not a regular expression of RE2: trailing backslash at end of expression.'],
    ['(?=OPS).', `looks around with (?=, ${around}`],
    ['(?!OPS).', `looks around with (?!, ${around}`],
    ['(?<=#)\\d+', `looks around with (?<=, ${around}`],
    ['(?<!#)\\d+', `looks around with (?<!, ${around}`],
    ['(a)\\1', 'refers back to a group with \\1, which RE2 cannot. Write it out.'],
    ['(?<a>b)\\k<a>', 'refers back to a group with \\k, which RE2 cannot. Write it out.'],
    [
      'a{1001}',
      'repeats {1001}: counts go from low to high, up to 1000, multiplied where one stands inside another.',
    ],
    [
      '((a{1,100}){1,100}){1,100}',
      'repeats {1,100}: counts go from low to high, up to 1000, multiplied where one stands inside another.',
    ],
    [
      '\\u00e4',
      'has the escape \\u, which RE2 does not know. Write the character itself, or its number: \\x{e4}.',
    ],
    [
      '[A-Z]{1,99}'.repeat(11),
      'is too large: counted out it has 2169 steps, and 2000 are allowed. Lower the numbers in {…}.',
    ],
  ])('%s', (pattern, problem) => {
    expect(patternProblem(pattern)).toBe(problem);
  });
});

describe('a search takes time in proportion to the text:', () => {
  /** Each text has every character that its pattern needs: without one, a search would answer by a shortcut. */
  test.each([
    ['[A-Z]+[0-9A-Z]*-[0-9]{1,6}', 1_000, (length: number) => `${'A'.repeat(length)}-`],
    ['[A-Z]+-[0-9]+', 1_000, (length: number) => `${'A'.repeat(length)}-`],
    ['(a+)+$', 1_000, (length: number) => `${'a'.repeat(length)}b`],
    [`${'[A-Z]{1,99}'.repeat(4)}[0-9]`, 350, (length: number) => 'A'.repeat(length)],
  ])('%s', (pattern, length, textOf) => {
    const search = searchFor(pattern);
    const many = cpuOf(search, textOf(length), 8);
    // Eight times the text at once: in proportion it costs the same, with squared time eight times as much.
    expect(cpuOf(search, textOf(8 * length), 1) / many).toBeLessThan(4);
  });

  test('a pattern with many alternatives', () => {
    const text = `${'a'.repeat(29)}b`;
    const few = cpuOf(searchFor(`${'(?:a|a)'.repeat(11)}[c-z]`), text, 500);
    const more = cpuOf(searchFor(`${'(?:a|a)'.repeat(22)}[c-z]`), text, 500);
    // Twice as many: tried one by one they would cost two thousand times as much.
    expect(more / few).toBeLessThan(64);
  });
});

/** Processor time in µs of searches that find nothing: the least of some tries, which other work disturbed least. */
function cpuOf(search: Search, text: string, times: number): number {
  const tries = Array.from({ length: 3 }, () => {
    const begun = process.cpuUsage();
    for (let n = 0; n < times; n += 1) expect(search(text)).toBeUndefined();
    const { user, system } = process.cpuUsage(begun);
    return user + system;
  });
  return Math.max(Math.min(...tries), 1);
}
