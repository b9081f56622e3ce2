/** Reads durations a second time, letter by letter, and compares; and reads every written form back. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  compactDuration,
  durationProblem,
  looksLikeDuration,
  parseDuration,
  shortDuration,
  spellDuration,
} from '../../../src/access/reading/duration.js';
import { anyCharacter } from '../../any-character.js';
import { runs } from '../../depth.js';

const SECONDS: Record<string, number> = { d: 86_400, h: 3600, m: 60, s: 1 };
const YEAR_MS = 365 * 86_400_000;

/** The grammar by hand: amounts of days, hours, minutes and seconds in this order, each at most once. */
function readByHand(text: string): number | undefined {
  let [total, left, digits, seen] = [0n, 'dhms', '', 0];
  for (const letter of text) {
    if ('0123456789'.includes(letter)) {
      digits += letter;
      continue;
    }
    const unit = letter.toLowerCase();
    const at = letter.charCodeAt(0) < 128 ? left.indexOf(unit) : -1;
    if (at < 0 || digits === '' || digits.length > 9) return undefined;
    total += BigInt(digits) * BigInt(SECONDS[unit] ?? 0);
    [left, digits, seen] = [left.slice(at + 1), '', seen + 1];
  }
  if (digits !== '' || seen === 0 || total === 0n || total > 31_536_000n) return undefined;
  return Number(total) * 1000;
}

const amount = fc
  .oneof(fc.nat(70), fc.nat(99_999_999_999), fc.constantFrom(0, 365, 8760, 525_600))
  .map(String);
const unit = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...'dhmsDHMS') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('', ' ', 'w', 'ms', 'min', '\n', '\0', '\u017f', '\uff48', '\u0661', '-', '.'),
  },
);
const written = fc.array(fc.tuple(amount, unit), { maxLength: 5 }).map((parts) => parts.flat().join(''));
const ordered = fc
  .tuple(...[...'dhms'].map((letter) => fc.option(fc.nat(70).map((count) => `${count}${letter}`))))
  .map((parts) => parts.join(''));
const hostile = fc
  .tuple(fc.oneof(written, ordered), fc.nat(), fc.string({ unit: anyCharacter, maxLength: 2 }))
  .map(([text, where, put]) => {
    const at = where % (text.length + 1);
    return text.slice(0, at) + put + text.slice(at);
  });

test('the bot and the reading by hand agree which texts are durations, and how long', () => {
  let durations = 0;
  fc.assert(
    fc.property(fc.oneof(written, ordered, hostile), (text) => {
      const byHand = readByHand(text);
      if (byHand !== undefined) durations += 1;
      // A plain comparison: `expect` takes longer than all of the reading.
      if (parseDuration(text) !== byHand) throw new Error(`by hand ${byHand}, not ${parseDuration(text)}`);
      if (durationProblem(text).length > 130) throw new Error(durationProblem(text));
    }),
    { numRuns: runs(6000) },
  );
  expect(durations).toBeGreaterThan(runs(1000));
});

/** The milliseconds of a written form, by the words in it. */
function readBack(written: string, words: Record<string, number>): number {
  const parts = written.split(' ');
  let seconds = 0;
  for (let at = 0; at < parts.length; at += 2) {
    const [count, word] = [Number(parts[at]), words[parts[at + 1] ?? '']];
    if (word === undefined || !Number.isInteger(count) || count < 1) throw new Error(`not read: ${written}`);
    if (at > 0 && word >= (words[parts[at - 1] ?? ''] ?? 0)) throw new Error(`out of order: ${written}`);
    seconds += count * word;
  }
  return seconds * 1000;
}
const SPELLED = {
  second: 1,
  seconds: 1,
  minute: 60,
  minutes: 60,
  hour: 3600,
  hours: 3600,
  day: 86_400,
  days: 86_400,
};
const SHORT = { s: 1, min: 60, h: 3600, d: 86_400 };

test('every written form of a duration reads back as the duration, rounded to seconds', () => {
  const near = fc
    .tuple(
      fc.constantFrom(1000, 60_000, 3_600_000, 86_400_000, YEAR_MS),
      fc.integer({ min: -1500, max: 1500 }),
    )
    .map(([whole, off]) => whole + off);
  fc.assert(
    fc.property(fc.oneof(fc.integer({ min: 500, max: YEAR_MS }), near), (ms) => {
      const seconds = Math.round(ms / 1000) * 1000;
      if (seconds < 1000 || seconds > YEAR_MS) return;
      expect(parseDuration(compactDuration(ms))).toBe(seconds);
      expect(looksLikeDuration(compactDuration(ms))).toBe(true);
      expect(readBack(spellDuration(ms), SPELLED)).toBe(seconds);
      for (const [, count, word = ''] of spellDuration(ms).matchAll(/(\d+) (\w+)/g)) {
        expect(word.endsWith('s')).toBe(count !== '1');
      }
      expect(readBack(shortDuration(ms), SHORT)).toBe(seconds);
    }),
    { numRuns: runs(500) },
  );
});
