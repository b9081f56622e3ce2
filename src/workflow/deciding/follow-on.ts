/** A follow-up that waits goes no further once the request that it follows was ended. */
import { type Followed, isMove } from '../../access/request/others/follows.js';
import { isIn, type RequestIn } from '../../access/request/request.js';
import { cancel, lapse, refuse } from '../../access/request/transitions/deciding.js';
import { change } from '../change.js';
import type { Parts } from '../ports.js';

export type GoesOn = Extract<Followed, { now: 'open' | 'over' }>;

/**
 * Takes the follow-up back where its followed one was ended, and refuses it where the store has lost that one. Mostly the
 * step of that end has done so already. An older version that ended it, or a loss of the store, left the follow-up behind.
 * @returns how the followed one stands; undefined where the follow-up goes no further
 */
export async function goesOn(
  parts: Parts,
  request: RequestIn<'submitted' | 'pending' | 'approved'>,
  followed: Followed,
): Promise<GoesOn | undefined> {
  const id = request.ask.follows?.id;
  const atMs = parts.now();
  switch (followed.now) {
    case 'open':
      return followed;
    case 'over': {
      // An extension can still open by itself, where a move has nothing left to move.
      if (!isMove(request)) return followed;
      const sentence = `${id} has ended, so there is nothing to move. Ask for new access.`;
      const because = { who: 'time', why: sentence };
      if (isIn(request, 'pending', 'approved')) await change(parts, request, lapse(request, atMs), because);
      else await change(parts, request, refuse(request, { sentence, retry: true }, atMs), because);
      return undefined;
    }
    case 'ended':
      await change(parts, request, cancel(request, 'bot', atMs), {
        who: 'bot',
        why: `${id} was ended: ${followed.cause.kind}`,
      });
      return undefined;
    case 'lost': {
      const verb = isMove(request) ? 'move' : 'extend';
      const sentence = `${id} was lost with my storage, so I can’t ${verb} it. Ask for new access.`;
      await change(parts, request, refuse(request, { sentence }, atMs), { who: 'bot', why: sentence });
      return undefined;
    }
  }
}
