/** EC2 shows the rule of a request: it is open, and takes over from the request that it follows, where it follows one. */
import type { Carriers } from '../../access/connecting/found.js';
import {
  type Followed,
  followedOf,
  isMove,
  nothingCame,
  standingOf,
} from '../../access/request/others/follows.js';
import { type EndCause, isIn, type Request, type RequestIn } from '../../access/request/request.js';
import { isAccessGroup } from '../../access/request/rule-group.js';
import { close } from '../../access/request/transitions/ending.js';
import { opened } from '../../access/request/transitions/opening.js';
import { driftOf } from '../../access/rules/drift.js';
import { leaveRule, type RuleRecord } from '../../access/rules/rule.js';
import { offeredFor } from '../asking/check-follow-up.js';
import { aMove, change, changeAll, wakeStored } from '../change.js';
import { beginClosing } from '../ending/begin-closing.js';
import { failOpening } from '../ending/end-access.js';
import { factsFrom, lookAtFollowed } from '../finding/followed.js';
import type { Progress } from '../outcomes.js';
import type { Parts } from '../ports.js';
import { NewerRecord } from '../ports-store.js';
import { allDone, lacking } from './attach-group.js';

/** The rule by which EC2 shows a request: its id, and its record. */
export interface ShownBy {
  groupId: string;
  ruleId: string;
  rule: RuleRecord;
}

/**
 * Ends a follow-up whose followed request was ended meanwhile, by an older version or right before a crash, and a move
 * whose followed request was lost. Undefined where nothing is in the way.
 */
export async function endsWithFollowed(
  parts: Parts,
  request: RequestIn<'opening'>,
): Promise<Progress | undefined> {
  const followed = await lookAtFollowed(parts, request);
  const id = request.ask.follows?.id;
  if (followed?.now === 'ended') {
    // The followed one ended since this very request took over from it, in a step after this request was read.
    if (followed.cause.kind === 'continued' && followed.cause.as === request.id) return 'again';
    const why = `${id} was ended: ${followed.cause.kind}`;
    await beginClosing(parts, request, followed.cause, { who: 'bot', why });
    return 'done';
  }
  if (followed?.now !== 'lost' || !isMove(request)) return undefined;
  const sentence = `${id} was lost with my storage. ${nothingCame(request)}. Ask for new access.`;
  return failOpening(parts, request, { sentence, retry: true });
}

/**
 * Looks whether the followed access has drifted at AWS: its rule was removed or changed, or its group taken off. Nothing
 * is extended or moved then: the sweep ends that access, and the follow-up as well.
 * @returns what carries the group of the followed access; undefined where the request follows nothing that is open
 */
export async function lookForDrift(
  parts: Parts,
  request: RequestIn<'opening'>,
): Promise<Carriers | 'drifted' | undefined> {
  const { firewall, store } = parts;
  const followed = await lookAtFollowed(parts, request);
  if (followed?.now !== 'open') return undefined;
  const { ask, phase } = followed.request;
  const { desktops, group } = phase.facts;
  const { groupId } = phase.grant;
  const [seen, carriers] = await allDone([firewall.rules(groupId), firewall.carriersOf(groupId)]);
  const isCarried = desktops.length === 0 || lacking(desktops, carriers).length < desktops.length;
  if (isAccessGroup(group) && !isCarried) return 'drifted';
  // The lease of the follow-up is there: the access may have been left already, by a step that the store lost.
  if (seen.some(({ leases }) => leases.some(({ requestId }) => requestId === request.id))) return carriers;
  const rule = await store.ruleOf(groupId, ask.source.cidr);
  return rule && ['absent', 'changed'].includes(driftOf(rule, seen).kind) ? 'drifted' : carriers;
}

/** "Open" is said of what EC2 shows, unless its time has passed meanwhile: nobody is told "open" of what has to go. */
export async function becomeOpen(
  parts: Parts,
  request: RequestIn<'opening'>,
  shown: ShownBy,
): Promise<Progress> {
  const nowMs = parts.now();
  const { groupId, ruleId } = shown;
  if (nowMs >= request.phase.grant.endsAtMs) {
    await beginClosing(parts, request, { kind: 'expired' }, { who: 'time' });
    return 'done';
  }
  const follows = followedOf(request);
  if (follows) return takeOver(parts, request, shown, follows.id);
  const open = opened(request, groupId, nowMs, offeredFor(parts.policy, request, nowMs));
  await change(parts, request, open, { who: 'bot', ids: { groupId, ruleId } });
  return 'done';
}

/**
 * The request is open, and the one that it follows ends as continued, in one step. Whoever ends that one at the same
 * moment comes first or finds this one open.
 */
async function takeOver(
  parts: Parts,
  request: RequestIn<'opening'>,
  { groupId, ruleId, rule }: ShownBy,
  followedId: string,
): Promise<Progress> {
  const nowMs = parts.now();
  const found = await parts.store.load(followedId);
  const followed = standingOf(found, nowMs);
  // The next try ends this one as well.
  if (followed.now === 'ended' || (followed.now === 'lost' && isMove(request))) return 'again';
  const before = found && isIn(found, 'open') ? found : undefined;
  const known = asKnownNow(request, followed);
  const readdressed = isMove(request) ? undefined : before?.phase.readdressed;
  const offered = { ...offeredFor(parts.policy, known, nowMs), ...(readdressed ? { readdressed } : {}) };
  const open = opened(known, groupId, nowMs, offered);
  const because = { who: 'bot', ids: { groupId, ruleId } };
  // The followed one's own time has come while this request was opening.
  if (!before) return (await change(parts, request, open, because)) ? 'done' : 'again';
  const left = await withoutFollowed(parts, request, before, rule);
  const to = isMove(request) ? { to: request.ask.source.cidr } : {};
  const cause: EndCause = { kind: 'continued', as: request.id, ...to };
  const ended = aMove(before, close(before, cause, nowMs), `continued as ${request.id}`);
  const moves = [aMove(request, open), ended];
  const after = await changeAll(parts, moves, { ...because, ...(left ? { rule: left } : {}) });
  if (!after) return 'again';
  const changed: Request[] = [request, before];
  for (const [nth, one] of after.entries()) await wakeStored(parts, one, because, changed[nth]);
  return 'done';
}

/**
 * The rule of the followed one without its lease: for more time that is the rule of both, and a move leaves another rule
 * behind, which goes with its last lease.
 */
async function withoutFollowed(
  parts: Parts,
  request: RequestIn<'opening'>,
  { id, ask, phase }: RequestIn<'open'>,
  shared: RuleRecord,
): Promise<RuleRecord | undefined> {
  const rule = isMove(request) ? await parts.store.ruleOf(phase.grant.groupId, ask.source.cidr) : shared;
  // Only the version that wrote the rule's record can take the lease off it.
  if (rule?.stage.state === 'newer') throw new NewerRecord(id);
  const isLeased = rule?.leases.some(({ requestId }) => requestId === id) ?? false;
  return rule && isLeased ? leaveRule(rule, [id], parts.now()) : undefined;
}

/**
 * The way to a WorkSpace may have changed since more time was asked for: the followed one knows the way that holds now.
 * A move has a way of its own.
 */
function asKnownNow(request: RequestIn<'opening'>, followed: Followed): RequestIn<'opening'> {
  const isKnown = followed.now === 'open' || followed.now === 'over';
  if (!isKnown || isMove(request)) return request;
  return { ...request, phase: { ...request.phase, facts: factsFrom(followed) } };
}
