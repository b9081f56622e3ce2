/** The one way that access ends: `closing`, the group converges, the rule is read as gone, and only then "ended". */

import { isGranted, isWaiting } from '../../access/request/duties.js';
import { approversOf } from '../../access/request/needs.js';
import {
  type EndCause,
  isIn,
  type Refusal,
  type Request,
  type RequestIn,
} from '../../access/request/request.js';
import { cancel } from '../../access/request/transitions/deciding.js';
import { alarm, close, end, fail } from '../../access/request/transitions/ending.js';
import { coverageOf } from '../../access/rules/coverage.js';
import { isOwned, type SeenRule } from '../../access/rules/ingress.js';
import { leaveRule } from '../../access/rules/rule.js';
import { type Answer, lostRace, standing } from '../answer.js';
import { type Because, change, type Progress, refusedByAws } from '../change.js';
import { holdOpenings, letOpeningsGo } from '../ends-first.js';
import { AwsRefused, AwsUnavailable, type Parts } from '../ports.js';
import { NewerRecord } from '../ports-store.js';
import { converge } from '../rules/converge.js';

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

/** How often a change by somebody else, of the rule or of the card, may come first. */
const RACES = 5;

/**
 * Moves a request to `closing` and takes its lease off the rule, in one step. Undefined when it is over already.
 * @throws NewerRecord where the rule carries its lease and only a newer version can read the rule's record
 */
export async function beginClosing(
  parts: Parts,
  request: RequestIn<'opening' | 'open'>,
  cause: EndCause,
  because: Because,
): Promise<Request | undefined> {
  let current: Request | undefined = request;
  for (let race = 0; race < RACES && current && isGranted(current); race++) {
    const closing = await tryClosing(parts, current, cause, because);
    if (closing) return closing;
    current = await parts.store.load(request.id);
  }
  return undefined;
}

async function tryClosing(
  parts: Parts,
  request: RequestIn<'opening' | 'open'>,
  cause: EndCause,
  because: Because,
): Promise<Request | undefined> {
  const { groupId } = request.phase.grant;
  const nowMs = parts.now();
  const rule = groupId ? await parts.store.ruleOf(groupId, request.ask.source.cidr) : undefined;
  if (rule?.stage.state === 'newer' && (await isCarried(parts, rule.groupId, request.id))) {
    // Only the version that wrote the rule's record can take the lease off it.
    throw new NewerRecord(request.id);
  }
  const leased = rule?.leases.some(({ requestId }) => requestId === request.id) ?? false;
  const left = rule && leased ? leaveRule(rule, request.id, nowMs) : undefined;
  return change(parts, request, close(request, cause, nowMs), left ? { ...because, rule: left } : because);
}

async function isCarried(parts: Parts, groupId: string, id: string): Promise<boolean> {
  const seen = await parts.firewall.rules(groupId);
  return seen.some((one) => isOwned(one) && one.leases.some(({ requestId }) => requestId === id));
}

/** Nothing will open: what an authorize may have left is removed first, and only then the request has failed. */
export async function failOpening(parts: Parts, request: Request, refusal: Refusal): Promise<Progress> {
  if (!isIn(request, 'opening')) return 'done';
  const because = { who: 'bot', why: refusal.sentence };
  return (await beginClosing(parts, request, { kind: 'not-opened', refusal }, because)) ? 'done' : 'again';
}

/** Converges until the rule is seen gone; goes on until it is. */
export async function finishClosing(parts: Parts, request: RequestIn<'closing'>): Promise<Progress> {
  const { phase } = request;
  try {
    const groupId = phase.grant.groupId ?? (await groupByTag(parts, request.id));
    const { seen, fault } = groupId ? await converge(parts, groupId, [request.id]) : { seen: [] };
    const rule = groupId ? await parts.store.ruleOf(groupId, request.ask.source.cidr) : undefined;
    // A lease left on a rule that stays for others would be adopted after a loss of the store.
    const carried = seen.some(
      (one) => isOwned(one) && one.leases.some(({ requestId }) => requestId === request.id),
    );
    if (rule?.stage.state !== 'revoking' && !carried) {
      await letOpeningsGo(parts, phase.closingAtMs).catch(() => undefined); // it lapses by itself
      await finish(
        parts,
        request,
        seen.filter((one) => lets(one, request)),
      );
      return 'done';
    }
    if (fault) parts.log.warn({ err: fault, id: request.id }, 'a call on its rule failed; closing goes on');
  } catch (cause) {
    if (!(cause instanceof AwsUnavailable)) {
      await raise(parts, request, cause instanceof AwsRefused ? refusedByAws(cause) : undefined);
      throw cause;
    }
    parts.log.warn({ err: cause, id: request.id }, 'AWS does not answer; closing goes on');
    await holdOpenings(parts, phase.closingAtMs).catch(() => undefined);
  }
  await raise(parts, request);
  return 'again';
}

/** True for a rule that lets the request's source in, or some of it, by what its own group says. */
function lets({ traffic }: SeenRule, { ask }: Request): boolean {
  const coverage = coverageOf(traffic, ask.source, new Map());
  return coverage === 'all' || coverage === 'part';
}

/** Looks for the group of a request that knows none: the store may have lost the join, and the rule's tag still says it. */
async function groupByTag(parts: Parts, requestId: string): Promise<string | undefined> {
  const tagged = await parts.firewall.tagged();
  return tagged.find(({ leases }) => leases.some((lease) => lease.requestId === requestId))?.groupId;
}

/** @param stay the rules in its group that still let its source in */
async function finish(
  parts: Parts,
  request: RequestIn<'closing'>,
  stay: readonly SeenRule[] = [],
): Promise<void> {
  const { cause } = request.phase;
  const atMs = parts.now();
  if (cause.kind === 'not-opened') {
    await change(parts, request, fail(request, cause.refusal, atMs), { who: 'bot' });
    return;
  }
  const stays = { shared: stay.some(isOwned), foreign: stay.some((one) => !isOwned(one)) };
  await change(parts, request, end(request, stays, atMs), { who: 'bot', why: cause.kind });
}

/**
 * Once, after a while of failing, or as soon as AWS refuses: the requester's card and the admins say that it is not closed
 * yet. What joined no rule has nothing to close, and fails then without having asked AWS.
 * @param refused the sentence on what AWS refuses
 */
async function raise(parts: Parts, request: RequestIn<'closing'>, refused?: string): Promise<void> {
  const { phase } = request;
  const nowMs = parts.now();
  const isKnown = phase.troubleAtMs !== undefined && (refused === undefined || refused === phase.refused);
  if (isKnown || (refused === undefined && nowMs - phase.closingAtMs < parts.times.alertMs)) return;
  // The request joined no rule. Where that is untrue after a loss of the store, the sweep closes what it finds.
  if (!phase.grant.groupId && phase.cause.kind === 'not-opened') return finish(parts, request);
  const why = refused ?? 'the rule is still there';
  await change(parts, request, alarm(request, nowMs, refused), { who: 'bot', why });
}
