import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { driftOf } from '../../../src/access/rules/drift.js';
import { planIngress } from '../../../src/access/rules/ingress.js';
import type { Lease } from '../../../src/access/rules/lease.js';
import {
  adoptLeases,
  joinRule,
  leaveRule,
  type RuleRecord,
  type RuleStage,
} from '../../../src/access/rules/rule.js';
import { nothingKeeps, type SeenRule } from '../../../src/access/rules/seen-rule.js';
import { expireRule, settleRule } from '../../../src/access/rules/settle-rule.js';

const NOW = 1_800_000_000_000;
const GROUP = 'sg-1';
const SOURCE = '203.0.113.25/32';

const lease = (requestId: string, endsInMs = 60_000): Lease => ({
  requestId,
  endsAtMs: NOW + endsInMs,
  openedAtMs: NOW - 1000,
  user: 'U1',
  target: 'ws-1',
});
const record = (stage: RuleStage, ...leases: Lease[]): RuleRecord => ({
  groupId: GROUP,
  source: SOURCE,
  version: 3,
  stage,
  leases,
});
const SSH_TRAFFIC: SeenRule['traffic'] = {
  protocol: 'tcp',
  fromPort: 22,
  toPort: 22,
  from: { kind: 'range', cidr: SOURCE },
};
const seen = (ruleId: string, leases: Lease[], more: Partial<SeenRule> = {}): SeenRule => ({
  ruleId,
  groupId: GROUP,
  source: SOURCE,
  leases,
  tagged: leases.length > 0,
  marked: leases.length > 0,
  plain: true,
  traffic: SSH_TRAFFIC,
  inAccessGroup: true,
  ...more,
});
const authorizing: RuleStage = { state: 'authorizing', deadlineMs: NOW + 10_000, openByMs: NOW + 600_000 };
const open: RuleStage = { state: 'open', ruleId: 'sgr-1' };
const revoking: RuleStage = { state: 'revoking', ruleId: 'sgr-1', deadlineMs: NOW };

describe('a rule comes', () => {
  test('when a grant is opening and no rule is there', () => {
    const wanted = record(authorizing, lease('A'));
    expect(planIngress([wanted], [], NOW).authorize).toEqual([wanted]);
  });
  test('not after openBy', () => {
    const late = record({ ...authorizing, openByMs: NOW }, lease('A'));
    expect(planIngress([late], [], NOW).authorize).toEqual([]);
  });
  test('not for a lease that has passed', () => {
    expect(planIngress([record(authorizing, lease('A', 0))], [], NOW).authorize).toEqual([]);
  });
  test('not again once it was seen: a rule that somebody removed at AWS stays removed', () => {
    expect(planIngress([record(open, lease('A'))], [], NOW)).toEqual({
      authorize: [],
      revoke: [],
      tag: [],
      untag: [],
    });
  });
  test('not when an authorize without an answer had opened it: the lease in its tag tells', () => {
    expect(
      planIngress([record(authorizing, lease('A'))], [seen('sgr-1', [lease('A')])], NOW).authorize,
    ).toEqual([]);
  });
});

describe('a rule goes', () => {
  test('by its id when its record is revoking, even where a stale read does not show it', () => {
    expect(planIngress([record(revoking)], [], NOW).revoke).toEqual(['sgr-1']);
  });
  test('when its id was never learned and its leases show whose it is', () => {
    const blind = record({ state: 'revoking', deadlineMs: NOW });
    expect(planIngress([blind], [seen('sgr-9', [lease('A')])], NOW).revoke).toEqual(['sgr-9']);
  });
  test('when no record knows it and all its leases have passed', () => {
    expect(planIngress([], [seen('sgr-1', [lease('A', 0), lease('B', -5)])], NOW).revoke).toEqual(['sgr-1']);
  });
  test('when its record is open but all its leases have passed: nobody came to end it', () => {
    const forgotten = record(open, lease('A', 0));
    expect(planIngress([forgotten], [seen('sgr-1', [lease('A', 0)])], NOW).revoke).toEqual(['sgr-1']);
    expect(settleRule(forgotten, [], ['sgr-1'], NOW, 30_000)?.stage).toEqual({ state: 'gone' });
  });
  test('when its only request is over: an authorize came after the end', () => {
    expect(planIngress([], [seen('sgr-1', [lease('A')])], NOW, ['A']).revoke).toEqual(['sgr-1']);
  });
  test('not while one lease that verifies still runs', () => {
    expect(planIngress([], [seen('sgr-1', [lease('A', 0), lease('B', 1)])], NOW).revoke).toEqual([]);
  });
});

describe("somebody else's rule", () => {
  test('is never touched without a tag', () => {
    const foreign = seen('sgr-1', [], { tagged: false });
    expect(planIngress([record(authorizing, lease('A'))], [foreign], NOW).revoke).toEqual([]);
    expect(nothingKeeps(foreign, NOW)).toBe(false);
  });
  test('with our tag but no signature that verifies is left alone outside our access groups, removed inside', () => {
    expect(nothingKeeps(seen('sgr-1', [], { tagged: true, inAccessGroup: false }), NOW)).toBe(false);
    expect(nothingKeeps(seen('sgr-1', [], { tagged: true, inAccessGroup: true }), NOW)).toBe(true);
  });
});

describe('a lease on anything but tcp/22', () => {
  const drifted = (inAccessGroup: boolean) => seen('sgr-2', [lease('A', 0)], { plain: false, inAccessGroup });
  test('closes the rule in our access group, and proves nothing in another group, where the tag may be a copy', () => {
    expect(nothingKeeps(drifted(true), NOW)).toBe(true);
    expect(nothingKeeps(drifted(false), NOW)).toBe(false);
    expect(nothingKeeps(drifted(false), NOW, ['A'])).toBe(false);
  });
  test('closes the rule in another group too where a record names the rule by its id', () => {
    const record_ = record({ ...revoking, ruleId: 'sgr-2' });
    expect(planIngress([record_], [drifted(false)], NOW).revoke).toEqual(['sgr-2']);
  });
});

describe('a rule whose record is a newer version’s', () => {
  const newer = record({ state: 'newer' });
  const gone = (rule: SeenRule, over: string[] = []) => planIngress([newer], [rule], NOW, over).revoke;

  test.each([
    ['stays while one of its leases runs', seen('sgr-1', [lease('A', 0), lease('B')]), []],
    [
      'stays while its only lease runs, also on more ports',
      seen('sgr-1', [lease('A')], { plain: false }),
      [],
    ],
    ['stays without a lease that verifies: it is no forgery', seen('sgr-1', [], { tagged: true }), []],
    ['stays without any tag', seen('sgr-1', [], { tagged: false }), []],
    ['goes once all of its leases have passed', seen('sgr-1', [lease('A', 0), lease('B', -5)]), ['sgr-1']],
  ])('%s', (_, rule, revoked) => {
    expect(gone(rule)).toEqual(revoked);
    expect(planIngress([newer], [rule], NOW)).toMatchObject({ authorize: [], tag: [], untag: [] });
  });
  test('goes where the requests of all of its leases are ending', () => {
    expect(gone(seen('sgr-1', [lease('A')]), ['A'])).toEqual(['sgr-1']);
    expect(gone(seen('sgr-1', [lease('A'), lease('B')]), ['A'])).toEqual([]);
  });
  test('is not settled, not expired and not drifted for this version', () => {
    expect(settleRule(newer, [], ['sgr-1'], NOW, 30_000)).toBeUndefined();
    expect(expireRule(newer, [seen('sgr-1', [lease('A', 0)])], ['sgr-1'], NOW)).toBeUndefined();
    expect(driftOf(newer, [])).toEqual({ kind: 'none' });
  });
  test('takes no newcomer and no adopted lease, and gives up none', () => {
    const place = { groupId: GROUP, source: SOURCE };
    expect(joinRule(newer, place, lease('A'), { nowMs: NOW, openByMs: NOW + 1 })).toEqual({ wait: 'newer' });
    expect(adoptLeases(newer, { ...place, ruleId: 'sgr-1' }, [lease('A')], NOW)).toBeUndefined();
    expect(leaveRule(newer, ['A'], NOW)).toBe(newer);
  });
});

describe('tags follow the record', () => {
  test('the installation’s tag is written again on a rule that lost it, with no lease', () => {
    const bare = seen('sgr-1', [lease('A')], { marked: false });
    const plan = planIngress([record(open, lease('A'))], [bare], NOW);
    expect(plan.tag).toEqual([{ seen: bare, leases: [] }]);
    expect(driftOf(record(open, lease('A')), [bare])).toMatchObject({
      kind: 'untagged',
      requestIds: ['A'],
    });
  });
  test('the tag of a lease that joined is added, and the tag of a lease that left is taken off', () => {
    const plan = planIngress(
      [record(open, lease('A'), lease('B'))],
      [seen('sgr-1', [lease('A'), lease('C')])],
      NOW,
    );
    expect(plan.tag.map(({ leases }) => leases.map((l) => l.requestId))).toEqual([['B']]);
    expect(plan.untag.map(({ requestIds }) => requestIds)).toEqual([['C']]);
  });
  test('the tag of a lease whose end was moved is written again', () => {
    const plan = planIngress([record(open, lease('A', 99_000))], [seen('sgr-1', [lease('A')])], NOW);
    expect(plan.tag[0]?.leases[0]?.endsAtMs).toBe(NOW + 99_000);
  });
});

describe('a record settles', () => {
  test('as open only when a rule with its own lease was read', () => {
    const wanted = record(authorizing, lease('A'));
    expect(settleRule(wanted, [seen('sgr-2', [lease('A')])], [], NOW, 30_000)?.stage).toEqual({
      state: 'open',
      ruleId: 'sgr-2',
      deadlineMs: NOW + 10_000,
    });
    expect(settleRule(wanted, [seen('sgr-2', [lease('A')])], ['sgr-2'], NOW, 30_000)?.stage).toEqual({
      state: 'open',
      ruleId: 'sgr-2',
    });
    expect(settleRule(wanted, [], [], NOW, 30_000)).toBeUndefined();
    const older = seen('sgr-0', [lease('Z')]);
    expect(settleRule(wanted, [older], [], NOW, 30_000)).toBeUndefined();
  });
  test('as gone when its revoke was answered and a later read lacks it', () => {
    expect(settleRule(record(revoking), [], ['sgr-1'], NOW, 30_000)?.stage).toEqual({ state: 'gone' });
    const behind = settleRule(record(revoking), [seen('sgr-1', [lease('A')])], ['sgr-1'], NOW, 30_000);
    expect(behind?.stage).toEqual({ ...revoking, answered: true });
    if (!behind) throw new Error('the answer was forgotten');
    expect(settleRule(behind, [], [], NOW, 30_000)?.stage).toEqual({ state: 'gone' });
  });
  test('not as gone while an authorize may still take effect', () => {
    const blind = record({ state: 'revoking', deadlineMs: NOW + 1 });
    expect(settleRule(blind, [], [], NOW, 0)).toBeUndefined();
  });
  test('without an answer, as gone only after two reads far enough apart', () => {
    const first = settleRule(record(revoking), [], [], NOW, 30_000);
    expect(first?.stage).toMatchObject({ state: 'revoking', absentSinceMs: NOW });
    if (!first) throw new Error('no first read');
    expect(settleRule(first, [], [], NOW + 29_999, 30_000)).toBeUndefined();
    expect(settleRule(first, [], [], NOW + 30_000, 30_000)?.stage).toEqual({ state: 'gone' });
  });
  test('not as gone for having been authorized: only its revoke proves that it went', () => {
    const shared = record({ ...revoking, ruleId: 'sgr-2' });
    expect(settleRule(shared, [], ['sgr-1'], NOW, 30_000)?.stage).toMatchObject({ state: 'revoking' });
  });
  test('as revoking when it expired and went though no request came to end it', () => {
    const over = record(open, lease('A', 0));
    const still = record({ state: 'open', ruleId: 'sgr-1', deadlineMs: NOW + 5_000 }, lease('A', 0));
    expect(settleRule(over, [], [], NOW, 30_000)).toMatchObject({ stage: revoking, leases: [] });
    // An authorize may still be under way: its revoke was answered, and the deadline is waited for.
    expect(settleRule(still, [], ['sgr-1'], NOW, 30_000)?.stage).toEqual({
      state: 'revoking',
      ruleId: 'sgr-1',
      deadlineMs: NOW + 5_000,
      answered: true,
    });
    expect(settleRule(record(open, lease('A', 1)), [], ['sgr-1'], NOW, 30_000)).toBeUndefined();
  });
  test('back to the beginning when a rule that seemed absent shows again', () => {
    const absent = record({ ...revoking, absentSinceMs: NOW - 60_000 });
    const back = settleRule(absent, [seen('sgr-1', [lease('A')])], [], NOW, 30_000);
    expect(back?.stage).toEqual({ state: 'revoking', ruleId: 'sgr-1', deadlineMs: NOW });
  });
});

const anyLease = fc
  .record({ requestId: fc.constantFrom('A', 'B', 'C', 'D'), endsInMs: fc.integer({ min: -50, max: 50 }) })
  .map(({ requestId, endsInMs }) => lease(requestId, endsInMs));
const anyState = fc.constantFrom<RuleStage>(
  authorizing,
  { ...authorizing, openByMs: NOW - 1 },
  open,
  revoking,
  { state: 'revoking', deadlineMs: NOW },
);
const anySeen = fc
  .record({
    id: fc.constantFrom('sgr-1', 'sgr-2'),
    leases: fc.array(anyLease, { maxLength: 3 }),
    tagged: fc.boolean(),
    inAccessGroup: fc.boolean(),
  })
  .map(({ id, leases, tagged, inAccessGroup }) =>
    seen(id, leases, { tagged: tagged || leases.length > 0, inAccessGroup }),
  );

test('whatever rules and records there are, an untagged rule is never revoked and an authorize always has a running lease', () => {
  fc.assert(
    fc.property(
      anyState,
      fc.array(anyLease, { maxLength: 3 }),
      fc.array(anySeen, { maxLength: 2 }),
      (state, leases, rules) => {
        const distinct = rules.filter(
          (rule, index) => rules.findIndex(({ ruleId }) => ruleId === rule.ruleId) === index,
        );
        const plan = planIngress([record(state, ...leases)], distinct, NOW);
        for (const ruleId of plan.revoke) {
          const rule = distinct.find((one) => one.ruleId === ruleId);
          const named = state.state === 'revoking' && state.ruleId === ruleId;
          expect(named || rule?.tagged).toBe(true);
        }
        for (const wanted of plan.authorize)
          expect(wanted.leases.some((one) => one.endsAtMs > NOW)).toBe(true);
      },
    ),
  );
});
