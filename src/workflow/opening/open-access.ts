/**
 * From a yes to an open port. The end is stored and its timer set before anything is authorized; "open" is said
 * only once EC2 was read back.
 */

import { showSource } from '../../access/reading/address-block.js';
import { endOf, followedOf, nothingCame } from '../../access/request/others/follows.js';
import { isIn, type RequestIn } from '../../access/request/request.js';
import { tagOf } from '../../access/request/target.js';
import { lapse } from '../../access/request/transitions/deciding.js';
import { begin, findOpen, join, stallOpening } from '../../access/request/transitions/opening.js';
import { LEASES_PER_RULE, type Lease } from '../../access/rules/lease.js';
import { joinRule, type RuleRecord } from '../../access/rules/rule.js';
import { tooManyOpening } from '../asking/person-limits.js';
import { change, faultRefusal } from '../change.js';
import { failOpening } from '../ending/end-access.js';
import { lookAtOpening } from '../ends-first.js';
import type { Converged, Hindrance, Progress } from '../outcomes.js';
import { countCause, countFailure } from '../passes.js';
import { AwsUnavailable, type Parts } from '../ports.js';
import { NewerRecord } from '../ports-store.js';
import { converge, convergeToOpen } from '../rules/converge.js';
import { allDone, type Ready, staysAttached } from './attach-group.js';
import { beginExtending, finishExtending } from './extend-access.js';
import { holdApproved, holdOpening, notInTime, releaseApproved } from './hold-opening.js';
import { judgeWaited } from './judge-waited.js';
import { prepareGroup, stillReady } from './prepare-opening.js';
import { shownRule } from './shown.js';
import { comeToTime, waitForTime } from './start-later.js';
import { becomeOpen, endsWithFollowed, lookForDrift } from './take-over.js';
import { waitForWorkspace } from './wait-for-workspace.js';

/** An approved request: waits for what it waits for, or starts opening. */
export async function startOpening(parts: Parts, request: RequestIn<'approved'>): Promise<Progress> {
  const { phase } = request;
  const nowMs = parts.now();
  if (nowMs >= phase.lapsesAtMs) {
    await change(parts, request, lapse(request, nowMs), { who: 'time' });
    return 'done';
  }
  if (phase.waitsFor === 'confirmation') return 'done';
  const waits = await waitForTime(parts, request);
  if (waits) return waits;
  const pause = await parts.store.loadPause();
  if (pause) return holdApproved(parts, request, pause);
  if (phase.waitsFor === 'resume') return releaseApproved(parts, request);
  const extending = await beginExtending(parts, request);
  if (extending) return typeof extending === 'string' ? extending : finishOpening(parts, extending);
  switch (phase.waitsFor) {
    case 'time':
      return comeToTime(parts, request);
    case 'workspace':
      return waitForWorkspace(parts, request);
    case 'nothing': {
      const endsAtMs = endOf(request.ask, nowMs);
      const openByMs = Math.min(nowMs + parts.times.openByMs, endsAtMs);
      const grant = { startedAtMs: nowMs, endsAtMs, openByMs };
      const because = { who: 'bot', ids: { endsAtMs }, timersFirst: true as const };
      const after = await change(parts, request, begin(request, grant), because);
      // The end stands and has its timer: go on at once rather than wait for the job.
      return after ? finishOpening(parts, after) : 'done';
    }
  }
}

/** An opening request, before its `openBy`: everything here can happen twice. */
export async function finishOpening(parts: Parts, request: RequestIn<'opening'>): Promise<Progress> {
  const { grant } = request.phase;
  if (parts.now() >= grant.openByMs) return failOpening(parts, request, await notInTime(parts, request));
  try {
    const now = await lookAtOpening(parts, request, grant.groupId);
    const held = await holdOpening(parts, request, now.pause);
    if (held) return held;
    if (now.endsAreHeldUp) throw new AwsUnavailable('AWS asks to slow down, and ends come first');
    const followed = await lookForDrift(parts, request);
    if (followed === 'drifted') return 'again';
    return (await finishExtending(parts, request, followed)) ?? (await open(parts, request));
  } catch (cause) {
    if (!(cause instanceof AwsUnavailable)) {
      const refusal = faultRefusal(parts, cause, request, grant.startedAtMs);
      return failOpening(parts, (await parts.store.load(request.id)) ?? request, refusal);
    }
    parts.log.warn({ err: cause, id: request.id }, 'AWS does not answer; opening goes on later');
    countFailure(parts.memory, 'work', cause);
    const current = await parts.store.load(request.id);
    if (current && isIn(current, 'opening') && !current.phase.waitsForAws) {
      const why = 'AWS does not answer';
      await change(parts, current, stallOpening(current), { who: 'bot', why });
    }
    return 'again';
  }
}

async function open(parts: Parts, started: RequestIn<'opening'>): Promise<Progress> {
  const leased = await leasedGroup(parts, started);
  if (typeof leased === 'string') return leased;
  const { request, groupId, seen: before } = leased;
  const over = await endsWithFollowed(parts, request);
  if (over) return over;
  // Side by side: whether the group stays where it was attached is known only after a moment.
  const [{ hindrances, fault, seen, records }, stays] = await allDone<[Converged, boolean]>([
    convergeToOpen(parts, groupId, before),
    staysAttached(parts, leased),
  ]);
  // "Open" is said of what can be reached. The next try attaches the group again.
  if (!stays) return 'again';
  const rule = records.find(({ source }) => source === request.ask.source.cidr);
  const ruleId = shownRule(rule, seen, request);
  if (rule && ruleId) return becomeOpen(parts, request, { groupId, ruleId, rule });
  if (fault !== undefined) throw fault;
  const hindrance = hindrances.get(request.ask.source.cidr);
  return hindrance ? hindered(parts, request, groupId, rule, hindrance) : 'again';
}

/** The group is ready for the rule, and the request's lease is on the rule's record. */
async function leasedGroup(parts: Parts, request: RequestIn<'opening'>): Promise<Ready | Progress> {
  if (request.phase.grant.groupId) return stillReady(parts, request, request.phase.grant.groupId);
  const sentence = await tooManyOpening(parts, request);
  if (sentence) return failOpening(parts, request, { sentence, retry: true });
  const ready = await prepareGroup(parts, request);
  if (typeof ready === 'string') return ready;
  // Making and attaching the group took its time.
  const now = await lookAtOpening(parts, ready.request, ready.groupId);
  const held = await holdOpening(parts, ready.request, now.pause);
  if (held) return held;
  const judged = await judgeWaited(parts, ready.request);
  if (judged) return judged;
  // The request may have been taken back, also under the same version after a failover to a Redis that lagged.
  if (!now.request || !isIn(now.request, 'opening')) return 'done';
  const joined = await takeLease(parts, ready.request, ready.groupId, now.rule);
  return typeof joined === 'string' ? joined : { ...ready, request: joined };
}

/** Takes the lease, in one step with the request. Waits while the rule is somebody's business. */
async function takeLease(
  parts: Parts,
  request: RequestIn<'opening'>,
  groupId: string,
  rule: RuleRecord | undefined,
): Promise<RequestIn<'opening'> | Progress> {
  const { grant, facts } = request.phase;
  const source = request.ask.source.cidr;
  const lease: Lease = {
    requestId: request.id,
    endsAtMs: grant.endsAtMs,
    openedAtMs: grant.startedAtMs,
    user: request.ask.requester,
    target: tagOf(request.ask.target, facts),
  };
  const by = { nowMs: parts.now(), openByMs: grant.openByMs };
  const joining = joinRule(rule, { groupId, source }, lease, by);
  if ('wait' in joining) {
    if (joining.wait === 'newer') throw new NewerRecord(request.id);
    if (joining.wait === 'revoking') await converge(parts, groupId); // its own request may be lost
    if (joining.wait !== 'full') return 'again';
    const came = followedOf(request) ? ` ${nothingCame(request)}.` : '';
    const sentence = `${LEASES_PER_RULE} requests share the rule for ${showSource(source)} already, and it takes no more.${came} Ask again when one of them is over, or from another address.`;
    return failOpening(parts, request, { sentence, retry: true, admins: true });
  }
  const after = await change(parts, request, join(request, groupId), {
    who: 'bot',
    ids: { groupId, source },
    rule: joining.joined,
  });
  return after ?? 'again';
}

async function hindered(
  parts: Parts,
  request: RequestIn<'opening'>,
  groupId: string,
  rule: RuleRecord | undefined,
  hindrance: Hindrance,
): Promise<Progress> {
  switch (hindrance) {
    case 'foreign': {
      const phase = findOpen(request, groupId, parts.now());
      const gone: RuleRecord | undefined = rule && {
        ...rule,
        version: rule.version + 1,
        stage: { state: 'gone' },
        leases: [],
      };
      const because = { who: 'bot', ids: { groupId }, ...(gone ? { rule: gone } : {}) };
      return (await change(parts, request, phase, because)) ? 'done' : 'again';
    }
    case 'quota': {
      countCause(parts.memory, 'work', 'aws-quota');
      const sentence = `Security group ${groupId} holds as many rules as AWS allows. Ask again later, or an admin.`;
      return failOpening(parts, request, { sentence, retry: true, admins: true });
    }
    case 'no-group':
      return 'again';
  }
}
