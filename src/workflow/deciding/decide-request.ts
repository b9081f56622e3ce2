/** From `submitted` to a decision: the facts are gathered, policy decides, and the approvers are found. */

import type { Facts } from '../../access/request/facts.js';
import { answerByMs, fromWhenMs, startOf } from '../../access/request/later.js';
import type { Need } from '../../access/request/need.js';
import { askingNobody, canBeFilled, everybodyIn } from '../../access/request/needs.js';
import { besidesOf } from '../../access/request/others/besides.js';
import { isAlone, isMove, onItsOwn } from '../../access/request/others/follows.js';
import type { Refusal, Request, RequestIn } from '../../access/request/request.js';
import { approve, refuse, stallLookup, wait } from '../../access/request/transitions/deciding.js';
import { fail } from '../../access/request/transitions/ending.js';
import { dueFrom } from '../../access/request/wait-anew.js';
import { tooManyAsked } from '../asking/person-limits.js';
import { change, faultRefusal } from '../change.js';
import { findStart } from '../finding/find-start.js';
import { type Found, gatherFacts } from '../finding/find-target.js';
import { factsNow, factsToMove, lookAtFollowed } from '../finding/followed.js';
import type { Progress } from '../outcomes.js';
import { countFailure } from '../passes.js';
import { AwsUnavailable, type Parts } from '../ports.js';
import { askPolicy, decidedBy } from './ask-policy.js';
import { awayAmong, findParts, notEnough } from './find-approvers.js';
import { type GoesOn, goesOn } from './follow-on.js';

/** Gathers and decides; again later while AWS does not answer, until the request is given up. */
export async function decideRequest(parts: Parts, request: RequestIn<'submitted'>): Promise<Progress> {
  if (parts.now() >= request.phase.giveUpAtMs) return giveUp(parts, request);
  try {
    const timed = await findStart(parts, request);
    if ('refusal' in timed) {
      await refuseAtOnce(parts, request, timed.refusal);
      return 'done';
    }
    return await decideTimed(parts, timed.request);
  } catch (cause) {
    if (!(cause instanceof AwsUnavailable)) {
      const refusal = faultRefusal(parts, cause, request, request.ask.askedAtMs);
      const because = { who: 'bot', why: refusal.sentence };
      await change(parts, request, fail(request, refusal, parts.now()), because);
      return 'done';
    }
    parts.log.warn({ err: cause, id: request.id }, 'AWS does not answer; the request waits');
    countFailure(parts.memory, 'work', cause);
    if (!request.phase.waitsForAws) {
      await change(parts, request, stallLookup(request), { who: 'bot', why: 'AWS does not answer' });
    }
    return 'again';
  }
}

/** @param request whose time is known, where it is to open later */
async function decideTimed(parts: Parts, request: RequestIn<'submitted'>): Promise<Progress> {
  const startsAtMs = startOf(request.ask) ?? Number.POSITIVE_INFINITY;
  if (parts.now() >= startsAtMs + parts.times.lateYesMs) return giveUp(parts, request);
  const looked = await lookAtFollowed(parts, request);
  const followed = looked && (await goesOn(parts, request, looked));
  if (looked && !followed) return 'done';
  const tooMany = await tooManyAsked(parts, request);
  const found = tooMany
    ? { refusal: { sentence: tooMany, retry: true } }
    : await factsFor(parts, request, followed);
  await ('refusal' in found
    ? refuseAtOnce(parts, request, found.refusal)
    : decided(parts, followed?.now === 'over' ? onItsOwn(request) : request, found.facts));
  return 'done';
}

/** Nobody waits any more for what AWS or Slack did not say in time. */
async function giveUp(parts: Parts, request: RequestIn<'submitted'>): Promise<Progress> {
  const what = request.phase.waitsForAws ? 'AWS did not answer' : 'I could not look everything up';
  const sentence = `${what} for too long, so nobody was asked. Ask again when it works.`;
  await change(parts, request, fail(request, { sentence, retry: true }, parts.now()), { who: 'time' });
  return 'done';
}

async function factsFor(parts: Parts, request: Request, followed: GoesOn | undefined): Promise<Found> {
  if (followed) {
    const facts = await factsNow(parts, followed);
    return isMove(request) ? factsToMove(parts, request.ask, facts) : { facts };
  }
  return withBesides(parts, request, await gatherFacts(parts, request.ask));
}

/** The requester may have access already, which the people who decide should know. */
export async function withBesides(parts: Parts, request: Request, found: Found): Promise<Found> {
  if ('refusal' in found) return found;
  const { requests } = await parts.store.ofPerson(request.ask.requester);
  const workspaceIds = found.facts.desktops.map(({ workspaceId }) => workspaceId);
  const besides = besidesOf({ ...request, workspaceIds }, requests);
  return besides ? { facts: { ...found.facts, besides } } : found;
}

async function decided(parts: Parts, request: RequestIn<'submitted'>, facts: Facts): Promise<void> {
  const nowMs = parts.now();
  const decision = await askPolicy(parts, request.ask, facts);
  const because = decidedBy(parts, 'policy', decision);
  switch (decision.decision) {
    case 'unknown':
      throw new Error(`the policy misses ${decision.missing}, which every request has`);
    case 'refuse': {
      const { sentence, rule } = decision;
      const refusal = { sentence, ...(rule === undefined ? {} : { rule }) };
      await change(parts, request, refuse(request, refusal, nowMs), because);
      return;
    }
    case 'approve': {
      const told = request.ask.emergency ? await whoHears(parts, request, facts) : [];
      const need = askingNobody(decision.rule, told);
      const review = { by: 'policy', decision: 'approve' as const, atMs: nowMs };
      const lapsesAtMs = fromWhenMs(request.ask, nowMs) + parts.times.lateYesMs;
      await change(
        parts,
        request,
        approve(request, { facts, need, review }, lapsesAtMs, isAlone(request)),
        because,
      );
      return;
    }
    case 'ask': {
      const { rule, needs, notify, fallback, selfApproval } = decision;
      const { requester } = request.ask;
      const orElse = { ask: fallback?.ask ?? [], always: false, sooner: [] };
      const found = await findParts(parts, requester, needs, selfApproval, orElse);
      if (!canBeFilled(found)) {
        const refusal = { ...notEnough(parts, requester, found), rule };
        const tooFew = decidedBy(parts, 'policy', decision, refusal.sentence);
        await change(parts, request, refuse(request, refusal, nowMs), tooFew);
        return;
      }
      const channel = notify === 'approvers' ? {} : notify;
      const { choicesMs } = parts.policy.limits.durations;
      // A move keeps its end, so an approver can't make it shorter.
      const shorterMs = isMove(request) ? [] : choicesMs.filter((ms) => ms < request.ask.durationMs);
      const approvers = everybodyIn(found);
      const away = await awayAmong(parts, approvers);
      const need: Need = {
        rule,
        asks: { parts: found, approvers, reviews: [], shorterMs, selfApproval },
        due: dueFrom(decision, nowMs),
        hears: { ...channel, told: [], alsoAsked: [], handedOver: [], away },
      };
      const { unansweredMs } = parts.policy.limits;
      const lapsesAtMs = answerByMs(request.ask, nowMs, unansweredMs, parts.times.lateYesMs);
      await change(parts, request, wait(request, { facts, need, pendingAtMs: nowMs, lapsesAtMs }), because);
    }
  }
}

/** Who hears of an emergency: the people who would decide the request otherwise, and the admins. */
async function whoHears(parts: Parts, request: Request, facts: Facts): Promise<string[]> {
  const { requester } = request.ask;
  const { emergency: _, ...calm } = request.ask;
  const usual = await askPolicy(parts, calm, facts);
  const found = usual.decision === 'ask' ? await findParts(parts, requester, usual.needs, false) : [];
  const all = new Set([...everybodyIn(found), ...parts.policy.admins]);
  return [...all].filter((id) => id !== requester);
}

async function refuseAtOnce(parts: Parts, request: RequestIn<'submitted'>, refusal: Refusal): Promise<void> {
  const because = { who: 'policy', why: refusal.sentence, ids: { policy: parts.policy.hash } };
  await change(parts, request, refuse(request, refusal, parts.now()), because);
}
