/**
 * Times that stand where none is read: without the word `at`, behind another word, or at the end of the reason. Whoever
 * types one wants access later, and would get it at once.
 */
import { parseDuration } from '../duration.js';
import { bare } from '../plain-text.js';
import { quoted } from '../quoting.js';
import { beginsWithTime, isDate, LONGEST, namesDay, noTimeIn, readClockTime } from './clock-time.js';

/** Words that people put before a time or a day. */
const BEFORE_TIME = /^(?:on|from|after|around|start(?:s|ing)?|begin(?:s|ning)?|open(?:s|ing)?)$/i;
const UNIT = /^(?:m|min(?:ute)?s?|h|hours?|hrs?|d|days?)$/i;
/** A time with its day and zone takes no more words: `at 22:00 on 1 December`. */
const AT_THE_END = 5;

/**
 * The sentence that asks back where a reason begins with a time, or ends with one: `tomorrow at 22:00 fixing`, `@22:00`,
 * `fixing at 22:00`. Undefined for every other reason.
 */
export function strayTime(reason: readonly string[]): string | undefined {
  const words = reason.flatMap((word) => (/^@\p{Nd}/u.test(word) ? ['@', word.slice(1)] : [word])).map(bare);
  const first = timeAtTheBegin(words);
  if (first !== undefined) return noTimeIn(first);
  const last = timeAtTheEnd(words);
  if (last === undefined) return undefined;
  return `Your reason ends with ${quoted(last)}. To open it then, write that before the reason; to open it as soon as it is approved, put a word behind it.`;
}

function timeAtTheBegin(words: readonly string[]): string | undefined {
  const [first = '', second = '', third = ''] = words;
  const said = (count: number) => words.slice(0, count).join(' ');
  if (/^in$/i.test(first)) {
    if (parseDuration(second) !== undefined) return said(2);
    return /^\d{1,3}$/.test(second) && UNIT.test(third) ? said(3) : undefined;
  }
  let next = BEFORE_TIME.test(first) ? 1 : 0;
  const day = isDate(words[next]) ? words[next] : namesDay(words[next] ?? '', words[next + 1] ?? '');
  next += day?.split(' ').length ?? 0;
  if (isAt(words[next])) next += 1;
  return beginsWithTime(words.slice(next)) ? said(next + 1) : undefined;
}

function timeAtTheEnd(words: readonly string[]): string | undefined {
  for (let from = Math.max(1, words.length - LONGEST); from < words.length - 1; from += 1) {
    if (!isAt(words[from])) continue;
    const tail = ['at', ...words.slice(from + 1)];
    const reading = readClockTime(tail);
    const isAll = reading?.ok ? reading.words === tail.length : tail.length <= AT_THE_END;
    if (reading && isAll && (reading.ok || beginsWithTime(tail.slice(1)))) return words.slice(from).join(' ');
  }
  return undefined;
}

function isAt(word: string | undefined): boolean {
  return word === '@' || word?.toLowerCase() === 'at';
}
