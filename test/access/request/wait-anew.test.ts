import { expect, test } from '@jest/globals';
import type { Need, NeedPart, Review } from '../../../src/access/request/need.js';
import { askingNobody } from '../../../src/access/request/needs.js';
import { waitAnew } from '../../../src/access/request/wait-anew.js';
import { policyOf } from '../../policy-file/policies.js';

const HOUR = 3_600_000;
const policy = policyOf(
  'rules: [{ name: own, target: own, ask: [manager], remind: 1h, fallback: { after: 2h, ask: [admins] } }]',
);
const NOW = 10 * HOUR;
const later = {
  remind: { atMs: 11 * HOUR, done: false },
  fallback: { atMs: 12 * HOUR, ask: [{ kind: 'admins', count: 1 }], done: false },
};

interface Waited {
  rule?: string;
  reviews?: Review[];
  alsoAsked?: string[];
}

/** A need of which everything that was due is done: the request has waited once. */
function waited(part: NeedPart, { rule = 'own', reviews = [], alsoAsked = [] }: Waited = {}): Need {
  const { asks, hears } = askingNobody(rule);
  const fallback = { atMs: 2, ask: [{ kind: 'admins' as const, count: 1 }], done: true };
  return {
    rule,
    asks: { ...asks, parts: [part], approvers: part.people, reviews },
    due: { remind: { atMs: 1, done: true }, fallback, nudgedAtMs: 3, askedAgainAtMs: 4 },
    hears: { ...hears, alsoAsked },
  };
}
const manager = { asked: { kind: 'manager' as const }, people: ['MARIA', 'ADA'], instead: ['ADA'] };
const nobody = { asked: { kind: 'manager' as const }, people: ['ADA'], instead: ['ADA'] };

test('a request that waits anew has its reminder and fallback before it again, and is asked of nobody whom the fallback had added', () => {
  const { asks, hears } = askingNobody('own');
  expect(waitAnew(policy, waited(manager), NOW)).toEqual({
    rule: 'own',
    asks: { ...asks, parts: [{ asked: { kind: 'manager' }, people: ['MARIA'] }], approvers: ['MARIA'] },
    due: later,
    hears,
  });
});

test('a request that waits anew is still asked of the people whom the requester had asked to decide too', () => {
  const need = waitAnew(policy, waited(manager, { alsoAsked: ['ADA'] }), NOW);
  expect(need.asks).toMatchObject({ approvers: ['MARIA', 'ADA'], parts: [manager] });
});

test('a request that waits anew where there is no manager is asked of the fallback from the beginning', () => {
  expect(waitAnew(policy, waited(nobody), NOW)).toMatchObject({ asks: { approvers: ['ADA'] }, due: later });
});

test.each([
  [
    'somebody of the fallback gave a yes that counts',
    waited(manager, { reviews: [{ by: 'ADA', decision: 'approve', atMs: 0 }] }),
  ],
  ['the others are too few', waited({ ...manager, asked: { kind: 'admins', count: 2 } })],
])('a request that waits anew stays asked of the fallback where %s', (_, need) => {
  expect(waitAnew(policy, need, NOW)).toMatchObject({
    asks: { approvers: ['MARIA', 'ADA'] },
    due: { remind: later.remind, fallback: { done: true } },
  });
});

test('a request that waits anew reminds nobody where the policy has its rule no more', () => {
  const need = waitAnew(policy, waited(manager, { rule: 'gone' }), NOW);
  expect(need.due).toEqual({});
});
