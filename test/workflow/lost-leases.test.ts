/** A lease on a rule that its record lacks: taken off where its request is over, left to the sweep where the store lost it. */
import { expect, test } from '@jest/globals';
import { leaseTagKey } from '../../src/access/lease.js';
import { converge } from '../../src/workflow/converge.js';
import type { Parts } from '../../src/workflow/ports.js';
import { sweepRules } from '../../src/workflow/sweep-rules.js';
import { lease, SHARED } from '../aws/town.js';
import { aRequest } from '../redis/redis.js';
import { sharedTown } from './replicas.js';

const HOUR_MS = 3_600_000;

const here = sharedTown();

let made = 0;

/** A rule with the record of one lease, and with the tags of another that runs until `endsAtMs` as well. */
async function joined(endsAtMs = Date.now() + HOUR_MS) {
  made += 1;
  const plain = await here.replicas.parts();
  const parts: Parts = {
    ...plain,
    firewall: { ...plain.firewall, reach: async () => 1 },
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
    rule: { state: 'open' as const, ruleId },
    leases: [known],
  };
  await parts.store.change({ rule, audit: [] });
  const tags = () => Object.keys(here.town.rules(SHARED).find((one) => one.ruleId === ruleId)?.tags ?? {});
  const id = other.requestId;
  return { parts, id, source, isTagged: () => tags().includes(leaseTagKey(id)) };
}

test('one that the store lost stays until the sweep adopts it', async () => {
  const { parts, id, source, isTagged } = await joined();
  await converge(parts, SHARED);
  expect(isTagged()).toBe(true);
  await sweepRules(parts);
  expect(await parts.store.load(id)).toMatchObject({ phase: { state: 'open', adopted: true } });
  const record = await parts.store.loadRule(SHARED, source);
  expect(record?.leases.map(({ requestId }) => requestId)).toContain(id);
});

test('one whose request is over is taken off', async () => {
  const { parts, id, isTagged } = await joined();
  const request = { ...aRequest(id), phase: { state: 'cancelled' as const, by: 'U0JANE', atMs: Date.now() } };
  await parts.store.change({ request, audit: [] });
  await converge(parts, SHARED);
  expect(isTagged()).toBe(false);
});

test('so is one that is ending just now, whatever the store knows of it', async () => {
  const { parts, id, isTagged } = await joined();
  await converge(parts, SHARED, [id]);
  expect(isTagged()).toBe(false);
});

test('and one whose time has passed', async () => {
  const { parts, isTagged } = await joined(Date.now() - 1_000);
  await converge(parts, SHARED);
  expect(isTagged()).toBe(false);
});
