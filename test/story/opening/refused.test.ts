import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { nanoid } from 'nanoid';
import { awsWorld } from '../../../sandbox/world.js';
import { LEASES_PER_RULE } from '../../../src/access/rules/lease.js';
import { connectRecords } from '../../../src/redis/connections.js';
import { createStore } from '../../../src/redis/request-store.js';
import type { Watched } from '../../../src/workflow/memory.js';
import { at, isReady, keptLog } from '../../redis/redis.js';
import { type Story, startStory } from '../story.js';

const INSTALLATION = `t-${nanoid(10).toLowerCase().replace(/_/g, '-')}`;
const TAKEN = `workspace-ssh-${INSTALLATION}-ws-tombecker1`;

let story: Story;
/** The figures that the bot shows. */
let failures: Watched['failures'] = [];
beforeAll(async () => {
  const world = awsWorld();
  const vpcId = world.vpcs[0]?.id ?? '';
  const taken = { id: 'sg-0cccccccccccccc01', name: TAKEN, vpcId, description: 'somebody else’s' };
  story = await startStory({
    world: { ...world, groups: [...world.groups, taken] },
    env: { INSTALLATION, TIME_AWS: '1s', TIME_ABSENT_AGAIN: '300ms' },
    wrap(rooms) {
      failures = rooms.parts.memory.watched.failures;
      return rooms;
    },
  });
  story.town.aws.setState('ws-tombecker1', 'AVAILABLE');
});
afterAll(() => story.end());
const usual = { rulesPerGroup: 60, groupsPerInterface: 5, groupsPerRegion: 2500 };
beforeEach(() => {
  story.town.aws.settings.quotas = { ...usual };
});

async function fails(name: 'jane' | 'tom'): Promise<string> {
  const id = await story.asks(name, '203.0.113.25 1h fixing the build');
  await story.presses('maria', id, 'Approve');
  const failed = await story.sees(name, new RegExp(`Failed.*${id}`));
  await story.sees('ada', new RegExp(`could not be opened.*${id}`));
  expect(story.rules()).toEqual([]);
  return failed;
}

/** {@link fails} for want of room at AWS, which is counted as such. */
async function lacksRoom(): Promise<string> {
  const counted = () => failures.find(({ cause }) => cause === 'aws-quota')?.times ?? 0;
  const before = counted();
  const failed = await fails('jane');
  expect(counted()).toBeGreaterThan(before);
  return failed;
}

test('a group of our name without our signature is refused, and left alone', async () => {
  const failed = await fails('tom');
  expect(failed).toContain(`A security group named ${TAKEN} is there already and is not mine`);
  expect(story.town.aws.interfaceOf('ws-tombecker1')?.groups).not.toContain('sg-0cccccccccccccc01');
});

test('an opening fails in a Region that holds as many groups as AWS allows', async () => {
  story.town.aws.settings.quotas = { ...usual, groupsPerRegion: 1 };
  expect(await lacksRoom()).toMatch(/AWS allows no more security groups in this account/);
});

test('an opening fails at an interface that carries as many groups as AWS allows', async () => {
  story.town.aws.settings.quotas = { ...usual, groupsPerInterface: 2 };
  expect(await lacksRoom()).toMatch(/ws-janedoe01 carries as many security groups as AWS allows/);
});

test('an opening fails in a group that holds as many rules as AWS allows', async () => {
  story.town.aws.settings.quotas = { ...usual, rulesPerGroup: 0 };
  expect(await lacksRoom()).toMatch(/holds as many rules as AWS allows/);
});

test('an opening fails on a rule that forty grants share already', async () => {
  const first = await opens('jane');
  const [rule] = story.rules();
  if (!rule) throw new Error('no rule');
  const { installation, signingKeys: keys } = story.config;
  const redis = await isReady(
    connectRecords({ ...at(story.town.env.REDIS_URL ?? ''), timeoutMs: 2_000 }, keptLog()),
  );
  const store = createStore({ redis, installation, keys, log: keptLog(), now: Date.now });
  const record = await store.loadRule(rule.groupId, rule.cidr);
  const [lease] = record?.leases ?? [];
  if (!record || !lease) throw new Error('no record');
  const others = Array.from({ length: LEASES_PER_RULE - 1 }, (_, n) => ({
    ...lease,
    requestId: `L${n + 100}A`,
  }));
  const full = { ...record, version: record.version + 1, leases: [lease, ...others] };
  expect(await store.change({ rule: full, audit: [] })).toEqual({ outcome: 'done' });

  const id = await story.asks('jane', '203.0.113.25 1h one too many');
  await story.presses('maria', id, 'Approve');
  expect(await story.sees('jane', new RegExp(`Failed.*${id}`))).toContain(
    '40 requests share the rule for 203.0.113.25 already, and it takes no more. Ask again when one of them is over, or from another address.',
  );
  expect(await story.sees('ada', new RegExp(`could not be opened.*${id}`))).toContain(
    '40 requests share the rule',
  );
  // The other grants keep the rule.
  expect(story.rules().map(({ ruleId }) => ruleId)).toEqual([rule.ruleId]);
  await story.sees('jane', new RegExp(`Open until.*${first}`));
  redis.disconnect();
});

async function opens(name: 'jane'): Promise<string> {
  const id = await story.asks(name, '203.0.113.25 1h fixing the build');
  await story.presses('maria', id, 'Approve');
  await story.sees(name, new RegExp(`Open until.*${id}`));
  return id;
}
