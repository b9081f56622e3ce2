/** The approval may be hours old: one WorkSpace is looked at again; it can have stopped, moved or gone. */

import type { Carriers, Desktop, NetworkInterface } from '../../access/connecting/found.js';
import type { DesktopFacts } from '../../access/request/facts.js';
import { fromWhenMs } from '../../access/request/later.js';
import { followedOf, nothingCame } from '../../access/request/others/follows.js';
import type { Refusal, Request, RequestIn } from '../../access/request/request.js';
import type { RuleGroup } from '../../access/request/rule-group.js';
import { takeBack } from '../../access/request/transitions/opening.js';
import { change } from '../change.js';
import { failOpening } from '../ending/end-access.js';
import { addressFor } from '../finding/way-in.js';
import type { Ahead } from '../memory.js';
import type { Progress } from '../outcomes.js';
import type { Parts } from '../ports.js';
import { allDone } from './attach-group.js';

/** A WorkSpace that is where it was when it was approved. */
export interface Looked {
  /** The interface, with the groups that it carries. */
  at: NetworkInterface;
  /** An instant right before the interface was read, epoch milliseconds. */
  readAtMs: number;
  /** The interfaces that carry the group that was asked about. */
  carriers: Carriers | undefined;
}

/** For a yes of the policy that is younger the WorkSpace is not looked at again: the look that led to the yes is as young. */
const JUST_SEEN_MS = 5_000;

/**
 * Looks at the WorkSpace and its interface side by side.
 * @param groupId where one listing of what carries this group may show the interface as well
 * @param ahead who carries that group, where that was read just now
 */
export async function lookAgain(
  parts: Parts,
  request: RequestIn<'opening'>,
  known: DesktopFacts,
  groupId: string | undefined,
  ahead?: Ahead,
): Promise<Looked | Progress> {
  const readAtMs = ahead?.atMs ?? parts.now();
  const wasJustSeen = seenByPolicy(request, known) && readAtMs - request.phase.review.atMs < JUST_SEEN_MS;
  const desktopsNow = async () =>
    wasJustSeen ? [] : (ahead?.desktops ?? (await parts.desktops.byIds([known.workspaceId])));
  const [found, { carriers, at }] = await allDone<
    [Desktop[], Pick<Looked, 'carriers'> & { at?: NetworkInterface | undefined }]
  >([desktopsNow(), interfaceOf(parts, known, groupId, ahead?.carriers)]);
  if (!wasJustSeen) {
    const stopped = await whyNotRunning(parts, request, known, found[0]);
    if (stopped) return stopped;
  }
  const [desktop = known] = found;
  const isThere = desktop.privateAddress === known.privateAddress && desktop.subnetId === known.subnetId;
  const missing = isThere && at && groupMissing(request.phase.facts.group, at);
  if (missing) return failOpening(parts, request, groupIsOff(request, known.workspaceId, missing));
  const address = at && addressFor(request.ask.source, at, known.workspaceId);
  const sameAddress = address && 'found' in address && address.found === request.phase.facts.address;
  if (at && isThere && sameAddress && isSame(known, at)) return { at, readAtMs, carriers };
  const sentence = `${known.workspaceId} has moved since it was approved: it has another address now. Ask again.`;
  return failOpening(parts, request, { sentence, retry: true });
}

function seenByPolicy({ ask, phase: { review } }: RequestIn<'opening'>, { state }: DesktopFacts): boolean {
  return review.by === 'policy' && state === 'AVAILABLE' && !ask.follows;
}

/** The interface at the WorkSpace's address. */
async function interfaceOf(
  parts: Parts,
  known: DesktopFacts,
  groupId: string | undefined,
  read?: Carriers,
): Promise<{ carriers: Carriers | undefined; at: NetworkInterface | undefined }> {
  const carriers = read ?? (groupId === undefined ? undefined : await parts.firewall.carriersOf(groupId));
  const carrier = carriers?.interfaces.find((one) => isSame(known, one));
  const at = carrier ?? (await parts.firewall.interfaceAt(known.privateAddress, known.subnetId));
  return { carriers, at };
}

/** What becomes of an opening whose WorkSpace does not run; undefined where it does. */
async function whyNotRunning(
  parts: Parts,
  request: RequestIn<'opening'>,
  { workspaceId }: DesktopFacts,
  desktop: Desktop | undefined,
): Promise<Progress | undefined> {
  const gone = !desktop || desktop.state === 'TERMINATED' || desktop.state === 'TERMINATING';
  if (gone) return failOpening(parts, request, { sentence: `${workspaceId} no longer exists.` });
  if (desktop.state === 'AVAILABLE') return undefined;
  // A WorkSpace that comes and goes does not renew the approval for ever.
  const sinceMs = fromWhenMs(request.ask, request.phase.review.atMs);
  const latestMs = sinceMs + parts.policy.limits.unansweredMs;
  const lapsesAtMs = Math.min(parts.now() + parts.times.lateYesMs, latestMs);
  await change(parts, request, takeBack(request, 'workspace', lapsesAtMs), {
    who: 'bot',
    why: `it is ${desktop.state}`,
  });
  return 'done';
}

/** The group that the interface must carry before anything opens, where it does not: an access group is attached later. */
function groupMissing(group: RuleGroup, at: NetworkInterface): string | undefined {
  switch (group.kind) {
    case 'existing':
      return at.groups.some(({ groupId }) => groupId === group.groupId) ? undefined : group.groupId;
    case 'access':
      return undefined;
  }
}

/** Why nothing opens through an existing group that the WorkSpace no longer carries. */
export function groupIsOff(request: Request, workspaceId: string, groupId: string): Refusal {
  const next = followedOf(request) ? `${nothingCame(request)}. Ask for new access.` : 'Ask again.';
  const sentence = `${workspaceId} no longer carries ${groupId}, the group through which it would have been opened. ${next}`;
  return { sentence, retry: true };
}

/** Whether an interface is the one by which a WorkSpace was found, at the same private address. */
export function isSame(known: DesktopFacts, at: NetworkInterface): boolean {
  return known.interfaceId === at.interfaceId && known.privateAddress === at.privateAddress;
}
