import { describe, expect, test } from '@jest/globals';
import { readFacts } from '../../src/policy-file/facts.js';
import { tryPolicy } from '../../src/policy-file/try-policy.js';
import { policyOf } from './policies.js';

/** The decision on Jane's request for Tom's WorkSpace, or the fact that is missing. */
function answer(target: string, facts: string): string {
  const read = readFacts(Buffer.from(facts), 'facts.yml');
  if ('problem' in read) throw new Error(read.problem);
  const decision = tryPolicy(policyOf(`rules: [{ name: it, target: ${target}, ask: [admins] }]`), {
    requester: 'U0JANE',
    target: 'ws-tom',
    source: '203.0.113.25',
    durationMs: 3_600_000,
    atMs: 0,
    emergency: false,
    facts: read,
  });
  if (decision.decision === 'unknown') return `missing: ${decision.missing}`;
  return decision.skipped[0]?.why ?? decision.decision;
}

const WS = 'directory: d-00000001, user';
const TOM = 'users: { U0TOM: { user: tom';
describe('where a rule goes by the owner of a WorkSpace, the missing fact is named', () => {
  test.each<[target: string, facts: string, answer: string]>([
    ["{ owner: '@sales' }", '', 'missing: workspaces.ws-tom.user'],
    ["{ owner: '@sales' }", `workspaces: { ws-tom: { ${WS}: tom } }`, 'missing: users.U….user: tom'],
    ["{ owner: '@sales' }", `workspaces: { ws-tom: { ${WS}: U0TOM } }`, 'missing: users.U0TOM.groups'],
    [
      "{ owner: '@sales' }",
      `${TOM} } }\nworkspaces: { ws-tom: { ${WS}: tom } }`,
      'missing: users.U0TOM.groups',
    ],
    ["{ owner: '@sales' }", `${TOM}, groups: [sales] } }\nworkspaces: { ws-tom: { ${WS}: tom } }`, 'ask'],
    ["{ owner: ['@sales', U0TOM] }", `workspaces: { ws-tom: { ${WS}: U0TOM } }`, 'ask'],
    ['{ owner: U0TOM }', `workspaces: { ws-tom: { ${WS}: U0TOM } }`, 'ask'],
    [
      '{ owner: U0ANN }',
      `workspaces: { ws-tom: { ${WS}: U0TOM } }`,
      "it is for WorkSpaces of U0ANN, and this one is U0TOM's",
    ],
    ['own', `workspaces: { ws-tom: { ${WS}: tom } }`, 'missing: users.U0JANE.user'],
  ])('target: %s with %s', (target, facts, expected) => {
    expect(answer(target, facts)).toBe(expected);
  });
});
