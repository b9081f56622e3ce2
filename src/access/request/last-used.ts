/** What a person had open before, so that to ask for it again is a look and a tap. */
import { isGranted } from './duties.js';
import { followedOf, isMove } from './others/follows.js';
import { isIn, type Request } from './request.js';

/**
 * The instant until which a request's access was used; undefined for one that never opened.
 * @param nowMs for access that is open
 */
export function usedUntilMs(request: Request, nowMs: number): number | undefined {
  if (isGranted(request)) return nowMs;
  if (isIn(request, 'closing', 'ended') && request.phase.openedAtMs === undefined) return undefined;
  if (isIn(request, 'closing')) return request.phase.closingAtMs;
  if (isIn(request, 'ended')) return request.phase.endedAtMs;
  return isIn(request, 'already-open') ? request.phase.atMs : undefined;
}

/**
 * The request to repeat: the newest that opened, or where none did, the newest. An extension is never repeated, since its
 * duration is only what was added. A move is, since its source is where the person is now.
 * @param requests of one person, newest first
 */
export function lastOf(requests: readonly Request[], nowMs: number): Request | undefined {
  const first = requests.filter((request) => !followedOf(request) || isMove(request));
  return first.find((request) => usedUntilMs(request, nowMs) !== undefined) ?? first[0];
}
