/** The buttons of open access that ask for a request which follows it: more time, or another address. */
import type { types } from '@slack/bolt';
import { shortDuration } from '../../access/reading/duration.js';
import type { RequestIn } from '../../access/request/request.js';
import { button } from '../words/blocks.js';
import { ACTION } from '../words/ids.js';
import { referenceToAny, timedReference } from '../words/values.js';

/** None where something is asked for already, or where the access was found after a loss: its start is not known. */
export function followButtons(request: RequestIn<'open'>): types.Button[] {
  const { stepMs, movable, followedBy, adopted } = request.phase;
  if (followedBy !== undefined || adopted) return [];
  return [...(stepMs === undefined ? [] : [extend(request, stepMs)]), ...(movable ? [move(request)] : [])];
}

/** One tap asks for the policy's step of more time. */
function extend({ id }: RequestIn<'open'>, stepMs: number): types.Button {
  const text = `Extend ${shortDuration(stepMs)}`;
  return button(ACTION.extend, text, timedReference({ id, version: 0 }, stepMs));
}

/** Opens the form that asks for the new address. */
function move(request: RequestIn<'open'>): types.Button {
  return button(ACTION.move, 'My address changed', referenceToAny(request));
}
