/** `firewall`: where rules go, and how many of the bot's own groups stay attached. */
import type { z } from 'zod';
import type { Policy } from '../access/policy/policy.js';
import { groupId, keys, like, list, problem, together, wholeNumber } from './values.js';

const accessGroup = keys(
  { keep: wholeNumber('keep', 0, 2500).default(500) },
  like('access-group: { keep: 500 }'),
);

export const firewallKeys = together(
  keys(
    {
      'existing-group': list(groupId, 'existing-group: [sg-0abc1234]').optional(),
      'access-group': accessGroup.optional(),
    } satisfies Record<Policy['firewall']['kind'], z.ZodType>,
    like('firewall: access-group'),
  ),
  (given, context) => {
    if (!given['existing-group'] && !given['access-group'])
      problem(context, [], '"firewall" says nothing yet. Write firewall: access-group, or leave it out.');
  },
);

type Said = z.output<typeof firewallKeys>;
type Firewall = Policy['firewall'];

/** How the file chooses each mode but `access-group`, which holds where no other is written. */
const CHOSEN: {
  [K in Exclude<Firewall['kind'], 'access-group'>]: (said: Said, keep: number) => Firewall | undefined;
} = {
  'existing-group': ({ 'existing-group': groupIds }, keep) =>
    groupIds && { kind: 'existing-group', groupIds, keep },
};

export function toFirewall(given: 'access-group' | Said): Firewall {
  const said: Partial<Said> = given === 'access-group' ? {} : given;
  const { keep } = said['access-group'] ?? accessGroup.parse({});
  const chosen = Object.values(CHOSEN).map((choose) => choose(said, keep));
  return chosen.find((mode) => mode !== undefined) ?? { kind: 'access-group', keep };
}
