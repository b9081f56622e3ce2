/** `list`: a person's own requests, and for admins also what is open or waiting of everybody else. */

import { isOver } from '../../../access/request/duties.js';
import type { Pause } from '../../../access/request/pause.js';
import type { Request, RequestId } from '../../../access/request/request.js';
import { type Block, context, type Rendered, reply, section } from '../../words/blocks.js';
import { ofNewer } from '../../words/card-words.js';
import { code, mention } from '../../words/mrkdwn.js';
import { pausedLine } from '../../words/pause-words.js';
import { summary } from '../../words/states.js';
import type { Desk } from '../desk.js';
import { canStop } from './end.js';
import type { Invocation } from './subcommand.js';

const OLDER_SHOWN = 5;
const OTHERS_SHOWN = 20;

export async function list({ by, command }: Invocation, { parts }: Desk): Promise<Rendered> {
  const isAdmin = parts.policy.admins.includes(by);
  const [{ requests, newer }, pause, live] = await Promise.all([
    parts.store.ofPerson(by),
    parts.store.loadPause(),
    isAdmin ? parts.store.live() : undefined,
  ]);
  const others = live?.requests.filter(({ ask }) => ask.requester !== by);
  const all = live ? [...new Set([...newer, ...live.newer])] : newer;
  return listReply(command, requests, { pause, others, newer: all });
}

/**
 * @param requests newest first
 * @param others for admins, what is open or waiting of everybody else
 * @param newer ids of requests that only a newer version of the bot can show
 */
export function listReply(
  command: string,
  requests: Request[],
  {
    pause,
    others,
    newer = [],
  }: { pause?: Pause | undefined; others?: Request[] | undefined; newer?: readonly RequestId[] } = {},
): Rendered {
  const { text, blocks } =
    newer.length > 0 ? listBeside(command, requests, newer) : listOf(command, requests);
  const before = pause ? [section(pausedLine(pause))] : [];
  return { text, blocks: [...before, ...blocks, ...(others ? ofOthers(command, others) : [])] };
}

/**
 * The list where a newer version of the bot keeps some requests, so that the list never claims that nothing is open.
 */
function listBeside(command: string, requests: Request[], newer: readonly RequestId[]): Rendered {
  const { text, blocks } = listOf(command, requests);
  if (requests.some((request) => !isOver(request))) return { text, blocks: [...blocks, ...ofNewer(newer)] };
  const older = requests.slice(0, OLDER_SHOWN);
  return {
    text: `A newer version of me keeps ${newer.join(', ')}.`,
    blocks: [...(older.length > 0 ? [context(older.map(summary).join('\n'))] : []), ...ofNewer(newer)],
  };
}

function ofOthers(command: string, others: Request[]): Block[] {
  if (others.length === 0) return [context('Nobody else has anything open or waiting.')];
  const newest = others.toSorted((a, b) => b.ask.askedAtMs - a.ask.askedAtMs).slice(0, OTHERS_SHOWN);
  const lines = newest.map((request) => `${mention(request.ask.requester)} · ${summary(request)}`);
  const more = others.length - newest.length;
  if (more > 0) lines.push(`and ${more.toLocaleString('en-US')} more`);
  return [
    section(`*Of everybody else*\n${lines.join('\n')}`),
    context(`${code(`${command} end ID`)} ends one of them, or takes it back while it waits.`),
  ];
}

function listOf(command: string, requests: Request[]): Rendered {
  const live = requests.filter((request) => !isOver(request));
  const older = requests.filter(isOver).slice(0, OLDER_SHOWN);
  const stoppable = live.find(canStop);
  if (live.length + older.length === 0)
    return reply(`You have no requests yet. ${code(command)} opens the form.`);
  const none = 'Nothing of yours is open or waiting.';
  const some = `${live.length} of your requests ${live.length === 1 ? 'is' : 'are'} open or waiting.`;
  return {
    text: live.length > 0 ? some : none,
    blocks: [
      section(live.length > 0 ? live.map(summary).join('\n') : none),
      ...(older.length > 0 ? [context(older.map(summary).join('\n'))] : []),
      ...(stoppable
        ? [context(`${code(`${command} end ${stoppable.id}`)} ends it, or takes it back while it waits.`)]
        : []),
    ],
  };
}
