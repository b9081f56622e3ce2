import { describe, expect, test } from '@jest/globals';
import { readPolicy } from '../../../src/policy-file/read-policy.js';
import { wholeFile } from '../../policy-file/policies.js';

/** Whether the second of two rules is found to be unreachable. */
function isShadowed(first: string, second: string): boolean {
  const rules = `rules:\n  - { name: a, ${first} }\n  - { name: b, ${second} }`;
  const read = readPolicy(Buffer.from(wholeFile(rules)), 'p.yml');
  const problems = read.ok ? [] : read.problems;
  for (const problem of problems) if (!problem.includes('No request gets here')) throw new Error(problem);
  return problems.length > 0;
}

const ask = 'ask: [admins]';

describe('no request reaches a rule', () => {
  test.each([
    [`target: any, ${ask}`, `target: own, ${ask}`],
    [`target: everything, ${ask}`, `target: directory, ${ask}`],
    [`target: any, ${ask}`, `target: { tags: { env: a } }, up-to: 1h, requester: U0TOM, ${ask}`],
    [`target: any, up-to: 2h, ${ask}`, `target: any, up-to: 1h, ${ask}`],
    [`target: any, requester: [U0TOM, '@a'], ${ask}`, `target: other, requester: '@a', ${ask}`],
    [`target: any, source: [private, public], ${ask}`, `target: any, ${ask}`],
    [`target: any, source: VPN, ${ask}`, `target: any, source: 10.8.7.0/24, ${ask}`],
    [`target: { tags: { env: [a, b] } }, ${ask}`, `target: { tags: { env: a, team: x } }, ${ask}`],
    ['target: any, refuse: No.', 'target: any, emergency: true, approve: at-once'],
    [`target: any, ${ask}`, `target: any, extends: true, ${ask}`],
    [`target: any, extends: false, ${ask}`, 'target: any, approve: at-once'],
    [`target: any, ${ask}`, `target: any, moves: true, ${ask}`],
    [`target: any, extends: true, moves: true, ${ask}`, `target: any, moves: true, ${ask}`],
  ])('with %s before it: %s', (first, second) => {
    expect(isShadowed(first, second)).toBe(true);
  });
});

describe('some request reaches a rule', () => {
  test.each([
    [`target: own, ${ask}`, `target: any, ${ask}`],
    [`target: any, ${ask}`, `target: directory, ${ask}`],
    [`target: any, up-to: 1h, ${ask}`, `target: any, ${ask}`],
    [`target: any, requester: U0TOM, ${ask}`, `target: any, requester: [U0TOM, U0ANN], ${ask}`],
    [`target: any, source: private, ${ask}`, `target: any, source: VPN, ${ask}`],
    [`target: { tags: { env: a } }, ${ask}`, `target: { tags: { env: [a, b] } }, ${ask}`],
    [`target: any, ${ask}`, 'target: any, emergency: true, approve: at-once'],
    ['target: any, approve: at-once', `target: any, ${ask}`],
    [`target: any, extends: true, ${ask}`, `target: any, ${ask}`],
    [`target: any, extends: false, ${ask}`, `target: any, ${ask}`],
    [`target: any, moves: true, ${ask}`, `target: any, extends: true, ${ask}`],
    [`target: any, moves: false, ${ask}`, `target: any, moves: true, ${ask}`],
    [
      `target: any, when: { days: mon, time-zone: UTC }, ${ask}`,
      `target: any, when: { days: mon-tue, time-zone: UTC }, ${ask}`,
    ],
  ])('with %s before it: %s', (first, second) => {
    expect(isShadowed(first, second)).toBe(false);
  });
});
