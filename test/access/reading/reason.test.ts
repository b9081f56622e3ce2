import { describe, expect, test } from '@jest/globals';
import { patternProblem, readReason } from '../../../src/access/reading/reason.js';

const limits = { pattern: '[A-Z]+-[0-9]+', hint: 'Add the ticket, such as OPS-412.' };

test('without a pattern any reason will do', () => {
  expect(readReason('because', undefined)).toEqual({ ok: true });
});

test('a reason without a ticket is answered with the hint', () => {
  expect(readReason('fixing the build', limits)).toEqual({ ok: false, sentence: limits.hint });
});

test('the ticket becomes a link', () => {
  const link = 'https://tickets.example.com/browse/{ticket}?from={ticket}';
  expect(readReason('the build, OPS-412', { ...limits, link })).toEqual({
    ok: true,
    ticket: { text: 'OPS-412', url: 'https://tickets.example.com/browse/OPS-412?from=OPS-412' },
  });
});

test('what is found cannot leave its place in the link', () => {
  const open = { pattern: 'for .+', hint: '', link: 'https://t.example.com/{ticket}' };
  expect(readReason('for ../?a=1&b>|$&', open)).toMatchObject({
    ticket: { url: 'https://t.example.com/for%20..%2F%3Fa%3D1%26b%3E%7C%24%26' },
  });
});

test('a capturing group says which part is the ticket', () => {
  expect(readReason('see #412', { pattern: '#(\\d+)', hint: '' })).toMatchObject({ ticket: { text: '412' } });
});

describe('a pattern', () => {
  test.each(['[A-Z]+-\\d+', '(OPS|INFRA)-\\d{1,6}', '#\\d+', '[+*]{1,3}(a)?', '\\(\\d+\\)'])(
    '%s is fine',
    (pattern) => {
      expect(patternProblem(pattern)).toBeUndefined();
    },
  );

  test.each([
    ['[A-Z', 'is not a regular expression.'],
    ['(a+)+$', 'repeats a group, which can take for ever. Repeat single characters only.'],
    ['(a|a){2,}$', 'repeats a group, which can take for ever. Repeat single characters only.'],
    ['(a)\\1', 'refers back to a group, which can take for ever. Write it out.'],
    ['a*a*a*b', 'repeats with *, + or {1,} more than 2 times, which can take for ever. Give bounds: {1,9}.'],
  ])('%s is refused: one reason must not hold up the bot', (pattern, problem) => {
    expect(patternProblem(pattern)).toBe(problem);
  });

  test('that is fine is quick on the longest reason, whatever stands in it', () => {
    const hostile = 'A'.repeat(500);
    expect(readReason(hostile, { pattern: '[A-Z]+[A-Z]+-x', hint: 'no' })).toMatchObject({ ok: false });
  });
});
