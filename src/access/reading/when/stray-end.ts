/**
 * Times at which somebody wants access to end: `until 22:00`. A request has no such time: access lasts as long as was asked
 * for, counted from its opening. So an end is asked back: taken for a part of the reason, it would get the requester the
 * policy's usual time.
 */
import { bare } from '../plain-text.js';
import { quoted } from '../quoting.js';
import { beginsWithTime, isDate, namesDay } from './clock-time.js';

/** Words that people put before the time at which something is over. */
const UNTIL = /^(?:until|till|til)$/i;
const OTHER_TIME = /^(?:\d{1,2}|noon|midnight)$/i;
const HALF_DAY = /^[ap]\.?m\.?$/i;
/** An end with its day takes no more words: `until 10 pm on Friday`. */
const AT_THE_END = 5;
const NO_END =
  'Say how long instead, such as `2h`: that counts from when access opens. Where it begins your reason, put a word before it.';

/**
 * The sentence that asks back where a reason begins with an end, or ends with one. Undefined for every other reason.
 * @param known what stands before the reason. Behind the time of the opening an end needs no `until`: `at 22:00 - 23:00`.
 *   Beside a duration, a time at the end of the reason belongs to the reason
 */
export function strayEnd(
  reason: readonly string[],
  known: { start: boolean; duration: boolean },
): string | undefined {
  const words = reason.map(bare);
  const [first = ''] = words;
  if (UNTIL.test(first) && isTime(words.slice(1)))
    return `I read no end in ${quoted(`${first} ${spelled(words.slice(1))}`)}. ${NO_END}`;
  if (known.duration) return undefined;
  const end = /^to$/i.test(first) ? words.slice(1) : words;
  if (known.start && beginsWithTime(end)) return `I read no end in ${quoted(spelled(end))}. ${NO_END}`;
  const last = words.findLastIndex((word) => UNTIL.test(word));
  if (last < 1 || words.length - last > AT_THE_END || !isTime(words.slice(last + 1))) return undefined;
  return `Your reason ends with ${quoted(words.slice(last).join(' '))}. Say how long before the reason, such as \`2h\`: that counts from when access opens. To leave it in the reason, put a word behind it.`;
}

/** An end at the beginning of `words`, as people type it behind `extend`: `until 22:00`, `to 10 pm`, `22:00`. */
export function endIn(words: readonly string[]): string | undefined {
  const [first = '', ...rest] = words;
  if (beginsWithTime(words)) return spelled(words);
  const isEnd = UNTIL.test(first) ? isTime(rest) : /^(?:at|by|to)$/i.test(first) && beginsWithTime(rest);
  return isEnd ? `${first} ${spelled(rest)}` : undefined;
}

function isTime(words: readonly string[]): boolean {
  const [first = '', second = ''] = words;
  const isDay = isDate(first) || namesDay(first, second) !== undefined;
  return isDay || OTHER_TIME.test(first) || beginsWithTime(words);
}

function spelled([first = '', second = '']: readonly string[]): string {
  return HALF_DAY.test(second) ? `${first} ${second}` : first;
}
