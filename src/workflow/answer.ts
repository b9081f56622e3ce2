/** One sentence on where a request stands, for a click that came too late. */
import type { Request } from '../access/request/request.js';

/** Names the request and what happened to it. User ids are left as `<@U…>` mentions. */
export function standing({ id, phase }: Request): string {
  switch (phase.state) {
    case 'submitted':
      return `${id} is still being checked.`;
    case 'pending':
      return `${id} still waits for an answer.`;
    case 'approved':
      return `${id} was ${approved(phase.review)} and is not open yet.`;
    case 'opening':
      return `${id} was ${approved(phase.review)} and is opening.`;
    case 'open':
      return `${id} was ${approved(phase.review)} and is open.`;
    case 'closing':
      return `${id} is closing.`;
    case 'ended':
      return `${id} has ended.`;
    case 'refused':
      return `${id} was not allowed.`;
    case 'denied':
      return `${id} was denied by ${person(phase.review.by)}.`;
    case 'cancelled':
      return `${id} was taken back.`;
    case 'lapsed':
      return phase.review
        ? `${id} was ${approved(phase.review)}, but did not open in time.`
        : `${id} was closed unanswered.`;
    case 'failed':
      return `${id} failed: ${phase.refusal.sentence}`;
    case 'already-open':
      return `${id}: that address could connect already.`;
  }
}

function approved({ by }: { by: string }): string {
  return by === 'lost' ? 'approved before my storage was lost' : `approved by ${person(by)}`;
}

function person(by: string): string {
  return by === 'policy' ? 'the policy' : `<@${by}>`;
}
