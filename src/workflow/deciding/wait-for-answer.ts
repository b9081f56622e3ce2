/** While nobody has answered: a reminder, then more people who may, then the end of waiting. Each comes once. */
import { spellNeeds } from '../../access/policy/asked.js';
import type { RequestIn } from '../../access/request/request.js';
import { lapse, waitOn } from '../../access/request/transitions/deciding.js';
import { change } from '../change.js';
import type { Progress } from '../outcomes.js';
import type { Parts } from '../ports.js';
import { decidedBy } from './ask-policy.js';
import { judgeWithFallback, refuseNow } from './judge-request.js';

/** Does what is due of a pending request. */
export async function waitForAnswer(parts: Parts, request: RequestIn<'pending'>): Promise<Progress> {
  const nowMs = parts.now();
  const { need, lapsesAtMs } = request.phase;
  const { due } = need;
  const { remind, fallback } = due;
  if (nowMs >= lapsesAtMs) {
    await change(parts, request, lapse(request, nowMs), { who: 'time' });
  } else if (fallback && !fallback.done && nowMs >= fallback.atMs) {
    await askFallback(parts, request);
  } else if (remind && !remind.done && nowMs >= remind.atMs) {
    const reminded = { ...need, due: { ...due, remind: { ...remind, done: true } } };
    await change(parts, request, waitOn(request, reminded), { who: 'time', why: 'reminded' });
  }
  return 'done';
}

async function askFallback(parts: Parts, request: RequestIn<'pending'>): Promise<void> {
  const judged = await judgeWithFallback(parts, request);
  if (!judged) return;
  if ('refused' in judged) {
    await refuseNow(parts, request, judged);
    return;
  }
  const asked = spellNeeds(judged.need.due.fallback?.ask ?? []);
  const because = decidedBy(parts, 'time', judged.decision, `nobody answered: asked ${asked}`);
  await change(parts, request, waitOn(request, judged.need, judged.changed), because);
}
