/** Leases that a rule carries in its tags and that its record lacks: orphaned, expired, or just joining. */
import { expect, test } from '@jest/globals';
import { leaseTagKey } from '../../../src/access/rules/lease.js';
import { AwsUnavailable, type Parts } from '../../../src/workflow/ports.js';
import { StoreUnreachable } from '../../../src/workflow/ports-store.js';
import { sweepRules } from '../../../src/workflow/repairing/sweep-rules.js';
import { converge } from '../../../src/workflow/rules/converge.js';
import { lease, SHARED, VPC } from '../../aws/town.js';
import { aRequest } from '../../redis/redis.js';
import { sharedTown, storeOpening } from '../replicas.js';

const HOUR_MS = 3_600_000;

const here = sharedTown();

let made = 0;

/** A rule with the record of one lease, and with the tags of another that runs until `endsAtMs` as well. */
async function joined(endsAtMs = Date.now() + HOUR_MS) {
  made += 1;
  const plain = await here.replicas.parts();
  const parts: Parts = {
    ...plain,
    firewall: { ...plain.firewall, carriersOf: async () => ({ reach: 1, interfaces: [] }) },
    messenger: { ...plain.messenger, notify: async () => undefined },
  };
  const source = `203.0.113.${made}/32`;
  const { ruleId } = here.town.addRule(SHARED, { cidr: source });
  const openedAtMs = Date.now() - 60_000;
  const known = lease(`KNWN${made + 1}`, { openedAtMs, endsAtMs: Date.now() + HOUR_MS });
  const other = lease(`THER${made + 1}`, { openedAtMs, endsAtMs });
  await parts.firewall.tag(ruleId, SHARED, source, [known, other]);
  const rule = {
    groupId: SHARED,
    source,
    version: 1,
    stage: { state: 'open' as const, ruleId },
    leases: [known],
  };
  await parts.store.change({ rule, audit: [] });
  const tags = () => Object.keys(here.town.rules(SHARED).find((one) => one.ruleId === ruleId)?.tags ?? {});
  const id = other.requestId;
  const isThere = () => here.town.rules(SHARED).some((one) => one.ruleId === ruleId);
  return { parts, id, source, isThere, isTagged: () => tags().includes(leaseTagKey(id)) };
}

test('a lease whose request the store lost stays until the sweep adopts it', async () => {
  const { parts, id, source, isTagged } = await joined();
  await converge(parts, SHARED);
  expect(isTagged()).toBe(true);
  await sweepRules(parts);
  expect(await parts.store.load(id)).toMatchObject({ phase: { state: 'open', adopted: true } });
  const record = await parts.store.loadRule(SHARED, source);
  expect(record?.leases.map(({ requestId }) => requestId)).toContain(id);
});

test('a lease whose request is over is taken off', async () => {
  const { parts, id, isTagged } = await joined();
  const request = { ...aRequest(id), phase: { state: 'cancelled' as const, by: 'U0JANE', atMs: Date.now() } };
  await parts.store.change({ request, audit: [] });
  await converge(parts, SHARED);
  expect(isTagged()).toBe(false);
});

test('a lease whose request is ending is taken off, whatever the store knows of it', async () => {
  const { parts, id, isTagged } = await joined();
  await converge(parts, SHARED, [id]);
  expect(isTagged()).toBe(false);
});

test('a lease whose time has passed is taken off', async () => {
  const { parts, isTagged } = await joined(Date.now() - 1_000);
  await converge(parts, SHARED);
  expect(isTagged()).toBe(false);
});

test('a lease that joined a rule while EC2 was asked about it keeps its tag', async () => {
  const { parts, id, source, isTagged } = await joined();
  await storeOpening(parts, id, 'any');
  const { rules } = parts.firewall;
  let isFirst = true;
  parts.firewall.rules = async (groupId) => {
    const seen = await rules(groupId);
    const record = await parts.store.loadRule(SHARED, source);
    const tag = seen.flatMap(({ leases }) => leases).find(({ requestId }) => requestId === id);
    if (isFirst && record && tag) {
      const rule = { ...record, version: record.version + 1, leases: [...record.leases, tag] };
      await parts.store.change({ rule, audit: [] });
    }
    isFirst = false;
    return seen;
  };
  await converge(parts, SHARED);
  expect(isTagged()).toBe(true);
});

test('a rule that came while EC2 was asked is not taken for the rule that is on its way out', async () => {
  const { parts, source, isThere } = await joined();
  const record = await parts.store.loadRule(SHARED, source);
  if (!record) throw new Error('there is no record');
  const open = record.stage;
  const leaving = { ...record, stage: { state: 'revoking' as const, deadlineMs: 0 }, leases: [] };
  await parts.store.change({ rule: { ...leaving, version: record.version + 1 }, audit: [] });
  const { rules } = parts.firewall;
  let isFirst = true;
  parts.firewall.rules = async (groupId) => {
    const seen = await rules(groupId);
    const again = { ...record, version: record.version + 2, stage: open };
    if (isFirst) await parts.store.change({ rule: again, audit: [] });
    isFirst = false;
    return seen;
  };
  await converge(parts, SHARED);
  expect(isThere()).toBe(true);
});

test('a closing request is not put back on its rule by the adoption of another lease', async () => {
  const { parts, id, source } = await joined();
  const opening = await storeOpening(parts, 'THERE', 'any');
  const { facts, need, review, grant } = opening.phase;
  const known = (await parts.store.loadRule(SHARED, source))?.leases[0]?.requestId ?? '';
  const phase = {
    state: 'closing' as const,
    ...{ facts, need, review, grant },
    cause: { kind: 'revoked' as const, by: 'U0JANE' },
    closingAtMs: Date.now(),
  };
  await parts.store.change({ request: { ...aRequest(known), phase }, audit: [] });
  const record = await parts.store.loadRule(SHARED, source);
  if (record)
    await parts.store.change({ rule: { ...record, version: record.version + 1, leases: [] }, audit: [] });
  await sweepRules(parts);
  expect(await parts.store.load(id)).toMatchObject({ phase: { state: 'open', adopted: true } });
  const after = await parts.store.loadRule(SHARED, source);
  expect(after?.leases.map(({ requestId }) => requestId)).toEqual([id]);
});

test('an expired rule that was removed while Redis was away, by a revoke without an answer, is logged and told to its requester', async () => {
  const { parts, id, source, isThere } = await joined(Date.now() - 1_000);
  const { owed, loadRule, change } = parts.store;
  const record = await loadRule(SHARED, source);
  if (!record) throw new Error('there is no record');
  const known = record.leases[0]?.requestId ?? '';
  await change({
    rule: { ...record, version: record.version + 1, stage: { state: 'gone' }, leases: [] },
    audit: [],
  });
  await parts.firewall.untag(record.stage.state === 'open' ? record.stage.ruleId : '', [known]);
  const { revoke } = parts.firewall;
  parts.store.owed = async () => {
    throw new Error('Redis is away');
  };
  parts.firewall.revoke = async (groupId, ruleIds) => {
    await revoke(groupId, ruleIds);
    throw new AwsUnavailable('no answer', { unanswered: true });
  };
  await sweepRules(parts);
  expect(isThere()).toBe(false);
  const { log } = parts;
  expect(JSON.stringify('lines' in log ? log.lines : [])).toContain('rule-revoked-unanswered');
  parts.store.owed = owed;
  parts.firewall.revoke = revoke;
  await sweepRules(parts);
  expect((await parts.store.load(id))?.phase.state).toBe('closing');
});

/** A rule without a record whose one lease has passed. */
async function passed() {
  const made = await joined(Date.now() - 1_000);
  const { parts, source } = made;
  const record = await parts.store.loadRule(SHARED, source);
  if (record?.stage.state !== 'open') throw new Error('there is no open record');
  const gone = { ...record, version: record.version + 1, stage: { state: 'gone' as const }, leases: [] };
  await parts.store.change({ rule: gone, audit: [] });
  await parts.firewall.untag(record.stage.ruleId, [record.leases[0]?.requestId ?? '']);
  return made;
}

test('an expired rule that converge removed in a revoke without an answer is told to its requester', async () => {
  const { parts, id, isThere } = await passed();
  const { revoke } = parts.firewall;
  parts.firewall.revoke = async (groupId, ruleIds) => {
    await revoke(groupId, ruleIds);
    throw new AwsUnavailable('no answer', { unanswered: true });
  };
  await expect(converge(parts, SHARED)).rejects.toThrow('no answer');
  expect(isThere()).toBe(false);
  parts.firewall.revoke = revoke;
  await sweepRules(parts);
  expect((await parts.store.load(id))?.phase.state).toBe('closing');
});

test('an expired rule of which a part of the revoke had no answer is told to its requester', async () => {
  const { parts, id, isThere } = await passed();
  const { revoke } = parts.firewall;
  parts.firewall.revoke = async (groupId, ruleIds, unanswered) => {
    await revoke(groupId, ruleIds);
    unanswered?.(ruleIds);
    return [];
  };
  await converge(parts, SHARED);
  expect(isThere()).toBe(false);
  parts.firewall.revoke = revoke;
  await sweepRules(parts);
  expect((await parts.store.load(id))?.phase.state).toBe('closing');
});

test('an expired rule that was removed is told to its requester although the audit record of its revoke could not be written', async () => {
  const { parts, id, isThere } = await passed();
  const { audit } = parts.store;
  parts.store.audit = async () => {
    throw new StoreUnreachable(true);
  };
  await expect(converge(parts, SHARED)).rejects.toThrow(StoreUnreachable);
  expect(isThere()).toBe(false);
  parts.store.audit = audit;
  await sweepRules(parts);
  expect((await parts.store.load(id))?.phase.state).toBe('closing');
});

test('where a lease was copied to a wider rule, the rule that the lease came from stays', async () => {
  const { parts } = await joined();
  const group = await parts.firewall.accessGroup('copied', VPC, Date.now());
  if (!('groupId' in group)) throw new Error('there is no group');
  const { groupId } = group;
  const source = '203.0.113.99/32';
  const tagged = lease('CPYD2', { openedAtMs: Date.now() - 60_000, endsAtMs: Date.now() + HOUR_MS });
  const genuine = here.town.addRule(groupId, { cidr: source });
  await parts.firewall.tag(genuine.ruleId, groupId, source, [tagged]);
  const { tags = {} } = here.town.rules(groupId).find(({ ruleId }) => ruleId === genuine.ruleId) ?? {};
  const wider = here.town.addRule(groupId, { cidr: source, toPort: 65_535, tags });
  await sweepRules(parts);
  expect(await parts.store.load('CPYD2')).toMatchObject({ phase: { state: 'open', adopted: true } });
  const there = here.town.rules(groupId).map(({ ruleId }) => ruleId);
  expect([there.includes(genuine.ruleId), there.includes(wider.ruleId)]).toEqual([true, false]);
});
