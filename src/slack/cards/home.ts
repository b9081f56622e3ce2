/**
 * The bot's Home: what waits for the person, with the buttons to decide, what they have open, and for admins what is
 * open of everybody. Nothing on Home says how much time is left: it would have to be drawn anew each minute, and an
 * instant stays true.
 */
import type { types } from '@slack/bolt';
import { lifeOf } from '../../access/request/duties.js';
import { lastOf } from '../../access/request/last-used.js';
import type { Pause } from '../../access/request/pause.js';
import { isIn, type Request } from '../../access/request/request.js';
import type { HomeLists } from '../../workflow/listing/home.js';
import { actions, type Block, button, context, section, sectionBeside } from '../words/blocks.js';
import { approvedBy, ofNewer } from '../words/card-words.js';
import { ACTION } from '../words/ids.js';
import { at, code, count, mention } from '../words/mrkdwn.js';
import { pausedLine } from '../words/pause-words.js';
import { summary } from '../words/states.js';
import { type Pages, prefillOf, referenceToAny, writePages, writePrefill } from '../words/values.js';
import { approvalCard } from './approval-card.js';
import { followButtons } from './follow-buttons.js';
import { olderOnes, openFirst, ownLine } from './own-requests.js';

/** How many of each list a page shows. All three together, at their longest, stay below Slack's hundred blocks. */
const SIZE = { waits: 3, own: 5, others: 10 } as const;

/** Who looks at Home, and where. */
export interface HomeViewer {
  userId: string;
  isAdmin: boolean;
  /** The slash command's name, since no command led here. */
  command: string;
  /** The instant of which the lists are true, epoch milliseconds. */
  atMs: number;
  pages: Pages;
}

/** @param lists a sentence where they could not be read */
export function homeView(viewer: HomeViewer, lists: HomeLists | { sentence: string }): types.HomeView {
  const { command, pages } = viewer;
  const known = 'sentence' in lists ? undefined : lists;
  return {
    type: 'home',
    private_metadata: writePages(pages),
    blocks: [
      section('*SSH to your WorkSpace, closed on time*'),
      ...actions(button(ACTION.form, 'Request SSH access', writePrefill({ command }), { style: 'primary' })),
      ...(known ? again(viewer, known) : []),
      ...(known?.pause ? paused(known.pause, viewer) : []),
      ...('sentence' in lists ? [divider, section(lists.sentence)] : listed(viewer, lists)),
    ],
  };
}

/** The form, filled in with the last request: a phone has no command at hand. */
function again({ command, atMs }: HomeViewer, { own }: HomeLists): Block[] {
  const last = lastOf(own.requests, atMs);
  if (!last) return [];
  return actions(button(ACTION.form, 'Request again', writePrefill({ ...prefillOf(last), command })));
}

const divider: Block = { type: 'divider' };

function paused(pause: Pause, { isAdmin }: HomeViewer): Block[] {
  const confirm = {
    title: 'Resume?',
    text: 'New access opens again for everybody, and what the pause held up opens now.',
    yes: 'Resume',
  };
  return [
    section(pausedLine(pause)),
    ...(isAdmin ? actions(button(ACTION.resume, 'Resume', 'resume', { confirm })) : []),
  ];
}

function listed(viewer: HomeViewer, { own, waits, others, newer, unread }: HomeLists): Block[] {
  const { userId, command, atMs, pages } = viewer;
  const live = openFirst(own.requests);
  const asked = pageOf('waits', waits, pages);
  const mine = pageOf('own', live, pages);
  const none = live.length + own.newer.length === 0;
  return [
    ...(waits.length > 0
      ? [divider, section(`*${count(waits.length, 'request waits', 'requests wait')} for you*`)]
      : []),
    ...asked.shown.flatMap((request) => [divider, ...approvalCard(request, userId).blocks]),
    ...asked.turn,
    divider,
    section(none ? 'Nothing of yours is open or waiting.' : '*Yours*'),
    ...mine.shown.flatMap(ownRow),
    ...mine.turn,
    ...ofNewer(own.newer),
    ...olderOnes(own.requests),
    ...(others ? ofOthers(others, newer, pages) : []),
    ...(unread > 0 ? [context(notAll(unread, command))] : []),
    context(`As of ${at(atMs)}. Come back to this tab to see what has changed since.`),
  ];
}

function notAll(unread: number, command: string): string {
  return `${count(unread, 'more request is', 'more requests are')} open or waiting that I did not look at here: this shows what is due soonest. Each approver has their card, and ${code(`${command} list`)} shows yours.`;
}

function ownRow(request: Request): Block[] {
  return [section(ownLine(request)), ...actions(...wayOut(request))];
}

function wayOut(request: Request): types.Button[] {
  switch (lifeOf(request)) {
    case 'waiting':
      return [button(ACTION.takeBack, 'Take back', referenceToAny(request))];
    case 'granted':
      return [
        ...(isIn(request, 'open') ? followButtons(request) : []),
        button(ACTION.end, 'End now', referenceToAny(request)),
      ];
    case 'closing':
    case 'over':
      return [];
  }
}

function ofOthers(
  others: NonNullable<HomeLists['others']>,
  newer: HomeLists['newer'],
  pages: Pages,
): Block[] {
  const page = pageOf('others', others, pages);
  if (others.length + newer.length === 0) return [divider, context('Nobody else has anything open.')];
  const open = others.length > 0 ? `: ${others.length} open` : '';
  return [
    divider,
    section(`*Everybody else*${open}`),
    ...page.shown.map(otherRow),
    ...page.turn,
    ...ofNewer(newer),
  ];
}

function otherRow(request: NonNullable<HomeLists['others']>[number]): Block {
  const { ask, phase } = request;
  const line = `${mention(ask.requester)} · ${summary(request)} · ${approvedBy(phase.review, phase.need)}`;
  if (lifeOf(request) !== 'granted') return section(line);
  return sectionBeside(line, button(ACTION.endOther, 'End…', referenceToAny(request)));
}

/** One page of a list, and the way to the others; a page that is no longer there is the last one. */
function pageOf<T>(
  list: keyof Pages,
  all: readonly T[],
  pages: Pages,
): { shown: readonly T[]; turn: Block[] } {
  const size = SIZE[list];
  const last = Math.max(0, Math.ceil(all.length / size) - 1);
  const page = Math.min(pages[list], last);
  const shown = all.slice(page * size, (page + 1) * size);
  if (last === 0) return { shown, turn: [] };
  const to = (other: number) => writePages({ ...pages, [list]: other });
  const turn = [
    context(`${page * size + 1}–${page * size + shown.length} of ${all.length.toLocaleString('en-US')}`),
    ...actions(
      ...(page > 0 ? [button(ACTION.homeBack, 'Back', to(page - 1))] : []),
      ...(page < last ? [button(ACTION.homeMore, 'More', to(page + 1))] : []),
    ),
  ];
  return { shown, turn };
}
