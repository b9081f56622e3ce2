/** A read of the rules shows the outcome of a change, also where another replica made the change first. */
import { expect, test } from '@jest/globals';
import type { RuleRecord } from '../../../src/access/rules/rule.js';
import type { Firewall } from '../../../src/workflow/ports-firewall.js';
import { convergeToOpen } from '../../../src/workflow/rules/converge.js';
import { lease, SHARED, SOURCE } from '../../aws/town.js';
import { sharedTown, storeOpening } from '../replicas.js';

const here = sharedTown();

test('a rule that another replica has authorized and seen meanwhile is not taken for somebody else’s', async () => {
  const [parts, other] = [await here.replicas.parts(), await here.replicas.parts()];
  const endsAtMs = Date.now() + 3_600_000;
  const theirs = lease('TWICE', { openedAtMs: Date.now(), endsAtMs });
  await storeOpening(parts, theirs.requestId, 'a group');
  const stage: RuleRecord['stage'] = { state: 'authorizing', deadlineMs: 0, openByMs: endsAtMs };
  const rule = { groupId: SHARED, source: SOURCE, version: 1, stage, leases: [theirs] };
  expect(await parts.store.change({ rule, audit: [] })).toEqual({ outcome: 'done' });
  const answers: unknown[] = [];
  const firewall: Firewall = {
    ...parts.firewall,
    async authorize(...given) {
      await convergeToOpen(other, SHARED);
      const answer = await parts.firewall.authorize(...given);
      answers.push(answer);
      return answer;
    },
  };
  const { hindrances, seen, records } = await convergeToOpen({ ...parts, firewall }, SHARED);
  expect(answers).toEqual(['duplicate']);
  expect([...hindrances]).toEqual([]);
  expect(records).toMatchObject([{ source: SOURCE, stage: { state: 'open' } }]);
  expect(seen).toMatchObject([{ source: SOURCE, leases: [{ requestId: 'TWICE' }] }]);
});
