/** Help: the subcommands that are of use to the person who reads it. */
import type { Policy } from '../../../access/policy/policy.js';
import { PRINT_ADDRESS } from '../../../access/reading/source.js';
import { type Rendered, reply } from '../../words/blocks.js';
import { code } from '../../words/mrkdwn.js';
import type { Desk } from '../desk.js';
import { type Invocation, type Row, type Subcommand, working } from './subcommand.js';

/** The person who reads help, and the name by which they invoked the command. */
export interface Reader {
  by: string;
  command: string;
}

export async function help(rows: readonly Row[], reader: Invocation, { parts }: Desk): Promise<Rendered> {
  return helpReply(rows, parts.policy, reader);
}

export function helpReply(rows: readonly Row[], policy: Policy, reader: Reader): Rendered {
  return helpAfter('', rows, policy, reader);
}

/** @param unknown a first word that means nothing here; `meant` is the subcommand close to it */
export function unknownReply(
  rows: readonly Row[],
  policy: Policy,
  reader: Reader,
  { unknown, meant }: { unknown: string; meant: string },
): Rendered {
  const isOffered = working(rows).some(({ word, who }) => word === meant && mayRead(who, policy, reader));
  const guess = isOffered ? ` Did you mean ${code(`${reader.command} ${meant}`)}?` : '';
  return helpAfter(`I don't know ${code(unknown)}.${guess}\n`, rows, policy, reader);
}

/** Help after a word that is kept free for a feature that is still to come. */
export function notYetReply(rows: readonly Row[], policy: Policy, reader: Reader, word: string): Rendered {
  return helpAfter(`${code(word)} does not work yet.\n`, rows, policy, reader);
}

function mayRead(who: Subcommand['who'], policy: Policy, { by }: Reader): boolean {
  return who === 'everybody' || policy.admins.includes(by);
}

function helpAfter(before: string, rows: readonly Row[], policy: Policy, reader: Reader): Rendered {
  const { command } = reader;
  const isAdmin = policy.admins.includes(reader.by);
  // A reader of help has found help already.
  const named = working(rows).filter(
    ({ word, who, isOfUse }) =>
      word !== 'help' && mayRead(who, policy, reader) && (isOfUse?.(policy) ?? true),
  );
  const typed = ({ usage }: Subcommand) => code(`${command} ${usage}`);
  const forAll = named
    .filter(({ who }) => who === 'everybody')
    .map((row) => `${typed(row)}  ${(isAdmin && row.doesForAdmins) || row.does}`);
  return reply(
    [
      `${before}*SSH to your WorkSpace, closed on time*`,
      `${code(command)}  the form`,
      `${code(`${command} [ws-…|d-…] [address] [2h] why`)}  without the form`,
      `${code(`${command} at 22:00 …`)} or ${code('at 2026-12-01 07:30 …')}  the same, opened then`,
      ...forAll,
      ...adminLines(
        named.filter(({ who }) => who === 'admins'),
        typed,
      ),
      `Your address: run \`${PRINT_ADDRESS[4]}\` on the computer that you will use. Durations: \`45s\`, \`30m\`, \`2h\`, \`1h30m\`, \`1d\`, \`2 hours\`.`,
    ].join('\n'),
  );
}

/** The admins' words on one line, then a line for each word that can be used in several ways. */
function adminLines(rows: readonly Subcommand[], typed: (row: Subcommand) => string): string[] {
  const words = [...new Set(rows.map(({ word }) => word))];
  const ways = words.map((word) => rows.filter((row) => row.word === word));
  const single = ways.filter(({ length }) => length === 1).flat();
  const several = ways.filter(({ length }) => length > 1);
  return [
    ...(single.length > 0 ? [`Admins: ${single.map((row) => `${typed(row)} ${row.does}`).join(', ')}`] : []),
    ...several.map(
      (those) => `${those.map(typed).join(' or ')}  ${those.map(({ does }) => does).join(', or ')}`,
    ),
  ];
}
