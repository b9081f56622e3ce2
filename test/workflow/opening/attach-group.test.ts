/** An opening has its access group attached, and each call that changes a group has an audit record. */
import { ModifyNetworkInterfaceAttributeCommand } from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { AwsTown } from '../../../sandbox/aws/aws-town.js';
import { isIn, moved, type RequestIn } from '../../../src/access/request/request.js';
import { lookAhead } from '../../../src/workflow/finding/look-ahead.js';
import { attachGroup as attachMade, makeGroup } from '../../../src/workflow/opening/attach-group.js';
import { finishOpening } from '../../../src/workflow/opening/open-access.js';
import { prepareGroup } from '../../../src/workflow/opening/prepare-opening.js';
import type { Parts } from '../../../src/workflow/ports.js';
import { type AuditEntry, StoreUnreachable } from '../../../src/workflow/ports-store.js';
import { calls, clientsOf, closeTowns, leaping, MEMBERS, startTown, WORKSPACE } from '../../aws/town.js';
import { until } from '../../redis/redis.js';
import { phases } from '../../slack/requests.js';
import { factsOfDesktop, type Replicas, startReplicas, storeOpening } from '../replicas.js';

let town: AwsTown;
let replicas: Replicas;
beforeEach(async () => {
  town = await startTown({ staleMs: 30 });
  replicas = await startReplicas(town);
});
afterEach(async () => {
  await replicas.close();
  await closeTowns();
});

async function audited(): Promise<{ parts: Parts; audit: AuditEntry[] }> {
  const parts = await replicas.parts();
  const audit: AuditEntry[] = [];
  const keep = async (entries: AuditEntry[]) => void audit.push(...entries);
  return { parts: { ...parts, store: { ...parts.store, audit: keep } }, audit };
}

async function attachGroup(parts: Parts, request: RequestIn<'opening'>) {
  const { group, desktops } = request.phase.facts;
  if (group.kind !== 'access') throw new Error('the group is not to be made');
  const made = await makeGroup(parts, request, group);
  if ('refused' in made) throw new Error(made.refused);
  return attachMade(parts, request, made.groupId, desktops);
}

const NOWHERE = { vpcId: '', subnetId: '', privateAddress: '', groups: [] };

const nameOf = () => `workspace-ssh-${replicas.installation}-${WORKSPACE}`;
const opening = (parts: Parts, id: string) =>
  storeOpening(parts, id, nameOf(), [factsOfDesktop(town, WORKSPACE)]);
const groupOf = () => town.groups().find(({ name }) => name === nameOf());

test('each call that changes an access group leaves one audit record, and the next grant changes nothing and records nothing', async () => {
  const { parts, audit } = await audited();
  const request = await opening(parts, 'AAAAA');
  await expect(attachGroup(parts, request)).resolves.toHaveProperty('groupId');
  const groupId = groupOf()?.id;
  const said = { atMs: expect.any(Number), who: 'bot', requestId: 'AAAAA' };
  const interfaceId = town.interfaceOf(WORKSPACE)?.id;
  expect(audit).toEqual([
    { ...said, what: 'group-made', ids: { groupId, name: nameOf() } },
    { ...said, what: 'group-egress-emptied', ids: { groupId, name: nameOf() } },
    { ...said, what: 'group-attached', ids: { groupId, interfaceId } },
  ]);
  await attachGroup(parts, await opening(parts, 'BBBBB'));
  expect(audit).toHaveLength(3);
});

test('a change of an access group without an answer is recorded as one that may have happened', async () => {
  const { parts, audit } = await audited();
  town.faults.add({ action: 'ModifyNetworkInterfaceAttribute', times: 1, kind: 'lost-answer' });
  await attachGroup(parts, await opening(parts, 'AAAAA'));
  expect(audit.at(-1)).toMatchObject({
    what: 'group-attached-unanswered',
    why: 'AWS did not answer; it may have happened',
  });
});

test('an opening goes on where the store cannot take the audit record of its access group, and the log says why', async () => {
  const { parts } = await audited();
  const lines: object[] = [];
  const away: Parts = {
    ...parts,
    store: { ...parts.store, audit: () => Promise.reject(new StoreUnreachable(true)) },
    log: { ...parts.log, error: (fields) => void lines.push(fields) },
  };
  await expect(attachGroup(away, await opening(parts, 'AAAAA'))).resolves.toHaveProperty('groupId');
  expect(lines).toContainEqual({ err: expect.any(StoreUnreachable), what: 'group-made' });
});

test('an opening waits, and changes nothing, while another replica works on the interface', async () => {
  const { parts } = await audited();
  const other = await replicas.parts();
  const interfaceId = town.interfaceOf(WORKSPACE)?.id ?? '';
  const outcome = await other.store.exclusively(`interface:${interfaceId}`, async () =>
    attachGroup(parts, await opening(parts, 'AAAAA')),
  );
  expect(outcome).toEqual({ ran: true, result: 'again' });
  expect(calls(town, 'ModifyNetworkInterfaceAttribute')).toEqual([]);
});

test('a group that another program takes off right after it was attached is attached again before "open" is told', async () => {
  await replicas.close();
  // The reads that are repeated for some seconds take no time in this test.
  town = await startTown({ staleMs: 0 }, [], leaping());
  replicas = await startReplicas(town);
  const { parts } = await audited();
  const { firewall } = parts;
  const request = await opening(parts, 'AAAAA');
  const { write } = clientsOf(town);
  const NetworkInterfaceId = town.interfaceOf(WORKSPACE)?.id ?? '';
  let reads = 0;
  const racing: Parts = {
    ...parts,
    firewall: {
      ...firewall,
      async carriersOf(...given) {
        reads += 1;
        const carriers = await firewall.carriersOf(...given);
        const strip = { NetworkInterfaceId, Groups: [MEMBERS] };
        if (reads === 1) await write.ec2.send(new ModifyNetworkInterfaceAttributeCommand(strip));
        return carriers;
      },
    },
  };
  expect(await finishOpening(racing, request)).toBe('again');
  expect(calls(town, 'AuthorizeSecurityGroupIngress')).toHaveLength(1);
  const before = await parts.store.load('AAAAA');
  if (!before || !isIn(before, 'opening')) throw new Error('it is told as open');
  expect(await finishOpening(racing, before)).toBe('done');
  expect(town.opens(WORKSPACE, '203.0.113.25')).toHaveLength(1);
  expect(await parts.store.load('AAAAA')).toMatchObject({ phase: { state: 'open' } });
  expect(calls(town, 'AuthorizeSecurityGroupIngress')).toHaveLength(1);
});

test('of two requests of one person that began to open at one moment, the second one fails where the policy allows one', async () => {
  const { parts } = await audited();
  const limits = { ...parts.policy.limits, perPerson: { open: 1, waiting: 5 } };
  const limited: Parts = { ...parts, policy: { ...parts.policy, limits } };
  await opening(parts, 'AAAAA');
  expect(await finishOpening(limited, await opening(parts, 'BBBBB'))).toBe('done');
  const sentence = 'You have 1 open already, as many as the policy allows. `end` closes one.';
  const cause = { kind: 'not-opened', refusal: { sentence } };
  expect(await parts.store.load('BBBBB')).toMatchObject({ phase: { cause } });
  expect(calls(town, 'AuthorizeSecurityGroupIngress')).toEqual([]);
});

/** A second request for the WorkSpace, whose group is there, as it opens right after AWS was asked ahead. */
/** `laterMs`: the clock stands so long after AWS was asked, however long the machine takes. */
async function openingAhead(
  parts: Parts,
  laterMs: number,
): Promise<{ request: RequestIn<'opening'>; later: Parts }> {
  const ready = await attachGroup(parts, await opening(parts, 'AAAAA'));
  const carriedAs = typeof ready === 'object' ? ready.groupId : '';
  const group = { name: nameOf(), carriedAs };
  const request = await storeOpening(parts, 'BBBBB', group, [factsOfDesktop(town, WORKSPACE)]);
  const { pending } = phases(request.phase.facts);
  if (pending?.state !== 'pending') throw new Error('no pending phase');
  lookAhead(parts, { ...request, phase: pending });
  const atMs = (await parts.memory.ahead.get('BBBBB'))?.atMs ?? Number.NaN;
  return { request, later: { ...parts, now: () => atMs + laterMs } };
}

test('the answer of AWS from while the click was judged is used for the opening, which goes on only where the group stays attached', async () => {
  await replicas.close();
  town = await startTown({ staleMs: 0 }, [], leaping());
  replicas = await startReplicas(town);
  const { parts } = await audited();
  const { request, later } = await openingAhead(parts, 0);
  const before = town.journal.length;
  expect(await finishOpening(later, request)).toBe('done');
  expect(
    town.journal
      .slice(before)
      .map(({ action }) => action)
      .toSorted(),
  ).toEqual(['AuthorizeSecurityGroupIngress', 'DescribeNetworkInterfaces', 'DescribeSecurityGroupRules']);
  expect(await parts.store.load('BBBBB')).toMatchObject({ phase: { state: 'open' } });
});

test.each([
  ['a group that was taken off since is attached again', 0, 'again'],
  ['AWS is asked again some moments later', 1_100, 'done'],
] as const)('the answer of AWS from while the click was judged: %s', async (_, laterMs, outcome) => {
  await replicas.close();
  town = await startTown({ staleMs: 0 }, [], leaping());
  replicas = await startReplicas(town);
  const { parts } = await audited();
  const { request, later } = await openingAhead(parts, laterMs);
  const strip = { NetworkInterfaceId: town.interfaceOf(WORKSPACE)?.id ?? '', Groups: [MEMBERS] };
  await clientsOf(town).write.ec2.send(new ModifyNetworkInterfaceAttributeCommand(strip));
  expect(await finishOpening(later, request)).toBe(outcome);
  const current = await parts.store.load('BBBBB');
  if (current && isIn(current, 'opening')) expect(await finishOpening(later, current)).toBe('done');
  expect(await parts.store.load('BBBBB')).toMatchObject({ phase: { state: 'open' } });
  expect(town.opens(WORKSPACE, '203.0.113.25')).toHaveLength(1);
});

test('many access groups are attached at EC2’s rate, which counts only calls that change something', async () => {
  const { parts } = await audited();
  const desktops = Array.from({ length: 300 }, (_, n) => ({
    ...factsOfDesktop(town, WORKSPACE),
    interfaceId: `eni-${n}`,
  }));
  let nowMs = parts.now();
  const made: number[] = [];
  let isAttached = false;
  const quick: Parts = {
    ...parts,
    now: () => nowMs,
    sleep: async (ms) => {
      nowMs += ms;
    },
    store: { ...parts.store, audit: async () => {} },
    firewall: {
      ...parts.firewall,
      carriersOf: async (_, expected = []) => ({
        reach: expected.length,
        interfaces: expected.map((interfaceId) => ({ ...NOWHERE, interfaceId })),
      }),
      async attach(interfaceId, groupId, { witness } = {}) {
        if (isAttached) return 'attached';
        made.push(nowMs);
        await witness?.({ what: 'group-attached', ids: { interfaceId, groupId } });
        return 'attached';
      },
    },
  };
  const fromMs = nowMs;
  const many = await storeOpening(parts, 'MANY2', nameOf(), desktops);
  await expect(attachGroup(quick, many)).resolves.toHaveProperty('groupId');
  expect(made).toHaveLength(300);
  // A bucket of a hundred calls that gets five more each second is never empty.
  const tooMany = made.filter((atMs, n) => n + 1 > 100 + ((atMs - fromMs) / 1000) * 5);
  expect(tooMany).toEqual([]);
  expect(nowMs - fromMs).toBeLessThanOrEqual(44_000);

  isAttached = true;
  const againMs = nowMs;
  await attachGroup(quick, await storeOpening(parts, 'MANY3', nameOf(), desktops));
  expect(nowMs).toBe(againMs);
});

test('no access group is attached for a request that is over by now, or while the store does not answer', async () => {
  const { parts } = await audited();
  const request = await opening(parts, 'AAAAA');
  const failed = { state: 'failed' as const, refusal: { sentence: 'Over.' }, atMs: Date.now() };
  await parts.store.change({ request: moved(request, failed), audit: [] });
  expect(await attachGroup(parts, request)).toBe('done');

  const later = await opening(parts, 'BBBBB');
  const unreachable = () => Promise.reject(new StoreUnreachable(true));
  const away: Parts = { ...parts, store: { ...parts.store, load: unreachable } };
  await expect(attachGroup(away, later)).rejects.toThrow(StoreUnreachable);
  expect(calls(town, 'ModifyNetworkInterfaceAttribute')).toEqual([]);
});

test('the WorkSpace is looked at again while its access group is made, and neither waits for the other', async () => {
  const { parts } = await audited();
  const begun = new Set<string>();
  const withOther = async <T>(one: string, other: string, work: () => Promise<T>): Promise<T> => {
    begun.add(one);
    await until(`${other} begins as well`, async () => begun.has(other));
    return work();
  };
  const { desktops, firewall } = parts;
  const together: Parts = {
    ...parts,
    desktops: { ...desktops, byIds: (ids) => withOther('look', 'group', () => desktops.byIds(ids)) },
    firewall: {
      ...firewall,
      accessGroup: (...given) => withOther('group', 'look', () => firewall.accessGroup(...given)),
    },
  };
  await prepareGroup(together, await opening(parts, 'AAAAA'));
  expect(begun).toEqual(new Set(['look', 'group']));
  expect(groupOf()).toBeDefined();
});
