/**
 * The second half of every end: the group converges, the rule is read as gone, and only then "ended" is said. Requests that
 * leave one group at one moment are one converge, and each group finishes alone.
 */
import type { PhaseIn, RequestIn } from '../../access/request/request.js';
import { alarm, end, fail } from '../../access/request/transitions/ending.js';
import { coverageOf } from '../../access/rules/coverage.js';
import { isOwned, type SeenRule } from '../../access/rules/seen-rule.js';
import { change, changeTogether, type Move, refusedByAws, wakeStored } from '../change.js';
import { holdOpenings, letOpeningsGo } from '../ends-first.js';
import type { Converged, Progress } from '../outcomes.js';
import { countFailure } from '../passes.js';
import { AwsRefused, AwsUnavailable, type Parts } from '../ports.js';
import { converge } from '../rules/converge.js';
import { byGroup, byRule } from './begin-closing.js';

type Closing = RequestIn<'closing'>;

/** Converges until the rule is seen gone; goes on until it is. */
export async function finishClosing(parts: Parts, request: Closing): Promise<Progress> {
  return (await finishTogether(parts, [request]).get(request.id)) ?? 'again';
}

/** {@link finishClosing} for many: what becomes of each, by its id. A group that AWS refuses holds up no other. */
export function finishTogether(parts: Parts, requests: readonly Closing[]): Map<string, Promise<Progress>> {
  const finished = new Map<string, Promise<Progress>>();
  for (const leaving of byGroup(requests)) {
    const ended = finishGroup(parts, leaving);
    for (const { id } of leaving)
      finished.set(
        id,
        ended.then((ids) => (ids.has(id) ? 'done' : 'again')),
      );
  }
  return finished;
}

/** Ends requests of one group, or one whose group is not known. @returns those that have ended */
async function finishGroup(parts: Parts, closing: readonly Closing[]): Promise<ReadonlySet<string>> {
  const closingAtMs = Math.min(...closing.map(({ phase }) => phase.closingAtMs));
  const ids = closing.map(({ id }) => id);
  let ended: ReadonlySet<string> = new Set();
  try {
    const known = closing[0]?.phase.grant.groupId;
    const groupId = known ?? (await groupByTag(parts, ids));
    const group = groupId ? await converge(parts, groupId, ids) : undefined;
    const gone = closing.filter((request) => !group || isGone(request, group));
    if (gone.length > 0) await letOpeningsGo(parts, closingAtMs).catch(() => undefined); // it lapses by itself
    const finished = await Promise.all(byRule(gone).map((leaving) => finish(parts, leaving, group?.seen)));
    ended = new Set(finished.flat());
    if (group?.fault && ended.size < ids.length) {
      parts.log.warn({ err: group.fault, ids }, 'a call on a rule failed; closing goes on');
      countFailure(parts.memory, 'ends', group.fault);
    }
  } catch (cause) {
    if (!(cause instanceof AwsUnavailable)) {
      const refused = cause instanceof AwsRefused ? refusedByAws(cause) : undefined;
      await Promise.all(closing.map((request) => raise(parts, request, refused)));
      throw cause;
    }
    parts.log.warn({ err: cause, ids }, 'AWS does not answer; closing goes on');
    countFailure(parts.memory, 'ends', cause);
    await holdOpenings(parts, closingAtMs).catch(() => undefined);
  }
  const left = closing.filter(({ id }) => !ended.has(id));
  await Promise.all(left.map((request) => raise(parts, request)));
  return ended;
}

/**
 * True once the rule is not being revoked any more and no rule carries the request's lease: a lease left on a rule that
 * stays for others would be adopted after a loss of the store.
 */
function isGone({ id, ask }: Closing, { records, seen }: Converged): boolean {
  const rule = records.find(({ source }) => source === ask.source.cidr);
  const carried = seen.some((one) => isOwned(one) && one.leases.some(({ requestId }) => requestId === id));
  return rule?.stage.state !== 'revoking' && !carried;
}

/** True for a rule that lets in the request's source, or a part of that; prefix lists are not looked up. */
function lets({ traffic }: SeenRule, { ask }: Closing): boolean {
  const coverage = coverageOf(traffic, ask.source, new Map());
  return coverage === 'all' || coverage === 'part';
}

/** Looks for the group of a request that knows none: the store may have lost the join, and the rule's tag still says it. */
async function groupByTag(parts: Parts, ids: readonly string[]): Promise<string | undefined> {
  const tagged = await parts.firewall.tagged();
  return tagged.find(({ leases }) => leases.some(({ requestId }) => ids.includes(requestId)))?.groupId;
}

/**
 * Says of requests of one rule that they have ended, in one step.
 * @param seen the rules in their group: those that still let a source in are named
 * @returns the ids of those that have ended; none where somebody else changed one of them meanwhile
 */
async function finish(
  parts: Parts,
  requests: readonly Closing[],
  seen: readonly SeenRule[] = [],
): Promise<string[]> {
  const because = { who: 'bot' };
  const atMs = parts.now();
  const after = await changeTogether(
    parts,
    requests.map((request) => overOf(request, seen, atMs)),
    because,
  );
  if (after) {
    await Promise.all(after.map((request) => wakeStored(parts, request, because)));
    return after.map(({ id }) => id);
  }
  if (requests.length < 2) return [];
  return (await Promise.all(requests.map((request) => finish(parts, [request], seen)))).flat();
}

function overOf(
  request: Closing,
  seen: readonly SeenRule[],
  atMs: number,
): Move<Closing, PhaseIn<'ended' | 'failed'>> {
  const { cause } = request.phase;
  if (cause.kind === 'not-opened') return { request, phase: fail(request, cause.refusal, atMs) };
  const stay = seen.filter((one) => lets(one, request));
  const stays = { shared: stay.some(isOwned), foreign: stay.some((one) => !isOwned(one)) };
  return { request, phase: end(request, stays, atMs), why: cause.kind };
}

/**
 * Says once that a request is not closed yet, after a while of failing or as soon as AWS refuses: on the requester's card,
 * and to the admins. A request that joined no rule has nothing to close, and fails then without a call to AWS.
 * @param refused the sentence on what AWS refuses
 */
export async function raise(parts: Parts, request: Closing, refused?: string): Promise<void> {
  const { phase } = request;
  const nowMs = parts.now();
  // The rule stays for the request that took over: nothing is open that should not be. A move leaves its rule behind.
  if (phase.cause.kind === 'continued' && phase.cause.to === undefined) return;
  const isKnown = phase.troubleAtMs !== undefined && (refused === undefined || refused === phase.refused);
  if (isKnown || (refused === undefined && nowMs - phase.closingAtMs < parts.times.alertMs)) return;
  // The request joined no rule. Where that is untrue after a loss of the store, the sweep closes what it finds.
  if (!phase.grant.groupId && phase.cause.kind === 'not-opened') {
    await finish(parts, [request]);
    return;
  }
  const why = refused ?? 'the rule is still there';
  await change(parts, request, alarm(request, nowMs, refused), { who: 'bot', why });
}
