import { describe, expect, test } from '@jest/globals';
import type { Lease } from '../../../src/access/rules/lease.js';
import { adoptLeases, leaveRule, type RuleRecord } from '../../../src/access/rules/rule.js';

const NOW = 1_800_000_000_000;
const UNTIL = NOW + 10_000;
const SEEN = { ruleId: 'sgr-1', groupId: 'sg-1', source: '203.0.113.25/32' };
const lease = (requestId: string, endsAtMs = NOW + 60_000): Lease => ({
  requestId,
  endsAtMs,
  openedAtMs: NOW - 60_000,
  user: 'U0JANE',
  target: 'ws-1',
});
const [A, B] = [lease('AAAAA', NOW + 1_000), lease('BBBBB')];
const record = (stage: RuleRecord['stage'], leases: Lease[] = [], version = 7): RuleRecord => ({
  groupId: SEEN.groupId,
  source: SEEN.source,
  version,
  stage,
  leases,
});

describe('a rule whose records were lost', () => {
  test('is open again under the id that was seen, as its first version', () => {
    expect(adoptLeases(undefined, SEEN, [A, B], UNTIL)).toEqual(
      record({ state: 'open', ruleId: 'sgr-1', deadlineMs: UNTIL }, [A, B], 1),
    );
  });

  test('stays for the other lease when the first of two ends before the other request is adopted', () => {
    const adopted = adoptLeases(undefined, SEEN, [A, B], UNTIL);
    expect(adopted && leaveRule(adopted, [A.requestId], NOW)).toMatchObject({
      stage: { state: 'open' },
      leases: [B],
    });
  });

  test.each<[string, RuleRecord, Lease[]]>([
    ['gone', record({ state: 'gone' }), [B]],
    [
      'being opened by a newcomer',
      record({ state: 'authorizing', deadlineMs: NOW, openByMs: UNTIL }, [A]),
      [A, B],
    ],
    ['adopted already', record({ state: 'open', ruleId: 'sgr-1' }, [A]), [A, B]],
  ])('is open again where its record says %s', (_, current, leases) => {
    expect(adoptLeases(current, SEEN, [B], UNTIL)).toMatchObject({
      version: current.version + 1,
      stage: { state: 'open', ruleId: 'sgr-1' },
      leases,
    });
  });
});

test.each<[string, RuleRecord['stage']]>([
  ['on its way out', { state: 'revoking', ruleId: 'sgr-1', deadlineMs: NOW }],
  ['another one with this source', { state: 'open', ruleId: 'sgr-2' }],
])('a rule that is %s is not adopted', (_, rule) => {
  expect(adoptLeases(record(rule, [A]), SEEN, [B], UNTIL)).toBeUndefined();
});
