/**
 * WorkSpaces that were rebuilt, moved or terminated while access to them is open: their rule belongs to an interface
 * that is gone, and its address is free for somebody else.
 */
import type { DesktopFacts, EndCause, RequestIn, RuleGroup } from '../../access/request/request.js';
import { workspaceOf } from '../../access/request/target.js';
import { beginClosing } from '../ending/end-access.js';
import type { Desktop, NetworkInterface, Parts } from '../ports.js';

/** Ends the grants whose WorkSpaces are all gone or elsewhere. */
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
  if (!isAttachedByUs(group) || parts.now() < phase.openedAtMs + parts.times.absentFirstMs) return undefined;
  const carried = known.some(({ interfaceId }) =>
    interfaces.get(interfaceId)?.groups.some(({ groupId }) => groupId === phase.grant.groupId),
  );
  return carried || known.length === 0 ? undefined : { kind: 'removed-outside' };
}

/** An existing group is on a WorkSpace, or off it, by others' decision. */
function isAttachedByUs({ kind }: RuleGroup): boolean {
  switch (kind) {
    case 'access':
      return true;
    case 'existing':
      return false;
  }
}

/** Ids that AWS does not know are absent from its answer. */
function isGone(desktop: Desktop | undefined): boolean {
  return !desktop || desktop.state === 'TERMINATED' || desktop.state === 'TERMINATING';
}

function hasMoved(known: DesktopFacts, now: Desktop | undefined, at: NetworkInterface | undefined): boolean {
  const otherAddress = now?.privateAddress !== undefined && now.privateAddress !== known.privateAddress;
  return otherAddress || at === undefined || at.privateAddress !== known.privateAddress;
}
