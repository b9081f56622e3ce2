/** What a row of the table of subcommands says, and what its function gets. */
import type { Policy } from '../../../access/policy/policy.js';
import type { Grammar } from '../../../access/reading/command/grammar.js';
import type { RequestParts } from '../../../access/reading/command/request-line.js';
import type { Rendered } from '../../words/blocks.js';
import type { Desk } from '../desk.js';
import type { Doing } from '../faults.js';

/** A slash command as it arrived. */
export interface Invocation {
  by: string;
  /** The command's name as it was invoked: companies rename it. */
  command: string;
  /** The text after the command's name. */
  typed: string;
  triggerId: string;
}

/** Answers the person who typed the command, and nobody else sees the answer; undefined where a form is the answer. */
type Answer<Given extends unknown[]> = (
  invocation: Invocation,
  desk: Desk,
  ...given: Given
) => Promise<Rendered | undefined>;

/** A subcommand that works, in one of the ways to use it. */
export type Subcommand = Grammar & {
  notYet?: never;
  /** The subcommand as help spells it, such as `end [id]`. */
  usage: string;
  /** What the subcommand does, for help and for a list of what can be typed. */
  does: string;
  /** Help tells an admin this instead. */
  doesForAdmins?: string;
  /** Whose help names the subcommand. Whether somebody may use it is checked by the workflow. */
  who: 'everybody' | 'admins';
  /** Slack's usage hint, which the manifest holds, names the word. */
  hinted?: true;
  /** Where a policy has no use for the subcommand, help does not name it. */
  isOfUse?(policy: Policy): boolean;
  /** The answer needs nothing but the policy, so that it comes with the acknowledgement: one call less. */
  readsNothing?: true;
  /** What the person is doing, so that a fault says no more than is certain. */
  doing: Doing['kind'];
} & (
    | { takes: 'nothing' | 'anything' | 'all'; run: Answer<[]> }
    | { takes: 'id'; run: Answer<[id: string | undefined]> }
    | { takes: 'id-and-reason'; run: Answer<[id: string | undefined, reason: string]> }
    | { takes: 'id-and-time'; run: Answer<[id: string | undefined, durationText: string | undefined]> }
    | { takes: 'id-and-source'; run: Answer<[id: string | undefined, sourceText: string | undefined]> }
    | { takes: 'person'; run: Answer<[userId: string]> }
    | { takes: 'request'; run: Answer<[parts: RequestParts]> }
  );

/** A word that is kept free: help says that it does not work yet. */
type Later = Grammar & { takes: 'nothing' | 'id'; notYet: true };

/** A row of the table. */
export type Row = Subcommand | Later;

/** The rows whose subcommands work, in the table's order. */
export function working(rows: readonly Row[]): Subcommand[] {
  return rows.filter((row) => !row.notYet);
}
