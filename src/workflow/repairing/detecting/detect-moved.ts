/**
 * WorkSpaces that were rebuilt, moved or terminated while access to them is open: their rule belongs to an interface
 * that is gone, and its address is free for somebody else. So may be the public address of a WorkSpace that stops or gets
 * another one: its card shows the way to it that holds now.
 */

import type { Desktop, NetworkInterface } from '../../../access/connecting/found.js';
import { availabilityOf, inState } from '../../../access/request/availability.js';
import type { DesktopFacts, Facts } from '../../../access/request/facts.js';
import type { EndCause, RequestIn } from '../../../access/request/request.js';
import { isAccessGroup } from '../../../access/request/rule-group.js';
import { isMany, workspaceOf } from '../../../access/request/target.js';
import { readdress } from '../../../access/request/transitions/ending.js';
import { change } from '../../change.js';
import { beginClosing } from '../../ending/begin-closing.js';
import { addressFor } from '../../finding/way-in.js';
import type { Parts } from '../../ports.js';

/** Ends the grants whose WorkSpaces are all gone or elsewhere, and corrects the addresses of the others. */
export async function detectMoved(parts: Parts, open: readonly RequestIn<'open'>[]): Promise<void> {
  const known = open.flatMap(({ phase }) => phase.facts.desktops);
  const adoptedTargets = open.flatMap(targetWithoutFacts);
  if (known.length + adoptedTargets.length === 0) return;
  const interfaceIds = [...new Set(known.map(({ interfaceId }) => interfaceId))];
  const interfaces = new Map(
    (await parts.firewall.interfacesById(interfaceIds)).map((one) => [one.interfaceId, one]),
  );
  // WorkSpaces are read after interfaces: where an interface is gone, its WorkSpace says whether it moved or was terminated.
  const ids = [...known.map(({ workspaceId }) => workspaceId), ...adoptedTargets];
  const desktops = new Map(
    (await parts.desktops.byIds(ids)).map((desktop) => [desktop.workspaceId, desktop]),
  );
  for (const request of open) {
    const cause = whatBecameOf(request, desktops, interfaces) ?? tookOff(parts, request, interfaces);
    if (cause) await beginClosing(parts, request, cause, { who: 'sweep', why: cause.kind });
    else await correctAddresses(parts, request, desktops, interfaces);
  }
}

/** The WorkSpace's id of an adopted grant of which nothing else is known. */
function targetWithoutFacts({ ask, phase }: RequestIn<'open'>): string[] {
  const workspaceId = workspaceOf(ask.target);
  return phase.facts.desktops.length === 0 && workspaceId !== undefined ? [workspaceId] : [];
}

function whatBecameOf(
  request: RequestIn<'open'>,
  desktops: ReadonlyMap<string, Desktop>,
  interfaces: ReadonlyMap<string, NetworkInterface>,
): EndCause | undefined {
  const [target] = targetWithoutFacts(request);
  if (target) return isGone(desktops.get(target)) ? { kind: 'terminated' } : undefined;
  const { desktops: known } = request.phase.facts;
  if (known.length === 0) return undefined;
  if (known.every(({ workspaceId }) => isGone(desktops.get(workspaceId)))) return { kind: 'terminated' };
  const elsewhere = known.every((one) => {
    const now = desktops.get(one.workspaceId);
    return isGone(now) || hasMoved(one, now, interfaces.get(one.interfaceId));
  });
  return elsewhere ? { kind: 'moved' } : undefined;
}

/** The cause where no interface carries the group any more: the rule opens nothing, and no pass attaches a group. */
function tookOff(
  parts: Parts,
  { phase }: RequestIn<'open'>,
  interfaces: ReadonlyMap<string, NetworkInterface>,
): EndCause | undefined {
  const { desktops: known, group } = phase.facts;
  // Right after opening EC2's reads still lag.
  if (!isAccessGroup(group) || parts.now() < phase.openedAtMs + parts.times.absentFirstMs) return undefined;
  const carried = known.some(({ interfaceId }) =>
    interfaces.get(interfaceId)?.groups.some(({ groupId }) => groupId === phase.grant.groupId),
  );
  return carried || known.length === 0 ? undefined : { kind: 'removed-outside' };
}

/** Ids that AWS does not know are absent from its answer. */
function isGone(desktop: Desktop | undefined): boolean {
  return !desktop || desktop.state === 'TERMINATED' || desktop.state === 'TERMINATING';
}

function hasMoved(known: DesktopFacts, now: Desktop | undefined, at: NetworkInterface | undefined): boolean {
  const otherAddress = now?.privateAddress !== undefined && now.privateAddress !== known.privateAddress;
  return otherAddress || at === undefined || at.privateAddress !== known.privateAddress;
}

/** Where the way to a WorkSpace has changed, its card is told anew. A race is left to the next pass. */
async function correctAddresses(
  parts: Parts,
  request: RequestIn<'open'>,
  desktops: ReadonlyMap<string, Desktop>,
  interfaces: ReadonlyMap<string, NetworkInterface>,
): Promise<void> {
  const { facts } = request.phase;
  const before = facts.desktops.map((one) => withAddress(one, request));
  const after = before.map((one) => {
    const now = desktops.get(one.workspaceId);
    const at = interfaces.get(one.interfaceId);
    return now && at && !isGone(now) && !hasMoved(one, now, at) ? wayNow(one, request, now, at) : one;
  });
  const changed = after.filter((one, nth) => !isSameWay(one, before[nth]));
  if (changed.length === 0) return;
  const [single] = isMany(request.ask.target) ? [] : after;
  const address = single?.address;
  const was = address !== facts.address ? facts.address : request.phase.readdressed?.was;
  const next: Facts = { ...facts, desktops: after, ...(address ? { address } : {}) };
  const told = after.some((one, nth) => isNews(one, before[nth], single !== undefined));
  const readdressed = told ? { atMs: parts.now(), ...(single && was ? { was } : {}) } : undefined;
  const why = `another way to ${changed.map(({ workspaceId }) => workspaceId).join(' ')}`;
  await change(parts, request, readdress(request, next, readdressed), { who: 'sweep', why });
}

/** The address of a single WorkSpace is on the facts. */
function withAddress(one: DesktopFacts, { ask, phase: { facts } }: RequestIn<'open'>): DesktopFacts {
  const address = isMany(ask.target) ? one.address : facts.address;
  return address ? { ...one, address } : one;
}

/** The old address stays on the record of a WorkSpace that cannot be reached, so that a change of it can be told. */
function wayNow(
  known: DesktopFacts,
  { ask }: RequestIn<'open'>,
  { state }: Desktop,
  at: NetworkInterface,
): DesktopFacts {
  const one = inState(known, state);
  if (one.away) return one;
  // Until it runs its address may still change.
  if (state !== 'AVAILABLE') return known;
  const address = addressFor(ask.source, at, known.workspaceId);
  if ('refusal' in address) return { ...one, away: 'no-address' };
  // Requests of older versions kept no address for each WorkSpace of a directory.
  return known.address === undefined ? one : { ...one, address: address.found };
}

function isSameWay(one: DesktopFacts, other: DesktopFacts | undefined): boolean {
  return (
    one.address === other?.address && other !== undefined && availabilityOf(one) === availabilityOf(other)
  );
}

/** The requester has to know: an ssh line that was shown leads elsewhere by now, or the only one is back. */
function isNews(one: DesktopFacts, other: DesktopFacts | undefined, isSingle: boolean): boolean {
  return one.address !== other?.address || (one.away !== other?.away && (isSingle || one.away !== undefined));
}
