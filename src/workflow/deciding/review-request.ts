/** The click that decides. The clicker is checked by the policy in force, and only the first click counts. */

import type { Decision } from '../../access/policy/decide.js';
import { compactDuration } from '../../access/reading/duration.js';
import { fromWhenMs } from '../../access/request/later.js';
import type { Need, Review } from '../../access/request/need.js';
import { progressOf } from '../../access/request/needs.js';
import { type Followed, onItsOwn } from '../../access/request/others/follows.js';
import { isIn, type Request, type RequestIn } from '../../access/request/request.js';
import { approve, askAnew, cancel, deny, refuse, waitOn } from '../../access/request/transitions/deciding.js';
import { confirm } from '../../access/request/transitions/opening.js';
import type { Answer, Click } from '../answer.js';
import { lostRace, someOf, standing } from '../answer.js';
import { tooManyOpen } from '../asking/person-limits.js';
import { change } from '../change.js';
import { lookAtFollowed } from '../finding/followed.js';
import { lookAhead } from '../finding/look-ahead.js';
import type { Parts } from '../ports.js';
import { decidedBy } from './ask-policy.js';
import { lookUpAhead, whyMayNot } from './find-approvers.js';
import { goesOn } from './follow-on.js';
import { judgeApproved } from './judge-approved.js';
import { judgeRequest, refuseNow } from './judge-request.js';

/**
 * A decision as it was clicked. `version` is that of the request on the card; `durationMs` is set where the approver chose
 * a shorter duration.
 */
export interface DecidingClick extends Click {
  version: number;
  decision: 'approve' | 'deny';
  reason?: string;
  durationMs?: number;
}

/** How often somebody else's change may come first. */
const RACES = 5;

/** Approves or denies what the clicker saw. Of several clicks at once each is judged after the one before. */
export async function reviewRequest(parts: Parts, click: DecidingClick): Promise<Answer> {
  for (let race = 0; race < RACES; race++) {
    const request = await parts.store.load(click.id);
    if (!request)
      return { ok: false, sentence: `${click.id} was lost with my storage. It has to be asked again.` };
    if (!isIn(request, 'pending')) return { ok: false, sentence: standing(request) };
    const answer = await review(parts, request, click);
    if (answer !== 'again') return answer;
  }
  return lostRace(parts, click.id);
}

async function review(
  parts: Parts,
  request: RequestIn<'pending'>,
  click: DecidingClick,
): Promise<Answer | 'again'> {
  const { phase } = request;
  const atMs = parts.now();
  lookUpAhead(parts, request.ask.requester, phase.need.asks);
  if (click.decision === 'approve' && isLast(phase.need, click.by)) lookAhead(parts, request);
  const whyNot = (await whyMayNot(parts, click.by)) ?? staleness(request, click);
  if (whyNot) return { ok: false, sentence: whyNot };
  if (atMs >= phase.lapsesAtMs) return { ok: false, sentence: `${request.id} was closed unanswered.` };
  const looked = await lookAtFollowed(parts, request);
  if (looked && !(await goesOn(parts, request, looked))) return 'again';
  const judged = await judgeRequest(parts, request);
  if ('refused' in judged) {
    const after = await refuseNow(parts, request, judged);
    return after ? { ok: false, sentence: `Not allowed any more: ${judged.refused}` } : 'again';
  }
  const { need, changed } = judged;
  const no = whyNotApprover(need, request.ask.requester, click.by);
  if (no) return { ok: false, sentence: changed ? `${no} What changed: ${changed}.` : no };
  const { reason } = click;
  if (click.decision === 'deny') {
    const denied = { by: click.by, decision: 'deny' as const, atMs, ...(reason ? { reason } : {}) };
    const because = decidedBy(parts, click.by, judged.decision, reason);
    const after = await change(parts, request, deny(request, need, denied), because);
    return after ? { ok: true, request: after } : 'again';
  }
  const { waitsFor, by } = progressOf(need);
  if (!waitsFor.includes(click.by)) {
    const said = by.includes(click.by)
      ? 'You approved it already'
      : 'It has enough of those whom you count among';
    return { ok: false, sentence: `${said}; it still waits for ${someOf(waitsFor)}.` };
  }
  const tooMany = await tooManyOpen(parts, request);
  if (tooMany) return { ok: false, sentence: tooMany };

  const yes = { by: click.by, decision: 'approve' as const, atMs };
  const asked = shorter(request, click);
  const late = isLate(parts, request, looked, atMs);
  const explained = judged.decision;
  const after = await add(parts, asked, need, yes, { changed, explained, late });
  if (!after) return 'again';
  return {
    ok: true,
    request: after,
    ...(changed ? { note: `Your yes counts. What changed: ${changed}.` } : {}),
  };
}

/** True where a yes of this person is the last that is missing, as far as the record knows. */
function isLast(need: Need, by: string): boolean {
  const { got, of, waitsFor } = progressOf(need);
  return of - got === 1 && waitsFor.includes(by);
}

/** Counts one more yes, which may be the last that is needed. */
async function add(
  parts: Parts,
  request: RequestIn<'pending'>,
  need: Need,
  yes: Review & { decision: 'approve' },
  { changed, explained, late }: { changed: string | undefined; explained: Decision; late: boolean },
): Promise<Request | undefined> {
  const { phase, ask } = request;
  const got: Need = { ...need, asks: { ...need.asks, reviews: [...need.asks.reviews, yes] } };
  const state = progressOf(got);
  const count = state.of > 1 ? `${state.got} of ${state.of}; ` : '';
  const short = ask.shortened?.by === yes.by ? `made it ${compactDuration(ask.durationMs)}; ` : '';
  const because = decidedBy(parts, yes.by, explained, `${count}${short}`.replace(/; $/, ''));
  if (state.got >= state.of) {
    const decided = { facts: phase.facts, need: got, review: yes };
    const lapsesAtMs = fromWhenMs(ask, yes.atMs) + parts.times.lateYesMs;
    const own = late ? onItsOwn(request) : request;
    return change(parts, own, approve(own, decided, lapsesAtMs, late), because);
  }
  const what = short ? `<@${yes.by}> made it ${compactDuration(ask.durationMs)}` : changed;
  return change(parts, request, waitOn(request, got, what), because);
}

/**
 * True for a yes that comes so late that the requester has to confirm it. An extension is late as soon as there is no
 * access left to extend, and a request for a later time is never late before that time.
 */
function isLate(
  parts: Parts,
  { ask, phase }: RequestIn<'pending'>,
  followed: Followed | undefined,
  atMs: number,
): boolean {
  return followed
    ? followed.now === 'over'
    : atMs - fromWhenMs(ask, phase.pendingAtMs) > parts.times.lateYesMs;
}

/** The request with the shorter duration that was clicked. One that was not offered, or is no shorter, changes nothing. */
function shorter(request: RequestIn<'pending'>, { by, durationMs }: DecidingClick): RequestIn<'pending'> {
  const { ask } = request;
  const offered = durationMs !== undefined && request.phase.need.asks.shorterMs.includes(durationMs);
  if (!offered || durationMs >= ask.durationMs) return request;
  const fromMs = ask.shortened?.fromMs ?? ask.durationMs;
  return { ...request, ask: { ...ask, durationMs, shortened: { fromMs, by } } };
}

function staleness({ id, phase }: RequestIn<'pending'>, { version }: DecidingClick): string | undefined {
  const { changed } = phase;
  if (!changed || version >= changed.version) return undefined;
  return `${id} has changed since that message: ${changed.what}. Look at the newest one and decide there.`;
}

/** Why somebody may not decide a request; undefined for those whom the policy asks. */
export function whyNotApprover(need: Need, requester: string, clicker: string): string | undefined {
  const { approvers } = need.asks;
  if (approvers.includes(clicker)) return undefined;
  if (clicker === requester)
    return 'Nobody approves their own request. Somebody else who was asked has to decide.';
  return `You are not among the people who may decide this now: ${someOf(approvers)}.`;
}

/** The requester's answer to a late yes: open now, or not any more. */
export async function confirmOpening(parts: Parts, click: Click & { open: boolean }): Promise<Answer> {
  const request = await parts.store.load(click.id);
  if (!request) return { ok: false, sentence: `${click.id} was lost with my storage. Ask again.` };
  if (!isIn(request, 'approved') || request.phase.waitsFor !== 'confirmation') {
    return { ok: false, sentence: standing(request) };
  }
  if (click.by !== request.ask.requester)
    return { ok: false, sentence: 'Only the one who asked can open it.' };
  const { phase } = request;
  const atMs = parts.now();
  if (atMs >= phase.lapsesAtMs)
    return { ok: false, sentence: `${request.id} was closed: the approval is too old.` };
  if (!click.open) {
    const after = await change(parts, request, cancel(request, click.by, atMs), { who: click.by });
    return after ? { ok: true, request: after } : lostRace(parts, click.id);
  }
  const judged = await judgeApproved(parts, request);
  switch (judged.now) {
    case 'stands': {
      const because = decidedBy(parts, click.by, judged.decision);
      const after = await change(parts, request, confirm(request, atMs + parts.times.lateYesMs), because);
      return after ? { ok: true, request: after } : lostRace(parts, click.id);
    }
    case 'refused': {
      const after = await change(parts, request, refuse(request, judged.refusal, atMs), judged.because);
      return after ? { ok: false, sentence: judged.said } : lostRace(parts, click.id);
    }
    case 'asks': {
      const pending = askAnew(request, judged.asked, judged.what);
      const after = await change(parts, request, pending, judged.because);
      return after ? { ok: false, sentence: judged.said } : lostRace(parts, click.id);
    }
  }
}
