/** The access group of a request, made and attached while it is empty, a few interfaces at a time. */

import type { Carriers } from '../../access/connecting/found.js';
import type { DesktopFacts } from '../../access/request/facts.js';
import { isIn, type Refusal, type RequestIn } from '../../access/request/request.js';
import { attach } from '../../access/request/transitions/opening.js';
import type { SeenRule } from '../../access/rules/seen-rule.js';
import { change } from '../change.js';
import { failOpening } from '../ending/end-access.js';
import type { Progress } from '../outcomes.js';
import { countCause } from '../passes.js';
import { AwsUnavailable, type Parts } from '../ports.js';
import type { Firewall, Witness } from '../ports-firewall.js';
import { attachInTurn } from '../rules/carry-group.js';
import { recordGroups } from '../rules/record-groups.js';

/** A group that is ready for its rule. */
export interface Ready {
  request: RequestIn<'opening'>;
  groupId: string;
  /** The interfaces that carry the group, as read last. */
  carriers: Carriers;
  /** The group's ingress rules, where a read has just shown them. */
  seen?: SeenRule[];
  /** The WorkSpaces whose interfaces carried the group at an instant; set where another program may have undone that since. */
  attached?: Attached;
}

interface Attached {
  desktops: DesktopFacts[];
  atMs: number;
}

/** The progress of a large target is stored and shown each time that so many more interfaces carry the group. */
const PROGRESS_EVERY = 20;
/** How many interfaces are changed side by side. Each takes half a second, as it is read back; the reads share few calls. */
const ATTACH_AT_ONCE = 20;
/**
 * EC2 lets an account make 100 ModifyNetworkInterfaceAttribute calls at once, and then 5 a second. Openings do not use
 * all of them up: other changes of interfaces need some as well.
 */
const ATTACHES_AT_FIRST = 80;
const ATTACHES_A_SECOND = 5;
/** A read after so long shows a write of another program that came right after ours. */
const SETTLE_MS = 200;

/** The group that takes the rule, as EC2 has it. */
export type Made = Awaited<ReturnType<Firewall['accessGroup']>>;

/** Puts the group on an interface. */
export type Attach = (
  interfaceId: string,
  groupId: string,
  witness: Witness,
) => Promise<'attached' | 'gone' | 'quota' | 'busy'>;

/** Makes the group where there is none. Nothing is opened by that: no interface carries a new group, and it has no rule. */
export async function makeGroup(
  parts: Parts,
  request: RequestIn<'opening'>,
  { name, vpcId }: { name: string; vpcId: string },
): Promise<Made> {
  return parts.firewall.accessGroup(name, vpcId, parts.now(), recorded(parts, request));
}

function recorded(parts: Parts, request: RequestIn<'opening'>): Witness {
  return recordGroups(parts, { who: 'bot', requestId: request.id });
}

/** Why a request opens nothing whose group could not be made. */
export function groupRefused(refused: 'taken' | 'quota', name: string): Refusal {
  const sentence =
    refused === 'taken'
      ? `A security group named ${name} is there already and is not mine. An admin has to rename or delete it.`
      : 'AWS allows no more security groups in this account. An admin has to raise the quota or delete some.';
  return { sentence, retry: true, admins: true };
}

/**
 * Attaches the group, in which there is no rule yet, to the interfaces of these WorkSpaces, and reads what carries it then.
 * @param desktops the WorkSpaces of the request that are left; its other ones count as attached
 * @param attachTo attaches the group to one interface, and need not read that back
 * @throws AwsUnavailable where EC2 does not show what it answered
 */
export async function attachGroup(
  parts: Parts,
  started: RequestIn<'opening'>,
  groupId: string,
  desktops: readonly DesktopFacts[],
  attachTo?: Attach,
): Promise<Ready | Progress> {
  const record = recorded(parts, started);
  const sinceMs = parts.now();
  let attaches = 0;
  const witness: Witness = (change) => {
    if (change.what === 'group-attached') attaches += 1;
    return record(change);
  };
  let request = started;
  const meant: DesktopFacts[] = [];
  const total = started.phase.facts.desktops.length;
  for (let at = 0; at < desktops.length; at += ATTACH_AT_ONCE) {
    const few = desktops.slice(at, at + ATTACH_AT_ONCE);
    const waitMs = untilAllowedMs(attaches + few.length, parts.now() - sinceMs);
    if (waitMs > 0) await parts.sleep(waitMs);
    // Where the store is away no lock keeps other replicas out, and an opening can wait.
    const current = await parts.store.load(request.id);
    if (!current || !isIn(current, 'opening')) return 'done';
    const outcomes = await allDone(
      few.map(({ interfaceId }) =>
        attachTo
          ? attachTo(interfaceId, groupId, witness)
          : attachInTurn(parts, interfaceId, groupId, witness),
      ),
    );
    if (outcomes.includes('busy')) return 'again';
    const full = few[outcomes.indexOf('quota')];
    if (full) {
      countCause(parts.memory, 'work', 'aws-quota');
      const sentence = `${full.workspaceId} carries as many security groups as AWS allows. An admin has to remove one.`;
      return failOpening(parts, request, { sentence, retry: true, admins: true });
    }
    if (outcomes[0] === 'gone' && total === 1) {
      const sentence = `${few[0]?.workspaceId} has moved since it was approved. Ask again.`;
      return failOpening(parts, request, { sentence, retry: true });
    }
    meant.push(...few.filter((_, nth) => outcomes[nth] !== 'gone'));
    const attached = total - Math.max(0, desktops.length - at - ATTACH_AT_ONCE);
    if (attached % PROGRESS_EVERY !== 0 && !request.phase.waitsForAws) continue;
    const after = await saysAttached(parts, request, attached);
    if (!after) return 'done';
    request = after;
  }
  const atMs = parts.now();
  const carriers = await shownCarriers(parts, groupId, meant);
  const [lacks] = lacking(meant, carriers);
  if (lacks) throw new AwsUnavailable(`the groups of ${lacks.interfaceId} do not stay as they were set`);
  const isNew = attachTo !== undefined && attaches > 0;
  return { request, groupId, carriers, ...(isNew ? { attached: { desktops: meant, atMs } } : {}) };
}

/** Stores how many interfaces carry the group. AWS lets the request go on: its card says so too. */
export function saysAttached(
  parts: Parts,
  request: RequestIn<'opening'>,
  attached: number,
): Promise<RequestIn<'opening'> | undefined> {
  return change(parts, request, attach(request, attached), { who: 'bot' });
}

/** True where the group stays on the interfaces that carry it: another writer may replace the list of one. */
export async function staysAttached(parts: Parts, { groupId, attached }: Ready): Promise<boolean> {
  if (!attached) return true;
  await parts.sleep(Math.max(0, attached.atMs + SETTLE_MS - parts.now()));
  return lacking(attached.desktops, await shownCarriers(parts, groupId, attached.desktops)).length === 0;
}

function shownCarriers(
  { firewall }: Parts,
  groupId: string,
  desktops: readonly DesktopFacts[],
): Promise<Carriers> {
  return firewall.carriersOf(
    groupId,
    desktops.map(({ interfaceId }) => interfaceId),
  );
}

/** The WorkSpaces whose interfaces are not among the carriers. */
export function lacking(desktops: readonly DesktopFacts[], { interfaces }: Carriers): DesktopFacts[] {
  const carry = new Set(interfaces.map(({ interfaceId }) => interfaceId));
  return desktops.filter(({ interfaceId }) => !carry.has(interfaceId));
}

/** How long so many calls have to wait at EC2's rate, once the first of them were made so long ago. */
function untilAllowedMs(attaches: number, forMs: number): number {
  return Math.max(0, ((attaches - ATTACHES_AT_FIRST) / ATTACHES_A_SECOND) * 1000 - forMs);
}

/** Waits for all, also where one fails, so that nothing goes on behind a request that has failed. */
export async function allDone<T extends readonly unknown[]>(
  work: {
    [K in keyof T]: Promise<T[K]>;
  },
): Promise<T> {
  await Promise.allSettled(work);
  return Promise.all(work);
}
