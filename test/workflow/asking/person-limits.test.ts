/** How much one person may have at a time, where some requests stand in records that only a newer version can read. */
import { expect, test } from '@jest/globals';
import type { RequestIn } from '../../../src/access/request/request.js';
import { tooManyAsked, tooManyOpen, tooManyOpening } from '../../../src/workflow/asking/person-limits.js';
import type { Parts } from '../../../src/workflow/ports.js';
import { fakeParts, policy } from '../../slack/parts.js';
import { facts, NOW, need, requestIn } from '../../slack/requests.js';

const asking = requestIn({ state: 'submitted', giveUpAtMs: NOW, waitsForAws: false });
const opening = {
  state: 'opening' as const,
  facts,
  need,
  review: { by: 'UMARIA0001', decision: 'approve' as const, atMs: NOW },
  grant: { startedAtMs: NOW, endsAtMs: NOW + 1, openByMs: NOW + 1 },
  waitsForAws: false,
  attached: 0,
};
const starting: RequestIn<'opening'> = { ...requestIn(opening), phase: opening };

function partsWith(perPerson: Parts['policy']['limits']['perPerson'], newer: string[]): Parts {
  const { parts } = fakeParts();
  const store = { ...parts.store, ofPerson: async () => ({ requests: [], newer }) };
  return { ...parts, store, policy: { ...policy, limits: { ...policy.limits, perPerson } } };
}

test.each([
  { when: 'asking', ask: (parts: Parts) => tooManyAsked(parts, asking) },
  { when: 'approving', ask: (parts: Parts) => tooManyOpen(parts, asking) },
  { when: 'opening', ask: (parts: Parts) => tooManyOpening(parts, starting) },
])('a request whose record a newer version wrote counts as open: $when', async ({ ask }) => {
  const perPerson = { open: 2, waiting: 20 };
  expect(await ask(partsWith(perPerson, ['NEWR2']))).toBeUndefined();
  expect(await ask(partsWith(perPerson, ['NEWR2', 'NEWR3']))).toBe(
    'The policy limits how much one person has at a time, and NEWR2, NEWR3 are kept by a newer version of me: I can’t count them. Ask again in a few minutes.',
  );
});
