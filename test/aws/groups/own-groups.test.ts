import { afterEach, expect, test } from '@jest/globals';
import { GROUP_TAG, groupTagValue, INSTALLATION_TAG } from '../../../src/access/rules/lease.js';
import type { GroupChange } from '../../../src/workflow/ports-firewall.js';
import { closeTowns, KEYS, replica, SHARED, SOURCE, startTown, VPC } from '../town.js';

afterEach(closeTowns);

const NAME = 'workspace-ssh-prod-ws-000000001';

async function made(town: Awaited<ReturnType<typeof startTown>>, name: string, createdAtMs = Date.now()) {
  const group = await replica(town).accessGroup(name, VPC, createdAtMs);
  return 'groupId' in group ? group.groupId : '';
}

test('the access groups of the installation are the groups whose tag verifies, with the number of their ingress rules', async () => {
  const town = await startTown({ staleMs: 0, pageSize: 2 });
  const createdAtMs = Date.now() - 1000;
  const groupId = await made(town, NAME, createdAtMs);
  await made(town, `${NAME} 2`);
  await made(town, `${NAME} 3`);
  town.addRule(groupId, { cidr: SOURCE });
  town.addRule(groupId, { cidr: '2001:db8::/64', fromPort: 443, toPort: 443 });
  const firewall = replica(town);
  expect(await firewall.ownGroups()).toHaveLength(3);
  expect(await firewall.ownGroups(groupId)).toEqual([
    { groupId, name: NAME, vpcId: VPC, createdAtMs, ingress: 2 },
  ]);
  expect(await firewall.ownGroups(SHARED)).toEqual([]);
  expect(await replica(town, { installation: 'dev' }).ownGroups()).toEqual([]);
});

test('a copied tag makes no group ours', async () => {
  const town = await startTown({ staleMs: 0 });
  const mark = { installation: 'prod', vpcId: VPC, name: NAME };
  const copied = { [INSTALLATION_TAG]: 'prod', [GROUP_TAG]: groupTagValue(mark, 1, KEYS) };
  const { CreateSecurityGroupCommand, EC2Client } = await import('@aws-sdk/client-ec2');
  const client = new EC2Client({ region: 'eu-central-1' });
  await client.send(
    new CreateSecurityGroupCommand({
      GroupName: 'theirs',
      Description: 'x',
      VpcId: VPC,
      TagSpecifications: [
        {
          ResourceType: 'security-group',
          Tags: Object.entries(copied).map(([Key, Value]) => ({ Key, Value })),
        },
      ],
    }),
  );
  client.destroy();
  expect(await replica(town).ownGroups()).toEqual([]);
});

test('an access group is deleted once, and its deletion is told once', async () => {
  const town = await startTown({ staleMs: 0 });
  const groupId = await made(town, NAME);
  const told: GroupChange[] = [];
  const remove = () => replica(town).deleteGroup(groupId, async (change) => void told.push(change));
  expect(await remove()).toBe('deleted');
  expect(await remove()).toBe('gone');
  expect(town.groups().some(({ id }) => id === groupId)).toBe(false);
  expect(told).toEqual([{ what: 'group-deleted', ids: { groupId } }]);
});

test('an access group that an interface carries is not deleted', async () => {
  const town = await startTown({ staleMs: 0 });
  const groupId = await made(town, NAME);
  await replica(town).attach(town.interfaceOf('ws-000000001')?.id ?? '', groupId);
  expect(await replica(town).deleteGroup(groupId)).toBe('in-use');
  expect(town.groups().some(({ id }) => id === groupId)).toBe(true);
});
