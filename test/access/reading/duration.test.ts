import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  checkDuration,
  compactDuration,
  durationProblem,
  looksLikeDuration,
  parseDuration,
  shortDuration,
  spellDuration,
} from '../../../src/access/reading/duration.js';
import { runs } from '../../depth.js';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

describe('a duration is days, hours, minutes, seconds', () => {
  test.each([
    ['45s', 45 * second],
    ['30m', 30 * minute],
    ['90m', 90 * minute],
    ['2h', 2 * hour],
    ['2H', 2 * hour],
    ['1h30m', 90 * minute],
    ['0h30m', 30 * minute],
    ['1d', day],
    ['1d12h', 36 * hour],
    ['1D12H5M1S', 36 * hour + 5 * minute + second],
    ['365d', 365 * day],
  ])('%s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
    expect(looksLikeDuration(text)).toBe(true);
  });

  test.each([
    '',
    ' 2h',
    '2 h',
    '2',
    '-2h',
    '+2h',
    '1.5h',
    '1,5h',
    '2hours',
    '30m1h',
    '1h1h',
    '1w',
    '1h30',
    'h',
    '0m',
    '0h0m0s',
    '366d',
    '999999999d',
    '99999999999h',
    '１h',
    '2h\n',
    'PT2H',
  ])('%j is no duration', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

describe('a word of the command:', () => {
  test.each([
    '2',
    '2hours',
    '2hrs',
    '30min',
    '30mins',
    '1.5h',
    '1,5h',
    '-2h',
    '+2h',
    '~2h',
    '1week',
    '2w',
    '1h30',
    '30m1h',
    '0m',
    '366d',
  ])('%s is meant as a duration', (word) => {
    expect(looksLikeDuration(word)).toBe(true);
  });

  test.each(['', 'fix', 'h', '2x4', '2nd', '4k', '3rd', 'OPS-412', '12:30', '2h!', '203.0.113.25', '2-3h'])(
    '%j is not meant as a duration',
    (word) => {
      expect(looksLikeDuration(word)).toBe(false);
    },
  );
});

test.each([
  [2 * hour, '2 hours', '2 h', '2h'],
  [hour, '1 hour', '1 h', '1h'],
  [90 * minute, '1 hour 30 minutes', '1 h 30 min', '1h30m'],
  [45 * second, '45 seconds', '45 s', '45s'],
  [36 * hour, '1 day 12 hours', '1 d 12 h', '1d12h'],
  [day + second, '1 day 1 second', '1 d 1 s', '1d1s'],
  [59_600, '1 minute', '1 min', '1m'],
  [400, '0 seconds', '0 s', '0s'],
  [-hour, '0 seconds', '0 s', '0s'],
])('%d ms is spelled %s, %s, %s', (ms, spelled, short, compact) => {
  expect([spellDuration(ms), shortDuration(ms), compactDuration(ms)]).toEqual([spelled, short, compact]);
});

test('a duration from the shortest to the longest is allowed, both included', () => {
  const limits = { shortestMs: 5 * minute, longestMs: 4 * hour };
  expect(checkDuration(5 * minute, limits)).toEqual({ ok: true });
  expect(checkDuration(4 * hour, limits)).toEqual({ ok: true });
  expect(checkDuration(8 * hour, limits)).toEqual({
    ok: false,
    sentence: '8 hours is longer than the policy allows. Ask for `4h` or less.',
  });
  expect(checkDuration(45 * second, limits)).toEqual({
    ok: false,
    sentence: '45 seconds is shorter than the policy allows. Ask for `5m` or more.',
  });
  expect(checkDuration(Number.NaN, limits).ok).toBe(false);
  expect(checkDuration(Number.POSITIVE_INFINITY, limits).ok).toBe(false);
});

test.each([
  ['2', '`2` is not a duration. Write `2h` or `30m`.'],
  ['-2h', '`-2h` is not a duration. Write `2h` or `30m`.'],
  ['2hours', '`2hours` is not a duration. Write `2h`.'],
  ['2 hours', '`2 hours` is not a duration. Write `2h`.'],
  ['90min', '`90min` is not a duration. Write `1h30m`.'],
  ['1.5h', '`1.5h` is not a duration. Write `1h30m`.'],
  ['1,5h', '`1,5h` is not a duration. Write `1h30m`.'],
  ['1w', '`1w` is not a duration. Write `7d`.'],
  ['1h30', '`1h30` is not a duration. Write `2h` or `30m`.'],
  ['0m', '`0m` is no time at all. Write `2h` or `30m`.'],
  ['999d', '`999d` is more than a year. Write `2h` or `30m`.'],
  ['', 'There is no duration yet. Write `2h` or `30m`.'],
  ['soon `please`', "`soon 'please'` is not a duration. Write `2h` or `30m`."],
])('the duration %j is asked back', (text, sentence) => {
  expect(durationProblem(text)).toBe(sentence);
});

describe('for any input', () => {
  test('a compact duration reads back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 365 * 86_400 }), (seconds) => {
        const compact = compactDuration(seconds * second);
        expect(parseDuration(compact)).toBe(seconds * second);
        expect(looksLikeDuration(compact)).toBe(true);
        expect(spellDuration(seconds * second).replace(/ (\w)\w*\s?/g, '$1')).toBe(compact);
      }),
    );
  });

  test('a parsed duration is positive, at most a year, looks like a duration, and keeps its meaning', () => {
    const text = fc.oneof(fc.stringMatching(/^(\d{1,4}[dhmsDHMS]?){0,4}$/), fc.string());
    fc.assert(
      fc.property(text, (written) => {
        const ms = parseDuration(written);
        expect(durationProblem(written).length).toBeLessThan(130);
        if (ms === undefined) return;
        expect(ms).toBeGreaterThan(0);
        expect(ms).toBeLessThanOrEqual(365 * day);
        expect(looksLikeDuration(written)).toBe(true);
        expect(parseDuration(compactDuration(ms))).toBe(ms);
      }),
      { numRuns: runs(1000) },
    );
  });

  test('a long text is answered as quickly as a short one', () => {
    for (const long of ['1'.repeat(50_000), '1h'.repeat(25_000), '1.'.repeat(25_000)]) {
      expect(parseDuration(long)).toBeUndefined();
      expect(looksLikeDuration(long)).toBe(false);
      expect(durationProblem(long)).toContain('…');
    }
  });
});
