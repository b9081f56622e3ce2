/** Ends access because somebody wants that, or because an opening failed. */
import { isGranted, isWaiting } from '../../access/request/duties.js';
import { approversOf } from '../../access/request/needs.js';
import { isIn, type Refusal, type Request } from '../../access/request/request.js';
import { cancel } from '../../access/request/transitions/deciding.js';
import { type Answer, lostRace, standing } from '../answer.js';
import { change } from '../change.js';
import type { Progress } from '../outcomes.js';
import type { Parts } from '../ports.js';
import { beginClosing } from './begin-closing.js';

/** Ends open access, or takes back a request that waits. */
export async function stopRequest(parts: Parts, click: { id: string; by: string }): Promise<Answer> {
  const request = await parts.store.load(click.id);
  if (!request) return { ok: false, sentence: `I know no request ${click.id}. \`list\` shows yours.` };
  const isAdmin = parts.policy.admins.includes(click.by);
  const { phase } = request;
  const review = 'review' in phase ? phase.review : undefined;
  const need = 'need' in phase ? phase.need : undefined;
  const approvers = [
    ...approversOf(need?.asks.reviews),
    ...(need?.hears.told ?? []),
    ...(review ? [review.by] : []),
  ];
  const mayEnd = click.by === request.ask.requester || approvers.includes(click.by) || isAdmin;
  if (!mayEnd)
    return { ok: false, sentence: `Only the requester, the approver or an admin can end ${request.id}.` };

  let after: Request | undefined;
  if (isGranted(request)) {
    after = await beginClosing(parts, request, { kind: 'revoked', by: click.by }, { who: click.by });
  } else if (isWaiting(request)) {
    after = await change(parts, request, cancel(request, click.by, parts.now()), { who: click.by });
  } else return { ok: false, sentence: standing(request) };
  return after ? { ok: true, request: after } : lostRace(parts, click.id);
}

/** Nothing will open: what an authorize may have left is removed first, and only then the request has failed. */
export async function failOpening(parts: Parts, request: Request, refusal: Refusal): Promise<Progress> {
  if (!isIn(request, 'opening')) return 'done';
  const because = { who: 'bot', why: refusal.sentence };
  return (await beginClosing(parts, request, { kind: 'not-opened', refusal }, because)) ? 'done' : 'again';
}
