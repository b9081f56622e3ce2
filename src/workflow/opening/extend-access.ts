/**
 * From a yes to more time. An extension only joins: it takes its lease on the rule that carries the lease of the request
 * that it follows, and takes over once EC2 shows that. It authorizes nothing and attaches nothing.
 */
import type { Carriers } from '../../access/connecting/found.js';
import { followedOf, isMove, onItsOwn } from '../../access/request/others/follows.js';
import type { Request, RequestIn } from '../../access/request/request.js';
import { tagOf } from '../../access/request/target.js';
import { fail } from '../../access/request/transitions/ending.js';
import { begin, comeLate } from '../../access/request/transitions/opening.js';
import { driftOf } from '../../access/rules/drift.js';
import type { Lease } from '../../access/rules/lease.js';
import { extendRule, type RuleRecord } from '../../access/rules/rule.js';
import { change } from '../change.js';
import { goesOn } from '../deciding/follow-on.js';
import { failOpening } from '../ending/end-access.js';
import { lookAtFollowed } from '../finding/followed.js';
import type { Progress } from '../outcomes.js';
import type { Parts } from '../ports.js';
import { converge } from '../rules/converge.js';
import { judgeUnopened, judgeWaited, WAITED_MS } from './judge-waited.js';
import { reachesOther } from './prepare-opening.js';
import { shownRule } from './shown.js';
import { becomeOpen, endsWithFollowed } from './take-over.js';

/**
 * Joins the rule, in one step with the begin of the opening. Undefined for a request that extends nothing: a move opens as
 * any other request does, once a look has shown that the access it moves is still open.
 * @returns the request that opens now, or what became of it
 */
export async function beginExtending(
  parts: Parts,
  request: RequestIn<'approved'>,
): Promise<RequestIn<'opening'> | Progress | undefined> {
  const looked = await lookAtFollowed(parts, request);
  if (!looked) return undefined;
  const followed = await goesOn(parts, request, looked);
  if (!followed) return 'done';
  if (isMove(request)) return undefined;
  const nowMs = parts.now();
  if (followed.now === 'over') {
    const late = onItsOwn(request);
    const because = { who: 'time', why: `${request.ask.follows?.id} ended on time` };
    await change(parts, late, comeLate(late, nowMs + parts.times.lateYesMs), because);
    return 'done';
  }
  // An approval that had to wait is judged once more, by the policy in force.
  const waited = nowMs - request.phase.review.atMs > WAITED_MS;
  const judged = waited ? await judgeUnopened(parts, request) : undefined;
  return judged ?? join(parts, request, followed.request);
}

async function join(
  parts: Parts,
  request: RequestIn<'approved'>,
  followed: RequestIn<'open'>,
): Promise<RequestIn<'opening'> | Progress> {
  const { groupId, endsAtMs: followedUntilMs } = followed.phase.grant;
  const { ask, id } = request;
  const source = ask.source.cidr;
  const nowMs = parts.now();
  const endsAtMs = followedUntilMs + ask.durationMs;
  const grant = {
    groupId,
    startedAtMs: nowMs,
    endsAtMs,
    openByMs: Math.min(nowMs + parts.times.openByMs, endsAtMs),
  };
  const target = tagOf(ask.target, request.phase.facts);
  const lease: Lease = { requestId: id, endsAtMs, openedAtMs: nowMs, user: ask.requester, target };
  const joining = extendRule(await parts.store.ruleOf(groupId, source), followed.id, lease, nowMs);
  if (joining === 'gone') {
    const refusal = gone(request);
    await change(parts, request, fail(request, refusal, nowMs), { who: 'bot', why: refusal.sentence });
    return 'done';
  }
  if ('wait' in joining) return 'again';
  // Record, rule and end in one step, then the timer: the rule's tag comes last.
  const because = {
    who: 'bot',
    ids: { endsAtMs, groupId, source, follows: followed.id },
    timersFirst: true as const,
  };
  const after = await change(parts, request, begin(request, grant), { ...because, rule: joining.joined });
  return after ?? 'again';
}

/**
 * An extension that has joined: its lease is written to the rule's tags, read back, and takes over.
 * @param carriers what carries the rule's group, where that was read just now
 */
export async function finishExtending(
  parts: Parts,
  request: RequestIn<'opening'>,
  carriers?: Carriers,
): Promise<Progress | undefined> {
  const follows = followedOf(request);
  const { groupId } = request.phase.grant;
  if (!follows || !groupId || isMove(request)) return undefined;
  const judged = await judgeWaited(parts, request);
  if (judged) return judged;
  const over = await endsWithFollowed(parts, request);
  if (over) return over;
  // The reach is looked at before the rule's tag gets the later end: nobody approved other WorkSpaces for a longer time.
  const other = reachesOther(request, carriers ?? (await parts.firewall.carriersOf(groupId)));
  if (other) return failOpening(parts, request, other);
  const { seen, records, fault } = await converge(parts, groupId);
  const rule = records.find(({ source }) => source === request.ask.source.cidr);
  // A rule that drifted lets in somebody whom nobody approved: it gets no more time.
  if (!rule || !isLeased(rule, request) || driftOf(rule, seen).kind === 'changed')
    return failOpening(parts, request, gone(request));
  const ruleId = shownRule(rule, seen, request);
  if (!ruleId) {
    if (fault !== undefined) throw fault;
    return 'again';
  }
  return becomeOpen(parts, request, { groupId, ruleId, rule });
}

function isLeased({ stage, leases }: RuleRecord, { id }: Request): boolean {
  return stage.state === 'open' && leases.some(({ requestId }) => requestId === id);
}

function gone({ ask: { follows } }: Request) {
  const sentence = `The rule of ${follows?.id} is gone, so there was nothing to extend. Ask for new access.`;
  return { sentence, retry: true };
}
