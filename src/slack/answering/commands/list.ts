/** `list`: a person's own requests, and for admins also what is open or waiting of everybody else. */

import { isOver } from '../../../access/request/duties.js';
import type { Pause } from '../../../access/request/pause.js';
import type { Request, RequestId } from '../../../access/request/request.js';
import { olderOnes, openFirst, ownLine } from '../../cards/own-requests.js';
import { type Block, context, linesIn, type Rendered, reply, section } from '../../words/blocks.js';
import { ofNewer } from '../../words/card-words.js';
import { code, mention, upTo } from '../../words/mrkdwn.js';
import { pausedLine } from '../../words/pause-words.js';
import { summary } from '../../words/states.js';
import type { Desk } from '../desk.js';
import { canStop } from './end.js';
import type { Invocation } from './subcommand.js';

const SHOWN = 30;
const OTHERS_SHOWN = 20;
/** How many requests of everybody are read to show the newest of them; the rest is only counted. */
const OTHERS_READ = 200;

/** Requests of everybody else: some of them, and how many there are. */
interface Others {
  requests: Request[];
  total: number;
}

export async function list({ by, command }: Invocation, { parts }: Desk): Promise<Rendered> {
  const isAdmin = parts.policy.admins.includes(by);
  const { store } = parts;
  const [{ requests, newer }, pause, live] = await Promise.all([
    store.ofPerson(by),
    store.loadPause(),
    isAdmin ? Promise.all([store.live(OTHERS_READ), store.countLive()]) : undefined,
  ]);
  if (!live) return listReply(command, requests, { pause, newer });
  const [some, count] = live;
  const all = [...new Set([...newer, ...some.newer])];
  const known = requests.filter((request) => !isOver(request)).length + all.length;
  const others = {
    requests: some.requests.filter(({ ask }) => ask.requester !== by),
    total: count - known,
  };
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
  }: { pause?: Pause | undefined; others?: Others; newer?: readonly RequestId[] } = {},
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
  return {
    text: `A newer version of me keeps ${newer.join(', ')}.`,
    blocks: [...olderOnes(requests), ...ofNewer(newer)],
  };
}

function ofOthers(command: string, { requests, total }: Others): Block[] {
  if (Math.max(requests.length, total) === 0) return [context('Nobody else has anything open or waiting.')];
  const newest = requests.toSorted((a, b) => b.ask.askedAtMs - a.ask.askedAtMs);
  const line = (request: Request) => `${mention(request.ask.requester)} · ${summary(request)}`;
  return [
    ...linesIn(section, [
      '*Of everybody else*',
      ...upTo(OTHERS_SHOWN, newest, line, { total: Math.max(requests.length, total) }),
    ]),
    context(`${code(`${command} end ID`)} ends one of them, or takes it back while it waits.`),
  ];
}

function listOf(command: string, requests: Request[]): Rendered {
  if (requests.length === 0) return reply(`You have no requests yet. ${code(command)} opens the form.`);
  const live = openFirst(requests);
  const stoppable = live.find(canStop);
  const none = 'Nothing of yours is open or waiting.';
  const some = `${live.length} of your requests ${live.length === 1 ? 'is' : 'are'} open or waiting.`;
  return {
    text: live.length > 0 ? some : none,
    blocks: [
      ...(live.length > 0 ? linesIn(section, upTo(SHOWN, live, ownLine)) : [section(none)]),
      ...olderOnes(requests),
      ...(stoppable
        ? [context(`${code(`${command} end ${stoppable.id}`)} ends it, or takes it back while it waits.`)]
        : []),
    ],
  };
}
