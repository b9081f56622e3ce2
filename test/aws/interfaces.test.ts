import { ModifyNetworkInterfaceAttributeCommand } from '@aws-sdk/client-ec2';
import { afterEach, expect, test } from '@jest/globals';
import { AwsUnavailable } from '../../src/workflow/ports.js';
import type { GroupChange } from '../../src/workflow/ports-firewall.js';
import {
  calls,
  clientsOf,
  closeTowns,
  desktop,
  leaping,
  MEMBERS,
  OTHER_SUBNET,
  replica,
  SHARED,
  SUBNET,
  startTown,
  VPC,
  WORKSPACE,
} from './town.js';

afterEach(closeTowns);

const interfaceOf = (town: Awaited<ReturnType<typeof startTown>>, workspaceId = WORKSPACE) =>
  town.interfaceOf(workspaceId)?.id ?? '';

test('an interface is found by address and subnet, since other VPCs may use the same address', async () => {
  const town = await startTown();
  const firewall = replica(town);
  expect(await firewall.interfaceAt('10.1.0.10', SUBNET)).toEqual({
    interfaceId: interfaceOf(town),
    vpcId: VPC,
    subnetId: SUBNET,
    privateAddress: '10.1.0.10',
    publicAddress: '198.51.100.7',
    ipv6Address: '2001:db8:1::a',
    groups: [{ groupId: MEMBERS, name: 'd-90670000aa_workspacesMembers' }],
  });
  const other = await firewall.interfaceAt('10.1.0.10', OTHER_SUBNET);
  expect(other).toMatchObject({ interfaceId: 'eni-0000000f' });
  expect(other).not.toHaveProperty('publicAddress');
  expect(await firewall.interfaceAt('10.1.0.250', SUBNET)).toBeUndefined();
});

const many = (count: number) => Array.from({ length: count }, (_, n) => desktop(n + 3));

test('the interfaces of many WorkSpaces are found by one call for two hundred of them', async () => {
  const desktops = many(230);
  const town = await startTown({}, desktops);
  const firewall = replica(town);
  const found = await Promise.all(desktops.map(({ ip = '' }) => firewall.interfaceAt(ip, SUBNET)));
  expect(found.map((one) => one?.interfaceId)).toEqual(desktops.map(({ id }) => interfaceOf(town, id)));
  expect(calls(town, 'DescribeNetworkInterfaces')).toHaveLength(2);
});

test('groups that are attached to many interfaces at once take one write each, and few reads together', async () => {
  const desktops = many(20);
  const town = await startTown({ staleMs: 0 }, desktops, leaping());
  const firewall = replica(town);
  const attached = desktops.map(({ id }) => firewall.attach(interfaceOf(town, id), SHARED));
  expect(new Set(await Promise.all(attached))).toEqual(new Set(['attached']));
  expect(calls(town, 'ModifyNetworkInterfaceAttribute')).toHaveLength(20);
  // Before the write, after it, and once more: some come too late to share a call on a slow machine.
  expect(calls(town, 'DescribeNetworkInterfaces').length).toBeLessThan(30);
});

test('a group is attached beside those that are there, and attaching it again writes nothing', async () => {
  const town = await startTown();
  const firewall = replica(town);
  expect(await firewall.attach(interfaceOf(town), SHARED)).toBe('attached');
  expect(town.interfaceOf(WORKSPACE)?.groups).toEqual([MEMBERS, SHARED]);
  expect(await firewall.attach(interfaceOf(town), SHARED)).toBe('attached');
  expect(calls(town, 'ModifyNetworkInterfaceAttribute')).toHaveLength(1);
});

test('two groups that one process attaches to an interface at once both stay', async () => {
  const town = await startTown({ staleMs: 50 });
  const firewall = replica(town);
  await Promise.all(['sg-000000a0', 'sg-000000a1'].map((id) => firewall.attach(interfaceOf(town), id)));
  expect(town.interfaceOf(WORKSPACE)?.groups).toEqual([MEMBERS, 'sg-000000a0', 'sg-000000a1']);
});

test('two groups that two replicas attach to an interface at once both stay', async () => {
  const town = await startTown({ staleMs: 50 });
  const outcomes = await Promise.all(
    ['sg-000000a0', 'sg-000000a1'].map((id) => replica(town).attach(interfaceOf(town), id)),
  );
  expect(outcomes).toEqual(['attached', 'attached']);
  expect(town.interfaceOf(WORKSPACE)?.groups.toSorted()).toEqual([MEMBERS, 'sg-000000a0', 'sg-000000a1']);
});

test('the groups of an interface that the caller read just now are not read again before the write, and the caller reads back', async () => {
  const town = await startTown({ staleMs: 50 });
  const firewall = replica(town);
  const read = (ageMs: number) => ({ known: { groupIds: [MEMBERS], atMs: Date.now() - ageMs } });
  expect(await firewall.attach(interfaceOf(town), SHARED, read(0))).toBe('attached');
  expect(calls(town, 'DescribeNetworkInterfaces')).toEqual([]);
  const { reach, interfaces } = await firewall.carriersOf(SHARED, [interfaceOf(town)]);
  expect([reach, interfaces.map(({ interfaceId }) => interfaceId)]).toEqual([1, [interfaceOf(town)]]);
  // Others had time to change a list that was read some seconds ago.
  expect(await firewall.attach(interfaceOf(town), 'sg-000000a0', read(3_100))).toBe('attached');
  expect(town.interfaceOf(WORKSPACE)?.groups).toEqual([MEMBERS, SHARED, 'sg-000000a0']);
});

test('a group that another writer takes off again and again is not said to be attached', async () => {
  const done: Promise<unknown>[] = [];
  const town = await startTown(
    { staleMs: 0 },
    [],
    leaping(() => Promise.all(done)),
  );
  const { write } = clientsOf(town);
  const NetworkInterfaceId = interfaceOf(town);
  const strip = () =>
    write.ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Groups: [MEMBERS] }));
  town.onEvent((event) => {
    if (event.kind !== 'change' || event.change.kind !== 'interface-changed') return;
    if (event.change.interface.groups.includes(SHARED)) done.push(strip());
  });
  await expect(replica(town).attach(NetworkInterfaceId, SHARED)).rejects.toThrow(AwsUnavailable);
  await Promise.all(done);
});

test('after an attach without an answer a read finds the group attached, with one write', async () => {
  const town = await startTown({ staleMs: 100 });
  const told: GroupChange[] = [];
  town.faults.add({ action: 'ModifyNetworkInterfaceAttribute', times: 1, kind: 'lost-answer' });
  const attach = () =>
    replica(town).attach(interfaceOf(town), SHARED, { witness: async (change) => void told.push(change) });
  expect(await attach()).toBe('attached');
  expect(await attach()).toBe('attached');
  expect(calls(town, 'ModifyNetworkInterfaceAttribute')).toHaveLength(1);
  const ids = { groupId: SHARED, interfaceId: interfaceOf(town) };
  expect(told).toEqual([{ what: 'group-attached', ids, unanswered: true }]);
});

test('an attach without an answer and without an effect is AwsUnavailable', async () => {
  const town = await startTown({ staleMs: 0 }, [], leaping());
  const firewall = replica(town, { awsTimeoutMs: 2_000 });
  town.faults.add({ action: 'ModifyNetworkInterfaceAttribute', times: 1, kind: 'timeout' });
  await expect(firewall.attach(interfaceOf(town), SHARED)).rejects.toThrow(AwsUnavailable);
  expect(await firewall.attach(interfaceOf(town), SHARED)).toBe('attached');
});

test('a group is detached from an interface and the others stay; detaching the group again writes nothing', async () => {
  const town = await startTown({ staleMs: 50 }, [desktop(9, { groups: [MEMBERS, SHARED] })]);
  const firewall = replica(town);
  const interfaceId = interfaceOf(town, 'ws-000000009');
  const told: GroupChange[] = [];
  const detach = () => firewall.detach(interfaceId, SHARED, { witness: async (one) => void told.push(one) });
  expect(await detach()).toBe('detached');
  expect(town.interfaceOf('ws-000000009')?.groups).toEqual([MEMBERS]);
  expect(await detach()).toBe('detached');
  expect(told).toEqual([{ what: 'group-detached', ids: { groupId: SHARED, interfaceId } }]);
  expect(await firewall.detach('eni-0000dead', SHARED)).toBe('gone');
});

test('the only group of an interface stays, since EC2 wants one', async () => {
  const town = await startTown();
  expect(await replica(town).detach(interfaceOf(town), MEMBERS)).toBe('only');
  expect(calls(town, 'ModifyNetworkInterfaceAttribute')).toEqual([]);
});

test('a group stays attached where `may` answers false between the read and the write', async () => {
  const town = await startTown({}, [desktop(9, { groups: [MEMBERS, SHARED] })]);
  const interfaceId = interfaceOf(town, 'ws-000000009');
  expect(await replica(town).detach(interfaceId, SHARED, { may: async () => false })).toBe('kept');
  expect(town.interfaceOf('ws-000000009')?.groups).toEqual([MEMBERS, SHARED]);
});

test('a process that was held up between reading and writing an interface reads again, and loses nobody’s group', async () => {
  const time = leaping();
  const town = await startTown({ staleMs: 50 }, [desktop(9, { groups: [MEMBERS, SHARED] })], time);
  const interfaceId = interfaceOf(town, 'ws-000000009');
  let asked = 0;
  const may = async () => {
    asked += 1;
    if (asked > 1) return true;
    await replica(town).attach(interfaceId, 'sg-000000a0');
    // The process is held up for longer than a lock lasts.
    await time.sleep(3_100);
    return true;
  };
  expect(await replica(town).detach(interfaceId, SHARED, { may })).toBe('detached');
  expect(town.interfaceOf('ws-000000009')?.groups).toEqual([MEMBERS, 'sg-000000a0']);
  expect(asked).toBe(2);
});

test('the interfaces that carry groups are found on every page, for every group', async () => {
  const many = Array.from({ length: 12 }, (_, n) => desktop(n + 10, { groups: [MEMBERS, SHARED] }));
  const town = await startTown({ pageSize: 5 }, many);
  const carriers = await replica(town).carriers([SHARED, 'sg-000000a0', 'sg-00000009']);
  expect(carriers.get(SHARED)).toHaveLength(12);
  expect(carriers.has('sg-000000a0')).toBe(false);
  expect(carriers.get('sg-00000009')).toEqual(['eni-0000000f']);
});

test('attaching to a full interface is answered as a quota, to a missing interface as gone, and of an unknown group as AwsUnavailable', async () => {
  const full = desktop(9, { groups: [MEMBERS, ...[0, 1, 2, 3].map((n) => `sg-000000a${n}`)] });
  const town = await startTown({}, [full]);
  const firewall = replica(town);
  expect(await firewall.attach(interfaceOf(town, full.id), SHARED)).toBe('quota');
  expect(await firewall.attach('eni-0000dead', SHARED)).toBe('gone');
  await expect(firewall.attach(interfaceOf(town), 'sg-0000dead')).rejects.toThrow(AwsUnavailable);
});

test('the reach of a group counts the interfaces on every page', async () => {
  const many = Array.from({ length: 12 }, (_, n) => desktop(n + 10));
  const town = await startTown({ pageSize: 5 }, many);
  const firewall = replica(town);
  expect(await firewall.carriersOf(MEMBERS)).toMatchObject({ reach: 14 });
  expect(await firewall.carriersOf(SHARED)).toEqual({ reach: 0, interfaces: [] });
});
