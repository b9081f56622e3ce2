/**
 * The first half of every end: `closing` is stored, and the leases are off the rule's record, in one step for all that
 * leave the rule together.
 */
import { isGranted } from '../../access/request/duties.js';
import type { EndCause, RequestIn } from '../../access/request/request.js';
import { close } from '../../access/request/transitions/ending.js';
import { isOwned } from '../../access/rules/ingress.js';
import { leaveRule, ruleKey } from '../../access/rules/rule.js';
import { type Because, changeTogether, wakeStored } from '../change.js';
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
  const rules = new Map<string, R[]>();
  for (const request of requests) {
    const { groupId } = request.phase.grant;
    const rule = groupId ? ruleKey(groupId, request.ask.source.cidr) : request.id;
    rules.set(rule, [...(rules.get(rule) ?? []), request]);
  }
  return [...rules.values()];
}

async function tryClosing(
  parts: Parts,
  requests: readonly Granted[],
  cause: EndCause,
  because: Because,
): Promise<RequestIn<'closing'>[] | undefined> {
  const [first] = requests;
  const { groupId } = first?.phase.grant ?? {};
  const nowMs = parts.now();
  const rule = first && groupId ? await parts.store.ruleOf(groupId, first.ask.source.cidr) : undefined;
  const ids = requests.map(({ id }) => id);
  if (rule?.stage.state === 'newer') {
    // Only the version that wrote the rule's record can take the leases off it.
    const carried = await carriedOf(parts, rule.groupId, ids);
    if (carried !== undefined) throw new NewerRecord(carried);
  }
  const leased = rule?.leases.some(({ requestId }) => ids.includes(requestId)) ?? false;
  const left = rule && leased ? leaveRule(rule, ids, nowMs) : undefined;
  const moves = requests.map((request) => ({ request, phase: close(request, cause, nowMs) }));
  return changeTogether(parts, moves, left ? { ...because, rule: left } : because);
}

/** One of the requests whose lease EC2 shows on a rule of the group. */
async function carriedOf(parts: Parts, groupId: string, ids: readonly string[]): Promise<string | undefined> {
  const owned = (await parts.firewall.rules(groupId)).filter(isOwned);
  return ids.find((id) => owned.some(({ leases }) => leases.some(({ requestId }) => requestId === id)));
}
