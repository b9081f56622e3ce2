/** The buttons that ask for a request which follows open access: more time, or another address. */
import type { types } from '@slack/bolt';
import { shortDuration } from '../../access/reading/duration.js';
import { followedOf, isMove } from '../../access/request/others/follows.js';
import type { Request, RequestIn } from '../../access/request/request.js';
import { button } from '../words/blocks.js';
import { ACTION } from '../words/ids.js';
import { referenceToAny, timedReference } from '../words/values.js';

/**
 * The buttons on the card of open access. None where a follow-up is asked for already, nor on access that was found again
 * after a loss, since nobody knows when it began.
 */
export function followButtons(request: RequestIn<'open'>): types.Button[] {
  const { stepMs, movable, followedBy, adopted } = request.phase;
  if (followedBy !== undefined || adopted) return [];
  return [...(stepMs === undefined ? [] : extend(request, stepMs)), ...(movable ? [move(request)] : [])];
}

/** One tap asks for the policy's step of more time, and a form for another time. */
function extend(request: RequestIn<'open'>, stepMs: number): types.Button[] {
  const step = timedReference({ id: request.id, version: 0 }, stepMs);
  return [
    button(ACTION.extend, `Extend ${shortDuration(stepMs)}`, step),
    button(ACTION.extendForm, 'Extend…', referenceToAny(request)),
  ];
}

/** Opens the form that asks for the new address. */
function move(request: RequestIn<'open'>): types.Button {
  return button(ACTION.move, 'My address changed', referenceToAny(request));
}

/**
 * The button that asks once more for a follow-up which nobody allowed or answered. It opens the form for follow-ups, since
 * the ordinary form would ask for access beside the access that is open.
 * @param overAtMs when the follow-up came to nothing
 * @returns undefined where the access that it followed was over by then
 */
export function askAnew(request: Request, text: string, overAtMs: number): types.Button | undefined {
  const follows = followedOf(request);
  if (!follows || overAtMs >= follows.endsAtMs) return undefined;
  return button(isMove(request) ? ACTION.move : ACTION.extendForm, text, referenceToAny(follows));
}
