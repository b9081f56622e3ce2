/** Counts what the sweep found: open grants, rules by kind, and how much access is overdue. */
import { expect, test } from '@jest/globals';
import type { SeenRule } from '../../../src/access/rules/seen-rule.js';
import type { Listing } from '../../../src/workflow/memory.js';
import { countFound } from '../../../src/workflow/repairing/count-found.js';
import { NOW, phases, requestIn } from '../../slack/requests.js';

/** A rule with leases that end so many milliseconds from now. */
function rule(ends: Record<string, number>, more: Partial<SeenRule> = {}): SeenRule {
  const leases = Object.entries(ends).map(([requestId, inMs]) => ({
    ...{ requestId, user: 'U0JANE', target: 'ws-janedoe01' },
    ...{ openedAtMs: NOW - 3_600_000, endsAtMs: NOW + inMs },
  }));
  return {
    ...{ ruleId: 'sgr-1', groupId: 'sg-1', source: '203.0.113.25/32', leases },
    ...{ tagged: true, marked: true, plain: true, inAccessGroup: true },
    traffic: { protocol: 'tcp', fromPort: 22, toPort: 22, from: { kind: 'range', cidr: '203.0.113.25/32' } },
    ...more,
  };
}

const open = phases().open;
const request = open && requestIn(open);
const staying = { staying: new Map([['sgr-9', 'sg-9']]) };
const grant = { ...{ id: 'AAAA2', groupId: 'sg-1', source: '203.0.113.25/32' }, endsAtMs: NOW + 60_000 };
const live = new Map([
  ['AAAA2', { requester: 'U0JANE', open: { ...grant, desktops: 1, hasAccessGroup: true } }],
  ['AAAA3', { requester: 'U0JANE' }],
]);
const none = { owned: 0, expired: 0, orphaned: 0, drifted: 0, forged: 0 };

test.each<[string, Partial<Listing>, Partial<ReturnType<typeof countFound>>]>([
  ['nothing', {}, { openGrants: 0, rules: none, overdueMs: 0 }],
  ['a rule that stays', { ...staying, live }, { openGrants: 1, rules: { ...none, owned: 1 } }],
  [
    'an open request whose rule may have to change',
    { tagged: [rule({ AAAA2: 60_000 })], requests: new Map([['AAAA2', request]]), live },
    { openGrants: 1, rules: { ...none, owned: 1 }, overdueMs: 0 },
  ],
  [
    'a lease that is over on a rule that another keeps',
    { tagged: [rule({ AAAA2: -2_000, AAAA3: 60_000 })] },
    { rules: { ...none, owned: 1 }, overdueMs: 2_000 },
  ],
  [
    'an expired rule that no record knows',
    { tagged: [rule({ AAAA2: -9_000 })], requests: new Map([['AAAA2', undefined]]) },
    { rules: { ...none, owned: 1, expired: 1, orphaned: 1 }, overdueMs: 9_000 },
  ],
  [
    'a drifted rule',
    { tagged: [rule({ AAAA2: 60_000 }, { plain: false })] },
    { rules: { ...none, owned: 1, drifted: 1 } },
  ],
  [
    'forged rules, in our groups and elsewhere',
    { tagged: [rule({}), rule({ AAAA2: 60_000 }, { plain: false, inAccessGroup: false })] },
    { rules: { ...none, forged: 2 }, overdueMs: 0 },
  ],
])('the figures of a sweep count %s', (_, listing, found) => {
  const empty = { tagged: [], requests: new Map(), staying: new Map(), live: new Map() };
  expect(countFound({ ...empty, ...listing }, NOW)).toMatchObject(found);
});
