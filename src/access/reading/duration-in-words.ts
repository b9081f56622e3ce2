/**
 * Durations in words, as people type them before the reason of a request: `2 hours`. A duration without a number (`two
 * hours`) is asked back: taken for the beginning of the reason, it would get the requester the policy's usual time.
 */
import { parseDuration } from './duration.js';
import { bare } from './plain-text.js';
import { quoted } from './quoting.js';

const UNIT = /^(?:d(?:ays?)?|h(?:ours?|rs?)?|m(?:in(?:ute)?s?)?|s(?:ec(?:ond)?s?)?)$/i;
const AMOUNT = /^(?<count>\d{1,9})(?<unit>[a-z]*)$/i;
/** Days, hours, minutes and seconds, each once: of a text with more amounts nothing is read, however long it is. */
const MOST_AMOUNTS = 4;
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
  for (let amounts = 0; amounts <= MOST_AMOUNTS; amounts += 1) {
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
 * The sentence that asks back where a reason begins with a duration that says no number: `two hours fixing`. Undefined for
 * every other reason, also for one that ends with a duration: `10.0.0.5 is down for 3h`.
 */
export function strayDuration(reason: readonly string[]): string | undefined {
  const words = reason.map(bare);
  const spoken = spokenDuration(words.slice(words[0]?.toLowerCase() === 'for' ? 1 : 0));
  if (spoken === undefined) return undefined;
  return `I read no duration in ${quoted(spoken)}. Write it as \`2h\` or \`30m\`; where it begins your reason, put a word before it.`;
}

/** A duration without a number at the beginning of `words`, such as `two hours`, unless it says when: `two hours ago`. */
export function spokenDuration(words: readonly string[]): string | undefined {
  const said = SPOKEN.exec(words.slice(0, 3).join(' '))?.[0];
  return said === undefined || SAYS_WHEN.test(words[said.split(' ').length] ?? '') ? undefined : said;
}
