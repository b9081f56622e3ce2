/**
 * What people type after the slash command. It is read without asking anybody, so that a slip is answered at once
 * and nothing is guessed that opens or closes access.
 */
import { looksLikeDuration, parseDuration } from './duration.js';
import { type Network, networkNamed } from './network.js';
import { quoted } from './quoting.js';
import { straighten, unescapeSlack } from './slack-text.js';
import { slips } from './slips.js';
import { looksLikeSource } from './source.js';

/** The subcommands by their own names; `end` has synonyms. */
export type Subcommand = 'list' | 'again' | 'help' | 'end' | 'check' | 'pause' | 'resume';

export type Command =
  /** Nothing was typed. */
  | { kind: 'form' }
  /** `unknown` is a word close to the subcommand `meant`. */
  | { kind: 'help'; unknown?: string; meant?: Subcommand }
  | { kind: 'list' }
  | { kind: 'again' }
  /** `id` is a request's, upper case. */
  | { kind: 'end'; id?: string }
  /** The admins': everything, or all that one person has. `userId` is a Slack user id. */
  | { kind: 'end-all' }
  | { kind: 'end-person'; userId: string }
  | { kind: 'pause' }
  | { kind: 'resume' }
  | { kind: 'check'; id?: string }
  /** `targetId` is lower case; `sourceText` and `durationText` are as typed, and may be mistyped. */
  | {
      kind: 'request';
      targetId?: string;
      sourceText?: string;
      durationText?: string;
      reason: string;
      emergency?: true;
    }
  /** The sentence asks back. It does not name the slash command, which companies rename. */
  | { kind: 'unclear'; sentence: string };

const SUBCOMMANDS: ReadonlyMap<string, Subcommand> = new Map([
  ['list', 'list'],
  ['again', 'again'],
  ['help', 'help'],
  ['check', 'check'],
  ['end', 'end'],
  ['revoke', 'end'],
  ['close', 'end'],
  ['stop', 'end'],
  ['done', 'end'],
  ['cancel', 'end'],
  ['pause', 'pause'],
  ['resume', 'resume'],
]);

/**
 * Reads the text of a slash command, as Slack sends it with `should_escape` or without.
 *
 * The first word decides: a subcommand, an id (`ws-…`, `d-…`, `wsd-…`), an address or a duration. Id, address and
 * duration come in any order and each at most once; the first other word begins the reason, which keeps whatever
 * follows. A first word that is close to a subcommand is answered with help, unless it begins a reason. The name of
 * one of the policy's `networks` stands for an address.
 */
export function readCommand(text: string, networks: readonly Network[] = []): Command {
  const words = straighten(unescapeSlack(text)).split(/\s+/).filter(Boolean);
  const [first, second, ...more] = words;
  if (first === undefined) return { kind: 'form' };
  const verb = withoutPunctuation(first).toLowerCase();
  if (/^(?:-{1,2}h(?:elp)?|\?+)$/.test(first.toLowerCase())) return { kind: 'help' };

  if (verb === 'emergency') {
    const read = readRequest(words.slice(1), networks);
    return read.kind === 'request' ? { ...read, emergency: true } : read;
  }
  const subcommand = SUBCOMMANDS.get(verb);
  switch (subcommand) {
    case 'help':
    case 'list':
      return { kind: subcommand };
    case 'again':
      return second === undefined ? { kind: 'again' } : notYet(verb, words);
    case 'pause':
    case 'resume':
      // With more words it begins a reason: "pause the nightly job".
      return second === undefined ? { kind: subcommand } : readRequest(words, networks);
    case 'end':
    case 'check': {
      const many = subcommand === 'end' ? readMany(text, words) : undefined;
      if (many) return many;
      if (second === undefined) return { kind: subcommand };
      const id = readRequestId(withoutPunctuation(second));
      return id !== undefined && more.length === 0
        ? { kind: subcommand, id }
        : subcommand === 'check'
          ? notYet(verb, words)
          : takesAnId(verb, words);
    }
    case undefined: {
      const meant = closest(verb);
      const takesId = meant === 'end' || meant === 'check';
      const alone =
        second === undefined ||
        (takesId && more.length === 0 && readRequestId(withoutPunctuation(second)) !== undefined);
      const isName = networkNamed(first, networks) !== undefined;
      return meant && alone && !isName
        ? { kind: 'help', unknown: first, meant }
        : readRequest(words, networks);
    }
  }
}

/** `end all` and `end @person`. Only a mention that Slack made says who is meant: names can be taken. */
function readMany(text: string, words: readonly string[]): Command | undefined {
  const [, second = '', ...more] = words;
  const userId = /^\s*\S+\s+<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>[.,:;!?]*\s*$/.exec(straighten(text))?.[1];
  if (userId) return { kind: 'end-person', userId };
  if (more.length === 0 && withoutPunctuation(second).toLowerCase() === 'all') return { kind: 'end-all' };
  if (!second.startsWith('@')) return undefined;
  return {
    kind: 'unclear',
    sentence:
      more.length === 0
        ? `I can't tell who ${quoted(second)} is. Type @ and choose the person from Slack's list.`
        : 'I can end the access of one person at a time. Name one and nothing else.',
  };
}

/** A request's id, five characters without 0, O, 1 and I, in upper case; undefined for another text. */
export function readRequestId(text: string): string | undefined {
  return /^[2-9A-HJ-NP-Z]{5}$/i.test(text) ? text.toUpperCase() : undefined;
}

function withoutPunctuation(word: string): string {
  return word.replace(/[.,:;!?]+$/, '');
}

function readRequest(words: readonly string[], networks: readonly Network[]): Command {
  const parts: { targetId?: string; sourceText?: string; durationText?: string } = {};
  let next = 0;
  for (const typed of words) {
    // What separates the parts in a sentence: `2h, fixing`, `2h: fixing`, `2h - fixing`.
    const word = typed.replace(/[,;]+$/, '').replace(/^([^:]+):$/, '$1');
    if (/^(?:[:|]|-*)$/.test(word)) {
      next += 1;
      continue;
    }
    if (isTargetId(word)) {
      if (parts.targetId !== undefined) return twice('WorkSpaces or directories', parts.targetId, word);
      parts.targetId = word.toLowerCase();
    } else if (isAlmostTargetId(word)) {
      return {
        kind: 'unclear',
        sentence: `${quoted(word)} is not the id of a WorkSpace or a directory. They look like \`ws-8kd2x4f9m\` and \`d-90670a1b2c\`; leave it out to ask for your own WorkSpace.`,
      };
    } else if (looksLikeSource(word)) {
      if (parts.sourceText !== undefined) return twice('addresses', parts.sourceText, word);
      parts.sourceText = word;
    } else if (parts.sourceText === undefined && networkNamed(word, networks)) {
      parts.sourceText = word;
    } else if (looksLikeDuration(word) && parts.durationText === undefined) {
      parts.durationText = word;
    } else if (parts.durationText !== undefined && parseDuration(word) !== undefined) {
      return twice('durations', parts.durationText, word);
    } else {
      break;
    }
    next += 1;
  }
  return { kind: 'request', ...parts, reason: words.slice(next).join(' ') };
}

/** `ws-…`, and `d-…` or `wsd-…` for directories. The digit keeps `d-dimensional` a word. */
function isTargetId(word: string): boolean {
  return /^(?:wsd?-[0-9a-z]{8,63}|d-(?=[a-z]*\d)[0-9a-z]{8,63})$/i.test(word);
}

/** A word that is read as the id of a WorkSpace or a directory, even a mistyped one. */
export function isAlmostTargetId(word: string): boolean {
  return /^(?:wsd?-[0-9a-z]*|d-[a-z]*\d[0-9a-z]*)$/i.test(word);
}

function twice(what: string, one: string, other: string): Command {
  return {
    kind: 'unclear',
    sentence: `I read two ${what}, ${quoted(one)} and ${quoted(other)}. Ask for one at a time; if the second is part of your reason, put a word before it.`,
  };
}

function takesAnId(verb: string, words: readonly string[]): Command {
  return {
    kind: 'unclear',
    sentence: `\`${verb}\` takes the id of one request and nothing else: \`${verb} K7QF2\` (\`list\` shows yours). ${reasonInstead(words)}`,
  };
}

function notYet(verb: string, words: readonly string[]): Command {
  return {
    kind: 'unclear',
    sentence: `\`${verb}\` does not work yet. ${reasonInstead(words)}`,
  };
}

function reasonInstead(words: readonly string[]): string {
  return `If this is the reason of a new request, begin with the time: ${quoted(`2h ${words.join(' ')}`)}.`;
}

/** The subcommand that a mistyped word is close to: one slip, or two in a word of six letters. */
function closest(word: string): Subcommand | undefined {
  for (const [name, subcommand] of SUBCOMMANDS) {
    if (Math.abs(name.length - word.length) <= 2 && slips(word, name) <= (name.length >= 6 ? 2 : 1))
      return subcommand;
  }
  return undefined;
}
