/** The time behind the word `at`, as people type it. */
import { describe, expect, test } from '@jest/globals';
import { readClockTime } from '../../../../src/access/reading/when/clock-time.js';

const read = (text: string) => readClockTime(text.split(' '));

describe('a time', () => {
  test.each<[string, string | undefined, string, number]>([
    ['at 22:00 fixing', undefined, '22:00', 2],
    ['At 9:05 fixing', undefined, '09:05', 2],
    ['at 00:00', undefined, '00:00', 2],
    ['at 22:00, fixing', undefined, '22:00', 2],
    ['at 10pm fixing', undefined, '22:00', 2],
    ['at 10:30 p.m. fixing', undefined, '22:30', 3],
    ['at 12am', undefined, '00:00', 2],
    ['at 12 pm', undefined, '12:00', 3],
    ['at 2026-12-01 07:30 fixing', '2026-12-01', '07:30', 3],
    ['at 2026-12-01T07:30 fixing', '2026-12-01', '07:30', 2],
    ['at 07:30 2026-12-01 fixing', '2026-12-01', '07:30', 3],
    ['at 07:30 on 2026-12-01 fixing', '2026-12-01', '07:30', 4],
    ['at 2028-02-29 07:30', '2028-02-29', '07:30', 3],
    ['at 22:00 est la vie', undefined, '22:00', 2],
    ['at 22:00 may be late', undefined, '22:00', 2],
    ['at 22:00 on call', undefined, '22:00', 2],
    ['at 22:00 this build', undefined, '22:00', 2],
    ['at 22:00 next the disk', undefined, '22:00', 2],
    ['at 22:00 CI/CD fails', undefined, '22:00', 2],
    ['at 22:00 in the lab', undefined, '22:00', 2],
  ])('is read out of "%s"', (text, date, time, words) =>
    expect(read(text)).toEqual({ ok: true, start: { ...(date ? { date } : {}), time }, words }),
  );
});

test.each([
  'at',
  'at the office',
  'at 203.0.113.25 the disk is full',
  'at 100 places',
  'at may',
  'fixing at 22:00',
])('no time follows the word `at` in "%s": the words are left to the rest of the command', (text) =>
  expect(read(text)).toBeUndefined(),
);

describe('words that are meant as a time and say none for certain are asked back:', () => {
  test.each([
    ['at 25:00', '`at 25:00`'],
    ['at 24:00', '`at 24:00`'],
    ['at 22.00', '`at 22.00`'],
    ['at 22:00:00', '`at 22:00:00`'],
    ['at 7h30', '`at 7h30`'],
    ['at 5', '`at 5`'],
    ['at 22:00Z', '`at 22:00Z`'],
    ['at 22:00UTC', '`at 22:00UTC`'],
    ['at 22:00+02:00', '`at 22:00+02:00`'],
    ['at 22:00-23:00', '`at 22:00-23:00`'],
    ['at ٢٢:٠٠', '`at ٢٢:٠٠`'],
    ['at 7:30 in the evening', '`at 07:30 in the evening`'],
    ['at 13pm', '`at 13pm`'],
    ['at noon', '`at noon`'],
    ['at tomorrow', '`at tomorrow`'],
    ['at Dec 1 22:00', '`at Dec`'],
    ['at 1/12/2026 07:30', '`at 1/12/2026`'],
    ['at 2026-02-30 07:30', '`at 2026-02-30`'],
    ['at 2026-12-01', '`at 2026-12-01`'],
    ['at 2026-12-01 fixing', '`at 2026-12-01 fixing`'],
  ])('%s', (text, quoted) => {
    const sentence = `I read no time in ${quoted}. Write \`at 22:00\` or \`at 2026-12-01 07:30\`; where it begins your reason, put a word before it.`;
    expect(read(text)).toEqual({ ok: false, sentence });
  });

  test.each([
    ['at 22:00 tomorrow', 'tomorrow', '22:00'],
    ['at 22:00 tonight', 'tonight', '22:00'],
    ['at 10pm on Friday', 'friday', '22:00'],
    ['at 22:00 on Dec 1', 'dec', '22:00'],
    ['at 07:30 1 December', '1', '07:30'],
    ['at 22:00 1/12/2026', '1/12/2026', '22:00'],
    ['at 22:00 next Monday', 'next monday', '22:00'],
    ['at 22:00 next week', 'next week', '22:00'],
    ['at 22:00 this evening', 'this evening', '22:00'],
    ['at 22:00 on the 5th', 'the 5th', '22:00'],
    ['at 22:00 5th', '5th', '22:00'],
    ['at 22:00 day after tomorrow', 'day after', '22:00'],
  ])('%s', (text, day, time) => {
    const found = read(text);
    expect(found?.ok === false && found.sentence.toLowerCase()).toBe(
      `which day is \`${day}\`? write its date: \`at 2026-12-01 ${time}\`. without a date it is the next ${time}.`,
    );
  });

  test.each(['UTC', 'GMT+2', 'CET', 'CEST', 'EST', 'PDT', 'Z', 'utc', '+02:00', 'Europe/Berlin'])(
    'a time zone: at 22:00 %s',
    (zone) =>
      expect(read(`at 22:00 ${zone} fixing`)).toEqual({
        ok: false,
        sentence: `I read times in your own time zone, as your Slack profile has it. Write \`at 22:00\` without \`${zone}\`.`,
      }),
  );
});
