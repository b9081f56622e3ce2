/** A person's own requests, as `list`, `end` and Home show them. */
import { isGranted, isOver } from '../../access/request/duties.js';
import { isIn, type Request, type RequestIn } from '../../access/request/request.js';
import { type Block, context, linesIn, section } from '../words/blocks.js';
import { upTo } from '../words/mrkdwn.js';
import { summary } from '../words/states.js';
import { sshLine } from './connection-blocks.js';

const OLDER_SHOWN = 5;
const OPEN_SHOWN = 3;

/** One request, with the ssh line while access is open. */
export function ownLine(request: Request): string {
  const ssh = isIn(request, 'open') ? sshLine(request.phase.facts) : undefined;
  return ssh === undefined ? summary(request) : `${summary(request)}\n${ssh}`;
}

/** For the request form: what the person has open already, with the ssh lines, since they may not need to ask at all. */
export function openAlready(requests: readonly Request[]): Block[] {
  const open = requests.filter(isGranted);
  if (open.length === 0) return [];
  const changes = open.some((one) => isIn(one, 'open') && canBeFollowed(one));
  return [
    ...linesIn(section, ['*You have this open already*', ...upTo(OPEN_SHOWN, open, ownLine)]),
    ...(changes ? [context('More time, or another address? Its card has a button for that.')] : []),
  ];
}

/** Whether the card of open access offers more time or another address. */
function canBeFollowed({ phase }: RequestIn<'open'>): boolean {
  return phase.followedBy === undefined && (phase.stepMs !== undefined || phase.movable === true);
}

/** The requests that are open or waiting; open access comes first, since a long list is not shown whole. */
export function openFirst(requests: readonly Request[]): Request[] {
  const live = requests.filter((request) => !isOver(request));
  return [...live.filter(isGranted), ...live.filter((request) => !isGranted(request))];
}

/** The last requests that are over. The store keeps a few more of them, and forgets the rest. */
export function olderOnes(requests: readonly Request[]): Block[] {
  const older = requests.filter(isOver);
  const lines = older.slice(0, OLDER_SHOWN).map(summary);
  return linesIn(context, older.length > lines.length ? [...lines, 'and older ones'] : lines);
}
