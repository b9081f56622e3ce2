import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  groupTagValue,
  LEASES_PER_RULE,
  type Lease,
  leaseTagKey,
  leaseTagValue,
  readGroupTag,
  readLeaseTag,
} from '../../../src/access/rules/lease.js';
import { extendRule, joinRule, leaveRule, type RuleRecord } from '../../../src/access/rules/rule.js';
import { keyOf } from '../../keys.js';

const NOW = 1_800_000_000_000;

const keys = keyOf(1);
const place = { installation: 'corp', groupId: 'sg-1', source: '203.0.113.25/32' };
const lease: Lease = {
  requestId: 'K7QF2',
  endsAtMs: NOW + 60_000,
  openedAtMs: NOW,
  user: 'U0JANE',
  target: 'ws-1',
};

describe("a lease's tag", () => {
  const key = leaseTagKey(lease.requestId);
  const value = leaseTagValue(lease, place, keys);

  test('is read back where it was written', () => {
    expect(readLeaseTag(key, value, place, keys)).toEqual(lease);
    expect(value.length).toBeLessThanOrEqual(256);
  });
  test.each([
    ['another group', { ...place, groupId: 'sg-2' }],
    ['another source', { ...place, source: '203.0.113.26/32' }],
    ['another installation', { ...place, installation: 'other' }],
  ])('does not verify on %s', (_, elsewhere) => {
    expect(readLeaseTag(key, value, elsewhere, keys)).toBeUndefined();
  });
  test('does not verify under another request, another key, or with a later end', () => {
    expect(readLeaseTag(leaseTagKey('AAAAA'), value, place, keys)).toBeUndefined();
    expect(readLeaseTag(key, value, place, keyOf(2))).toBeUndefined();
    expect(
      readLeaseTag(key, value.replace(String(lease.endsAtMs), String(lease.endsAtMs + 1)), place, keys),
    ).toBeUndefined();
  });
  test('never throws and never verifies when anything else stands there', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(readLeaseTag(key, text, place, keys)).toBeUndefined();
      }),
    );
  });
});

test("an access group's tag verifies for its own name and VPC only", () => {
  const mark = { installation: 'corp', vpcId: 'vpc-1', name: 'workspace-ssh-corp-ws-1' };
  const value = groupTagValue(mark, NOW, keys);
  expect(readGroupTag(value, mark, keys)).toBe(NOW);
  expect(readGroupTag(value, { ...mark, vpcId: 'vpc-2' }, keys)).toBeUndefined();
  expect(readGroupTag(value, { ...mark, name: 'x' }, keys)).toBeUndefined();
  expect(readGroupTag(leaseTagValue(lease, place, keys), mark, keys)).toBeUndefined();
});

describe('joining and leaving a rule:', () => {
  const by = { nowMs: NOW, openByMs: NOW + 600_000 };
  const called = { deadlineMs: NOW + 10_000, openByMs: NOW + 600_000, earlierMs: NOW };
  const other: Lease = { ...lease, requestId: 'OTHER' };
  const at = (stage: RuleRecord['stage'], ...leases: Lease[]): RuleRecord => ({
    groupId: 'sg-1',
    source: place.source,
    version: 4,
    stage,
    leases,
  });

  test('the first lease opens the rule, also after the last lease has gone', () => {
    expect(joinRule(undefined, place, lease, by)).toMatchObject({
      opens: true,
      joined: { version: 1, leases: [lease] },
    });
    expect(joinRule(at({ state: 'gone' }), place, lease, by)).toMatchObject({
      opens: true,
      joined: { version: 5 },
    });
  });
  test('a newcomer joins an open rule and waits for one that opens or closes', () => {
    expect(joinRule(at({ state: 'open', ruleId: 'sgr-1' }, other), place, lease, by)).toMatchObject({
      opens: false,
    });
    expect(joinRule(at({ state: 'authorizing', ...called }, other), place, lease, by)).toEqual({
      wait: 'authorizing',
    });
    expect(joinRule(at({ state: 'revoking', ruleId: 'sgr-1', deadlineMs: NOW }), place, lease, by)).toEqual({
      wait: 'revoking',
    });
  });
  test('a newcomer waits where every lease has passed: the rule may be on its way out', () => {
    const passed = at({ state: 'open', ruleId: 'sgr-1' }, { ...other, endsAtMs: NOW });
    expect(joinRule(passed, place, lease, by)).toEqual({ wait: 'revoking' });
  });
  test(`a rule carries no more than ${LEASES_PER_RULE} leases`, () => {
    const full = Array.from({ length: LEASES_PER_RULE }, (_, n) => ({ ...lease, requestId: `R${n}` }));
    expect(joinRule(at({ state: 'open', ruleId: 'sgr-1' }, ...full), place, lease, by)).toEqual({
      wait: 'full',
    });
  });
  describe('an extension', () => {
    const more: Lease = { ...lease, requestId: 'M3XYZ', endsAtMs: NOW + 120_000 };
    const open = { state: 'open' as const, ruleId: 'sgr-1' };
    const many = (count: number) =>
      Array.from({ length: count }, (_, n) => ({ ...other, requestId: `R${n}` }));

    test('joins the rule that carries the running lease of the request that it follows', () => {
      expect(extendRule(at(open, other, lease), lease.requestId, more, NOW)).toEqual({
        joined: { ...at(open, other, lease, more), version: 5 },
      });
    });
    test.each<[string, RuleRecord | undefined]>([
      ['there is no record', undefined],
      ['the rule is gone', at({ state: 'gone' })],
      ['the rule is on its way out', at({ state: 'revoking', ruleId: 'sgr-1', deadlineMs: NOW }, lease)],
      ['the rule is only opening', at({ state: 'authorizing', ...called }, lease)],
      ['that lease has left', at(open, other)],
      ['that lease has passed', at(open, other, { ...lease, endsAtMs: NOW })],
    ])('has nothing to join where %s, and opens nothing', (_, record) => {
      expect(extendRule(record, lease.requestId, more, NOW)).toBe('gone');
    });
    test('may be one lease more than the limit, and waits where there is one more already', () => {
      const full = [lease, ...many(LEASES_PER_RULE - 1)];
      expect(extendRule(at(open, ...full), lease.requestId, more, NOW)).toHaveProperty('joined');
      expect(
        extendRule(at(open, ...full, { ...more, requestId: 'M4XYZ' }), lease.requestId, more, NOW),
      ).toEqual({
        wait: 'full',
      });
    });
    test('waits for a newer version that wrote the record', () => {
      expect(extendRule(at({ state: 'newer' }), lease.requestId, more, NOW)).toEqual({ wait: 'newer' });
    });
  });
  test('a rule stays while one lease is left and goes with the last', () => {
    const shared = at({ state: 'open', ruleId: 'sgr-1' }, lease, other);
    const left = leaveRule(shared, [lease.requestId], NOW);
    expect(left).toMatchObject({ stage: { state: 'open' }, leases: [other], version: 5 });
    expect(leaveRule(left, ['OTHER'], NOW).stage).toEqual({
      state: 'revoking',
      ruleId: 'sgr-1',
      left: ['OTHER'],
      deadlineMs: NOW,
    });
  });
  test('ending before anybody called EC2 leaves nothing to wait for', () => {
    const joined = joinRule(undefined, place, lease, by);
    if (!('joined' in joined)) throw new Error('did not join');
    expect(leaveRule(joined.joined, [lease.requestId], NOW).stage).toEqual({ state: 'gone' });
  });
  test('an end of a rule waits for another authorize that may still be under way', () => {
    const open = at({ state: 'open', ruleId: 'sgr-1', deadlineMs: NOW + 5_000 }, lease);
    expect(leaveRule(open, [lease.requestId], NOW).stage).toMatchObject({ deadlineMs: NOW + 5_000 });
  });
  test('ending while an authorize is under way keeps its deadline', () => {
    expect(leaveRule(at({ state: 'authorizing', ...called }, lease), [lease.requestId], NOW).stage).toEqual({
      state: 'revoking',
      left: [lease.requestId],
      deadlineMs: called.deadlineMs,
    });
  });
});
