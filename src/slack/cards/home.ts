/** The bot's Home: a button to the form, which is a phone's way to ask, and the person's own requests. */
import type { types } from '@slack/bolt';
import { lifeOf } from '../../access/request/duties.js';
import type { Pause } from '../../access/request/pause.js';
import type { Request, RequestId } from '../../access/request/request.js';
import { actions, type Block, button, context, section } from '../words/blocks.js';
import { ofNewer } from '../words/card-words.js';
import { ACTION } from '../words/ids.js';
import { code } from '../words/mrkdwn.js';
import { pausedLine } from '../words/pause-words.js';
import { referenceToAny, writePrefill } from '../words/values.js';
import { olderOnes, openFirst, ownLine } from './own-requests.js';

/** Each takes two of the hundred blocks that Slack allows. */
const SHOWN = 20;

/**
 * @param command the slash command's name, since no command led here
 * @param requests newest first; or a sentence where they could not be read
 * @param newer ids of the requests that only a newer version of the bot can show
 */
export function homeView(
  command: string,
  requests: Request[] | { sentence: string },
  pause?: Pause,
  newer: readonly RequestId[] = [],
): types.HomeView {
  return {
    type: 'home',
    blocks: [
      section('*SSH to your WorkSpace, closed on time*'),
      ...actions(button(ACTION.form, 'Request SSH access', writePrefill({ command }), { style: 'primary' })),
      ...(pause ? [section(pausedLine(pause))] : []),
      { type: 'divider' },
      ...('sentence' in requests ? [section(requests.sentence)] : listed(command, requests, newer)),
    ],
  };
}

function listed(command: string, requests: Request[], newer: readonly RequestId[]): Block[] {
  const live = openFirst(requests);
  const more = live.length - SHOWN;
  return [
    ...(live.length + newer.length > 0
      ? live.slice(0, SHOWN).flatMap(row)
      : [section('Nothing of yours is open or waiting.')]),
    ...(more > 0 ? [context(`and ${more.toLocaleString('en-US')} more: ${code(`${command} list`)}`)] : []),
    ...ofNewer(newer),
    ...olderOnes(requests),
  ];
}

function row(request: Request): Block[] {
  return [section(ownLine(request)), ...actions(...wayOut(request))];
}

function wayOut(request: Request): types.Button[] {
  switch (lifeOf(request)) {
    case 'waiting':
      return [button(ACTION.takeBack, 'Take back', referenceToAny(request))];
    case 'granted':
      return [button(ACTION.end, 'End now', referenceToAny(request))];
    case 'closing':
    case 'over':
      return [];
  }
}
