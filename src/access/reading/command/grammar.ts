/** What a subcommand takes behind its word, and the command that a text is once it was read. */
import type { RequestParts, TypedRequest, Unclear } from './request-line.js';

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
  /** Lower case. Words that other programs have for the same. Like a slip, such a word is answered with help. */
  hints?: readonly string[];
  takes: Takes;
  /** The word is kept free for a feature that is still to come. */
  notYet?: true;
}

/** A row that was chosen, narrowed to what it takes: the compiler then hands exactly that to the row's function. */
export type Ready<Row extends Grammar, T extends Takes> = Row & { takes: T; notYet?: never };

/** A text of the slash command, as it was read. */
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
  | TypedRequest
  | Unclear;

/** The row of a word that takes `takes`; undefined where the word has none that works already. */
export function taking<Row extends Grammar, T extends Takes>(
  rows: readonly Row[],
  takes: T,
): Ready<Row, T> | undefined {
  return rows.find((row): row is Ready<Row, T> => row.takes === takes && !row.notYet);
}
