/** `firewall`: where rules go, and how many of the bot's own groups stay attached. */
import type { z } from 'zod';
import type { Policy } from '../access/policy/policy.js';
import { groupId, keys, like, list, problem, wholeNumber } from './values.js';

const accessGroup = keys(
  { keep: wholeNumber('keep', 0, 2500).default(500) },
  like('access-group: { keep: 500 }'),
);

export const firewallKeys = keys(
  {
    'existing-group': list(groupId, 'existing-group: [sg-0abc1234]').optional(),
    'access-group': accessGroup.optional(),
  } satisfies Record<Policy['firewall']['kind'], z.ZodType>,
  like('firewall: access-group'),
).superRefine((given, context) => {
  if (!given['existing-group'] && !given['access-group'])
    problem(context, [], '"firewall" says nothing yet. Write firewall: access-group, or leave it out.');
});

export function toFirewall(given: 'access-group' | z.output<typeof firewallKeys>): Policy['firewall'] {
  const said = given === 'access-group' ? {} : given;
  const { keep } = said['access-group'] ?? accessGroup.parse({});
  const groupIds = said['existing-group'];
  return groupIds ? { kind: 'existing-group', groupIds, keep } : { kind: 'access-group', keep };
}
