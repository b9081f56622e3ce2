/**
 * After the store lost its records, rules at EC2 still say in signed tags whose they are and until when. Each lease
 * that verifies and runs becomes a request again, so that its requester sees the access and can end it, and it ends on
 * time.
 */

import { readSource } from '../../access/reading/source.js';
import { isOver } from '../../access/request/duties.js';
import type { Facts } from '../../access/request/facts.js';
import type { Need, Review } from '../../access/request/need.js';
import { askingNobody } from '../../access/request/needs.js';
import { followedOf, isMove } from '../../access/request/others/follows.js';
import { type Ask, type EndCause, isIn, type RequestIn } from '../../access/request/request.js';
import { directoryOf, targetOfTag } from '../../access/request/target.js';
import { adoptClosing } from '../../access/request/transitions/ending.js';
import { adoptOpen } from '../../access/request/transitions/opening.js';
import type { Lease } from '../../access/rules/lease.js';
import { adoptLeases, type RuleRecord } from '../../access/rules/rule.js';
import type { SeenRule } from '../../access/rules/seen-rule.js';
import { wake } from '../change.js';
import { beginClosing } from '../ending/begin-closing.js';
import { gatherFacts } from '../finding/find-target.js';
import type { Parts } from '../ports.js';

/** No limit: the source was judged when it was asked for, and is only read again. */
const ANY_SOURCE = {
  widestIpv4: 1,
  widestIpv6: 1,
  allowPrivate: true,
  allowDocumentation: true,
  denied: [],
  allowed: [],
};
const NEED: Need = askingNobody('lost');

/**
 * Adopts one lease of a rule, with the others that run on the rule now: the end of one must not take the rule from them.
 * False where another replica was first, or the rule is on its way out.
 * @param before the request, where the store has one that went back in time to before its opening
 */
export async function adopt(
  parts: Parts,
  seen: SeenRule,
  requestId: string,
  before?: RequestIn<'submitted' | 'pending' | 'approved'>,
): Promise<boolean> {
  const { groupId, source, ruleId } = seen;
  // Read again: since the rule was seen others may have joined it, or this lease may have ended.
  const rule = (await parts.firewall.rules(groupId)).find((one) => one.ruleId === ruleId);
  const lease = rule?.leases.find((one) => one.requestId === requestId);
  if (!rule?.plain || !lease) return false;
  const current = await parts.store.loadRule(groupId, source);
  // A request that is just joining the rule, or leaving it, is known to the rule's record.
  if (before && current?.leases.some((one) => one.requestId === requestId)) return false;
  const tagged = askOf(parts, source, lease);
  if (!tagged || (before && !isSameAsk(before.ask, tagged))) return false;
  const ask = before ? { ...before.ask, durationMs: tagged.durationMs } : tagged;
  const nowMs = parts.now();
  const leases = [lease, ...(await runningBeside(parts, rule, lease))];
  const known = knownOf(parts, groupId, lease);
  const { endsAtMs } = known.grant;
  const facts = endsAtMs > nowMs ? await factsNow(parts, ask, groupId) : noFacts(ask, groupId);
  const request: RequestIn<'open'> = {
    id: lease.requestId,
    version: (before?.version ?? 0) + 1,
    ask,
    phase: adoptOpen(before, { facts, ...known }),
  };
  // An authorize from before the loss may still be under way, but none that began after its openBy.
  const untilMs = Math.min(nowMs, lease.openedAtMs + parts.times.openByMs) + parts.times.awsMs;
  const capped = leases.map((one) => ({ ...one, endsAtMs: endOf(parts, one) }));
  const adopted = adoptLeases(current, rule, capped, untilMs);
  if (!adopted) return false;
  const lost = before ? `its record was lost: it went back to ${before.phase.state}` : 'its record was lost';
  const why = `${lost}; the signed tag of its rule was found`;
  const ids = { groupId, ruleId, source, endsAtMs, user: lease.user };
  if (!(await write(parts, request, why, ids, adopted))) return false;
  const cause = await whyNotKept(parts, request, lease.endsAtMs);
  if (cause) await beginClosing(parts, request, cause, { who: 'sweep', why: cause.kind });
  else await endFollowed(parts, request);
  return true;
}

/**
 * A follow-up that EC2 shows has taken over, or is about to, though the store knows nothing of that any more: what it
 * followed ends as continued. Its rule may be gone already, and would be taken for one that somebody removed by hand, which
 * ends the follow-up as well.
 */
async function endFollowed(parts: Parts, request: RequestIn<'open'>): Promise<void> {
  const follows = followedOf(request);
  const followed = follows && (await parts.store.look(follows.id));
  if (!followed || followed === 'newer' || !isIn(followed, 'open')) return;
  const to = isMove(request) ? { to: request.ask.source.cidr } : {};
  const cause: EndCause = { kind: 'continued', as: request.id, ...to };
  await beginClosing(parts, followed, cause, { who: 'sweep', why: `continued as ${request.id}` });
}

/**
 * A lease whose rule was removed by its tags while the store was away, and of which the store knows nothing now: what
 * is left is to tell its requester that it ended. False where the store knows it.
 */
export async function adoptClosed(parts: Parts, rule: SeenRule, lease: Lease): Promise<boolean> {
  const { groupId, source, ruleId } = rule;
  const ask = askOf(parts, source, lease);
  if (!ask || (await parts.store.look(lease.requestId))) return false;
  const atMs = parts.now();
  const known = knownOf(parts, groupId, lease);
  const phase = adoptClosing({ facts: noFacts(ask, groupId), ...known }, atMs);
  const request: RequestIn<'closing'> = { id: lease.requestId, version: 1, ask, phase };
  const why = 'its record was lost while its rule was removed by its signed tag';
  const ids = { groupId, ruleId, source, endsAtMs: lease.endsAtMs, user: lease.user };
  return write(parts, request, why, ids);
}

/** False where somebody else was first. */
async function write(
  parts: Parts,
  request: RequestIn<'open' | 'closing'>,
  why: string,
  ids: Record<string, string | number>,
  rule?: RuleRecord,
): Promise<boolean> {
  const entry = { atMs: parts.now(), who: 'sweep', what: 'adopted', why, requestId: request.id, ids };
  const stored = await parts.store.change({ request, ...(rule ? { rule } : {}), audit: [entry] });
  if (stored.outcome !== 'done') return false;
  await wake(parts, request).catch((cause: unknown) =>
    parts.log.warn({ err: cause, id: request.id }, 'timers not set; the sweep does it'),
  );
  return true;
}

/** The ask, as far as a tag says it. */
function askOf({ command }: Parts, source: string, lease: Lease): Ask | undefined {
  const reading = readSource(source, ANY_SOURCE);
  if (!reading.ok) return undefined;
  return {
    requester: lease.user,
    // The name by which the command was invoked was lost with the request.
    command,
    target: targetOfTag(lease.target),
    source: reading.source,
    durationMs: lease.endsAtMs - lease.openedAtMs,
    reason: '',
    askedAtMs: lease.openedAtMs,
  };
}

/** False where an id that was lost with the store was given once more, to a request of somebody else. */
function isSameAsk(one: Ask, other: Ask): boolean {
  return one.requester === other.requester && one.source.cidr === other.source.cidr;
}

/** Need, review and grant, as far as a tag says them. */
function knownOf(parts: Parts, groupId: string, lease: Lease) {
  const { openedAtMs } = lease;
  const review: Review = { by: 'lost', decision: 'approve', atMs: openedAtMs };
  const endsAtMs = endOf(parts, lease);
  const grant = { groupId, endsAtMs, openByMs: openedAtMs, startedAtMs: openedAtMs };
  return { need: NEED, review, grant, openedAtMs };
}

/** The other leases that run on a rule, whether their requests are adopted already or next. */
async function runningBeside(parts: Parts, rule: SeenRule, lease: Lease): Promise<Lease[]> {
  const running: Lease[] = [];
  for (const other of rule.leases) {
    if (other.requestId === lease.requestId || other.endsAtMs <= parts.now()) continue;
    const request = await parts.store.look(other.requestId);
    // A request that is closing has left the rule: nothing would take its lease off again if it were put back.
    const isKnown = request !== undefined && request !== 'newer';
    if (!isKnown || !(isOver(request) || isIn(request, 'closing'))) running.push(other);
  }
  return running;
}

/** A tag is never believed for longer than the policy would have allowed. */
function endOf({ policy }: Parts, { openedAtMs, endsAtMs }: Lease): number {
  return Math.min(endsAtMs, openedAtMs + policy.limits.durations.longestTotalMs);
}

/** Why an adopted grant ends at once; undefined where it goes on. */
async function whyNotKept(
  parts: Parts,
  request: RequestIn<'open'>,
  tagEndsAtMs: number,
): Promise<EndCause | undefined> {
  const { endsAtMs, groupId } = request.phase.grant;
  // The time of the tag is over, or the longest that the policy allows.
  if (endsAtMs <= parts.now()) return { kind: endsAtMs < tagEndsAtMs ? 'adoption' : 'expired' };
  const carriers = await parts.firewall.carriersOf(groupId).catch(() => undefined);
  return carriers?.reach === 0 ? { kind: 'moved' } : undefined;
}

/** The facts as they can be found out now. Where AWS fails, the access is shown without its ssh line: ending matters more. */
async function factsNow(parts: Parts, ask: Ask, groupId: string): Promise<Facts> {
  const found = await gatherFacts(parts, ask).catch((cause: unknown) => {
    parts.log.warn({ err: cause, user: ask.requester }, 'adopted without its facts');
    return undefined;
  });
  return found && 'facts' in found ? found.facts : noFacts(ask, groupId);
}

function noFacts(ask: Ask, groupId: string): Facts {
  const directoryId = directoryOf(ask.target) ?? '';
  return {
    desktops: [],
    directoryId,
    netbios: '',
    loginName: '',
    own: true,
    reach: 0,
    group: { kind: 'existing', groupId },
  };
}
