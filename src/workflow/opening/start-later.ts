/**
 * An approved request that is to open later. Until its time it opens nothing, whatever else happens; at its time
 * everything that was approved is looked at again, by the policy in force, before an opening begins.
 */

import type { Facts } from '../../access/request/facts.js';
import { isAhead, remindAtMs, startOf } from '../../access/request/later.js';
import { type Ask, isIn, type RequestIn } from '../../access/request/request.js';
import { isMany } from '../../access/request/target.js';
import { askAnew } from '../../access/request/transitions/deciding.js';
import { fail } from '../../access/request/transitions/ending.js';
import { come, remindOfStart, stallStart } from '../../access/request/transitions/opening.js';
import { change, faultRefusal } from '../change.js';
import { withBesides } from '../deciding/decide-request.js';
import { notEnough } from '../deciding/find-approvers.js';
import { gatherFacts } from '../finding/find-target.js';
import type { Progress } from '../outcomes.js';
import { countFailure } from '../passes.js';
import { AwsRefused, AwsUnavailable, type Parts } from '../ports.js';
import { judgeUnopened } from './judge-waited.js';
import { grown, needAgain } from './prepare-opening.js';

/** Reminds the requester when the time is near. Undefined once the time has come, or where there is none. */
export async function waitForTime(
  parts: Parts,
  request: RequestIn<'approved'>,
): Promise<Progress | undefined> {
  const nowMs = parts.now();
  if (request.phase.waitsFor !== 'time' || !isAhead(request, nowMs)) return undefined;
  const atMs = remindAtMs(request.ask, request.phase);
  if (atMs !== undefined && nowMs >= atMs)
    await change(parts, request, remindOfStart(request), { who: 'time', why: 'reminded' });
  return 'done';
}

/**
 * Finds the WorkSpaces anew and has the policy decide again. The end counts from the opening that follows. Waits for an AWS
 * or a Slack that does not answer, until the request lapses.
 */
export async function comeToTime(parts: Parts, request: RequestIn<'approved'>): Promise<Progress> {
  try {
    return await lookAtAll(parts, request);
  } catch (cause) {
    if (cause instanceof AwsRefused) {
      const refusal = faultRefusal(parts, cause, request, startOf(request.ask) ?? parts.now());
      const because = { who: 'bot', why: refusal.sentence };
      await change(parts, request, fail(request, refusal, parts.now()), because);
      return 'done';
    }
    if (!(cause instanceof AwsUnavailable)) throw cause;
    parts.log.warn({ err: cause, id: request.id }, 'AWS does not answer; its time has come, and it waits');
    countFailure(parts.memory, 'work', cause);
    const current = await parts.store.load(request.id);
    const isThere = current && isIn(current, 'approved') && current.phase.waitsFor === 'time';
    if (isThere && !current.phase.waitsForAws)
      await change(parts, current, stallStart(current), { who: 'bot', why: 'AWS does not answer' });
    return 'again';
  }
}

async function lookAtAll(parts: Parts, request: RequestIn<'approved'>): Promise<Progress> {
  const before = request.phase.facts;
  const found = await withBesides(parts, request, await gatherFacts(parts, asApproved(request), 'anew'));
  if ('refusal' in found) {
    const because = { who: 'bot', why: found.refusal.sentence };
    await change(parts, request, fail(request, found.refusal, parts.now()), because);
    return 'done';
  }
  const { facts } = found;
  const judged = await judgeUnopened(parts, request, facts);
  if (judged) return judged;
  const other = otherThan(before, facts);
  if (other) return askAgain(parts, { ...request, phase: { ...request.phase, facts } }, other);
  await change(parts, request, come(request, facts), { who: 'time', why: 'its time has come' });
  return 'done';
}

/** One WorkSpace was approved: whoever has another one by now did not get a yes for that. */
function asApproved({ ask, phase: { facts } }: RequestIn<'approved'>): Ask {
  const [desktop] = facts.desktops;
  if (isMany(ask.target) || !desktop) return ask;
  return { ...ask, target: { kind: 'workspace', workspaceId: desktop.workspaceId } };
}

/** What would open now and was not approved, with the number that was, where that has grown. */
function otherThan(was: Facts, is: Facts): { what: string; reachWas?: number } | undefined {
  if (is.reach > was.reach) return { what: grown(is.reach, was.reach), reachWas: was.reach };
  const others = is.desktops.filter(
    ({ workspaceId }) => !was.desktops.some((one) => one.workspaceId === workspaceId),
  );
  if (others.length > 0) return { what: unapproved(others.length) };
  if (was.own && !is.own) return { what: 'the WorkSpace is not the requester’s own any more' };
  return was.owner === is.owner ? undefined : { what: 'the WorkSpace has another owner now' };
}

/** A WorkSpace of a directory may have come while another one went, which the number of WorkSpaces does not show. */
function unapproved(count: number): string {
  return count === 1
    ? 'it would open a WorkSpace now that was not among those approved'
    : `it would open ${count} WorkSpaces now that were not among those approved`;
}

async function askAgain(
  parts: Parts,
  request: RequestIn<'approved'>,
  { what, ...more }: { what: string; reachWas?: number },
): Promise<Progress> {
  const nowMs = parts.now();
  const need = needAgain(parts, request, nowMs);
  if (need.asks.approvers.length === 0) {
    const { sentence } = notEnough(parts, request.ask.requester, need.asks.parts);
    const refusal = { sentence: `I opened nothing: ${what}. ${sentence}` };
    await change(parts, request, fail(request, refusal, nowMs), { who: 'bot', why: what });
    return 'done';
  }
  const { facts } = request.phase;
  const lapsesAtMs = nowMs + parts.policy.limits.unansweredMs;
  const asked = { facts, need, pendingAtMs: nowMs, lapsesAtMs, ...more };
  await change(parts, request, askAnew(request, asked, what), { who: 'bot', why: what });
  return 'done';
}
