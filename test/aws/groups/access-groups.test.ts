import { afterEach, expect, test } from '@jest/globals';
import { startAws } from '../../../sandbox/aws/server.js';
import { GROUP_TAG, groupTagValue, INSTALLATION_TAG, readGroupTag } from '../../../src/access/rules/lease.js';
import { createFirewall } from '../../../src/aws/security-groups.js';
import { AwsUnavailable } from '../../../src/workflow/ports.js';
import type { GroupChange } from '../../../src/workflow/ports-firewall.js';
import { keyOf } from '../../keys.js';
import {
  calls,
  clientsOf,
  closeTowns,
  KEYS,
  OTHER_VPC,
  replica,
  SOURCE,
  startTown,
  VPC,
  world,
} from '../town.js';

afterEach(closeTowns);

const NAME = 'workspace-ssh prod ws-000000001';
const MARK = { installation: 'prod', vpcId: VPC, name: NAME };

const madeGroups = (town: Awaited<ReturnType<typeof startTown>>) =>
  town.groups().filter(({ name }) => name === NAME);

test('an access group is made with its tags in the same call, and with no way out', async () => {
  const town = await startTown();
  const made = await replica(town).accessGroup(NAME, VPC, Date.now());
  const [group] = madeGroups(town);
  expect(made).toEqual({ groupId: group?.id, isEmpty: true });
  expect(group?.tags).toMatchObject({ [INSTALLATION_TAG]: 'prod', Name: NAME });
  expect(readGroupTag(group?.tags[GROUP_TAG] ?? '', MARK, KEYS)).toBeDefined();
  expect(calls(town, 'CreateTags')).toEqual([]);
  expect(town.rules(group?.id)).toEqual([]);
});

test('a second call finds the access group with one read and no write, and says whether a rule of the group lets something in', async () => {
  const town = await startTown({ staleMs: 0 });
  const firewall = replica(town);
  const madeAtMs = Date.now() - 3_600_000;
  const first = await firewall.accessGroup(NAME, VPC, madeAtMs);
  const before = town.journal.length;
  expect(await replica(town).accessGroup(NAME, VPC, Date.now())).toEqual(first);
  expect(town.journal.slice(before).map(({ action }) => action)).toEqual(['DescribeSecurityGroups']);
  const groupId = 'groupId' in first ? first.groupId : '';
  town.addRule(groupId, { cidr: SOURCE });
  expect(await replica(town).accessGroup(NAME, VPC, Date.now())).toEqual({ groupId, isEmpty: false });
});

test('a process that has just removed the egress of an access group reads the group once, and other processes revoke the egress unseen', async () => {
  const town = await startTown({ staleMs: 0 });
  const firewall = replica(town);
  const made = await firewall.accessGroup(NAME, VPC, Date.now());
  const before = town.journal.length;
  expect(await firewall.accessGroup(NAME, VPC, Date.now())).toEqual(made);
  expect(town.journal.slice(before).map(({ action }) => action)).toEqual(['DescribeSecurityGroups']);
  const revokes = calls(town, 'RevokeSecurityGroupEgress').length;
  expect(await replica(town).accessGroup(NAME, VPC, Date.now())).toEqual(made);
  expect(calls(town, 'RevokeSecurityGroupEgress').length).toBeGreaterThan(revokes);
});

test('two replicas that make a group at once get the same group, without egress', async () => {
  const town = await startTown({ staleMs: 300 });
  const now = Date.now();
  const both = await Promise.all([1, 2].map(() => replica(town).accessGroup(NAME, VPC, now)));
  const [group] = madeGroups(town);
  expect(madeGroups(town)).toHaveLength(1);
  const same = { groupId: group?.id, isEmpty: true };
  expect(both).toEqual([same, same]);
  expect(town.rules(group?.id)).toEqual([]);
});

test('while reads lag and come out of order, no group is returned with egress', async () => {
  const town = await startTown({ staleMs: 700, staleSeed: 7 });
  for (const n of [1, 2, 3]) {
    const made = await replica(town).accessGroup(`${NAME} ${n}`, VPC, Date.now());
    expect(made).toHaveProperty('groupId');
    if ('groupId' in made) expect(town.rules(made.groupId)).toEqual([]);
  }
});

test('however many replicas race, one group is made, and returned only without egress', async () => {
  const town = await startTown({ staleMs: 500, staleSeed: 11, latencyMs: 5 });
  // Without throttling, which six replicas at once would meet, and which other tests are about.
  town.settings.buckets.on = false;
  const names = [1, 2, 3].map((n) => `${NAME} ${n}`);
  const replicas = Array.from({ length: 6 }, () => replica(town));
  const handedOut = await Promise.all(
    replicas.flatMap((firewall) =>
      names.map(async (name) => {
        const made = await firewall.accessGroup(name, VPC, Date.now());
        const groupId = 'groupId' in made ? made.groupId : made.refused;
        return { name, groupId, rules: town.rules(groupId) };
      }),
    ),
  );
  expect(handedOut).toHaveLength(18);
  for (const name of names) {
    const made = town.groups().filter((group) => group.name === name);
    expect(made).toHaveLength(1);
    const out = handedOut.filter((one) => one.name === name);
    expect(new Set(out.map(({ groupId }) => groupId))).toEqual(new Set([made[0]?.id]));
    expect(out.flatMap(({ rules }) => rules)).toEqual([]);
  }
});

test('an access group that no read shows yet loses its egress unseen, whatever the clock of its maker said', async () => {
  const town = await startTown({ staleMs: 1_500 });
  // From now on reads show the group well before its rules.
  town.settings.staleSeed = 115;
  const [first, second] = [replica(town), replica(town)];
  // The maker dies right after CreateSecurityGroup, and its clock is a day behind.
  town.faults.add({ action: 'RevokeSecurityGroupEgress', times: 2, kind: '500' });
  await first.accessGroup(NAME, VPC, Date.now() - 86_400_000).catch(() => undefined);
  const made = await second.accessGroup(NAME, VPC, Date.now());
  expect(made).toEqual({ groupId: madeGroups(town)[0]?.id, isEmpty: true });
  expect(town.rules(madeGroups(town)[0]?.id)).toEqual([]);
});

test('each call that changes something at EC2 is told, and finding an access group that is there already is not', async () => {
  const town = await startTown({ staleMs: 0 });
  const told: GroupChange[] = [];
  const witness = async (change: GroupChange) => void told.push(change);
  const made = await replica(town).accessGroup(NAME, VPC, Date.now(), witness);
  const groupId = 'groupId' in made ? made.groupId : '';
  await replica(town).accessGroup(NAME, VPC, Date.now(), witness);
  expect(told).toEqual([
    { what: 'group-made', ids: { groupId, name: NAME } },
    { what: 'group-egress-emptied', ids: { groupId, name: NAME } },
  ]);
});

test('nothing is told in a default VPC, where EC2 answers success for the removal of egress that is gone already', async () => {
  const base = world();
  const vpcs = base.vpcs.map((vpc) => (vpc.id === VPC ? { ...vpc, isDefault: true } : vpc));
  const own = await startAws({ ...base, vpcs }, { settings: { staleMs: 0 } });
  try {
    const told: string[] = [];
    const witness = async ({ what }: GroupChange) => void told.push(what);
    const town = await startTown();
    process.env.AWS_ENDPOINT_URL = own.url;
    const firewall = replica(town);
    await firewall.accessGroup(NAME, VPC, Date.now(), witness);
    await firewall.accessGroup(NAME, VPC, Date.now(), witness);
    expect(told).toEqual(['group-made', 'group-egress-emptied']);
  } finally {
    await own.close();
  }
});

test('a call whose answer was lost is told as unanswered; a throttled call is not told', async () => {
  const town = await startTown({ staleMs: 0 });
  const told: GroupChange[] = [];
  const witness = async (change: GroupChange) => void told.push(change);
  town.faults.add({ action: 'CreateSecurityGroup', times: 1, kind: 'throttle' });
  town.faults.add({ action: 'CreateSecurityGroup', times: 1, kind: 'lost-answer' });
  const make = () => replica(town).accessGroup(NAME, VPC, Date.now(), witness);
  await expect(make()).rejects.toThrow(AwsUnavailable);
  expect(told).toEqual([]);
  await expect(make()).rejects.toThrow(AwsUnavailable);
  expect(told).toEqual([{ what: 'group-made', ids: { name: NAME }, unanswered: true }]);
});

test('an access group whose making was not answered is found, and loses its egress', async () => {
  const town = await startTown();
  const firewall = replica(town);
  town.faults.add({ action: 'CreateSecurityGroup', times: 1, kind: 'lost-answer' });
  await expect(firewall.accessGroup(NAME, VPC, Date.now())).rejects.toThrow(AwsUnavailable);
  const made = await firewall.accessGroup(NAME, VPC, Date.now());
  expect(made).toEqual({ groupId: madeGroups(town)[0]?.id, isEmpty: true });
  expect(town.rules(madeGroups(town)[0]?.id)).toEqual([]);
});

test('an access group whose maker crashed before the egress was removed loses its egress with the next call, however late', async () => {
  const town = await startTown({ staleMs: 0 });
  town.faults.add({ action: 'RevokeSecurityGroupEgress', times: 1, kind: '500' });
  const madeAtMs = Date.now() - 3_600_000;
  await expect(replica(town).accessGroup(NAME, VPC, madeAtMs)).rejects.toThrow(AwsUnavailable);
  expect(town.rules(madeGroups(town)[0]?.id)).toHaveLength(2);
  await replica(town).accessGroup(NAME, VPC, Date.now());
  expect(town.rules(madeGroups(town)[0]?.id)).toEqual([]);
});

test('egress that somebody added to an access group is removed', async () => {
  const town = await startTown({ staleMs: 0 });
  const made = await replica(town).accessGroup(NAME, VPC, Date.now() - 3_600_000);
  const groupId = 'groupId' in made ? made.groupId : '';
  town.addRule(groupId, { cidr: '0.0.0.0/0', isEgress: true, fromPort: 443, toPort: 443 });
  town.addRule(groupId, { cidr: '10.0.0.0/8', isEgress: true });
  await replica(town).accessGroup(NAME, VPC, Date.now());
  expect(town.rules(groupId)).toEqual([]);
});

test('a name that a group without our signed tag has counts as taken, and that group is left alone', async () => {
  const base = world();
  const tags = (value: string) => ({ [GROUP_TAG]: value, [INSTALLATION_TAG]: 'prod' });
  const named = (id: string, name: string, more: Record<string, string> = {}) => ({
    id,
    name,
    vpcId: VPC,
    description: 'x',
    tags: more,
  });
  const copied = groupTagValue(MARK, 1, KEYS);
  const town = await startAws({
    ...base,
    groups: [
      ...base.groups,
      named('sg-0000c001', 'untagged'),
      named('sg-0000c002', 'copied', tags(copied)),
      named('sg-0000c003', 'other-keys', tags(groupTagValue({ ...MARK, name: 'other-keys' }, 1, keyOf(2)))),
      named(
        'sg-0000c004',
        'other-installation',
        tags(groupTagValue({ ...MARK, installation: 'dev', name: 'other-installation' }, 1, KEYS)),
      ),
      named('sg-0000c005', 'malformed', tags('v1 1')),
    ],
  });
  await startTown();
  process.env.AWS_ENDPOINT_URL = town.url;
  const clients = clientsOf(town);
  const firewall = createFirewall({ clients, installation: 'prod', keys: KEYS });
  for (const name of ['untagged', 'copied', 'other-keys', 'other-installation', 'malformed']) {
    expect(await firewall.accessGroup(name, VPC, Date.now())).toEqual({ refused: 'taken' });
  }
  expect(town.history).toEqual([]);
  clients.close();
  await town.close();
});

test('an access group of the same name in another VPC is another group', async () => {
  const town = await startTown();
  const firewall = replica(town);
  const one = await firewall.accessGroup(NAME, VPC, Date.now());
  const other = await firewall.accessGroup(NAME, OTHER_VPC, Date.now());
  expect(other).not.toEqual(one);
  expect(madeGroups(town).flatMap(({ id }) => town.rules(id))).toEqual([]);
});

test('wildcards in a name match no other group', async () => {
  const town = await startTown();
  const firewall = replica(town);
  await firewall.accessGroup('workspace-ssh abc', VPC, Date.now());
  await firewall.accessGroup('workspace-ssh *', VPC, Date.now());
  expect(town.groups().filter(({ name }) => name.startsWith('workspace-ssh'))).toHaveLength(2);
});

test('a Region without room for another security group is answered as a quota', async () => {
  const quotas = { rulesPerGroup: 60, groupsPerInterface: 5, groupsPerRegion: 1 };
  const town = await startTown({ quotas });
  expect(await replica(town).accessGroup(NAME, VPC, Date.now())).toEqual({ refused: 'quota' });
});

test('a rule whose own tags do not make it ours says whether it stands in an access group of ours', async () => {
  const town = await startTown({ staleMs: 0 });
  const made = await replica(town).accessGroup(NAME, VPC, Date.now());
  const groupId = 'groupId' in made ? made.groupId : '';
  town.addRule(groupId, { cidr: SOURCE });
  expect(await replica(town).rules(groupId)).toMatchObject([{ inAccessGroup: true }]);
  expect(await replica(town, { installation: 'dev' }).rules(groupId)).toMatchObject([
    { inAccessGroup: false, leases: [], tagged: false },
  ]);
});
