import { afterEach, expect, test } from '@jest/globals';
import { INSTALLATION_TAG, leaseTagKey } from '../../src/access/rules/lease.js';
import type { AwsTime } from '../../src/aws/clients.js';
import { createFirewall } from '../../src/aws/security-groups.js';
import { AwsUnavailable } from '../../src/workflow/ports.js';
import {
  calls,
  clientsOf,
  closeTowns,
  KEYS,
  LIST,
  leaping,
  lease,
  MEMBERS,
  NOW,
  replica,
  SHARED,
  SOURCE,
  startTown,
} from './town.js';

afterEach(closeTowns);

const SSH_TRAFFIC = { protocol: 'tcp', fromPort: 22, toPort: 22 };
const A = lease('AAAAA');
const B = lease('BBBBB', { user: 'U0JOE', endsAtMs: NOW + 60_000 });

async function opened(source = SOURCE, leases = [A], groupId = SHARED, time?: AwsTime) {
  const town = await startTown({ staleMs: 0 }, [], time);
  const firewall = replica(town);
  const outcome = await firewall.authorize(groupId, source, leases, 'for jane');
  if (typeof outcome === 'string') throw new Error(outcome);
  return { town, firewall, ruleId: outcome.ruleId };
}

/** The ingress rules as they truly are. */
const ingress = (town: Awaited<ReturnType<typeof startTown>>, groupId = SHARED) =>
  town.rules(groupId).filter(({ isEgress }) => !isEgress);

test.each([SOURCE, '2001:db8:9::/64'])(
  'a rule for %s carries its leases from the first moment',
  async (source) => {
    const { town, firewall, ruleId } = await opened(source, [A, B]);
    expect(ingress(town)).toMatchObject([
      { ruleId, cidr: source, protocol: 'tcp', fromPort: 22, toPort: 22, description: 'for jane' },
    ]);
    expect(calls(town, 'CreateTags')).toEqual([]);
    expect(await firewall.rules(SHARED)).toEqual([
      {
        ruleId,
        groupId: SHARED,
        source,
        leases: [A, B],
        tagged: true,
        marked: true,
        plain: true,
        traffic: { ...SSH_TRAFFIC, from: { kind: 'range', cidr: source } },
        inAccessGroup: false,
      },
    ]);
  },
);

test('40 leases fit in the tags of one rule', async () => {
  const leases = Array.from({ length: 40 }, (_, n) => lease(`L${1000 + n}`));
  const { firewall } = await opened(SOURCE, leases);
  expect((await firewall.rules(SHARED))[0]?.leases).toHaveLength(40);
});

test.each(['"><script>`x`|\\ é', '\u0000\n', '🚀'.repeat(200), ''])(
  'EC2 accepts the description %j',
  async (text) => {
    const town = await startTown();
    await expect(replica(town).authorize(SHARED, SOURCE, [A], text)).resolves.toHaveProperty('ruleId');
  },
);

test('after a lost answer the next authorize is a duplicate, and the tags say that the rule is ours', async () => {
  const town = await startTown({ staleMs: 0 });
  const firewall = replica(town);
  town.faults.add({ action: 'AuthorizeSecurityGroupIngress', times: 1, kind: 'lost-answer' });
  await expect(firewall.authorize(SHARED, SOURCE, [A], 'x')).rejects.toThrow(AwsUnavailable);
  expect(await firewall.authorize(SHARED, SOURCE, [A], 'x')).toBe('duplicate');
  expect(await firewall.rules(SHARED)).toMatchObject([{ leases: [A], tagged: true }]);
});

test("somebody else's rule with the same source is a duplicate, without a tag of ours", async () => {
  const town = await startTown({ staleMs: 0 });
  const { ruleId } = town.addRule(SHARED, { cidr: SOURCE });
  const firewall = replica(town);
  expect(await firewall.authorize(SHARED, SOURCE, [A], 'x')).toBe('duplicate');
  expect(await firewall.rules(SHARED)).toEqual([
    {
      ruleId,
      groupId: SHARED,
      source: SOURCE,
      leases: [],
      tagged: false,
      marked: false,
      plain: true,
      traffic: { ...SSH_TRAFFIC, from: { kind: 'range', cidr: SOURCE } },
      inAccessGroup: false,
    },
  ]);
});

test('authorizing in a full group is answered as a quota, and in a group that is gone as no group', async () => {
  const quotas = { rulesPerGroup: 1, groupsPerInterface: 5, groupsPerRegion: 2500 };
  const town = await startTown({ quotas });
  town.addRule(SHARED, { cidr: '198.51.100.1/32' });
  expect(await replica(town).authorize(SHARED, SOURCE, [A], 'x')).toBe('quota');
  expect(await replica(town).authorize('sg-0000dead', SOURCE, [A], 'x')).toBe('no-group');
});

test('the rules of a group are read on every page, and a rule for anything but tcp/22 is not plain', async () => {
  const town = await startTown({ staleMs: 0, pageSize: 5 });
  for (let n = 1; n <= 12; n += 1) town.addRule(SHARED, { cidr: `198.51.100.${n}/32` });
  town.addRule(SHARED, { cidr: '198.51.100.99/32', fromPort: 20, toPort: 30 });
  town.addRule(SHARED, { cidr: '198.51.100.99/32', protocol: 'udp' });
  town.addRule(SHARED, { cidr: '198.51.100.99/32', protocol: '-1' });
  town.addRule(SHARED, { cidr: '198.51.100.99/32', isEgress: true });
  const rules = await replica(town).rules(SHARED);
  expect(rules.filter(({ plain }) => !plain)).toHaveLength(3);
  const sources = rules.filter(({ plain }) => plain).map(({ source }) => source);
  expect(sources.toSorted()).toEqual(
    Array.from({ length: 12 }, (_, n) => `198.51.100.${n + 1}/32`).toSorted(),
  );
});

test('a group that does not exist has no rules', async () => {
  expect(await replica(await startTown()).rules('sg-0000dead')).toEqual([]);
});

test('a rule is found by its leases where somebody took the installation’s tag off, or changed it', async () => {
  const { town, firewall, ruleId } = await opened();
  const { [INSTALLATION_TAG]: _, ...leases } = ingress(town)[0]?.tags ?? {};
  town.setTags(ruleId, leases);
  expect(await firewall.tagged()).toMatchObject([{ ruleId, leases: [A], marked: false }]);
  town.setTags(ruleId, { ...leases, [INSTALLATION_TAG]: 'another' });
  expect(await firewall.tagged()).toMatchObject([{ ruleId, leases: [A], marked: false }]);
  // No tag says of the following rules that they are ours.
  town.setTags(ruleId, { [leaseTagKey('FAKED')]: 'v1' });
  expect(await firewall.tagged()).toEqual([]);
});

test('lease tags that were copied to another source, group or key do not verify', async () => {
  const { town, firewall } = await opened();
  const tags = ingress(town)[0]?.tags ?? {};
  town.addRule(SHARED, { cidr: '198.51.100.1/32', tags });
  town.addRule(MEMBERS, { cidr: SOURCE, tags });
  const seen = [...(await firewall.rules(SHARED)), ...(await firewall.rules(MEMBERS))];
  expect(seen.map(({ source, groupId, leases, tagged }) => [source, groupId, leases.length, tagged])).toEqual(
    expect.arrayContaining([
      [SOURCE, SHARED, 1, true],
      ['198.51.100.1/32', SHARED, 0, true],
      [SOURCE, MEMBERS, 0, true],
    ]),
  );
  const value = tags[leaseTagKey('AAAAA')] ?? '';
  const [rule] = ingress(town);
  town.setTags(rule?.ruleId ?? '', { [leaseTagKey('CCCCC')]: value, [INSTALLATION_TAG]: 'prod' });
  expect((await firewall.rules(SHARED)).find(({ source }) => source === SOURCE)).toMatchObject({
    leases: [],
    tagged: true,
  });
});

test('a lease is believed without the installation tag, but not after a change', async () => {
  const { town, firewall, ruleId } = await opened();
  const key = leaseTagKey('AAAAA');
  const value = ingress(town)[0]?.tags[key] ?? '';
  town.setTags(ruleId, { [key]: value });
  expect(await firewall.rules(SHARED)).toMatchObject([{ leases: [A], tagged: true }]);
  town.setTags(ruleId, { [key]: value.replace(String(A.endsAtMs), String(A.endsAtMs + 1)) });
  expect(await firewall.rules(SHARED)).toMatchObject([{ leases: [], tagged: true }]);
});

test('the rule of another installation in a shared group is not ours', async () => {
  const { town } = await opened();
  const dev = replica(town, { installation: 'dev' });
  expect(await dev.rules(SHARED)).toMatchObject([{ leases: [], tagged: false }]);
  expect(await dev.tagged()).toEqual([]);
});

test('many rules are revoked in one call', async () => {
  const town = await startTown({ staleMs: 0 });
  const ids = [1, 2, 3, 4, 5].map((n) => town.addRule(SHARED, { cidr: `198.51.100.${n}/32` }).ruleId);
  expect((await replica(town).revoke(SHARED, ids)).toSorted()).toEqual(ids.toSorted());
  expect(ingress(town)).toEqual([]);
  expect(calls(town, 'RevokeSecurityGroupIngress')).toHaveLength(1);
});

test('rule ids that EC2 does not know keep no other rule from being revoked, and are not among the answered ids', async () => {
  const town = await startTown({ staleMs: 0 });
  const rules = Array.from({ length: 9 }, (_, n) => town.addRule(SHARED, { cidr: `198.51.100.${n}/32` }));
  const ids = rules.map(({ ruleId }) => ruleId);
  for (const n of [0, 4, 5]) town.removeRule(ids[n] ?? '');
  const revoked = ids.filter((_, n) => ![0, 4, 5].includes(n));
  expect((await replica(town).revoke(SHARED, ids)).toSorted()).toEqual(revoked.toSorted());
  expect(ingress(town)).toEqual([]);
});

test('a revoke that EC2 refuses for its rate is made again soon, and its caller is told', async () => {
  const { town, firewall, ruleId } = await opened(SOURCE, [A], SHARED, leaping());
  town.faults.add({ action: 'RevokeSecurityGroupIngress', times: 3, kind: 'throttle' });
  let told = 0;
  expect(
    await firewall.revoke(SHARED, [ruleId], undefined, () => {
      told += 1;
    }),
  ).toEqual([ruleId]);
  expect(calls(town, 'RevokeSecurityGroupIngress')).toHaveLength(4);
  expect(told).toBeGreaterThanOrEqual(3);
});

test('a revoke that EC2 goes on refusing for its rate is AwsUnavailable, and has certainly had no effect', async () => {
  const { town, firewall, ruleId } = await opened(SOURCE, [A], SHARED, leaping());
  town.faults.add({ action: 'RevokeSecurityGroupIngress', times: 'always', kind: 'throttle' });
  await expect(firewall.revoke(SHARED, [ruleId])).rejects.toMatchObject({ unanswered: false });
  expect(calls(town, 'RevokeSecurityGroupIngress')).toHaveLength(4);
});

test('a revoke that would have to wait while the bot stops is AwsUnavailable, and is left to others', async () => {
  const { town, ruleId } = await opened(SOURCE, [A], SHARED, leaping());
  const clients = clientsOf(town);
  const firewall = createFirewall({ clients, installation: 'prod', keys: KEYS });
  const unknown = `sgr-${'0'.repeat(17)}`;
  for (let n = 0; n < 48; n += 1) await firewall.revoke(SHARED, [unknown]);
  clients.stopWaiting();
  expect(await firewall.revoke(SHARED, [ruleId])).toEqual([ruleId]);
  await expect(firewall.revoke(SHARED, [unknown])).rejects.toThrow(AwsUnavailable);
});

test('a revoke whose answer is lost is AwsUnavailable, and the next revoke answers for no id', async () => {
  const { town, firewall, ruleId } = await opened();
  town.faults.add({ action: 'RevokeSecurityGroupIngress', times: 1, kind: 'lost-answer' });
  await expect(firewall.revoke(SHARED, [ruleId])).rejects.toThrow(AwsUnavailable);
  expect(await firewall.revoke(SHARED, [ruleId])).toEqual([]);
  expect(ingress(town)).toEqual([]);
});

test('a revoke that fails half-way says which rules were revoked', async () => {
  const { town, firewall, ruleId } = await opened();
  const unknown = `sgr-${'0'.repeat(17)}`;
  // The first call finds the unknown id, the second revokes the other, and the third is lost.
  let revokes = 0;
  town.onEvent((event) => {
    if (event.kind !== 'call' || event.call.action !== 'RevokeSecurityGroupIngress') return;
    revokes += 1;
    if (revokes === 2) town.down = true;
  });
  expect(await firewall.revoke(SHARED, [ruleId, unknown])).toEqual([ruleId]);
  await expect(firewall.revoke(SHARED, [unknown])).rejects.toThrow(AwsUnavailable);
});

test('a revoke in several calls says which ids stood in a call without an answer', async () => {
  const { town, firewall, ruleId } = await opened();
  const others = ['203.0.113.61/32', '203.0.113.62/32'].map((cidr) => town.addRule(SHARED, { cidr }).ruleId);
  const unknown = `sgr-${'0'.repeat(17)}`;
  let revokes = 0;
  town.onEvent((event) => {
    if (event.kind !== 'call' || event.call.action !== 'RevokeSecurityGroupIngress') return;
    revokes += 1;
    // By then the unknown id is alone; the next call takes effect.
    if (revokes === 4)
      town.faults.add({ action: 'RevokeSecurityGroupIngress', times: 1, kind: 'lost-answer' });
  });
  const unanswered: string[] = [];
  const ids = [ruleId, unknown, ...others];
  expect(await firewall.revoke(SHARED, ids, (some) => unanswered.push(...some))).toEqual([ruleId]);
  expect(unanswered).toEqual(others);
  expect(ingress(town)).toEqual([]);
});

test('a revoke of no ids makes no call, and a revoke in a group that EC2 does not know is answered for no id', async () => {
  const town = await startTown();
  const firewall = replica(town);
  expect(await firewall.revoke(SHARED, [])).toEqual([]);
  expect(town.journal).toEqual([]);
  const unknown = `sgr-${'0'.repeat(17)}`;
  expect(await firewall.revoke('sg-0000dead', [unknown])).toEqual([]);
});

test('a revoke that AWS does not allow is a fault', async () => {
  const { town, firewall, ruleId } = await opened();
  town.settings.denied = ['RevokeSecurityGroupIngress'];
  await expect(firewall.revoke(SHARED, [ruleId])).rejects.toThrow(
    expect.objectContaining({ name: 'UnauthorizedOperation' }),
  );
});

test('lease tags of a rule are added, replaced and taken off', async () => {
  const { firewall, ruleId } = await opened();
  const longer = { ...A, endsAtMs: A.endsAtMs + 60_000 };
  await firewall.tag(ruleId, SHARED, SOURCE, [longer, B]);
  expect((await firewall.rules(SHARED))[0]?.leases).toEqual(expect.arrayContaining([longer, B]));
  await firewall.untag(ruleId, ['AAAAA']);
  expect((await firewall.rules(SHARED))[0]?.leases).toEqual([B]);
  await firewall.untag(ruleId, []);
  expect((await firewall.rules(SHARED))[0]).toMatchObject({ leases: [B], tagged: true });
});

test('tagging a rule that is gone is AwsUnavailable, and untagging it succeeds', async () => {
  const { town, firewall, ruleId } = await opened();
  town.removeRule(ruleId);
  await expect(firewall.tag(ruleId, SHARED, SOURCE, [A])).rejects.toThrow(AwsUnavailable);
  await expect(firewall.untag(ruleId, ['AAAAA'])).resolves.toBeUndefined();
});

test('`tagged` finds every rule of this installation, in all groups and for any port', async () => {
  const { town, firewall, ruleId } = await opened();
  const tags = ingress(town)[0]?.tags ?? {};
  town.settings.pageSize = 2;
  const wide = town.addRule(SHARED, { cidr: SOURCE, fromPort: 0, toPort: 65_535, tags });
  const moved = town.addRule(MEMBERS, { cidr: '198.51.100.0/24', tags });
  const udp = town.addRule(MEMBERS, { cidr: SOURCE, protocol: 'udp', tags: { [INSTALLATION_TAG]: 'prod' } });
  town.addRule(MEMBERS, { cidr: '198.51.100.3/32', tags: { [INSTALLATION_TAG]: 'dev' } });
  town.addRule(MEMBERS, { cidr: '198.51.100.4/32' });
  town.addRule(MEMBERS, { cidr: '198.51.100.5/32', isEgress: true, tags });
  const seen = await firewall.tagged();
  expect(new Set(seen.map((rule) => rule.ruleId))).toEqual(
    new Set([ruleId, wide.ruleId, moved.ruleId, udp.ruleId]),
  );
  expect(seen.every(({ tagged }) => tagged)).toBe(true);
  expect(seen.filter(({ leases }) => leases.length > 0).map((rule) => rule.ruleId)).toEqual(
    expect.arrayContaining([ruleId, wide.ruleId]),
  );
  expect(seen.find((rule) => rule.ruleId === moved.ruleId)?.leases).toEqual([]);
});

test('`tagged` lists all rules page by page, and looks up no group of a rule that would be ours in any group', async () => {
  const { town, firewall } = await opened();
  for (const n of [1, 2, 3, 4])
    await firewall.authorize(SHARED, `198.51.100.${n}/32`, [lease(`PAGE${n}`)], 'for jane');
  town.settings.pageSize = 2;
  const pages: number[] = [];
  const kept = await firewall.tagged((page) => {
    pages.push(page.length);
    return page.filter(({ source }) => source === SOURCE);
  });
  expect(kept.map(({ source }) => source)).toEqual([SOURCE]);
  expect(pages.reduce((sum, one) => sum + one)).toBe(5);
  expect(pages.length).toBe(calls(town, 'DescribeSecurityGroupRules').length);
  expect(calls(town, 'DescribeSecurityGroups')).toEqual([]);
});

test('wildcards in an installation’s name find no rules of another', async () => {
  const { town } = await opened();
  expect(await replica(town, { installation: '*' }).tagged()).toEqual([]);
});

test('a rule shows the traffic that it lets in: ports, protocols, ranges, groups and prefix lists, which can be read', async () => {
  const town = await startTown({ staleMs: 0 });
  const firewall = replica(town);
  town.addRule(SHARED, { cidr: '203.0.0.0/16', protocol: '-1' });
  town.addRule(SHARED, { cidr: '2001:db8::/32', fromPort: 0, toPort: 65_535 });
  town.addRule(SHARED, { cidr: MEMBERS });
  town.addRule(SHARED, { cidr: LIST.id });
  const shown = (await firewall.rules(SHARED)).map(({ traffic }) => traffic);
  expect(shown).toHaveLength(4);
  const expected = [
    { protocol: '-1', fromPort: -1, toPort: -1, from: { kind: 'range', cidr: '203.0.0.0/16' } },
    { protocol: 'tcp', fromPort: 0, toPort: 65_535, from: { kind: 'range', cidr: '2001:db8::/32' } },
    { ...SSH_TRAFFIC, from: { kind: 'group', groupId: MEMBERS } },
    { ...SSH_TRAFFIC, from: { kind: 'list', listId: LIST.id } },
  ];
  expect(shown).toEqual(expect.arrayContaining(expected));
  expect(await firewall.prefixList(LIST.id)).toEqual(LIST.cidrs);
  await expect(firewall.prefixList('pl-0000dead')).rejects.toThrow(
    expect.objectContaining({ name: 'InvalidPrefixListID.NotFound' }),
  );
});
