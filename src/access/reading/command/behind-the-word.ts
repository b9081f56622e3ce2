/** What stands behind the word of a subcommand: a mention, or the id of a request with a time or a source beside it. */
import { looksLikeDuration, parseDuration } from '../duration.js';
import { durationInWords } from '../duration-in-words.js';
import { USER_ID, unanchored } from '../ids.js';
import { type Network, networkNamed } from '../network.js';
import { straighten } from '../plain-text.js';
import { readRequestId } from '../request-id.js';
import { looksLikeSource } from '../source.js';

/**
 * The id of a request and a duration, each at most once and in either order; undefined where anything else is said. A
 * single word that reads as both is the duration: `2h45m`.
 */
export function readIdAndTime(words: readonly string[]): { id?: string; durationText?: string } | undefined {
  const isTime = (word: string) =>
    looksLikeDuration(word) && (readRequestId(word) === undefined || parseDuration(word) !== undefined);
  const { id, text, isClear } = readIdAnd(isTime, withDurations(words));
  return isClear ? { ...id, ...(text === undefined ? {} : { durationText: text }) } : undefined;
}

/** Each duration in words as one: `2 hours` is `2h`. The id `5DAYS` stays an id. */
function withDurations(words: readonly string[]): string[] {
  const [first, ...rest] = words;
  if (first === undefined) return [];
  const spoken = readRequestId(first) === undefined ? durationInWords(words) : undefined;
  return spoken
    ? [spoken.text, ...withDurations(words.slice(spoken.words))]
    : [first, ...withDurations(rest)];
}

/**
 * The id of a request and a source, each at most once and in either order; undefined where anything else is said. A
 * single word that reads as both an id and the name of a network is the network's name.
 */
export function readIdAndSource(
  words: readonly string[],
  networks: readonly Network[],
): { id?: string; sourceText?: string } | undefined {
  const isSource = (word: string) => looksLikeSource(word) || networkNamed(word, networks) !== undefined;
  const { id, text, isClear } = readIdAnd(isSource, words);
  return isClear ? { ...id, ...(text === undefined ? {} : { sourceText: text }) } : undefined;
}

/**
 * An id and a text of another kind, each at most once; unclear where anything else is said. Of two words that read as the
 * other kind, one that reads as an id as well is the id.
 */
function readIdAnd(
  isOther: (word: string) => boolean,
  words: readonly string[],
): { id: { id?: string }; text: string | undefined; isClear: boolean } {
  const others = words.filter(isOther);
  const text = others.find((word) => readRequestId(word) === undefined) ?? others[0];
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
