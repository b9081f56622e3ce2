/** The instant of a time on somebody's clock, also in the nights in which clocks change. */
import { describe, expect, test } from '@jest/globals';
import { startAt } from '../../../../src/access/reading/when/start.js';

/** @param typed `22:00` or `2026-12-01 07:30` */
function start(typed: string, timeZone: string, askedAt: string): string {
  const [first = '', second] = typed.split(' ');
  const clock = second === undefined ? { time: first } : { date: first, time: second };
  const found = startAt(clock, timeZone, Date.parse(askedAt));
  if ('sentence' in found) return found.sentence;
  const taken = found.twice ? `, the ${found.twice} of two` : '';
  return `${new Date(found.startsAtMs).toISOString().slice(0, 16)}Z${taken}`;
}

describe('a time without a date is the next one on the clock of whoever typed it', () => {
  const ASKED = '2026-11-30T15:00:30Z';
  test.each([
    ['22:00', 'Europe/Berlin', '2026-11-30T21:00Z'],
    ['07:30', 'Europe/Berlin', '2026-12-01T06:30Z'],
    ['22:00', 'UTC', '2026-11-30T22:00Z'],
    ['22:00', 'America/New_York', '2026-12-01T03:00Z'],
    ['22:00', 'Asia/Kathmandu', '2026-11-30T16:15Z'],
    ['22:00', 'Pacific/Kiritimati', '2026-12-01T08:00Z'],
    ['00:00', 'Europe/Berlin', '2026-11-30T23:00Z'],
  ])('%s in %s', (typed, zone, instant) => expect(start(typed, zone, ASKED)).toBe(instant));

  test.each(['16:00', '15:30', '15:01'])(
    '%s, which passed a moment ago, is asked back and not taken for tomorrow',
    (typed) =>
      expect(start(typed, 'Europe/Berlin', ASKED)).toBe(
        `${typed} has just passed in your time zone, Europe/Berlin. Ask without \`at\` for now, or write the date: \`at 2026-12-01 ${typed}\`.`,
      ),
  );
});

test('a date and time that have passed are refused, and so is an unknown time zone', () => {
  expect(start('2026-11-30 07:30', 'Europe/Berlin', '2026-11-30T15:00Z')).toBe(
    '2026-11-30 07:30 has passed in your time zone, Europe/Berlin. Ask for a later time, or without `at` for now.',
  );
  expect(start('22:00', 'Nowhere/Atall', '2026-11-30T15:00Z')).toBe(
    'I do not know your time zone Nowhere/Atall. Choose the time in the form instead.',
  );
  expect(startAt({ time: '22:00' }, undefined, 0)).toEqual({
    sentence: 'Slack does not say your time zone. Choose the time in the form instead.',
  });
});

describe('where clocks go forward', () => {
  test.each([
    ['2026-03-29 02:30', 'Europe/Berlin', '2026-03-28T12:00Z', '2026-03-29 03:30'],
    ['02:30', 'Europe/Berlin', '2026-03-29T00:30Z', '2026-03-29 03:30'],
    ['02:30', 'Europe/Berlin', '2026-03-28T10:30Z', '2026-03-29 03:30'],
    ['2026-03-08 02:00', 'America/New_York', '2026-03-01T10:30Z', '2026-03-08 03:00'],
    ['2026-10-04 02:15', 'Australia/Lord_Howe', '2026-10-01T15:00Z', '2026-10-04 02:45'],
    ['2011-12-30 10:00', 'Pacific/Apia', '2011-12-28T15:00Z', '2011-12-31 10:00'],
  ])(
    'the time %s in %s, asked for at %s, does not exist, and another time is named',
    (typed, zone, asked, instead) => {
      const date = instead === '2011-12-31 10:00' ? '2011-12-30' : instead.slice(0, 10);
      expect(start(typed, zone, asked)).toBe(
        `${date} ${typed.slice(-5)} does not exist in ${zone}: clocks go forward over it. Ask for \`at ${instead}\`, or another time.`,
      );
    },
  );

  test.each([
    ['02:30', '2026-03-29T10:30Z', '2026-03-30T00:30Z'],
    ['2026-03-29 03:00', '2026-03-28T10:30Z', '2026-03-29T01:00Z'],
    ['2026-03-29 01:59', '2026-03-28T10:30Z', '2026-03-29T00:59Z'],
  ])('a time before or after the skipped hour is taken as it is: %s, asked at %s', (typed, asked, instant) =>
    expect(start(typed, 'Europe/Berlin', asked)).toBe(instant),
  );
});

describe('where clocks go back', () => {
  test.each([
    ['2026-10-25 02:30', '2026-10-24T12:00Z', '2026-10-25T00:30Z, the first of two'],
    ['02:30', '2026-10-25T00:00Z', '2026-10-25T00:30Z, the first of two'],
    // Of two such times the one that is still to come counts.
    ['02:30', '2026-10-25T00:45Z', '2026-10-25T01:30Z, the second of two'],
    ['2026-10-25 02:30', '2026-10-25T00:45Z', '2026-10-25T01:30Z, the second of two'],
    ['2026-10-25 03:00', '2026-10-24T12:00Z', '2026-10-25T02:00Z'],
    ['2026-10-25 01:59', '2026-10-24T12:00Z', '2026-10-24T23:59Z'],
  ])('the time %s, asked at %s, is %s', (typed, asked, instant) =>
    expect(start(typed, 'Europe/Berlin', asked)).toBe(instant),
  );
});
