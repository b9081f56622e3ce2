/**
 * Reads the text after the slash command without asking anybody, so that a slip is answered at once and nothing is
 * guessed that opens or closes access.
 */
import { looksLikeDuration, parseDuration } from './duration.js';
import { USER_ID, unanchored } from './ids.js';
import { type Network, networkNamed } from './network.js';
import { bare, oneStraightLine, straighten } from './plain-text.js';
import { quoted } from './quoting.js';
import { LONGEST_REASON } from './reason.js';
import { type Asked, type RequestParts, readRequest, type Unclear } from './request-line.js';
import { unescapeSlack } from './slack-text.js';
import { closestTo } from './slips.js';
import { looksLikeSource } from './source.js';

/** What may stand behind the word of a subcommand. */
export type Takes =
  /** The word stands alone. With more words it begins the reason of a request: "pause the nightly job". */
  | 'nothing'
  /** More words are ignored: "help me please". */
  | 'anything'
  /** Nothing, or the id of one request. */
  | 'id'
  /** Nothing, or the id of one request, and behind it a reason. */
  | 'id-and-reason'
  /** Nothing, the id of one request, a duration, or both in either order. */
  | 'id-and-time'
  /** Nothing, the id of one request, an address or the name of a network, or both in either order. */
  | 'id-and-source'
  /** The word `all`. */
  | 'all'
  /** One person, as a mention that Slack made. */
  | 'person'
  /** The parts of a request. */
  | 'request';

/**
 * A way to use a subcommand, as far as reading goes. A word that takes more than one thing has a row for each:
 * `end`, `end all`, `end @person`.
 */
export interface Grammar {
  /** Lower case. */
  word: string;
  /** Lower case. A synonym in one row of a word stands for the word in all its rows. */
  synonyms?: readonly string[];
  /** Lower case. Words of other programs, which are answered with help that names the word, as slips are. */
  hints?: readonly string[];
  takes: Takes;
  /** The word is kept free for a feature that is still to come. */
  notYet?: true;
}

/** The chosen row, narrowed to what it takes, so that the compiler lets its function have exactly that. */
type Ready<Row extends Grammar, T extends Takes> = Row & { takes: T; notYet?: never };

/** The longest text, as Slack sends it, of which anything is read. Anybody may send a text, and reading it costs time. */
export const LONGEST_COMMAND = 2_000;

export type Command<Row extends Grammar> =
  /** Nothing was typed. */
  | { kind: 'form' }
  /** Help without the word for it, such as `?`. `unknown` is a word close to the subcommand `meant`. */
  | { kind: 'help'; unknown?: string; meant?: string }
  | { kind: 'alone'; row: Ready<Row, 'nothing' | 'anything' | 'all'> }
  /** `id` is the id of a request, upper case. */
  | { kind: 'with-id'; row: Ready<Row, 'id'>; id?: string }
  | { kind: 'with-reason'; row: Ready<Row, 'id-and-reason'>; id?: string; reason: string }
  /** `durationText` is as typed, and may be mistyped. */
  | { kind: 'with-time'; row: Ready<Row, 'id-and-time'>; id?: string; durationText?: string }
  /** `sourceText` is as typed, and may be mistyped. */
  | { kind: 'with-source'; row: Ready<Row, 'id-and-source'>; id?: string; sourceText?: string }
  /** `userId` is a Slack user id. */
  | { kind: 'with-person'; row: Ready<Row, 'person'>; userId: string }
  | { kind: 'with-request'; row: Ready<Row, 'request'>; parts: RequestParts }
  | { kind: 'not-yet'; word: string }
  | Asked
  | Unclear;

/**
 * Reads the text of a slash command, as Slack sends it with `should_escape` or without. Of a text that is longer than
 * {@link LONGEST_COMMAND} nothing is read.
 *
 * The first word decides: a subcommand, an id (`ws-…`, `d-…`, `wsd-…`), an address or a duration. Id, address and
 * duration come in any order and each at most once; the first other word begins the reason, which keeps whatever
 * follows. A first word that is close to a subcommand is answered with help, unless it begins a reason. The name of
 * one of the policy's `networks` stands for an address.
 */
export function readCommand<Row extends Grammar>(
  text: string,
  subcommands: readonly Row[],
  networks: readonly Network[] = [],
): Command<Row> {
  if (text.length > LONGEST_COMMAND) return tooLong();
  const words = straighten(unescapeSlack(text)).split(/\s+/).filter(Boolean);
  const [first] = words;
  if (first === undefined) return { kind: 'form' };
  if (/^(?:-{1,2}h(?:elp)?|\?+)$/.test(first.toLowerCase())) return { kind: 'help' };
  const verb = bare(first).toLowerCase();
  const rows = rowsOf(verb, subcommands);
  return rows.length > 0
    ? readSubcommand(text, words, rows, networks)
    : readUnknown(words, subcommands, networks);
}

/** Every row of the word that `verb` names, or is a synonym of; none where `verb` is no subcommand. */
function rowsOf<Row extends Grammar>(verb: string, subcommands: readonly Row[]): readonly Row[] {
  const found = subcommands.find(({ word, synonyms }) => word === verb || synonyms?.includes(verb));
  return found ? subcommands.filter(({ word }) => word === found.word) : [];
}

function readSubcommand<Row extends Grammar>(
  text: string,
  words: readonly string[],
  rows: readonly Row[],
  networks: readonly Network[],
): Command<Row> {
  const [first = '', second, ...more] = words;
  const verb = bare(first).toLowerCase();
  const id = more.length === 0 && second !== undefined ? readRequestId(bare(second)) : undefined;

  const early = rows.find(({ notYet }) => notYet);
  if (early) {
    const isAsked = second === undefined || (early.takes === 'id' && id !== undefined);
    return isAsked ? { kind: 'not-yet', word: early.word } : notYet(verb, words);
  }
  const beginsRequest = taking(rows, 'request');
  if (beginsRequest) {
    const read = readRequest(words.slice(1), networks);
    return read.kind === 'request' ? { kind: 'with-request', row: beginsRequest, parts: read.parts } : read;
  }
  const ofPerson = taking(rows, 'person');
  const userId = ofPerson && readMention(text);
  if (ofPerson && userId) return { kind: 'with-person', row: ofPerson, userId };
  const ofAll = taking(rows, 'all');
  if (ofAll && more.length === 0 && bare(second ?? '').toLowerCase() === 'all')
    return { kind: 'alone', row: ofAll };
  if (ofPerson && second?.startsWith('@')) return whichPerson(ofPerson, second, more);

  const ofId = taking(rows, 'id');
  if (ofId) {
    if (second === undefined) return { kind: 'with-id', row: ofId };
    return id === undefined ? takesAnId(verb, words) : { kind: 'with-id', row: ofId, id };
  }
  const ofReason = taking(rows, 'id-and-reason');
  if (ofReason) return readIdAndReason(words, ofReason);
  const ofTime = taking(rows, 'id-and-time');
  if (ofTime) {
    const given = readIdAndTime(words.slice(1).map(bare));
    return given ? { kind: 'with-time', row: ofTime, ...given } : takesIdAndTime(verb, words);
  }
  const ofSource = taking(rows, 'id-and-source');
  if (ofSource) {
    const given = readIdAndSource(words.slice(1).map(bare), networks);
    return given ? { kind: 'with-source', row: ofSource, ...given } : takesIdAndSource(verb, words);
  }
  const withAnything = taking(rows, 'anything');
  if (withAnything) return { kind: 'alone', row: withAnything };
  const alone = taking(rows, 'nothing');
  return alone && second === undefined ? { kind: 'alone', row: alone } : readRequest(words, networks);
}

function taking<Row extends Grammar, T extends Takes>(
  rows: readonly Row[],
  takes: T,
): Ready<Row, T> | undefined {
  return rows.find((row): row is Ready<Row, T> => row.takes === takes && !row.notYet);
}

function readIdAndReason<Row extends Grammar>(
  words: readonly string[],
  row: Ready<Row, 'id-and-reason'>,
): Extract<Command<Row>, { kind: 'with-reason' | 'unclear' }> {
  const [verb = '', second, ...more] = words;
  if (second === undefined) return { kind: 'with-reason', row, reason: '' };
  const id = readRequestId(bare(second));
  // A second id is no reason: whoever types two ids means both requests.
  const two = /\d/.test(more[0] ?? '') && readRequestId(bare(more[0] ?? '')) !== undefined;
  if (id === undefined || two) return takesAnId(bare(verb).toLowerCase(), words, ', and behind it why');
  return { kind: 'with-reason', row, id, reason: oneStraightLine(more.join(' ')) };
}

const TAKES_ID: readonly Takes[] = ['id', 'id-and-reason', 'id-and-time', 'id-and-source'];

/** A first word that is no subcommand: a slip, or the beginning of a request. */
function readUnknown(
  words: readonly string[],
  subcommands: readonly Grammar[],
  networks: readonly Network[],
): { kind: 'help'; unknown: string; meant: string } | Asked | Unclear {
  const [first = '', second, ...more] = words;
  // A word that takes a request is never guessed: mistyped, it reads as the beginning of a reason.
  const guessed = subcommands.filter(({ takes }) => takes !== 'request');
  const names = guessed.flatMap(({ word, synonyms = [] }) => [word, ...synonyms]);
  const typed = bare(first).toLowerCase();
  const hinted = guessed.find(({ hints }) => hints?.includes(typed))?.word;
  const close = hinted ?? closestTo(typed, names);
  const rows = close === undefined ? [] : rowsOf(close, guessed);
  const [meant] = rows;
  const stands =
    second === undefined ||
    (rows.some(({ takes }) => TAKES_ID.includes(takes)) &&
      more.length === 0 &&
      readRequestId(bare(second)) !== undefined);
  return meant && stands && networkNamed(first, networks) === undefined
    ? { kind: 'help', unknown: first, meant: meant.word }
    : readRequest(words, networks);
}

/** A word, and after it a mention as Slack makes it. */
const ONE_MENTION = new RegExp(`^\\s*\\S+\\s+<@(${unanchored(USER_ID)})(?:\\|[^<>]*)?>[.,:;!?]*\\s*$`);

/**
 * The user id of the one person after the first word. Only a mention that Slack made counts: anybody can take a name.
 */
function readMention(text: string): string | undefined {
  return ONE_MENTION.exec(straighten(text))?.[1];
}

function tooLong(): Unclear {
  const most = LONGEST_COMMAND.toLocaleString('en-US');
  return {
    kind: 'unclear',
    sentence: `I read no command of more than ${most} characters. Shorten the reason: ${LONGEST_REASON} fit the approver's card.`,
  };
}

function whichPerson({ word }: Grammar, typed: string, more: readonly string[]): Unclear {
  return {
    kind: 'unclear',
    sentence:
      more.length === 0
        ? `I can't tell who ${quoted(typed)} is. Type @ and choose the person from Slack's list.`
        : `\`${word}\` takes one person at a time. Name one and nothing else.`,
  };
}

/** A request's id, five characters without 0, O, 1 and I, in upper case; undefined for another text. */
export function readRequestId(text: string): string | undefined {
  return /^[2-9A-HJ-NP-Z]{5}$/i.test(text) ? text.toUpperCase() : undefined;
}

/**
 * An id of the next request: drawn anew where it would read as a duration, as `3988S` does, since people type both beside
 * each other.
 * @param draw five characters without 0, O, 1 and I, in upper case
 */
export function newRequestId(draw: () => string): string {
  const id = draw();
  return parseDuration(id) === undefined ? id : newRequestId(draw);
}

/** Alone, a text that reads as both an id and a duration is a duration: `2h45m`. */
function readIdAndTime(words: readonly string[]): { id?: string; durationText?: string } | undefined {
  const isTime = (word: string) =>
    looksLikeDuration(word) && (readRequestId(word) === undefined || parseDuration(word) !== undefined);
  const { id, text, isClear } = readIdAnd(isTime, words);
  return isClear ? { ...id, ...(text === undefined ? {} : { durationText: text }) } : undefined;
}

/** Alone, a text that reads as both an id and the name of a network is the network's name. */
function readIdAndSource(
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

function takesIdAndSource(verb: string, words: readonly string[]): Unclear {
  return {
    kind: 'unclear',
    sentence: `\`${verb}\` takes the id of one request and an address, and nothing else: \`${verb} K7QF2 203.0.113.25\` (\`list\` shows yours). ${reasonInstead(words)}`,
  };
}

function takesIdAndTime(verb: string, words: readonly string[]): Unclear {
  return {
    kind: 'unclear',
    sentence: `\`${verb}\` takes the id of one request and a time, and nothing else: \`${verb} K7QF2 1h\` (\`list\` shows yours). ${reasonInstead(words)}`,
  };
}

function takesAnId(verb: string, words: readonly string[], more = ' and nothing else'): Unclear {
  return {
    kind: 'unclear',
    sentence: `\`${verb}\` takes the id of one request${more}: \`${verb} K7QF2\` (\`list\` shows yours). ${reasonInstead(words)}`,
  };
}

function notYet(verb: string, words: readonly string[]): Unclear {
  return {
    kind: 'unclear',
    sentence: `\`${verb}\` does not work yet. ${reasonInstead(words)}`,
  };
}

function reasonInstead(words: readonly string[]): string {
  return `If this is the reason of a new request, begin with the time: ${quoted(`2h ${words.join(' ')}`)}.`;
}
