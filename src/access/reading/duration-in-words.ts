/**
 * Durations in words, as people type them before the reason of a request: `2 hours`. A duration without a number (`two
 * hours`), or behind the reason, is asked back: taken for a part of the reason, it would get the requester the policy's
 * usual time.
 */
import { compactDuration, parseDuration } from './duration.js';
import { bare } from './plain-text.js';
import { quoted } from './quoting.js';

const UNIT = /^(?:d(?:ays?)?|h(?:ours?|rs?)?|m(?:in(?:ute)?s?)?|s(?:ec(?:ond)?s?)?)$/i;
const AMOUNT = /^(?<count>\d{1,9})(?<unit>[a-z]*)$/i;
/** A word behind an amount of time that makes it say when, and not how long: `2 hours ago`. */
const SAYS_WHEN = /^(?:ago|before|earlier|later)$/i;
/** `an hour`, `half an hour`, `two hours`: at most three words. */
const SPOKEN =
  /^(?:(?:half )?an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|forty|sixty|ninety) (?:min(?:ute)?s?|hours?|hrs?|days?)(?= |$)/i;

/**
 * A duration in words at the beginning of `words`: `2 hours`, `90 minutes`, `2hours`, `1 hour 30 minutes`. Undefined where
 * none stands there, and for a first word that {@link parseDuration} reads.
 * @returns the duration as {@link parseDuration} reads it, and how many words say it
 */
export function durationInWords(words: readonly string[]): { text: string; words: number } | undefined {
  if (parseDuration(words[0] ?? '') !== undefined) return undefined;
  let [text, said] = ['', 0];
  for (;;) {
    const isMore = said > 0 && words[said]?.toLowerCase() === 'and';
    const next = said + (isMore ? 1 : 0);
    const amount = amountAt(words.slice(next));
    if (!amount) break;
    text += amount.text;
    said = next + amount.words;
  }
  if (parseDuration(text) === undefined || SAYS_WHEN.test(words[said] ?? '')) return undefined;
  return { text, words: said };
}

/** `2 hours` and `2hours` are `2h`. */
function amountAt([first = '', second = '']: readonly string[]): { text: string; words: number } | undefined {
  const { count, unit } = AMOUNT.exec(first)?.groups ?? {};
  const word = unit || second;
  if (count === undefined || !UNIT.test(word)) return undefined;
  return { text: `${count}${word.charAt(0).toLowerCase()}`, words: unit ? 1 : 2 };
}

/**
 * The sentence that asks back where a reason begins with a duration that says no number, or ends with one: `two hours
 * fixing`, `fixing for 2h`. Undefined for every other reason.
 */
export function strayDuration(reason: readonly string[]): string | undefined {
  const words = reason.map(bare);
  const first = words[0]?.toLowerCase() === 'for' ? 1 : 0;
  const spoken = spokenAt(words.slice(first));
  if (spoken !== undefined)
    return `I read no duration in ${quoted(spoken)}. Write it as \`2h\` or \`30m\`; where it begins your reason, put a word before it.`;
  const last = words.map((word) => word.toLowerCase()).lastIndexOf('for');
  if (last < 1) return undefined;
  const tail = words.slice(last + 1);
  const ms = parseDuration(tail.length === 1 ? (tail[0] ?? '') : '') ?? wholeMs(tail);
  if (ms === undefined && spokenAt(tail) !== tail.join(' ')) return undefined;
  const better =
    ms === undefined
      ? 'it before the reason, as `2h` or `30m`'
      : `\`${compactDuration(ms)}\` before the reason`;
  return `Your reason ends with ${quoted(words.slice(last).join(' '))}. To ask for that long, write ${better}; to leave it in the reason, put a word behind it.`;
}

function wholeMs(words: readonly string[]): number | undefined {
  const read = durationInWords(words);
  return read && read.words === words.length ? parseDuration(read.text) : undefined;
}

/** `two hours` at the beginning of `words`, unless it says when: `two hours ago`. */
function spokenAt(words: readonly string[]): string | undefined {
  const said = SPOKEN.exec(words.slice(0, 3).join(' '))?.[0];
  return said === undefined || SAYS_WHEN.test(words[said.split(' ').length] ?? '') ? undefined : said;
}
