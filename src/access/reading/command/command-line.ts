/**
 * Reads the text after the slash command without asking anybody, so that a slip is answered at once and nothing is
 * guessed that opens or closes access.
 */

import { type Network, networkNamed } from '../network.js';
import { bare, oneStraightLine, straighten } from '../plain-text.js';
import { quoted } from '../quoting.js';
import { LONGEST_REASON } from '../reason.js';
import { readRequestId } from '../request-id.js';
import { unescapeSlack } from '../slack-text.js';
import { closestTo } from '../slips.js';
import { readIdAndSource, readIdAndTime, readMention, whyNoTime } from './behind-the-word.js';
import { type Command, type Grammar, type Ready, type Takes, taking } from './grammar.js';
import { readRequest, type TypedRequest, type Unclear } from './request-line.js';

/** The longest text, as Slack sends it, of which anything is read. Anybody may send a text, and reading it costs time. */
export const LONGEST_COMMAND = 2_000;

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
    const behind = words.slice(1).map(bare);
    const given = whyNoTime(verb, behind) === undefined ? readIdAndTime(behind) : undefined;
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
): { kind: 'help'; unknown: string; meant: string } | TypedRequest | Unclear {
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

function takesIdAndSource(verb: string, words: readonly string[]): Unclear {
  return {
    kind: 'unclear',
    sentence: `\`${verb}\` takes the id of one request and an address, and nothing else: \`${verb} K7QF2 203.0.113.25\` (\`list\` shows yours). ${reasonInstead(words)}`,
  };
}

function takesIdAndTime(verb: string, words: readonly string[]): Unclear {
  return {
    kind: 'unclear',
    sentence:
      whyNoTime(verb, words.slice(1).map(bare)) ??
      `\`${verb}\` takes the id of one request and how much more time, and nothing else: \`${verb} K7QF2 1h\` (\`list\` shows yours). ${reasonInstead(words)}`,
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
