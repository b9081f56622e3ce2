/**
 * What has to hold before a rule may be added: the WorkSpace is still where it was, its group is made and attached, and
 * nothing more would open than was approved.
 */

import type { Carriers } from '../../access/connecting/found.js';
import type { DesktopFacts } from '../../access/request/facts.js';
import type { Need, NeedPart } from '../../access/request/need.js';
import { followedOf, nothingCame } from '../../access/request/others/follows.js';
import type { Refusal, RequestIn } from '../../access/request/request.js';
import { isAccessGroup, type RuleGroup } from '../../access/request/rule-group.js';
import { isMany } from '../../access/request/target.js';
import { askAnew } from '../../access/request/transitions/deciding.js';
import { waitAnew } from '../../access/request/wait-anew.js';
import type { SeenRule } from '../../access/rules/seen-rule.js';
import { change } from '../change.js';
import { notEnough } from '../deciding/find-approvers.js';
import { failOpening } from '../ending/end-access.js';
import { takeAhead } from '../finding/look-ahead.js';
import type { Progress } from '../outcomes.js';
import { countCause } from '../passes.js';
import type { Parts } from '../ports.js';
import { inTurnAt } from '../rules/carry-group.js';
import {
  type Attach,
  allDone,
  attachGroup,
  groupRefused,
  lacking,
  type Made,
  makeGroup,
  type Ready,
  saysAttached,
} from './attach-group.js';
import { judgeWaited } from './judge-waited.js';
import { groupIsOff, isSame, type Looked, lookAgain } from './look-again.js';

type AccessGroup = Extract<RuleGroup, { kind: 'access' }>;

/** The group stands, is attached to every interface meant, and reaches no more than was approved. */
export async function prepareGroup(parts: Parts, request: RequestIn<'opening'>): Promise<Ready | Progress> {
  const { facts } = request.phase;
  const ready = await attachedGroup(parts, request);
  if (typeof ready === 'string') return ready;
  const { reach } = ready.carriers;
  if (reach <= facts.reach) return ready;
  // The group opens more WorkSpaces than were approved: approvers are asked again with the new number.
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

/**
 * The group of a request that took its lease in an earlier try. The reach is counted again, the yes is judged again, and
 * the group is attached where another program took it off. Nobody is asked again, since the rule may be at AWS already.
 */
export async function stillReady(
  parts: Parts,
  request: RequestIn<'opening'>,
  groupId: string,
): Promise<Ready | Progress> {
  const { facts } = request.phase;
  const carriers = await parts.firewall.carriersOf(groupId);
  const off = lacking(facts.desktops, carriers);
  const ready =
    isAccessGroup(facts.group) && off.length > 0
      ? await attachGroup(parts, request, groupId, off)
      : { request, groupId, carriers };
  if (typeof ready === 'string') return ready;
  const other = reachesOther(request, ready.carriers);
  if (other) return failOpening(parts, request, other);
  return (await judgeWaited(parts, request)) ?? ready;
}

/**
 * Why a request whose lease is taken goes no further: its group reaches more by now than was approved, or none of its
 * WorkSpaces: its rule would let in nowhere, or in an existing group everywhere but there.
 */
export function reachesOther(request: RequestIn<'opening'>, carriers: Carriers): Refusal | undefined {
  const { desktops, reach: approved } = request.phase.facts;
  const { groupId } = request.phase.grant;
  const { reach } = carriers;
  if (reach > approved) {
    const came = followedOf(request) ? ` ${nothingCame(request)}.` : '';
    const sentence = `It would open ${reach} WorkSpaces now, and ${approved} were approved.${came} Ask again.`;
    return { sentence, retry: true };
  }
  const [left, ...others] = lacking(desktops, carriers);
  if (!groupId || !left || others.length + 1 < desktops.length) return undefined;
  return groupIsOff(request, left.workspaceId, groupId);
}

/** What approvers read where a rule would open more than they approved. */
export function grown(reach: number, was: number): string {
  return `it would open ${reach} WorkSpaces now, not ${was}`;
}

/** Where the policy said yes at once nobody was asked yet: now another admin than the requester decides. */
export function needAgain(
  { policy }: Parts,
  { ask, phase: { need } }: RequestIn<'approved' | 'opening'>,
  nowMs: number,
): Need {
  const { asks } = need;
  if (asks.approvers.length > 0) return waitAnew(policy, { ...need, asks: { ...asks, reviews: [] } }, nowMs);
  const people = policy.admins.filter((id) => id !== ask.requester);
  const parts: NeedPart[] = [{ asked: { kind: 'admins', count: 1 }, people }];
  return { ...need, asks: { ...asks, approvers: people, parts } };
}

/** The group, made and attached where it is an access group. Reads go side by side, since the requester waits. */
async function attachedGroup(parts: Parts, request: RequestIn<'opening'>): Promise<Ready | Progress> {
  const { desktops, group } = request.phase.facts;
  const [known] = isMany(request.ask.target) ? [] : desktops;
  switch (group.kind) {
    case 'existing': {
      const { groupId } = group;
      const [looked, seen] = await allDone<[Looked | Progress | undefined, SeenRule[]]>([
        known ? lookAgain(parts, request, known, groupId) : Promise.resolve(undefined),
        parts.firewall.rules(groupId),
      ]);
      if (typeof looked === 'string') return looked;
      const carriers = looked?.carriers ?? (await parts.firewall.carriersOf(groupId));
      return { request, groupId, carriers, seen };
    }
    case 'access': {
      if (!known) return attachMade(parts, request, group, await makeGroup(parts, request, group));
      const ahead = await readAhead(parts, request, known);
      if (ahead) return ahead;
      const ready = await inTurnAt(parts, known.interfaceId, async () => {
        // A group that was made for nothing is tidied away.
        const [looked, made] = await allDone<[Looked | Progress, Made]>([
          lookAgain(parts, request, known, group.carriedAs),
          makeGroup(parts, request, group),
        ]);
        return typeof looked === 'string' ? looked : attachMade(parts, request, group, made, looked);
      });
      return ready === 'busy' ? 'again' : ready;
    }
  }
}

/** What was read while the last click was judged, where the WorkSpace carries its group and nothing has to be changed. */
async function readAhead(
  parts: Parts,
  request: RequestIn<'opening'>,
  known: DesktopFacts,
): Promise<Ready | Progress | undefined> {
  const ahead = await takeAhead(parts, request);
  if (!ahead || request.phase.waitsForAws) return undefined;
  const { atMs, carriers, made } = ahead;
  const { groupId, isEmpty } = made;
  const at = carriers.interfaces.find((one) => isSame(known, one));
  if (!at?.groups.some((group) => group.groupId === groupId)) return undefined;
  const looked = await lookAgain(parts, request, known, groupId, ahead);
  if (typeof looked === 'string') return looked;
  // The group may have been taken off since, as nobody held the turn of the interface.
  const attached = { desktops: [known], atMs };
  return { request, groupId, carriers, attached, ...(isEmpty ? { seen: [] } : {}) };
}

/** @param looked where the request is for one WorkSpace, in the turn of its interface */
async function attachMade(
  parts: Parts,
  request: RequestIn<'opening'>,
  group: AccessGroup,
  made: Made,
  looked?: Looked,
): Promise<Ready | Progress> {
  if ('refused' in made) {
    if (made.refused === 'quota') countCause(parts.memory, 'work', 'aws-quota');
    return failOpening(parts, request, groupRefused(made.refused, group.name));
  }
  const { groupId, isEmpty } = made;
  const { desktops } = request.phase.facts;
  const isCarried = looked?.at.groups.some((one) => one.groupId === groupId);
  const carriers = groupId === group.carriedAs && isCarried ? looked?.carriers : undefined;
  const rules = isEmpty ? { seen: [] } : {};
  if (carriers) {
    const after = request.phase.waitsForAws ? await saysAttached(parts, request, desktops.length) : request;
    return after ? { request: after, groupId, carriers, ...rules } : 'done';
  }
  const left = looked ? desktops : desktops.slice(request.phase.attached);
  const ready = await attachGroup(parts, request, groupId, left, looked && attachKnowing(parts, looked));
  return typeof ready === 'string' ? ready : { ...ready, ...rules };
}

/** Attaches to the interface that was looked at. */
function attachKnowing({ firewall }: Parts, { at, readAtMs }: Looked): Attach {
  const known = { groupIds: at.groups.map(({ groupId }) => groupId), atMs: readAtMs };
  return (interfaceId, groupId, witness) => firewall.attach(interfaceId, groupId, { known, witness });
}
