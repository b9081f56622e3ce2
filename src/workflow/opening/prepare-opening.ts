/**
 * What stands before a rule may be added: the WorkSpace is still where it was, its group is made and attached, and
 * nothing more would open than was approved.
 */

import type { Need, NeedPart } from '../../access/request/need.js';
import type { DesktopFacts, RequestIn } from '../../access/request/request.js';
import type { RuleGroup } from '../../access/request/rule-group.js';
import { isMany } from '../../access/request/target.js';
import { askAnew } from '../../access/request/transitions/deciding.js';
import { takeBack } from '../../access/request/transitions/opening.js';
import { waitAnew } from '../../access/request/wait-anew.js';
import { change } from '../change.js';
import { notEnough } from '../deciding/find-approvers.js';
import { failOpening } from '../ending/end-access.js';
import { desktopFacts } from '../finding/find-target.js';
import { addressFor } from '../finding/way-in.js';
import type { Progress } from '../outcomes.js';
import type { NetworkInterface, Parts } from '../ports.js';
import { allDone, attachGroup, type Made, makeGroup, type Ready } from './attach-group.js';

/** The group stands, is attached to every interface meant, and reaches no more than was approved. */
export async function prepareGroup(parts: Parts, request: RequestIn<'opening'>): Promise<Ready | Progress> {
  const { facts } = request.phase;
  // Side by side, since the requester waits. A group that was made for nothing is tidied away.
  const [current, made] = await allDone<['fine' | Progress, Made]>([
    lookAgain(parts, request),
    makeGroup(parts, request),
  ]);
  if (current !== 'fine') return current;
  const ready = await attachGroup(parts, request, made);
  if (typeof ready === 'string') return ready;
  const reach = await parts.firewall.reach(ready.groupId);
  if (reach <= facts.reach) return ready;
  // More than was approved: asked again with the new number, both times cleared.
  const nowMs = parts.now();
  const need = needAgain(parts, request, nowMs);
  if (need.asks.approvers.length === 0) {
    const { sentence } = notEnough(parts, request.ask.requester, need.asks.parts);
    return failOpening(parts, ready.request, {
      sentence: `I opened nothing: ${grown(reach, facts.reach)}. ${sentence}`,
    });
  }
  const asked = {
    facts: { ...facts, reach },
    need,
    pendingAtMs: nowMs,
    lapsesAtMs: nowMs + parts.policy.limits.unansweredMs,
    reachWas: facts.reach,
  };
  const pending = askAnew(ready.request, asked, grown(reach, facts.reach));
  await change(parts, ready.request, pending, {
    who: 'bot',
    why: `it would open ${reach}, not ${facts.reach}`,
  });
  return 'done';
}

function grown(reach: number, was: number): string {
  return `it would open ${reach} WorkSpaces now, not ${was}`;
}

/** Where the policy said yes at once nobody was asked yet: now another admin than the requester decides. */
function needAgain({ policy }: Parts, { ask, phase: { need } }: RequestIn<'opening'>, nowMs: number): Need {
  const { asks } = need;
  if (asks.approvers.length > 0) return waitAnew(policy, { ...need, asks: { ...asks, reviews: [] } }, nowMs);
  const people = policy.admins.filter((id) => id !== ask.requester);
  const parts: NeedPart[] = [{ asked: { kind: 'admins', count: 1 }, people }];
  return { ...need, asks: { ...asks, approvers: people, parts } };
}

/** The approval may be hours old: one WorkSpace is looked at again; it can have stopped, moved or gone. */
async function lookAgain(parts: Parts, request: RequestIn<'opening'>): Promise<'fine' | Progress> {
  const { facts, review } = request.phase;
  const [known] = facts.desktops;
  if (!known || isMany(request.ask.target)) return 'fine';
  const [desktop] = await parts.desktops.byIds([known.workspaceId]);
  const gone = !desktop || desktop.state === 'TERMINATED' || desktop.state === 'TERMINATING';
  if (gone) return failOpening(parts, request, { sentence: `${known.workspaceId} no longer exists.` });
  if (desktop.state !== 'AVAILABLE') {
    // A WorkSpace that comes and goes does not renew the approval for ever.
    const latestMs = review.atMs + parts.policy.limits.unansweredMs;
    const lapsesAtMs = Math.min(parts.now() + parts.times.lateYesMs, latestMs);
    await change(parts, request, takeBack(request, 'workspace', lapsesAtMs), {
      who: 'bot',
      why: `it is ${desktop.state}`,
    });
    return 'done';
  }
  const { privateAddress, subnetId } = desktop;
  const at =
    privateAddress && subnetId ? await parts.firewall.interfaceAt(privateAddress, subnetId) : undefined;
  const missing = at && groupMissing(facts.group, at);
  if (missing) {
    const sentence = `${known.workspaceId} no longer carries ${missing}, the group through which it would have been opened. Ask again.`;
    return failOpening(parts, request, { sentence, retry: true });
  }
  const address = at && addressFor(request.ask.source, at, known.workspaceId);
  const sameAddress = address !== undefined && 'found' in address && address.found === facts.address;
  if (at && sameAddress && sameDesktop(known, desktopFacts(desktop, at))) return 'fine';
  const sentence = `${known.workspaceId} has moved since it was approved: it has another address now. Ask again.`;
  return failOpening(parts, request, { sentence, retry: true });
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

function sameDesktop(known: DesktopFacts, now: DesktopFacts): boolean {
  return known.interfaceId === now.interfaceId && known.privateAddress === now.privateAddress;
}
