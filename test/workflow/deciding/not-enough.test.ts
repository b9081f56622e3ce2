import { expect, test } from '@jest/globals';
import type { NeedPart } from '../../../src/access/request/need.js';
import { findParts, notEnough } from '../../../src/workflow/deciding/find-approvers.js';
import { fakeParts, policy } from '../../slack/parts.js';

const [JANE, ADA] = ['U0JANE', 'U0ADA'];
const admins: NeedPart = { asked: { kind: 'admins', count: 1 }, people: [] };
const manager: NeedPart = { asked: { kind: 'manager' }, people: [] };
const security: NeedPart = { asked: { kind: 'group', group: '@security', count: 2 }, people: ['UTOM'] };

test.each<[who: string, admins: string[], found: NeedPart[], says: object]>([
  [
    'the only admin, who may not approve their own request',
    [JANE],
    [admins],
    {
      sentence:
        'You are the only admin, and nobody approves their own request. Add a second admin to the policy.',
    },
  ],
  [
    'somebody of whom no manager is known',
    [ADA],
    [manager],
    {
      sentence:
        'I found no manager of yours who may approve. The admins know; they set it in the policy or in Slack.',
      admins: true,
    },
  ],
  [
    'somebody whose rule needs more people than may say yes',
    [JANE],
    [admins, security],
    {
      sentence:
        'Too few people may approve this. It needs: admins (0 may), 2 of @security (1 may). The admins know; they set it in the policy.',
      admins: true,
    },
  ],
])('too few approvers are explained to %s', (_, listed, found, says) => {
  expect(notEnough({ policy: { ...policy, admins: listed } }, JANE, found)).toEqual(says);
});

test('a manager whose id stands between spaces in the profile field is asked, and white space alone names nobody', async () => {
  const found = async (value: string) => {
    const { parts } = fakeParts();
    const managers = { table: {}, profileField: 'Xf0MANAGER' };
    const people = { ...parts.people, profileField: async () => value };
    const asking = { ...parts, people, policy: { ...parts.policy, managers } };
    const [part] = await findParts(asking, JANE, [{ kind: 'manager' }], false);
    return part?.people;
  };
  expect(await found(' U0MARIA\t')).toEqual(['U0MARIA']);
  expect(await found(' ')).toEqual([]);
});
