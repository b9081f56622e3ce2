/** The access group of a request, made and attached while it is empty, a few interfaces at a time. */
import { isIn, type Refusal, type RequestIn } from '../../access/request/request.js';
import { attach } from '../../access/request/transitions/opening.js';
import { change } from '../change.js';
import { failOpening } from '../ending/end-access.js';
import type { Progress } from '../outcomes.js';
import type { Firewall, Parts, Witness } from '../ports.js';
import { attachInTurn } from '../rules/carry-group.js';
import { recordGroups } from '../rules/record-groups.js';

/** A group that is ready for its rule. */
export type Ready = { request: RequestIn<'opening'>; groupId: string };

/** After how many the progress of a large target is stored and shown. */
const PROGRESS_EVERY = 20;
/** How many interfaces are changed at once: their reads are few calls. One takes half a second, to read it back. */
const ATTACH_AT_ONCE = 20;
/**
 * EC2 lets an account make 100 ModifyNetworkInterfaceAttribute calls at once, and then 5 a second. Some are left for
 * others.
 */
const ATTACHES_AT_FIRST = 80;
const ATTACHES_A_SECOND = 5;

/** The group that takes the rule, as EC2 has it. */
export type Made = Awaited<ReturnType<Firewall['accessGroup']>>;

/** Makes the group where there is none. Nothing is opened by that: no interface carries a new group, and it has no rule. */
export async function makeGroup(parts: Parts, request: RequestIn<'opening'>): Promise<Made> {
  const { group } = request.phase.facts;
  switch (group.kind) {
    case 'existing':
      return { groupId: group.groupId };
    case 'access':
      return parts.firewall.accessGroup(group.name, group.vpcId, parts.now(), recorded(parts, request));
  }
}

/** The group that takes the rule: an existing one as it is, an access group once every interface meant carries it. */
export async function attachGroup(
  parts: Parts,
  request: RequestIn<'opening'>,
  made: Made,
): Promise<Ready | Progress> {
  const { group } = request.phase.facts;
  switch (group.kind) {
    case 'existing':
      return { request, groupId: group.groupId };
    case 'access':
      if ('refused' in made) return failOpening(parts, request, groupRefused(made.refused, group.name));
      return attachAccessGroup(parts, request, made.groupId);
  }
}

function recorded(parts: Parts, request: RequestIn<'opening'>): Witness {
  return recordGroups(parts, { who: 'bot', requestId: request.id });
}

/** The access group is attached before there is a rule in it. */
async function attachAccessGroup(
  parts: Parts,
  started: RequestIn<'opening'>,
  groupId: string,
): Promise<Ready | Progress> {
  const { facts } = started.phase;
  const record = recorded(parts, started);
  const sinceMs = parts.now();
  let attaches = 0;
  const witness: Witness = (change) => {
    if (change.what === 'group-attached') attaches += 1;
    return record(change);
  };
  let request = started;
  const total = facts.desktops.length;
  for (let at = request.phase.attached; at < total; at += ATTACH_AT_ONCE) {
    const few = facts.desktops.slice(at, at + ATTACH_AT_ONCE);
    const waitMs = untilAllowedMs(attaches + few.length, parts.now() - sinceMs);
    if (waitMs > 0) await parts.sleep(waitMs);
    // Where the store is away no lock keeps other replicas out, and an opening can wait.
    const current = await parts.store.load(request.id);
    if (!current || !isIn(current, 'opening')) return 'done';
    const outcomes = await allDone(
      few.map(({ interfaceId }) => attachInTurn(parts, interfaceId, groupId, witness)),
    );
    if (outcomes.includes('busy')) return 'again';
    const full = few[outcomes.indexOf('quota')];
    if (full) {
      const sentence = `${full.workspaceId} carries as many security groups as AWS allows. An admin has to remove one.`;
      return failOpening(parts, request, { sentence, retry: true, admins: true });
    }
    if (outcomes[0] === 'gone' && total === 1) {
      const sentence = `${few[0]?.workspaceId} has moved since it was approved. Ask again.`;
      return failOpening(parts, request, { sentence, retry: true });
    }
    const attached = Math.min(at + ATTACH_AT_ONCE, total);
    // AWS lets it go on: its card says so too.
    if (attached % PROGRESS_EVERY !== 0 && !request.phase.waitsForAws) continue;
    const after = await change(parts, request, attach(request, attached), { who: 'bot' });
    if (!after) return 'done';
    request = after;
  }
  return { request, groupId };
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

function groupRefused(refused: 'taken' | 'quota', name: string): Refusal {
  const sentence =
    refused === 'taken'
      ? `A security group named ${name} is there already and is not mine. An admin has to rename or delete it.`
      : 'AWS allows no more security groups in this account. An admin has to raise the quota or delete some.';
  return { sentence, retry: true, admins: true };
}
