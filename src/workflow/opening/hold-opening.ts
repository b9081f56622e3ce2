/**
 * During a pause an approved request opens nothing, and lapses at the same time as without the pause. A request whose
 * rule may be at AWS already is not held: what AWS shows decides.
 */

import { fromWhenMs } from '../../access/request/later.js';
import { nothingCame } from '../../access/request/others/follows.js';
import type { Pause } from '../../access/request/pause.js';
import type { Refusal, RequestIn } from '../../access/request/request.js';
import { hold, release, takeBack } from '../../access/request/transitions/opening.js';
import { leaveRule } from '../../access/rules/rule.js';
import { change } from '../change.js';
import type { Progress } from '../outcomes.js';
import type { Parts } from '../ports.js';
import { converge } from '../rules/converge.js';

/** Holds an approved request during a pause. Whoever resumes wakes the request; so does the sweep. */
export async function holdApproved(
  parts: Parts,
  request: RequestIn<'approved'>,
  pause: Pause,
): Promise<Progress> {
  if (request.phase.waitsFor === 'resume') return 'done';
  await change(parts, request, hold(request), heldBy(pause));
  return 'done';
}

/** Lets a held request go on after the pause: it waits for what it waited for before. */
export async function releaseApproved(parts: Parts, request: RequestIn<'approved'>): Promise<Progress> {
  await change(parts, request, release(request), { who: 'bot', why: 'resumed' });
  return 'done';
}

/**
 * Takes an opening back to waiting during a pause, its lease off the rule. Undefined where nothing is paused,
 * or its rule may have been authorized: then the opening goes on.
 */
export async function holdOpening(
  parts: Parts,
  request: RequestIn<'opening'>,
  pause: Pause | undefined,
): Promise<Progress | undefined> {
  if (!pause) return undefined;
  const { review, grant } = request.phase;
  const { groupId } = grant;
  const nowMs = parts.now();
  const rule = groupId ? await parts.store.ruleOf(groupId, request.ask.source.cidr) : undefined;
  // Only the newer version that wrote the record knows whether the lease is on the rule and a call is under way.
  if (rule?.stage.state === 'newer') return 'again';
  const leased = rule?.leases.some(({ requestId }) => requestId === request.id) ?? false;
  const left = rule && leased ? leaveRule(rule, [request.id], nowMs) : undefined;
  if (left?.stage.state === 'revoking') return undefined;
  // Pauses that come and go do not renew the approval for ever.
  const lapsesAtMs = Math.min(
    nowMs + parts.times.lateYesMs,
    fromWhenMs(request.ask, review.atMs) + parts.policy.limits.unansweredMs,
  );
  const because = { ...heldBy(pause), ...(left ? { rule: left } : {}) };
  const after = await change(parts, request, takeBack(request, 'resume', lapsesAtMs), because);
  if (!after) return 'again';
  // The rule stays for others, and may carry this grant's tag already.
  if (groupId && left?.stage.state === 'open') await converge(parts, groupId);
  return 'done';
}

/** Why an opening fails at its `openBy`. */
export async function notInTime(parts: Parts, request: RequestIn<'opening'>): Promise<Refusal> {
  const { phase } = request;
  const outcome = `${nothingCame(request)}. Ask again`;
  if (await parts.store.loadPause())
    return { sentence: `New access is paused, so I did not open it in time. ${outcome} when it is resumed.` };
  const sentence = phase.waitsForAws
    ? `AWS did not let me open it in time. ${outcome} when AWS works.`
    : `I could not open it in time. ${outcome}.`;
  return { sentence, retry: true, admins: true };
}

function heldBy(pause: Pause): { who: string; why: string } {
  switch (pause.kind) {
    case 'by':
      return { who: 'bot', why: `paused by ${pause.by}` };
    case 'unverified':
      return { who: 'bot', why: 'paused: the record of the last pause does not verify' };
    case 'newer':
      return { who: 'bot', why: 'paused: a newer version wrote the record of the last pause' };
  }
}
