/**
 * How soon a change is told. A card that says only for a moment how things go on would be edited again before anybody has
 * read it, and Slack counts edits: such a state is told once it has lasted.
 */
import { fromWhenMs } from '../access/request/later.js';
import type { Request } from '../access/request/request.js';

/** Checking takes a moment. Whoever asked was answered already, and the first card says what came of the check. */
export const CHECKING_MS = 2_000;
/** Opening and closing mostly take less. */
const UNDER_WAY_MS = 1_000;

/** How long from `nowMs` until people are told how the request stands; 0 for a state that they wait for. */
export function toldAfterMs(request: Request, nowMs: number): number {
  return Math.max(0, toldAtMs(request, nowMs) - nowMs);
}

function toldAtMs({ ask, phase }: Request, nowMs: number): number {
  switch (phase.state) {
    case 'submitted':
      return phase.waitsForAws ? nowMs : ask.askedAtMs + CHECKING_MS;
    case 'approved':
      return phase.waitsFor === 'nothing' ? fromWhenMs(ask, phase.review.atMs) + UNDER_WAY_MS : nowMs;
    case 'opening':
      return phase.waitsForAws ? nowMs : phase.grant.startedAtMs + UNDER_WAY_MS;
    case 'closing':
      return phase.troubleAtMs === undefined ? phase.closingAtMs + UNDER_WAY_MS : nowMs;
    case 'pending':
    case 'open':
    case 'ended':
    case 'refused':
    case 'denied':
    case 'cancelled':
    case 'lapsed':
    case 'failed':
    case 'already-open':
      return nowMs;
  }
}
