/**
 * The first half of every end: `closing` is stored, and the leases are off the rule's record, in one step for all that
 * leave the rule together.
 */
import { isGranted, isWaiting } from '../../access/request/duties.js';
import { followedOf } from '../../access/request/others/follows.js';
import {
  END_TRAITS,
  type EndCause,
  isIn,
  type Request,
  type RequestIn,
} from '../../access/request/request.js';
import { cancel } from '../../access/request/transitions/deciding.js';
import { close } from '../../access/request/transitions/ending.js';
import { leaveRule, ruleKey } from '../../access/rules/rule.js';
import { isOwned } from '../../access/rules/seen-rule.js';
import { aMove, type Because, changeAll, wakeStored } from '../change.js';
import type { Parts } from '../ports.js';
import { NewerRecord } from '../ports-store.js';

/** A request whose access can be ended. */
export type Granted = RequestIn<'opening' | 'open'>;

/** How often a change by somebody else, of the rule or of a card, may come first. */
const RACES = 5;

/**
 * Moves a request to `closing` and takes its lease off the rule, in one step. Undefined when it is over already.
 * @throws NewerRecord where the rule carries its lease and only a newer version can read the rule's record
 */
export async function beginClosing(
  parts: Parts,
  request: Granted,
  cause: EndCause,
  because: Because,
): Promise<RequestIn<'closing'> | undefined> {
  const [closing] = await closeTogether(parts, [request], cause, because);
  if (closing) await wakeStored(parts, closing, because);
  return closing;
}

/**
 * {@link beginClosing} for requests of one rule, without a timer or a telling for what the caller goes on with.
 * @returns those that are closing now; the others are over already
 */
export async function closeTogether(
  parts: Parts,
  requests: readonly Granted[],
  cause: EndCause,
  because: Because,
): Promise<RequestIn<'closing'>[]> {
  let current = requests;
  for (let race = 0; race < RACES && current.length > 0; race++) {
    const closing = await tryClosing(parts, current, cause, because);
    if (closing) return closing;
    const now = await Promise.all(current.map(({ id }) => parts.store.load(id)));
    current = now.filter((request) => request !== undefined).filter(isGranted);
  }
  return [];
}

/** Requests by the rule that they lease; one that knows no group yet has none to share. */
export function byRule<R extends Granted | RequestIn<'closing'>>(requests: readonly R[]): R[][] {
  return by(requests, (groupId, { ask }) => ruleKey(groupId, ask.source.cidr));
}

/** Requests by the group of their rule; one that knows no group yet stands alone. */
export function byGroup<R extends Granted | RequestIn<'closing'>>(requests: readonly R[]): R[][] {
  return by(requests, (groupId) => groupId);
}

function by<R extends Granted | RequestIn<'closing'>>(
  requests: readonly R[],
  keyOf: (groupId: string, request: R) => string,
): R[][] {
  const all = new Map<string, R[]>();
  for (const request of requests) {
    const { groupId } = request.phase.grant;
    const key = groupId ? keyOf(groupId, request) : request.id;
    const some = all.get(key);
    if (some) some.push(request);
    else all.set(key, [request]);
  }
  return [...all.values()];
}

async function tryClosing(
  parts: Parts,
  requests: readonly Granted[],
  cause: EndCause,
  because: Because,
): Promise<RequestIn<'closing'>[] | undefined> {
  const along = await chainOf(parts, requests, cause);
  const elsewhere = along.filter(isGranted).filter((one) => !requests.some((other) => isOfRule(one, other)));
  const together = along.filter((one) => !elsewhere.some(({ id }) => id === one.id));
  // A move that opens has a rule of its own. The access that it moves ends first, and a move that finds it ended closes.
  const isMoved = ({ id }: Request) => requests.some((request) => followedOf(request)?.id === id);
  for (const one of elsewhere.filter(isMoved)) await closeAlong(parts, one, cause, because);
  const closing = await moveToClosing(parts, requests, together, cause, because);
  for (const one of elsewhere) if (closing && !isMoved(one)) await closeAlong(parts, one, cause, because);
  return closing;
}

/** Ends one request of a chain, whose others are ended by the caller. */
async function closeAlong(parts: Parts, request: Granted, cause: EndCause, because: Because): Promise<void> {
  let current: Request | undefined = request;
  for (let race = 0; race < RACES && current && isGranted(current); race++) {
    const [closing] = (await moveToClosing(parts, [current], [], cause, because)) ?? [];
    if (closing) return wakeStored(parts, closing, because);
    current = await parts.store.load(request.id);
  }
}

function isOfRule(one: Granted, other: Granted): boolean {
  const [a, b] = [one, other].map(({ phase }) => phase.grant.groupId);
  return a !== undefined && a === b && one.ask.source.cidr === other.ask.source.cidr;
}

/**
 * Closes requests of one rule in one step, along with the requests of their chains that lease no other rule.
 * @returns undefined where somebody else changed one of them meanwhile
 */
async function moveToClosing(
  parts: Parts,
  requests: readonly Granted[],
  along: readonly Request[],
  cause: EndCause,
  because: Because,
): Promise<RequestIn<'closing'>[] | undefined> {
  const [first] = requests;
  const granted: Granted[] = [...requests, ...along.filter(isGranted)];
  const { groupId } = first?.phase.grant ?? {};
  const nowMs = parts.now();
  const rule = first && groupId ? await parts.store.ruleOf(groupId, first.ask.source.cidr) : undefined;
  const ids = granted.map(({ id }) => id);
  if (rule?.stage.state === 'newer') {
    // Only the version that wrote the rule's record can take the leases off it.
    const carried = await carriedOf(parts, rule.groupId, ids);
    if (carried !== undefined) throw new NewerRecord(carried);
  }
  const leased = rule?.leases.some(({ requestId }) => ids.includes(requestId)) ?? false;
  const left = rule && leased ? leaveRule(rule, ids, nowMs) : undefined;
  const { by, reason } = 'by' in cause ? cause : { by: 'bot' };
  const moves = [
    ...granted.map((request) => aMove(request, close(request, cause, nowMs))),
    ...along.filter(isWaiting).map((request) => aMove(request, cancel(request, by, nowMs, reason))),
  ];
  const after = await changeAll(parts, moves, left ? { ...because, rule: left } : because);
  for (const one of after?.slice(requests.length) ?? []) await wakeStored(parts, one, because);
  return after?.slice(0, requests.length).filter((one) => isIn(one, 'closing'));
}

/** What ends together with these requests. */
async function chainOf(parts: Parts, requests: readonly Granted[], { kind }: EndCause): Promise<Request[]> {
  if (!END_TRAITS[kind].endsChain) return [];
  const ids = requests.flatMap((request) => {
    const by = isIn(request, 'open') ? request.phase.followedBy : undefined;
    return [by, followedOf(request)?.id].filter((id) => id !== undefined);
  });
  const others = ids.filter((id) => !requests.some((request) => request.id === id));
  if (others.length === 0) return [];
  // A record that cannot be read keeps no access open: the others end without it.
  const found = [...(await parts.store.lookAll(others)).values()];
  return found
    .filter((one) => one !== undefined && one !== 'newer')
    .filter((one) => isGranted(one) || isWaiting(one));
}

/** One of the requests whose lease EC2 shows on a rule of the group. */
async function carriedOf(parts: Parts, groupId: string, ids: readonly string[]): Promise<string | undefined> {
  const owned = (await parts.firewall.rules(groupId)).filter(isOwned);
  return ids.find((id) => owned.some(({ leases }) => leases.some(({ requestId }) => requestId === id)));
}
