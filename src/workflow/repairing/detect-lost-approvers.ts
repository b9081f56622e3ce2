/** Approvers who may not decide any more: those who may are asked now. */

import type { Need } from '../../access/request/need.js';
import { canBeFilled } from '../../access/request/needs.js';
import { isIn, type Request, type RequestIn } from '../../access/request/request.js';
import { refuse, waitOn } from '../../access/request/transitions.js';
import { change } from '../change.js';
import { decidedBy } from '../deciding/ask-policy.js';
import { notEnough } from '../deciding/find-approvers.js';
import { judgeRequest } from '../deciding/judge-request.js';
import type { Parts } from '../ports.js';

/** Slack's users.info is tier 4: about a hundred a minute, and others need it too. */
const PEOPLE_A_PASS = 40;

/** Looks at some of the requests that wait for an answer, others at each pass. */
export async function detectLostApprovers(
  parts: Parts,
  live: readonly Request[],
  pass: number,
): Promise<void> {
  const waiting = live
    .filter((request): request is RequestIn<'pending'> => isIn(request, 'pending'))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const most = Math.max(1, ...waiting.map(({ phase }) => phase.need.asks.approvers.length + 1));
  const some = Math.max(1, Math.floor(PEOPLE_A_PASS / most));
  const first = waiting.length > 0 ? (pass * some) % waiting.length : 0;
  for (const request of [...waiting.slice(first), ...waiting.slice(0, first)].slice(0, some))
    await lookAgain(parts, request);
}

async function lookAgain(parts: Parts, request: RequestIn<'pending'>): Promise<void> {
  const { phase } = request;
  const judged = await judgeRequest(parts, request);
  // By this replica's policy another rule covers the request now. The next click tells so; replicas whose policies differ
  // must not ask by turns.
  if ('refused' in judged || judged.changed) return;
  const gone = phase.need.asks.approvers.filter((id) => !judged.need.asks.approvers.includes(id));
  if (gone.length === 0) return;
  const need = await filled(parts, request, judged.need);
  const left = `asked again: ${gone.join(', ')} may not decide any more`;
  if (need) {
    const again = { ...need, due: { ...need.due, askedAgainAtMs: parts.now() } };
    const because = decidedBy(parts, 'sweep', judged.decision, left);
    await change(parts, request, waitOn(request, again), because);
    return;
  }
  const refusal = notEnough(parts, request.ask.requester, judged.need.asks.parts);
  const because = decidedBy(parts, 'sweep', judged.decision, `${left}; ${refusal.sentence}`);
  await change(parts, request, refuse(request, refusal, parts.now()), because);
}

/** A need that approvers who are left can fill, with the fallback at once where they are too few; undefined where none can. */
async function filled(parts: Parts, request: RequestIn<'pending'>, need: Need): Promise<Need | undefined> {
  if (canBeFilled(need.asks.parts)) return need;
  const { fallback } = need.due;
  if (!fallback || fallback.done) return undefined;
  const asking = {
    ...request.phase,
    need: { ...need, due: { ...need.due, fallback: { ...fallback, done: true } } },
  };
  const judged = await judgeRequest(parts, { ...request, phase: asking }, true);
  return 'need' in judged && canBeFilled(judged.need.asks.parts) ? judged.need : undefined;
}
