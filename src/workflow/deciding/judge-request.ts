/**
 * Decides again about a request that waits for an answer, at each click, or that was approved and had to wait: by the
 * policy in force and people's present memberships.
 */

import { spellNeeds } from '../../access/policy/asked.js';
import type { Decision } from '../../access/policy/decide.js';
import type { Need, NeedPart } from '../../access/request/need.js';
import { approversOf, everybodyIn, standingReviews } from '../../access/request/needs.js';
import type { Refusal, Request, RequestIn } from '../../access/request/request.js';
import { refuse } from '../../access/request/transitions/deciding.js';
import { change } from '../change.js';
import type { Parts } from '../ports.js';
import { askPolicy, decidedBy } from './ask-policy.js';
import { awayAmong, findParts, thoseWhoMay } from './find-approvers.js';

/** The decision, and what is needed now: reviews of people who may no longer approve are left out. */
export type Judgement =
  | { refused: string; decision: Decision }
  | { need: Need; changed: string | undefined; decision: Decision };

type Judged = RequestIn<'pending' | 'approved' | 'opening'>;
type Refused = Extract<Judgement, { refused: string }>;

/** Ends a wait that no click could end well: the policy refuses by now. Undefined where somebody else was first. */
export function refuseNow(
  parts: Parts,
  request: RequestIn<'pending'>,
  judged: Refused,
): Promise<Request | undefined> {
  const phase = refuse(request, refusalOf(judged), parts.now());
  return change(parts, request, phase, decidedBy(parts, 'policy', judged.decision));
}

/** What the requester reads where the policy refuses by now. */
export function refusalOf({ refused, decision }: Refused): Refusal {
  return { sentence: refused, ...('rule' in decision ? { rule: decision.rule } : {}) };
}

/**
 * As {@link judgeRequest}, with the fallback asked from now on. Undefined where there is none, or it is asked already.
 */
export async function judgeWithFallback(parts: Parts, request: Judged): Promise<Judgement | undefined> {
  const { need } = request.phase;
  const { fallback } = need.due;
  if (!fallback || fallback.done) return undefined;
  const asking = { ...need, due: { ...need.due, fallback: { ...fallback, done: true } } };
  return judgeRequest(parts, { ...request, phase: { ...request.phase, need: asking } }, 'with-fallback');
}

/**
 * Judges a request by the policy in force.
 * @param asks `with-fallback` where the time of the fallback has come
 * @throws where Slack or AWS does not answer: nobody is judged by a guess
 */
export async function judgeRequest(
  parts: Parts,
  request: Judged,
  asks?: 'with-fallback',
): Promise<Judgement> {
  const { ask, phase } = request;
  const always = asks === 'with-fallback' || phase.need.due.fallback?.done === true;
  const decision = await askPolicy(parts, ask, phase.facts);
  const before = phase.need;
  switch (decision.decision) {
    case 'refuse':
      return { refused: decision.sentence, decision };
    case 'unknown':
      throw new Error(`the policy misses ${decision.missing}, which every request has`);
    case 'approve': {
      // A request that waits for an answer never opens without one, even where the policy would open it at once by now.
      const asked = before.asks.parts.map((part) => part.asked);
      const sooner = before.hears.alsoAsked;
      const orElse = { ask: before.due.fallback?.ask ?? [], always, sooner };
      const found = await findParts(parts, ask.requester, asked, before.asks.selfApproval, orElse);
      return { need: await needOf(parts, before, found), changed: undefined, decision };
    }
    case 'ask': {
      const { rule, needs, notify, fallback, selfApproval } = decision;
      const sooner = fallback?.sooner ? before.hears.alsoAsked : [];
      const orElse = { ask: fallback?.ask ?? [], always, sooner };
      const found = await findParts(parts, ask.requester, needs, selfApproval, orElse);
      const { channel: _before, ...others } = before.hears;
      const hears = { ...others, ...(notify === 'approvers' ? {} : notify) };
      const asked = { ...before.asks, selfApproval };
      const need = await needOf(parts, { ...before, rule, asks: asked, hears }, found);
      return { need, changed: whatChanged(before, need), decision };
    }
  }
}

async function needOf(parts: Parts, before: Need, found: NeedPart[]): Promise<Need> {
  const listed = standingReviews(found, before.asks.reviews);
  const may = await thoseWhoMay(parts, approversOf(listed));
  const reviews = listed.filter(({ by }) => may.includes(by));
  const approvers = everybodyIn(found);
  const asks = { ...before.asks, parts: found, approvers, reviews };
  return { ...before, asks, hears: { ...before.hears, away: await awayAmong(parts, approvers) } };
}

function whatChanged(before: Need, after: Need): string | undefined {
  const [was, is] = [before, after].map(({ asks }) => spellNeeds(asks.parts.map(({ asked }) => asked)));
  if (was === is && before.rule === after.rule) return undefined;
  return `the policy now needs ${is} (rule "${after.rule}")`;
}
