/** What stands behind the word of a subcommand: a mention, or the id of a request with a time or a source beside it. */
import { looksLikeDuration, parseDuration } from '../duration.js';
import { durationInWords, spokenDuration } from '../duration-in-words.js';
import { USER_ID, unanchored } from '../ids.js';
import { type Network, networkNamed } from '../network.js';
import { straighten } from '../plain-text.js';
import { quoted } from '../quoting.js';
import { readRequestId } from '../request-id.js';
import { isSourceByName, looksLikeSource } from '../source.js';
import { endIn } from '../when/stray-end.js';

/**
 * The id of a request and a duration, each at most once and in either order; undefined where anything else is said. A
 * single word that reads as both is the duration: `2h45m`. Beside an id a word that reads as neither stands for the
 * duration, so that its refusal names it.
 */
export function readIdAndTime(words: readonly string[]): { id?: string; durationText?: string } | undefined {
  const { id, text, isClear } = readIdAnd(isDuration, withDurations(words));
  return isClear ? { ...id, ...(text === undefined ? {} : { durationText: text }) } : undefined;
}

function isDuration(word: string): boolean {
  return looksLikeDuration(word) && (readRequestId(word) === undefined || parseDuration(word) !== undefined);
}

/** Words that people put around more time: `by 2 hours`, `another 30m`, `1h more`. */
const BEFORE_DURATION = /^(?:for|by|another)$/i;
const BEHIND_DURATION = /^(?:more|longer)$/i;

/** Each duration in words as one, without the words around it: `for 2 hours` is `2h`. The id `5DAYS` stays an id. */
function withDurations(words: readonly string[]): string[] {
  const [first, ...rest] = words;
  if (first === undefined) return [];
  const said = durationAt(words) ?? (BEFORE_DURATION.test(first) ? durationAt(rest, 1) : undefined);
  if (!said) return [first, ...withDurations(rest)];
  const behind = words.slice(said.words);
  return [said.text, ...withDurations(BEHIND_DURATION.test(behind[0] ?? '') ? behind.slice(1) : behind)];
}

/** @param before how many words stand before `words` and belong to the duration */
function durationAt(words: readonly string[], before = 0): { text: string; words: number } | undefined {
  const [first = ''] = words;
  const spoken = readRequestId(first) === undefined ? durationInWords(words) : undefined;
  if (spoken) return { text: spoken.text, words: before + spoken.words };
  return isDuration(first) ? { text: first, words: before + 1 } : undefined;
}

/**
 * Why words behind `extend` say no duration that is read: they say one without a number (`two hours`), or a time of the
 * clock at which access is to end. Undefined for other words.
 */
export function whyNoTime(verb: string, words: readonly string[]): string | undefined {
  const id = words.map(readRequestId).find((one) => one !== undefined);
  const right = (duration: string) => `\`${[verb, ...(id ? [id] : []), duration].join(' ')}\``;
  for (const nth of words.keys()) {
    const rest = words.slice(nth);
    // The id `999AM` is no time.
    if (readRequestId(rest[0] ?? '') !== undefined) continue;
    const spoken = spokenDuration(rest);
    if (spoken !== undefined)
      return `I read no duration in ${quoted(spoken)}. Write it in digits: ${right('2h')}.`;
    const end = endIn(rest);
    if (end !== undefined)
      return `I read no end in ${quoted(end)}. Say how much more time you need, counted from when access ends now: ${right('1h')}.`;
  }
  return undefined;
}

/**
 * The id of a request and a source, each at most once and in either order; undefined where anything else is said. A
 * single word that reads as both an id and the name of a network is the network's name. Beside an id whatever else is one
 * word or names a computer stands for the source, so that its refusal names it.
 */
export function readIdAndSource(
  words: readonly string[],
  networks: readonly Network[],
): { id?: string; sourceText?: string } | undefined {
  const isSource = (text: string) =>
    looksLikeSource(text) || isSourceByName(text) || networkNamed(text, networks) !== undefined;
  const { id, text, isClear } = readIdAnd(isSource, withSourceAsOne(words, isSource));
  return isClear ? { ...id, ...(text === undefined ? {} : { sourceText: text }) } : undefined;
}

/** `my ip` as one word, and no `to` before a source. */
function withSourceAsOne(words: readonly string[], isSource: (word: string) => boolean): string[] {
  const isWhole = (begin: readonly string[]) => isSourceByName(begin.join(' '));
  const whole = [3, 2, 1].map((count) => words.slice(0, count)).find(isWhole);
  if (whole) return [whole.join(' '), ...withSourceAsOne(words.slice(whole.length), isSource)];
  const [first, ...rest] = words;
  if (first === undefined) return [];
  const left = withSourceAsOne(rest, isSource);
  const [next = ''] = left;
  return /^to$/i.test(first) && isSource(next) ? left : [first, ...left];
}

/**
 * An id and a text of another kind, each at most once; unclear where anything else is said. Of two words that read as the
 * other kind, one that reads as an id as well is the id. Beside an id any other word is of the other kind.
 */
function readIdAnd(
  isOther: (word: string) => boolean,
  words: readonly string[],
): { id: { id?: string }; text: string | undefined; isClear: boolean } {
  const others = words.filter(isOther);
  const isId = (word: string) => readRequestId(word) !== undefined;
  const mistyped = words.length === 2 && words.some(isId) ? words.find((word) => !isId(word)) : undefined;
  const text = others.find((word) => !isId(word)) ?? others[0] ?? mistyped;
  const [left, ...more] = words.filter((_, nth) => nth !== words.indexOf(text ?? ''));
  const id = readRequestId(left ?? '');
  const isClear = more.length === 0 && (left === undefined || id !== undefined);
  return { id: id === undefined ? {} : { id }, text, isClear };
}

/** A word, and after it a mention as Slack makes it. */
const ONE_MENTION = new RegExp(`^\\s*\\S+\\s+<@(${unanchored(USER_ID)})(?:\\|[^<>]*)?>[.,:;!?]*\\s*$`);

/**
 * The user id of the one person after the first word. Only a mention that Slack made counts: anybody can take a name.
 */
export function readMention(text: string): string | undefined {
  return ONE_MENTION.exec(straighten(text))?.[1];
}
