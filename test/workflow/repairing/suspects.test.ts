/** The look around open access reads one list of rules and the numbers of groups, and then only groups where something changed. */
import { expect, test } from '@jest/globals';
import type { Lease } from '../../../src/access/rules/lease.js';
import { INSTALLATION_TAG, leaseTagKey } from '../../../src/access/rules/lease.js';
import type { OpenGrant } from '../../../src/workflow/memory.js';
import type { Parts } from '../../../src/workflow/ports.js';
import { detect } from '../../../src/workflow/repairing/detect.js';
import { readTagged } from '../../../src/workflow/repairing/read-tagged.js';
import { suspectGroups } from '../../../src/workflow/repairing/suspects.js';
import { sweepRules } from '../../../src/workflow/repairing/sweep-rules.js';
import { calls, lease, SHARED, VPC } from '../../aws/town.js';
import { PATIENCE_MS } from '../../patience.js';
import { sharedTown, storeOpening } from '../replicas.js';

const here = sharedTown();

interface Grant extends OpenGrant {
  ruleId: string;
  lease: Lease;
}

let made = 0;

async function opened(parts: Parts, groupId: string): Promise<Grant> {
  made += 1;
  const source = `203.0.113.${made}/32`;
  const theirs = lease(`GRANT${made}`, { openedAtMs: Date.now(), endsAtMs: Date.now() + 3_600_000 });
  const added = await parts.firewall.authorize(groupId, source, [theirs], 'for a test');
  if (typeof added === 'string') throw new Error(added);
  const { ruleId } = added;
  const rule = { groupId, source, version: 1, stage: { state: 'open' as const, ruleId }, leases: [theirs] };
  expect(await parts.store.change({ rule, audit: [] })).toEqual({ outcome: 'done' });
  const { requestId: id, endsAtMs } = theirs;
  const opening = await storeOpening(parts, id, 'a group');
  const { facts, need, review, grant } = opening.phase;
  const phase = { facts, need, review, grant: { ...grant, groupId, endsAtMs }, openedAtMs: 0, warned: false };
  await parts.store.change({
    request: { ...opening, version: 2, phase: { state: 'open', ...phase } },
    audit: [],
  });
  return {
    id,
    groupId,
    source,
    endsAtMs,
    desktops: 1,
    hasAccessGroup: groupId !== SHARED,
    ruleId,
    lease: theirs,
  };
}

async function ownGroup(parts: Parts): Promise<string> {
  made += 1;
  const group = await parts.firewall.accessGroup(`group-${made}`, VPC, Date.now());
  return 'groupId' in group ? group.groupId : group.refused;
}

async function suspects(parts: Parts, open: readonly OpenGrant[]): Promise<string[]> {
  const { staying } = await readTagged(parts);
  return [...(await suspectGroups(parts, staying, open))];
}

test('access that is as it was opened leads to no read of its group, in access groups and existing groups', async () => {
  const parts = await here.replicas.parts();
  const groups = [await ownGroup(parts), await ownGroup(parts), SHARED];
  const open = await Promise.all(groups.map((groupId) => opened(parts, groupId)));
  const before = calls(here.town, 'DescribeSecurityGroupRules').length;
  expect(await suspects(parts, open)).toEqual([]);
  expect(calls(here.town, 'DescribeSecurityGroupRules')).toHaveLength(before + 1);
});

test('the passes of a sweep share one list of rules, and the next sweep reads another', async () => {
  const usual = await here.replicas.parts();
  // A list gets old after two sweeps, which no machine is too slow for.
  const parts = { ...usual, times: { ...usual.times, sweepMs: PATIENCE_MS } };
  await opened(parts, SHARED);
  // A sweep looks twice at a store that carries no mark.
  await parts.store.mark(false);
  const lists = () =>
    calls(here.town, 'DescribeSecurityGroupRules').filter(
      ({ request }) => request['Filter.1.Name'] === 'tag-key',
    ).length;
  const before = lists();
  await Promise.all([sweepRules(parts), detect(parts)]);
  await detect({ ...parts, store: { ...parts.store, turn: async () => true } });
  expect(lists()).toBe(before + 1);
  await sweepRules(parts);
  expect(lists()).toBe(before + 2);
});

test.each<[string, boolean, (grant: Grant, parts: Parts) => unknown]>([
  ['a rule that is gone', true, ({ ruleId }) => here.town.removeRule(ruleId)],
  ['a rule without its tags', true, ({ ruleId }) => here.town.setTags(ruleId, {})],
  [
    'a rule without the installation’s tag',
    true,
    ({ ruleId, id }) =>
      here.town.setTags(ruleId, { [leaseTagKey(id)]: tagsOf(ruleId)[leaseTagKey(id)] ?? '' }),
  ],
  [
    'a rule without its lease',
    true,
    ({ ruleId }, { installation }) => here.town.setTags(ruleId, { [INSTALLATION_TAG]: installation }),
  ],
  [
    'a rule in place of another with the same tags',
    true,
    ({ ruleId, groupId, source }) => {
      const tags = tagsOf(ruleId);
      here.town.removeRule(ruleId);
      here.town.addRule(groupId, { cidr: source, tags });
    },
  ],
  ["somebody else's rule", false, ({ groupId }) => here.town.addRule(groupId, { cidr: '198.51.100.1/32' })],
  [
    'a rule that somebody gave our tag',
    false,
    ({ groupId }, { installation }) =>
      here.town.addRule(groupId, { cidr: '198.51.100.2/32', tags: { [INSTALLATION_TAG]: installation } }),
  ],
])('%s leads to a read of its group', async (_, alsoElsewhere, happens) => {
  const parts = await here.replicas.parts();
  const groupIds = [await ownGroup(parts), ...(alsoElsewhere ? [SHARED] : [])];
  for (const groupId of groupIds) {
    const grant = await opened(parts, groupId);
    await happens(grant, parts);
    expect(await suspects(parts, [grant])).toContain(groupId);
  }
});

test('the group of a rule that was absent once is read again, to see whether the rule is there', async () => {
  const parts = await here.replicas.parts();
  const grant = await opened(parts, await ownGroup(parts));
  const { groupId, source, ruleId } = grant;
  const stage = { state: 'open' as const, ruleId, absentSinceMs: Date.now() };
  await parts.store.change({
    rule: { groupId, source, version: 2, stage, leases: [grant.lease] },
    audit: [],
  });
  expect(await suspects(parts, [grant])).toContain(groupId);
});

test('a group of ours with a rule leads to a read also where no grant uses it', async () => {
  const parts = await here.replicas.parts();
  const groupId = await ownGroup(parts);
  here.town.addRule(groupId, { cidr: '198.51.100.3/32' });
  expect(await suspects(parts, [])).toContain(groupId);
});

test('access groups of which AWS does not say the number of rules are all read', async () => {
  const parts = await here.replicas.parts();
  const grant = await opened(parts, await ownGroup(parts));
  const other = await opened(parts, SHARED);
  const blind: Parts = {
    ...parts,
    firewall: { ...parts.firewall, ownGroups: () => Promise.reject(new Error('not allowed')) },
  };
  expect(await suspects(blind, [grant, other])).toEqual([grant.groupId]);
});

function tagsOf(ruleId: string): Record<string, string> {
  return here.town.rules().find((rule) => rule.ruleId === ruleId)?.tags ?? {};
}
