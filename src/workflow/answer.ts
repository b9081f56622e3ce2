/** What a verb answers to a click, and the sentences for a click that came too late or from somebody who may not. */
import type { Policy } from '../access/policy/policy.js';
import type { Request } from '../access/request/request.js';
import type { Parts } from './ports.js';

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
      return phase.cause.kind === 'continued' ? `${id} goes on as ${phase.cause.as}.` : `${id} is closing.`;
    case 'ended':
      return phase.cause.kind === 'continued' ? `${id} goes on as ${phase.cause.as}.` : `${id} has ended.`;
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

/** The sentence for a request whose record only a newer version of the bot can read. */
export function ofNewerVersion(id: string): string {
  return `${id} is kept by a newer version of me, which alone can show or change it. I close its access on time all the same.`;
}

function approved({ by }: { by: string }): string {
  return by === 'lost' ? 'approved before my storage was lost' : `approved by ${person(by)}`;
}

function person(by: string): string {
  return by === 'policy' ? 'the policy' : `<@${by}>`;
}

/** A verb's answer to a click: the request as it is now, or a sentence for the one who clicked. */
export type Answer =
  /** `note`: what they could not know from the card that they clicked on. */
  { ok: true; request: Request; note?: string } | { ok: false; sentence: string };

/** Which request a click is about, and the Slack id of whoever clicked. */
export interface Click {
  id: string;
  by: string;
}

/** The answer to a click that came after somebody else's: how the request stands now. */
export async function lostRace(parts: Parts, id: string): Promise<Answer> {
  const now = await parts.store.load(id);
  return { ok: false, sentence: now ? standing(now) : `${id} was lost with my storage.` };
}

/** People by their mentions, and how many more there are: a sentence names five. */
export function someOf(userIds: readonly string[]): string {
  const named = userIds.slice(0, userIds.length === 6 ? 6 : 5).map((id) => `<@${id}>`);
  const more = userIds.length - named.length;
  return [...named, ...(more > 0 ? [`${more} others`] : [])].join(', ') || 'nobody';
}

/** The sentence for somebody who is no admin, or undefined. */
export function adminsOnly(policy: Policy, userId: string): string | undefined {
  if (policy.admins.includes(userId)) return undefined;
  return `That is for admins: ${someOf(policy.admins)}.`;
}
