/**
 * From a yes to more time. An extension only joins: it takes its lease on the rule that carries the lease of the request
 * that it follows, and takes over once EC2 shows that. It authorizes nothing and attaches nothing.
 */
import { type Followed, followedOf, onItsOwn, standingOf } from '../../access/request/others/follows.js';
import { isIn, type Request, type RequestIn } from '../../access/request/request.js';
import { tagOf } from '../../access/request/target.js';
import { askAnew, refuse } from '../../access/request/transitions/deciding.js';
import { close, fail } from '../../access/request/transitions/ending.js';
import { begin, comeLate, opened } from '../../access/request/transitions/opening.js';
import { driftOf } from '../../access/rules/ingress.js';
import type { Lease } from '../../access/rules/lease.js';
import { extendRule, leaveRule, type RuleRecord } from '../../access/rules/rule.js';
import { stepFor } from '../asking/check-extension.js';
import { aMove, change, changeAll, wakeStored } from '../change.js';
import { goesOn } from '../deciding/follow-on.js';
import { beginClosing } from '../ending/begin-closing.js';
import { failOpening } from '../ending/end-access.js';
import { factsFrom, lookAtFollowed } from '../finding/followed.js';
import type { Progress } from '../outcomes.js';
import type { Parts } from '../ports.js';
import { converge } from '../rules/converge.js';
import { judgedOnceSlackAnswers, judgeWaited, WAITED_MS } from './judge-waited.js';
import { shownRule } from './shown.js';

/**
 * Joins the rule, in one step with the begin of the opening. Undefined for a request that extends nothing.
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
  const nowMs = parts.now();
  if (followed.now === 'over') {
    const late = onItsOwn(request);
    const because = { who: 'time', why: `${request.ask.follows?.id} ended on time` };
    await change(parts, late, comeLate(late, nowMs + parts.times.lateYesMs), because);
    return 'done';
  }
  const judged = await judgeAgain(parts, request);
  return judged ?? join(parts, request, followed.request);
}

/** An approval that had to wait is judged once more, by the policy in force. Undefined where it stands. */
async function judgeAgain(parts: Parts, request: RequestIn<'approved'>): Promise<Progress | undefined> {
  if (parts.now() - request.phase.review.atMs <= WAITED_MS) return undefined;
  const judged = await judgedOnceSlackAnswers(parts, request);
  if (judged === 'again') return 'again';
  switch (judged.now) {
    case 'stands':
      return undefined;
    case 'refused':
      await change(parts, request, refuse(request, judged.refusal, parts.now()), judged.because);
      return 'done';
    case 'asks':
      await change(parts, request, askAnew(request, judged.asked, judged.what), judged.because);
      return 'done';
  }
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

/** An extension that has joined: its lease is written to the rule's tags, read back, and takes over. */
export async function finishExtending(
  parts: Parts,
  request: RequestIn<'opening'>,
): Promise<Progress | undefined> {
  const follows = followedOf(request);
  const { groupId } = request.phase.grant;
  if (!follows || !groupId) return undefined;
  const judged = await judgeWaited(parts, request);
  if (judged) return judged;
  if (await closedWith(parts, request)) return 'done';
  const { seen, records, fault } = await converge(parts, groupId);
  const rule = records.find(({ source }) => source === request.ask.source.cidr);
  // What was changed by hand is not what was approved: it is kept open for nobody's more time.
  if (!rule || !isLeased(rule, request) || driftOf(rule, seen).kind === 'changed')
    return failOpening(parts, request, gone(request));
  if (!shownRule(rule, seen, request)) {
    if (fault !== undefined) throw fault;
    return 'again';
  }
  return takeOver(parts, request, rule, follows.id);
}

/** The one who is followed may have been ended meanwhile, by an older version: then so is what follows. */
async function closedWith(parts: Parts, request: RequestIn<'opening'>): Promise<boolean> {
  const followed = await lookAtFollowed(parts, request);
  if (followed?.now !== 'ended') return false;
  const why = `${request.ask.follows?.id} was ended: ${followed.cause.kind}`;
  await beginClosing(parts, request, followed.cause, { who: 'bot', why });
  return true;
}

/**
 * EC2 shows the lease: the request is open, and the one that it follows ends as continued, in one step. Whoever ends
 * that one at the same moment comes first or finds this one open.
 */
async function takeOver(
  parts: Parts,
  request: RequestIn<'opening'>,
  rule: RuleRecord,
  followedId: string,
): Promise<Progress> {
  const nowMs = parts.now();
  const { grant } = request.phase;
  if (nowMs >= grant.endsAtMs) {
    await beginClosing(parts, request, { kind: 'expired' }, { who: 'time' });
    return 'done';
  }
  const found = await parts.store.load(followedId);
  const followed = standingOf(found, nowMs);
  if (followed.now === 'ended') return 'again';
  const before = found && isIn(found, 'open') ? found : undefined;
  const known = asKnownNow(request, followed);
  const stepMs = stepFor(parts.policy, known, nowMs);
  const open = opened(known, rule.groupId, nowMs, stepMs, before?.phase.readdressed);
  const ruleId = rule.stage.state === 'open' ? rule.stage.ruleId : '';
  const because = { who: 'bot', ids: { groupId: rule.groupId, ruleId } };
  if (!before) {
    // Its own time has come while this one was opening.
    return (await change(parts, request, open, because)) ? 'done' : 'again';
  }
  const left = leaveRule(rule, [followedId], nowMs);
  const cause = { kind: 'continued' as const, as: request.id };
  const ended = aMove(before, close(before, cause, nowMs), `continued as ${request.id}`);
  const after = await changeAll(parts, [aMove(request, open), ended], { ...because, rule: left });
  if (!after) return 'again';
  const moved: Request[] = [request, before];
  for (const [nth, one] of after.entries()) await wakeStored(parts, one, because, moved[nth]);
  return 'done';
}

/** The way to a WorkSpace may have changed since more time was asked for: the followed one knows the way that holds now. */
function asKnownNow(request: RequestIn<'opening'>, followed: Followed): RequestIn<'opening'> {
  const isKnown = followed.now === 'open' || followed.now === 'over';
  return isKnown ? { ...request, phase: { ...request.phase, facts: factsFrom(followed) } } : request;
}

function isLeased({ stage, leases }: RuleRecord, { id }: Request): boolean {
  return stage.state === 'open' && leases.some(({ requestId }) => requestId === id);
}

function gone({ ask: { follows } }: Request) {
  const sentence = `The rule of ${follows?.id} is gone, so there was nothing to extend. Ask for new access.`;
  return { sentence, retry: true };
}
