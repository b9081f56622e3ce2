/** Ends access because somebody wants that, or because an opening failed. */
import { isGranted, isWaiting } from '../../access/request/duties.js';
import { approversOf } from '../../access/request/needs.js';
import { followedOf } from '../../access/request/others/follows.js';
import { isIn, type Refusal, type Request } from '../../access/request/request.js';
import { cancel } from '../../access/request/transitions/deciding.js';
import { type Answer, lostRace, standing } from '../answer.js';
import { change } from '../change.js';
import type { Progress } from '../outcomes.js';
import type { Parts } from '../ports.js';
import { beginClosing } from './begin-closing.js';

/**
 * Ends open access, or takes back a request that waits. Where another request has taken over, also at this very moment, that
 * one is ended: who ends any part of a chain means all of it.
 * @param click.reason what the requester reads about it
 */
export async function stopRequest(
  parts: Parts,
  click: { id: string; by: string; reason?: string | undefined },
): Promise<Answer> {
  const request = await parts.store.load(click.id);
  if (!request) return { ok: false, sentence: unknownRequest(click.id) };
  const mayEnd =
    click.by === request.ask.requester ||
    parts.policy.admins.includes(click.by) ||
    (await hasDecided(parts, request, click.by));
  if (!mayEnd)
    return { ok: false, sentence: `Only the requester, the approver or an admin can end ${request.id}.` };

  const { by, reason } = click;
  const because = { who: by, ...(reason ? { why: reason } : {}) };
  let after: Request | undefined;
  if (isGranted(request)) {
    const cause = { kind: 'revoked' as const, by, ...(reason ? { reason } : {}) };
    after = await beginClosing(parts, request, cause, because);
  } else if (isWaiting(request)) {
    after = await change(parts, request, cancel(request, by, parts.now(), reason), because);
  }
  if (after) return { ok: true, request: after };
  const now = isGranted(request) || isWaiting(request) ? await parts.store.load(click.id) : request;
  const goesOnAs = now && 'cause' in now.phase && now.phase.cause.kind === 'continued' && now.phase.cause.as;
  if (goesOnAs) return stopRequest(parts, { ...click, id: goesOnAs });
  return now ? { ok: false, sentence: standing(now) } : lostRace(parts, click.id);
}

/**
 * Whether somebody said yes to the request, or heard of it as an emergency, or did so for the access that it follows: what
 * they allowed goes on in this request.
 */
async function hasDecided({ store }: Pick<Parts, 'store'>, request: Request, by: string): Promise<boolean> {
  if (decidersOf(request).includes(by)) return true;
  const before = followedOf(request)?.id;
  const found = before === undefined ? undefined : (await store.lookAll([before])).get(before);
  return found === undefined || found === 'newer' ? false : hasDecided({ store }, found, by);
}

function decidersOf({ phase }: Request): string[] {
  const review = 'review' in phase ? phase.review : undefined;
  const need = 'need' in phase ? phase.need : undefined;
  return [...approversOf(need?.asks.reviews), ...(need?.hears.told ?? []), ...(review ? [review.by] : [])];
}

/** The sentence for an id that no record has. */
export function unknownRequest(id: string): string {
  return `I know no request ${id}. \`list\` shows yours.`;
}

/** Nothing will open: what an authorize may have left is removed first, and only then the request has failed. */
export async function failOpening(parts: Parts, request: Request, refusal: Refusal): Promise<Progress> {
  if (!isIn(request, 'opening')) return 'done';
  const because = { who: 'bot', why: refusal.sentence };
  return (await beginClosing(parts, request, { kind: 'not-opened', refusal }, because)) ? 'done' : 'again';
}
