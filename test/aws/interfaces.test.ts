import { ModifyNetworkInterfaceAttributeCommand } from '@aws-sdk/client-ec2';
import { afterEach, expect, test } from '@jest/globals';
import { AwsUnavailable } from '../../src/workflow/ports.js';
import {
  calls,
  clientsOf,
  closeTowns,
  desktop,
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

test('an interface is found by address and subnet: the address alone is also somebody else’s', async () => {
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

test('a group is attached beside those that are there, and a second time without a write', async () => {
  const town = await startTown();
  const firewall = replica(town);
  expect(await firewall.attach(interfaceOf(town), SHARED)).toBe('attached');
  expect(town.interfaceOf(WORKSPACE)?.groups).toEqual([MEMBERS, SHARED]);
  expect(await firewall.attach(interfaceOf(town), SHARED)).toBe('attached');
  expect(calls(town, 'ModifyNetworkInterfaceAttribute')).toHaveLength(1);
});

test('two groups attached at once by one process both stay', async () => {
  const town = await startTown({ staleMs: 50 });
  const firewall = replica(town);
  await Promise.all(['sg-000000a0', 'sg-000000a1'].map((id) => firewall.attach(interfaceOf(town), id)));
  expect(town.interfaceOf(WORKSPACE)?.groups).toEqual([MEMBERS, 'sg-000000a0', 'sg-000000a1']);
});

test('two groups attached at once by two replicas both stay', async () => {
  const town = await startTown({ staleMs: 50 });
  const outcomes = await Promise.all(
    ['sg-000000a0', 'sg-000000a1'].map((id) => replica(town).attach(interfaceOf(town), id)),
  );
  expect(outcomes).toEqual(['attached', 'attached']);
  expect(town.interfaceOf(WORKSPACE)?.groups.toSorted()).toEqual([MEMBERS, 'sg-000000a0', 'sg-000000a1']);
});

test('a group that another writer takes off again and again is not said to be attached', async () => {
  const town = await startTown({ staleMs: 0 });
  const { write } = clientsOf(town);
  const NetworkInterfaceId = interfaceOf(town);
  const strip = () =>
    write.ec2.send(new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId, Groups: [MEMBERS] }));
  const done: Promise<unknown>[] = [];
  town.onEvent((event) => {
    if (event.kind !== 'change' || event.change.kind !== 'interface-changed') return;
    if (event.change.interface.groups.includes(SHARED)) done.push(strip());
  });
  await expect(replica(town).attach(NetworkInterfaceId, SHARED)).rejects.toThrow(AwsUnavailable);
  await Promise.all(done);
});

test('a lost answer is AwsUnavailable, and the next try finds the group attached', async () => {
  const town = await startTown({ staleMs: 0 });
  const firewall = replica(town);
  town.faults.add({ action: 'ModifyNetworkInterfaceAttribute', times: 1, kind: 'lost-answer' });
  await expect(firewall.attach(interfaceOf(town), SHARED)).rejects.toThrow(AwsUnavailable);
  expect(await firewall.attach(interfaceOf(town), SHARED)).toBe('attached');
  expect(calls(town, 'ModifyNetworkInterfaceAttribute')).toHaveLength(1);
});

test('a full interface, one that is gone, and a group that EC2 does not know', async () => {
  const full = desktop(9, { groups: [MEMBERS, ...[0, 1, 2, 3].map((n) => `sg-000000a${n}`)] });
  const town = await startTown({}, [full]);
  const firewall = replica(town);
  expect(await firewall.attach(interfaceOf(town, full.id), SHARED)).toBe('quota');
  expect(await firewall.attach('eni-0000dead', SHARED)).toBe('gone');
  await expect(firewall.attach(interfaceOf(town), 'sg-0000dead')).rejects.toThrow(AwsUnavailable);
});

test('reach counts the interfaces on every page', async () => {
  const many = Array.from({ length: 12 }, (_, n) => desktop(n + 10));
  const town = await startTown({ pageSize: 5 }, many);
  const firewall = replica(town);
  expect(await firewall.reach(MEMBERS)).toBe(14);
  expect(await firewall.reach(SHARED)).toBe(0);
});
