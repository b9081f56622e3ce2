/** Ends that are due go together, each group alone: a group that AWS does not let go holds up no other. */
import { setImmediate as immediate } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { AwsTown } from '../../../sandbox/aws/aws-town.js';
import type { RequestId, RequestIn } from '../../../src/access/request/request.js';
import { warn } from '../../../src/access/request/transitions/ending.js';
import { INSTALLATION_TAG, type Lease, leaseTagKey, leaseTagValue } from '../../../src/access/rules/lease.js';
import type { RuleRecord } from '../../../src/access/rules/rule.js';
import type { SeenRule } from '../../../src/access/rules/seen-rule.js';
import { advanceHeld } from '../../../src/workflow/advance.js';
import { change } from '../../../src/workflow/change.js';
import * as due from '../../../src/workflow/ending/end-due.js';
import { endsAreHeldUp } from '../../../src/workflow/ends-first.js';
import { AwsRefused, AwsUnavailable, type Parts } from '../../../src/workflow/ports.js';
import type { Firewall } from '../../../src/workflow/ports-firewall.js';
import type { Records, Store } from '../../../src/workflow/ports-store.js';
import { sweepRules } from '../../../src/workflow/repairing/sweep-rules.js';
import { closeTowns, KEYS, SHARED, startTown } from '../../aws/town.js';
import { rounds } from '../../depth.js';
import { gate } from '../../patience.js';
import { until } from '../../redis/redis.js';
import { type Replicas, startReplicas, storeOpening } from '../replicas.js';

/** One town, and for each test an installation of its own: no test finds the due ends of another. */
let town: AwsTown;
let replicas: Replicas;
beforeAll(async () => {
  town = await startTown({ staleMs: 0 });
});
beforeEach(async () => {
  replicas = await startReplicas(town);
});
afterEach(async () => {
  town.faults.clear();
  for (const { ruleId, isEgress } of town.rules()) if (!isEgress) town.removeRule(ruleId);
  await replicas.close();
});
afterAll(closeTowns);

const GROUPS = ['sg-000000a0', 'sg-000000a1', 'sg-000000a2'];
const SOURCE = '203.0.113.25/32';
let made = 0;

interface Grant {
  groupId: string;
  source?: string;
  /** How long ago the grant ended; in the future where negative. */
  overMs?: number;
}

/** Stores an open grant that is over, and answers its request with the lease on its rule. */
async function storeOpen(
  parts: Parts,
  { groupId, source = SOURCE, overMs = 1_000 }: Grant,
): Promise<{ request: RequestIn<'open'>; lease: Lease }> {
  made += 1;
  const opening = await storeOpening(parts, `E${String(made).padStart(4, '0')}`, 'a group');
  const { facts, need, review, grant } = opening.phase;
  const endsAtMs = parts.now() - overMs;
  const request: RequestIn<'open'> = {
    ...opening,
    version: 2,
    ask: { ...opening.ask, source: { ...opening.ask.source, cidr: source } },
    phase: {
      ...{ state: 'open', facts, need, review },
      ...{ grant: { ...grant, groupId, endsAtMs }, openedAtMs: grant.startedAtMs, warned: false },
    },
  };
  await parts.store.change({ request, audit: [] });
  const lease = { requestId: request.id, endsAtMs, openedAtMs: 0, user: 'U1', target: 'ws-000000001' };
  return { request, lease };
}

/** Adds the rule of these leases at AWS and stores its record. */
async function storeRule(parts: Parts, place: Grant, leases: Lease[]): Promise<RuleRecord> {
  const { groupId, source = SOURCE } = place;
  const { installation } = parts;
  const tags = leases.map((lease) => [
    leaseTagKey(lease.requestId),
    leaseTagValue(lease, { installation, groupId, source }, KEYS),
  ]);
  const { ruleId } = town.addRule(groupId, {
    cidr: source,
    tags: { [INSTALLATION_TAG]: installation, ...Object.fromEntries(tags) },
  });
  const rule: RuleRecord = { groupId, source, version: 1, stage: { state: 'open', ruleId }, leases };
  await parts.store.change({ rule, audit: [] });
  return rule;
}

/** An open grant that is over, with a rule of its own. */
async function opened(parts: Parts, grant: Grant): Promise<RequestIn<'open'> & { ruleId: string }> {
  const { request, lease } = await storeOpen(parts, grant);
  const { stage } = await storeRule(parts, grant, [lease]);
  return { ...request, ruleId: stage.state === 'open' ? stage.ruleId : '' };
}

const endDue = (parts: Parts, id: RequestId) => due.endDue(parts, id, advanceHeld);

const calls = (from: number) =>
  town.journal.slice(from).filter(({ action }) => action === 'RevokeSecurityGroupIngress');

/** Everything that the replica works on, and that it takes up next. */
async function quiet({ memory: { ends } }: Parts): Promise<void> {
  const { running, turns } = ends;
  while (running.size + turns.running.size > 0)
    await Promise.allSettled([...running.values(), ...turns.running.values()]);
}

async function stateOf(parts: Parts, id: RequestId): Promise<string | undefined> {
  return (await parts.store.load(id))?.phase.state;
}

const ENDS_AT_ONCE = rounds(200, 1_000);

test(`of ${ENDS_AT_ONCE} ends at one moment neither an end that AWS denies nor an end whose rule is gone holds up another`, async () => {
  const parts = await replicas.parts();
  const [denied, gone] = ['sg-50', 'sg-60'];
  const rules = new Map<string, SeenRule>();
  const revoked: string[] = [];
  const grants = await Promise.all(
    Array.from({ length: ENDS_AT_ONCE }, async (_, n) => {
      const groupId = `sg-${n}`;
      const { request, lease } = await storeOpen(parts, { groupId });
      const ruleId = `sgr-${n}`;
      const stage = { state: 'open' as const, ruleId };
      await parts.store.change({
        rule: { groupId, source: SOURCE, version: 1, stage, leases: [lease] },
        audit: [],
      });
      const traffic = {
        protocol: 'tcp',
        fromPort: 22,
        toPort: 22,
        from: { kind: 'range' as const, cidr: SOURCE },
      };
      const seen = { tagged: true, marked: true, plain: true, inAccessGroup: true, traffic };
      if (groupId !== gone) rules.set(groupId, { ruleId, groupId, source: SOURCE, leases: [lease], ...seen });
      return request;
    }),
  );
  const firewall: Pick<Firewall, 'rules' | 'revoke'> = {
    async rules(groupId) {
      const rule = rules.get(groupId);
      return rule ? [rule] : [];
    },
    async revoke(groupId, ruleIds) {
      revoked.push(groupId);
      if (groupId === denied)
        throw new AwsRefused({ action: 'ec2:Revoke', code: 'UnauthorizedOperation', message: 'no' });
      return rules.delete(groupId) ? ruleIds : [];
    },
  };
  const bot = { ...parts, firewall: { ...parts.firewall, ...firewall } };
  expect(await endDue(bot, grants[0]?.id ?? '')).toBe('done');
  await quiet(bot);
  expect(revoked).toHaveLength(ENDS_AT_ONCE);
  const left = new Map<string, string | undefined>();
  for (const { id, phase } of grants) {
    const state = await stateOf(bot, id);
    if (state !== 'ended') left.set(phase.grant.groupId, state);
  }
  // A rule that was gone already is looked for once more, later, before anybody says that its access has ended.
  expect([...left]).toEqual([
    [denied, 'closing'],
    [gone, 'closing'],
  ]);
  const refused = await bot.store.load(grants[50]?.id ?? '');
  expect(refused?.phase).toMatchObject({ troubleAtMs: expect.any(Number) });
});

test('ends of one group are one revoke, and a rule id that EC2 does not know keeps no rule open', async () => {
  const parts = await replicas.parts();
  const sources = ['203.0.113.1/32', '203.0.113.2/32', '203.0.113.3/32'];
  const places = GROUPS.flatMap((groupId) => sources.map((source) => ({ groupId, source })));
  const grants: Awaited<ReturnType<typeof opened>>[] = [];
  for (const place of places) grants.push(await opened(parts, place));
  const [lost] = grants;
  if (lost) town.removeRule(lost.ruleId);
  const from = town.journal.length;
  expect(await endDue(parts, grants.at(-1)?.id ?? '')).toBe('done');
  await quiet(parts);
  expect(town.rules().filter(({ groupId, isEgress }) => GROUPS.includes(groupId) && !isEgress)).toEqual([]);
  for (const { id } of grants.slice(1)) expect(await stateOf(parts, id)).toBe('ended');
  // One call for each of the groups whose ids are all known; the others of the first group in halves.
  const groups = calls(from).map(({ request }) => request.GroupId);
  expect(groups.filter((groupId) => groupId !== GROUPS[0]).sort()).toEqual(GROUPS.slice(1));
});

test('however many ends are taken up at one moment, the ends of one group are one revoke', async () => {
  const parts = await replicas.parts();
  const ruleIds = new Map<string, string[]>();
  for (let n = 0; n < 250; n += 1) {
    const place = { groupId: `sg-${n % 5}`, source: `203.0.113.${n}/32` };
    const { lease } = await storeOpen(parts, place);
    const stage = { state: 'open' as const, ruleId: `sgr-${n}` };
    await parts.store.change({ rule: { ...place, version: 1, stage, leases: [lease] }, audit: [] });
    ruleIds.set(place.groupId, [...(ruleIds.get(place.groupId) ?? []), stage.ruleId].sort());
  }
  const revoked: [groupId: string, ruleIds: string[]][] = [];
  const firewall: Pick<Firewall, 'rules' | 'revoke'> = {
    rules: async () => [],
    async revoke(groupId, ids) {
      revoked.push([groupId, [...ids].sort()]);
      return ids;
    },
  };
  const bot = { ...parts, firewall: { ...parts.firewall, ...firewall } };
  await due.endAllDue(bot, advanceHeld);
  await quiet(bot);
  expect(revoked.sort()).toEqual([...ruleIds].sort());
});

test('a rule with several leases is removed with the last of them, and leases that end at once leave in one step', async () => {
  const parts = await replicas.parts();
  const place = { groupId: SHARED };
  const [one, two, later] = [
    await storeOpen(parts, place),
    await storeOpen(parts, place),
    await storeOpen(parts, { ...place, overMs: -60_000 }),
  ];
  const rule = await storeRule(parts, place, [one.lease, two.lease, later.lease]);
  await endDue(parts, two.request.id);
  await quiet(parts);
  expect([await stateOf(parts, one.request.id), await stateOf(parts, two.request.id)]).toEqual([
    'ended',
    'ended',
  ]);
  expect(await stateOf(parts, later.request.id)).toBe('open');
  const kept = await parts.store.ruleOf(SHARED, SOURCE);
  expect(kept).toMatchObject({ version: rule.version + 1, stage: { state: 'open' }, leases: [later.lease] });
  const [there] = town.rules(SHARED).filter(({ isEgress }) => !isEgress);
  expect(Object.keys(there?.tags ?? {})).toEqual([INSTALLATION_TAG, leaseTagKey(later.request.id)]);
});

test('two replicas that wake at one moment end each grant once', async () => {
  const [one, two] = [await replicas.parts(), await replicas.parts()];
  const grants: Awaited<ReturnType<typeof opened>>[] = [];
  for (const groupId of GROUPS) grants.push(await opened(one, { groupId }));
  const from = town.journal.length;
  const [first, last] = [grants[0]?.id ?? '', grants[2]?.id ?? ''];
  const progress = await Promise.all([endDue(one, first), endDue(two, last)]);
  await Promise.all([quiet(one), quiet(two)]);
  expect(progress).toContain('done');
  for (const { id } of grants) expect(await stateOf(one, id)).toBe('ended');
  expect(calls(from)).toHaveLength(GROUPS.length);
});

test('ends that another replica works on hold up no end behind them, and are not asked for again and again', async () => {
  const [one, two] = [await replicas.parts(), await replicas.parts()];
  const grants = await Promise.all(
    Array.from({ length: 250 }, (_, n) => storeOpen(one, { groupId: `sg-${n}` })),
  );
  const answers = gate();
  const rules: Firewall['rules'] = () => answers.opened.then(() => []);
  const hanging = { ...one, firewall: { ...one.firewall, rules } };
  const first = endDue(hanging, grants[0]?.request.id ?? '');
  const { running } = hanging.memory.ends;
  while (running.size < grants.length) await immediate();
  const asked: (readonly RequestId[])[] = [];
  const store: Store = {
    ...two.store,
    atRequests(ids, ...given) {
      asked.push(ids);
      return two.store.atRequests(ids, ...given);
    },
  };
  const other = { ...two, store };
  const ends = await due.endAllDue(other, advanceHeld);
  for (const progress of ends.values()) expect(await progress).toBe('busy');
  expect(ends.size).toBe(grants.length);
  const next = await opened(one, { groupId: GROUPS[0] ?? '' });
  expect(await endDue(other, next.id)).toBe('done');
  expect(asked.at(-1)).toEqual([next.id]);
  answers.open();
  expect(await first).toBe('done');
  await quiet(hanging);
});

test('the end of a group that AWS does not let go is tried again by its own timer or the sweep, and not with every other end', async () => {
  const parts = await replicas.parts();
  const [groupId = '', other = ''] = GROUPS;
  const throttled = await opened(parts, { groupId });
  town.faults.add({ action: 'RevokeSecurityGroupIngress', times: 1, kind: '500' });
  expect(await endDue(parts, throttled.id)).toBe('again');
  const next = await opened(parts, { groupId: other });
  const from = town.journal.length;
  expect(await endDue(parts, next.id)).toBe('done');
  expect(calls(from)).toHaveLength(1);
  expect(await (await due.endAllDue(parts, advanceHeld)).get(throttled.id)).toBe('done');
});

test('an end that fails while others are taken up does not count as done, and its next try waits for none of the others', async () => {
  const parts = await replicas.parts();
  const [groupId = '', other = ''] = GROUPS;
  const failing = await opened(parts, { groupId });
  const hanging = await opened(parts, { groupId: other });
  const [fails, answers] = [gate(), gate()];
  let tries = 0;
  const firewall: Firewall = {
    ...parts.firewall,
    async revoke(of, ...rest) {
      if (of === other) await answers.opened;
      else if (++tries === 1) {
        await fails.opened;
        throw new AwsUnavailable('throttled');
      }
      return parts.firewall.revoke(of, ...rest);
    },
  };
  const store: Store = {
    ...parts.store,
    async atRequests(...given) {
      if (tries > 0) {
        fails.open();
        while (bot.memory.ends.running.has(failing.id)) await immediate();
      }
      return parts.store.atRequests(...given);
    },
  };
  const bot = { ...parts, firewall, store };
  const first = endDue(bot, failing.id);
  while (tries === 0) await immediate();
  expect(await endDue(bot, failing.id)).toBe('again');
  expect(await first).toBe('again');
  expect(bot.memory.watched.failures).toEqual([{ during: 'ends', cause: 'aws-away', times: 1 }]);
  expect(await endDue(bot, failing.id)).toBe('done');
  expect(await stateOf(parts, hanging.id)).toBe('closing');
  answers.open();
  await quiet(bot);
  expect(await stateOf(parts, hanging.id)).toBe('ended');
});

test('an end whose turn at EC2 does not come is told to the admins after a while, and access ends all the same', async () => {
  const parts = await replicas.parts();
  const { id } = await opened(parts, { groupId: GROUPS[0] ?? '' });
  const [waits, turn] = [gate(), gate()];
  const firewall: Firewall = {
    ...parts.firewall,
    async revoke(...given) {
      waits.open();
      await turn.opened;
      return parts.firewall.revoke(...given);
    },
  };
  const alertMs = 600_000;
  const bot = { ...parts, firewall, times: { ...parts.times, alertMs } };
  const ended = endDue(bot, id);
  await waits.opened;
  await due.raiseWaiting(bot);
  expect(await parts.store.load(id)).not.toHaveProperty('phase.troubleAtMs');
  await due.raiseWaiting({ ...bot, now: () => parts.now() + alertMs });
  expect(await parts.store.load(id)).toHaveProperty('phase.troubleAtMs');
  turn.open();
  await ended;
  while ((await endDue(bot, id)) !== 'done');
  expect(await stateOf(parts, id)).toBe('ended');
});

test('while EC2 keeps ends waiting for its rate, openings and the sweep of another replica leave the rate to the ends', async () => {
  const [parts, plain] = [await replicas.parts(), await replicas.parts()];
  // The end is overdue for so short a time that the store is believed to say which replica works on it.
  const other = { ...plain, times: { ...plain.times, alertMs: 600_000 } };
  const { id, ruleId } = await opened(parts, { groupId: GROUPS[0] ?? '' });
  const [waits, turn] = [gate(), gate()];
  const firewall: Firewall = {
    ...parts.firewall,
    async revoke(groupId, ruleIds, unanswered, heldUp) {
      heldUp?.();
      waits.open();
      await turn.opened;
      return parts.firewall.revoke(groupId, ruleIds, unanswered);
    },
  };
  const ended = endDue({ ...parts, firewall }, id);
  await waits.opened;
  while (!(await endsAreHeldUp(other))) await immediate();
  await sweepRules(other);
  expect(town.rules(GROUPS[0]).some((rule) => rule.ruleId === ruleId)).toBe(true);
  turn.open();
  expect(await ended).toBe('done');
});

test('access whose rule a crashed replica revoked without recording it is ended by the next replica', async () => {
  const [dying, other] = [await replicas.parts(), await replicas.parts()];
  const { id } = await opened(dying, { groupId: GROUPS[0] ?? '' });
  const store: Store = {
    ...dying.store,
    change: (step) =>
      step.rule?.stage.state === 'gone'
        ? Promise.reject(new AwsUnavailable('dead'))
        : dying.store.change(step),
  };
  expect(await endDue({ ...dying, store }, id)).toBe('again');
  expect(town.rules(GROUPS[0]).filter(({ isEgress }) => !isEgress)).toEqual([]);
  expect(await stateOf(other, id)).toBe('closing');
  const absent = { ...other, times: { ...other.times, absentAgainMs: 0 } };
  while ((await endDue(absent, id)) !== 'done');
  expect(await stateOf(other, id)).toBe('ended');
});

test('a request that somebody changes between the read and the write of its end ends all the same', async () => {
  const parts = await replicas.parts();
  const place = { groupId: GROUPS[0] ?? '' };
  const [one, two] = [await storeOpen(parts, place), await storeOpen(parts, place)];
  await storeRule(parts, place, [one.lease, two.lease]);
  let isWarned = false;
  const ruleOf: Records['ruleOf'] = async (...of) => {
    if (!isWarned) await change(parts, one.request, warn(one.request), { who: 'time' });
    isWarned = true;
    return parts.store.ruleOf(...of);
  };
  const bot = { ...parts, store: { ...parts.store, ruleOf } };
  expect(await endDue(bot, two.request.id)).toBe('done');
  await quiet(bot);
  for (const { request } of [one, two]) expect(await stateOf(parts, request.id)).toBe('ended');
});

test('the steps after a revoke wait for the other revokes in line, and not for one that hangs', async () => {
  const parts = await replicas.parts();
  const grants = await Promise.all([
    opened(parts, { groupId: 'sg-000000a0' }),
    opened(parts, { groupId: 'sg-000000a1' }),
  ]);
  const [quick, slow] = grants;
  const seen: string[] = [];
  const sleepers: (() => void)[] = [];
  let answer: () => void = () => undefined;
  const isAnswered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const firewall: Firewall = {
    ...parts.firewall,
    rules(groupId) {
      seen.push(`read ${groupId}`);
      return parts.firewall.rules(groupId);
    },
    async revoke(groupId, ruleIds, unanswered) {
      if (groupId === slow?.phase.grant.groupId) await isAnswered;
      const revoked = await parts.firewall.revoke(groupId, ruleIds, unanswered);
      seen.push(`revoked ${groupId}`);
      return revoked;
    },
  };
  const sleep = () => new Promise<void>((resolve) => sleepers.push(resolve));
  const bot = { ...parts, firewall, sleep };
  const ended = endDue(bot, quick?.id ?? '');
  await until('the first revoke', () => seen.includes('revoked sg-000000a0') && sleepers.length > 0);
  // A read-back would come after two or three trips to the store. No read comes before a revoke.
  for (let trip = 0; trip < 10; trip += 1) await parts.store.taken('nothing');
  expect(seen).toEqual(['revoked sg-000000a0']);
  // Time passes, and the other revoke has not been answered.
  let progress: string | undefined;
  void ended.then((what) => {
    progress = what;
  });
  const timePasses = () => {
    for (const wake of sleepers.splice(0)) wake();
  };
  await until('the first end', () => {
    timePasses();
    return progress !== undefined;
  });
  expect(progress).toBe('done');
  expect(await stateOf(parts, slow?.id ?? '')).toBe('closing');
  answer();
  await until('the other end', () => {
    timePasses();
    return bot.memory.ends.running.size === 0;
  });
  expect(await stateOf(parts, slow?.id ?? '')).toBe('ended');
});
