import { expect, test } from '@jest/globals';
import type { SeenRule } from '../../src/access/rules/seen-rule.js';
import { closeRules } from '../../src/commands/close-rules.js';
import { AwsUnavailable } from '../../src/workflow/ports.js';

const PATIENCE = { stuckMs: 200, refusedMs: 50, againMs: 1 };

function rule(groupId: string, ruleId: string): SeenRule {
  const source = '203.0.113.1/32';
  return {
    groupId,
    ruleId,
    source,
    leases: [],
    tagged: true,
    marked: true,
    plain: true,
    traffic: { protocol: 'tcp', fromPort: 22, toPort: 22, from: { kind: 'range', cidr: source } },
    inAccessGroup: true,
  };
}

/** An AWS in which `answer` gives the error that a revoke in a group throws; without an error the revoke works. */
function firewall(rules: SeenRule[], answer: (groupId: string, attempt: number) => Error | undefined) {
  let there = rules;
  const attempts = new Map<string, number>();
  return {
    attempts,
    tagged: async () => there,
    async revoke(groupId: string, ruleIds: string[]) {
      const attempt = (attempts.get(groupId) ?? 0) + 1;
      attempts.set(groupId, attempt);
      const fault = answer(groupId, attempt);
      if (fault) throw fault;
      there = there.filter(({ ruleId }) => !ruleIds.includes(ruleId));
      return ruleIds;
    },
  };
}

const three = [rule('sg-1', 'sgr-1'), rule('sg-2', 'sgr-2'), rule('sg-3', 'sgr-3'), rule('sg-3', 'sgr-4')];

test('a revoke that AWS refuses in one group keeps no rule of another group open, and is reported', async () => {
  const aws = firewall(three, (groupId) => (groupId === 'sg-1' ? new Error('not allowed') : undefined));
  expect(await closeRules(aws, three, PATIENCE)).toEqual([
    { groupId: 'sg-1', ruleId: 'sgr-1', closed: false, why: 'Error: not allowed' },
    { groupId: 'sg-2', ruleId: 'sgr-2', closed: true },
    { groupId: 'sg-3', ruleId: 'sgr-3', closed: true },
    { groupId: 'sg-3', ruleId: 'sgr-4', closed: true },
  ]);
});

test('throttling is waited out as long as some rule still goes, however long that takes', async () => {
  const many = Array.from({ length: 60 }, (_, n) => rule(`sg-${n}`, `sgr-${n}`));
  const aws = firewall(many, (groupId, attempt) =>
    // Each round AWS lets one more group through.
    attempt > Number(groupId.slice(3)) ? undefined : new AwsUnavailable('RequestLimitExceeded'),
  );
  const outcomes = await closeRules(aws, many, { stuckMs: 10_000, refusedMs: 10, againMs: 1 });
  expect(outcomes.filter(({ closed }) => closed)).toHaveLength(60);
  expect(aws.attempts.get('sg-59')).toBe(60);
});

test('while AWS stays away, rules are reported as still open', async () => {
  const aws = firewall(three, () => new AwsUnavailable('down'));
  expect((await closeRules(aws, three, PATIENCE)).map(({ closed }) => closed)).toEqual([
    false,
    false,
    false,
    false,
  ]);
});

test('a rule counts as closed only once a read no longer shows it', async () => {
  const aws = { ...firewall(three, () => undefined), tagged: async () => three };
  expect((await closeRules(aws, three, PATIENCE)).some(({ closed }) => closed)).toBe(false);
  const blind = { ...firewall(three, () => undefined), tagged: () => Promise.reject(new Error('no read')) };
  expect((await closeRules(blind, three, PATIENCE)).some(({ closed }) => closed)).toBe(false);
});
