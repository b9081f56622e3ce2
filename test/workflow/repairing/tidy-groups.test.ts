/** Access groups that nobody needs are detached and deleted; groups that somebody needs are left alone. */
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { AwsTown } from '../../../sandbox/aws/aws-town.js';
import { moved } from '../../../src/access/request/request.js';
import { prepareGroup } from '../../../src/workflow/opening/prepare-opening.js';
import type { Parts } from '../../../src/workflow/ports.js';
import type { AuditEntry } from '../../../src/workflow/ports-store.js';
import { tidyGroups } from '../../../src/workflow/repairing/tidy-groups.js';
import { closeTowns, desktop, MEMBERS, SOURCE, startTown, VPC } from '../../aws/town.js';
import { rounds } from '../../depth.js';
import { gate } from '../../patience.js';
import { until } from '../../redis/redis.js';
import { factsOfDesktop, type Replicas, startReplicas, storeOpening } from '../replicas.js';

const DAY_MS = 86_400_000;
/** At least two, so that one group is detached and one deleted. */
const ROUNDS = rounds(3, 8);
const DESKTOPS = [11, 12, 13, 14].map((n) => desktop(n, { publicIp: `198.51.100.${n}` }));

let town: AwsTown;
let replicas: Replicas;
let audit: AuditEntry[];
beforeEach(async () => {
  town = await startTown({ staleMs: 30 }, DESKTOPS);
  replicas = await startReplicas(town);
  audit = [];
});
afterEach(async () => {
  await replicas.close();
  await closeTowns();
});

/** A replica that keeps so many groups attached, and tidies whenever it is asked to. */
async function tidier(keep: number): Promise<Parts> {
  const parts = await replicas.parts();
  const { store, policy } = parts;
  return {
    ...parts,
    policy: { ...policy, firewall: { kind: 'access-group', keep } },
    store: {
      ...store,
      turn: async () => true,
      audit: async (entries) => {
        audit.push(...entries);
        await store.audit(entries);
      },
    },
  };
}

const nameOf = (n: number) => `workspace-ssh-${replicas.installation}-ws-${n}`;
const carried = (groupId: string) => town.interfaces().some(({ groups }) => groups.includes(groupId));
const stands = (groupId: string) => town.groups().some(({ id }) => id === groupId);

async function made(parts: Parts, n: number, ageMs: number): Promise<string> {
  const group = await parts.firewall.accessGroup(nameOf(n), VPC, Date.now() - ageMs);
  return 'groupId' in group ? group.groupId : group.refused;
}

/** A group on the interface of the WorkSpace with this number. */
async function attached(parts: Parts, n: number, ageMs: number): Promise<string> {
  const groupId = await made(parts, n, ageMs);
  const interfaceId = town.interfaceOf(`ws-${String(n).padStart(9, '0')}`)?.id ?? '';
  expect(await parts.firewall.attach(interfaceId, groupId)).toBe('attached');
  return groupId;
}

/** A rule came into the group and went: only its record remains. */
async function usedNow(parts: Parts, groupId: string): Promise<void> {
  const rule = { groupId, source: SOURCE, version: 1, stage: { state: 'gone' as const }, leases: [] };
  expect(await parts.store.change({ rule, audit: [] })).toEqual({ outcome: 'done' });
}

test('the least recently used access groups are detached, down to the number that the policy keeps', async () => {
  const parts = await tidier(2);
  const oldButUsed = await attached(parts, 11, 4000);
  const oldest = await attached(parts, 12, 3000);
  const old = await attached(parts, 13, 2000);
  const newest = await attached(parts, 14, 1000);
  await usedNow(parts, oldButUsed);
  await tidyGroups(parts);
  expect([oldButUsed, oldest, old, newest].map(carried)).toEqual([true, false, false, true]);
  expect([oldest, old].map(stands)).toEqual([true, true]);
  const interfaceId = town.interfaceOf('ws-000000012')?.id;
  expect(town.interfaceOf('ws-000000012')?.groups).toEqual([MEMBERS]);
  expect(audit).toHaveLength(2);
  expect(audit).toContainEqual({
    atMs: expect.any(Number),
    who: 'sweep',
    what: 'group-detached',
    ids: { groupId: oldest, interfaceId },
  });
});

test('an access group stays attached while a live request, a record of a rule, or any rule at EC2 needs it', async () => {
  const parts = await tidier(0);
  const opening = await attached(parts, 11, DAY_MS);
  await storeOpening(parts, 'AAAAA', nameOf(11));
  const recorded = await attached(parts, 12, DAY_MS);
  const stage = { state: 'authorizing' as const, deadlineMs: 0, openByMs: 0 };
  await parts.store.change({
    rule: { groupId: recorded, source: SOURCE, version: 1, stage, leases: [] },
    audit: [],
  });
  const foreign = await attached(parts, 13, DAY_MS);
  town.addRule(foreign, { cidr: '203.0.113.9/32', fromPort: 443, toPort: 443 });
  const idle = await attached(parts, 14, DAY_MS);
  await tidyGroups(parts);
  expect([opening, recorded, foreign, idle].map(carried)).toEqual([true, true, true, false]);
});

test('a rule that came after the groups were listed keeps its access group attached', async () => {
  const parts = await tidier(0);
  const groupId = await attached(parts, 11, DAY_MS);
  const { firewall } = parts;
  const late: Parts = {
    ...parts,
    firewall: {
      ...firewall,
      async carriers(groupIds) {
        const found = await firewall.carriers(groupIds);
        await storeOpening(parts, 'AAAAA', nameOf(11));
        return found;
      },
    },
  };
  await tidyGroups(late);
  expect(carried(groupId)).toBe(true);
  expect(audit).toEqual([]);
});

test('an access group that is empty, unattached and a day old is deleted; a younger, a used and an attached one are not', async () => {
  const parts = await tidier(500);
  const gone = await made(parts, 1, DAY_MS + 1000);
  const young = await made(parts, 2, DAY_MS - 60_000);
  const foreign = await made(parts, 3, DAY_MS + 1000);
  town.addRule(foreign, { cidr: '203.0.113.9/32' });
  const awaited = await made(parts, 4, DAY_MS + 1000);
  await storeOpening(parts, 'AAAAA', nameOf(4));
  const carriedOne = await attached(parts, 11, DAY_MS + 1000);
  await tidyGroups(parts);
  expect([gone, young, foreign, awaited, carriedOne].map(stands)).toEqual([false, true, true, true, true]);
  expect(audit).toMatchObject([{ who: 'sweep', what: 'group-deleted', ids: { groupId: gone } }]);
});

test('a group with a name like ours and no signature of ours is left alone', async () => {
  const parts = await tidier(0);
  const other = await startReplicas(town);
  const theirs = await attached(await other.parts(), 11, 2 * DAY_MS);
  await tidyGroups(parts);
  expect([carried(theirs), stands(theirs)]).toEqual([true, true]);
  await other.close();
});

test('of several replicas one tidies the access groups, which costs two reads where there is nothing to do', async () => {
  const [one, other] = [await replicas.parts(), await replicas.parts()];
  await attached(one, 11, DAY_MS);
  await new Promise((resolve) => setTimeout(resolve, 50));
  const before = town.journal.length;
  for (const parts of [one, other, one]) await tidyGroups(parts);
  expect(town.journal.slice(before).map(({ action }) => action)).toEqual([
    'DescribeSecurityGroups',
    'DescribeNetworkInterfaces',
  ]);
});

test('an opening looks at no group while the tidying takes it off, and attaches it afterwards', async () => {
  const tidying = await tidier(0);
  const opener: Parts = { ...(await replicas.parts()), sleep: async () => undefined };
  const groupId = await attached(opener, 11, DAY_MS);
  const [decided, goesOn] = [gate(), gate()];
  const detach: Parts['firewall']['detach'] = (interfaceId, group, options) => {
    const may = async () => {
      const agreed = (await options?.may?.()) ?? true;
      decided.open();
      await goesOn.opened;
      return agreed;
    };
    return tidying.firewall.detach(interfaceId, group, { ...options, may });
  };
  const tidied = tidyGroups({ ...tidying, firewall: { ...tidying.firewall, detach } });
  await decided.opened;
  const group = { name: nameOf(11), carriedAs: groupId };
  const request = await storeOpening(opener, 'AAAAA', group, [factsOfDesktop(town, 'ws-000000011')]);
  expect(await prepareGroup(opener, request)).toBe('again');
  goesOn.open();
  await tidied;
  expect(carried(groupId)).toBe(false);
  await until('it is attached', async () => typeof (await prepareGroup(opener, request)) === 'object');
  expect(carried(groupId)).toBe(true);
});

test('an opening that races the tidying has its group attached, every time', async () => {
  const tidying = await tidier(0);
  const opener = await replicas.parts();
  const oldEnough: Parts = { ...tidying, times: { ...tidying.times, groupAgeMs: 1 } };
  const facts = factsOfDesktop(town, 'ws-000000011');
  let over = false;
  const tidyOn = async () => {
    while (!over) {
      await tidyGroups(oldEnough).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  const lost: string[] = [];
  let carriedAs = '';
  const openAndEnd = async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const group = { name: nameOf(11), ...(carriedAs ? { carriedAs } : {}) };
      const request = await storeOpening(opener, `AAAA${round}`, group, [facts]);
      let groupId = '';
      await until('it is attached', async () => {
        const ready = await prepareGroup(opener, request).catch(() => 'again' as const);
        if (typeof ready === 'object') groupId = ready.groupId;
        return groupId !== '';
      });
      carriedAs = groupId;
      for (let look = 0; look < 15; look++) {
        if (!carried(groupId)) lost.push(`${groupId} in round ${round}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      const refusal = { sentence: 'The test is done with it.' };
      const failed = { state: 'failed' as const, refusal, atMs: Date.now(), facts: request.phase.facts };
      await opener.store.change({ request: moved(request, failed), audit: [] });
      if (round % 3 === 0) await until('it is detached', () => !carried(groupId));
      if (round % 3 === 1) await until('it is deleted', () => !stands(groupId));
    }
  };
  const opened = openAndEnd().finally(() => {
    over = true;
  });
  await Promise.all([tidyOn(), opened]);
  expect(lost).toEqual([]);
  expect(audit.some(({ what }) => what === 'group-deleted')).toBe(true);
});
