/**
 * A yes does not outlive what it stood on: what was approved, and had to wait, is judged once more before it opens. The
 * policy in force, its limits, the requester and everybody who said yes are looked at as they are now.
 */

import type { Decision } from '../../access/policy/decide.js';
import type { Facts } from '../../access/request/facts.js';
import type { Need } from '../../access/request/need.js';
import { approversOf, canBeFilled, progressOf } from '../../access/request/needs.js';
import type { Refusal, RequestIn } from '../../access/request/request.js';
import { waitAnew } from '../../access/request/wait-anew.js';
import { someOf } from '../answer.js';
import type { Because } from '../change.js';
import type { Parts } from '../ports.js';
import { decidedBy } from './ask-policy.js';
import { lookUpAhead, notEnough } from './find-approvers.js';
import { type Judgement, judgeRequest, judgeWithFallback, refusalOf } from './judge-request.js';

/** What became of an approval. `said`: the sentence for whoever waits for the opening. */
export type JudgedApproval =
  | { now: 'stands'; decision: Decision }
  | { now: 'refused'; refusal: Refusal; said: string; because: Because }
  | { now: 'asks'; asked: AskedAnew; what: string; said: string; because: Because };

/** The pending phase of a request that needs another yes. Instants are epoch milliseconds. */
interface AskedAnew {
  facts: Facts;
  need: Need;
  pendingAtMs: number;
  lapsesAtMs: number;
}

/**
 * Judges an approved request again: its yes stands, or the policy refuses by now, or another yes is needed.
 * @throws where Slack or AWS does not answer: nobody is judged by a guess
 */
export async function judgeApproved(
  parts: Parts,
  request: RequestIn<'approved' | 'opening'>,
): Promise<JudgedApproval> {
  const { phase, ask } = request;
  lookUpAhead(parts, ask.requester, phase.need.asks);
  const judged = await judgedWhoever(parts, request);
  const { decision } = judged;
  if ('refused' in judged) {
    const said = `Not allowed any more: ${judged.refused}`;
    const because = decidedBy(parts, 'policy', decision);
    return { now: 'refused', refusal: refusalOf(judged), said, because };
  }
  const { got, of } = progressOf(judged.need);
  if (got >= of) return { now: 'stands', decision };
  const found = judged.need.asks.parts;
  if (!canBeFilled(found)) {
    const refusal = notEnough(parts, ask.requester, found);
    const because = decidedBy(parts, 'policy', decision, refusal.sentence);
    return { now: 'refused', refusal, said: refusal.sentence, because };
  }
  const what = judged.changed ?? whoseYesIsGone(phase.need, judged.need);
  const pendingAtMs = parts.now();
  const need = waitAnew(parts.policy, judged.need, pendingAtMs);
  const lapsesAtMs = pendingAtMs + parts.policy.limits.unansweredMs;
  const asked = { facts: phase.facts, need, pendingAtMs, lapsesAtMs };
  const why = `${what.charAt(0).toUpperCase()}${what.slice(1)}`;
  const said = `Not opened. ${why}; it waits for ${someOf(progressOf(need).waitsFor)}.`;
  return { now: 'asks', asked, what, said, because: decidedBy(parts, 'policy', decision, what) };
}

/** {@link judgeRequest}, with the fallback asked at once where those who may decide are too few without it. */
async function judgedWhoever(parts: Parts, request: RequestIn<'approved' | 'opening'>): Promise<Judgement> {
  const judged = await judgeRequest(parts, request);
  if ('refused' in judged || canBeFilled(judged.need.asks.parts)) return judged;
  return (await judgeWithFallback(parts, request)) ?? judged;
}

function whoseYesIsGone(before: Need, now: Need): string {
  const still = approversOf(now.asks.reviews);
  const gone = approversOf(before.asks.reviews).filter((id) => !still.includes(id));
  return gone.length > 0
    ? `${someOf(gone)} may not decide any more`
    : 'those who approved it are not enough any more';
}
