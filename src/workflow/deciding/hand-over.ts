/** An approver says that somebody else should decide: the others are waited for, or the fallback is asked at once. */
import { spellNeeds } from '../../access/policy/asked.js';
import type { Need } from '../../access/request/need.js';
import { canDoWithout, progressOf, waitedFor } from '../../access/request/needs.js';
import { isIn, type RequestIn } from '../../access/request/request.js';
import { waitOn } from '../../access/request/transitions/deciding.js';
import { type Answer, type Click, lostRace, someOf, standing } from '../answer.js';
import { change } from '../change.js';
import type { Parts } from '../ports.js';
import { decidedBy } from './ask-policy.js';
import { whyMayNot } from './find-approvers.js';
import { type Judgement, judgeRequest, judgeWithFallback, refuseNow } from './judge-request.js';
import { whyNotApprover } from './review-request.js';

/**
 * Hands a request over, for somebody whose yes is waited for. They may still decide it later: the policy says who may,
 * and a slip must not keep a request waiting.
 */
export async function handOver(parts: Parts, click: Click): Promise<Answer> {
  const request = await parts.store.load(click.id);
  if (!request)
    return { ok: false, sentence: `${click.id} was lost with my storage. It has to be asked again.` };
  if (!isIn(request, 'pending')) return { ok: false, sentence: standing(request) };
  const whyNot = await whyMayNot(parts, click.by);
  if (whyNot) return { ok: false, sentence: whyNot };
  const judged = await judgeRequest(parts, request);
  if ('refused' in judged) {
    const after = await refuseNow(parts, request, judged);
    return after
      ? { ok: false, sentence: `Not allowed any more: ${judged.refused}` }
      : lostRace(parts, click.id);
  }
  const no =
    whyNotApprover(judged.need, request.ask.requester, click.by) ??
    whyNotTheirs(request.id, judged.need, click.by);
  if (no) return { ok: false, sentence: no };

  const handed = await withoutThem(parts, request, judged, click.by);
  if (!handed) {
    const sentence = `Nobody else may decide ${request.id} by the policy. Approve or deny it; unanswered it closes by itself.`;
    return { ok: false, sentence };
  }
  const { need, changed, asked } = handed;
  const because = decidedBy(parts, click.by, judged.decision, `handed over${asked}`);
  const after = await change(parts, request, waitOn(request, need, changed), because);
  if (!after) return lostRace(parts, click.id);
  return {
    ok: true,
    request: after,
    note: `Handed over: ${request.id} waits for ${someOf(waitedFor(need))}.`,
  };
}

/** Why somebody who may decide has nothing to hand over. */
function whyNotTheirs(id: string, need: Need, by: string): string | undefined {
  const waits = waitedFor(need);
  if (waits.includes(by)) return undefined;
  const state = progressOf(need);
  if (state.by.includes(by)) return `You approved ${id} already; it still waits for ${someOf(waits)}.`;
  const said = need.hears.handedOver.includes(by) ? 'You handed it over already' : 'It does not wait for you';
  return `${said}; ${id} waits for ${someOf(waits)}.`;
}

type Judged = Extract<Judgement, { need: Need }>;

/** The need without this person, with the fallback asked where the others are too few; undefined where both are too few. */
async function withoutThem(
  parts: Parts,
  request: RequestIn<'pending'>,
  { need, changed }: Judged,
  by: string,
): Promise<{ need: Need; changed: string | undefined; asked: string } | undefined> {
  const handed = handedBy(need, by);
  if (canDoWithout(need, by)) return { need: handed, changed, asked: '' };
  const phase = { ...request.phase, need: handed };
  const judged = await judgeWithFallback(parts, { ...request, phase });
  if (!judged || 'refused' in judged || !canDoWithout(judged.need, by)) return undefined;
  return { ...judged, asked: `: asked ${spellNeeds(judged.need.due.fallback?.ask ?? [])}` };
}

function handedBy(need: Need, by: string): Need {
  return { ...need, hears: { ...need.hears, handedOver: [...need.hears.handedOver, by] } };
}
