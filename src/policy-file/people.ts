/** `directories` and `managers`: which user name in a directory a person in Slack has, and who is whose manager. */
import { z } from 'zod';
import type { DirectoryPolicy, PeopleMapping, Policy } from '../access/policy/policy.js';
import {
  domain,
  fieldId,
  keys,
  like,
  list,
  problem,
  text,
  together,
  trueOrFalse,
  userId,
  userName,
} from './values.js';

const people = together(
  keys(
    {
      from: text(
        /^(email-local-part|email|Xf[A-Z0-9]+)$/,
        'is no way to find a user name. Write email-local-part, email, or the id of a profile field (Xf…).',
      ).optional(),
      domains: list(domain, 'domains: [example.com]').optional(),
      table: z.record(userId, userName, { error: like('table: { U0JANE: jane }') }).optional(),
    },
    like('people: { from: email-local-part, domains: [example.com] }'),
  ),
  ({ from, domains, table }, context) => {
    if (!from && !table) problem(context, [], '"people" says nothing yet. Add from: or table:.');
    if (from?.startsWith('email') && !domains) {
      // Any Slack guest has an e-mail address: only the company's own domains say who somebody is.
      problem(
        context,
        ['from'],
        `"from: ${from}" needs the domains that are yours. Add domains: [example.com].`,
      );
    }
    const [first, second] = new Set(domains?.map((name) => name.toLowerCase()));
    if (from === 'email-local-part' && second !== undefined) {
      const both = `jane@${first} and jane@${second} would be one user`;
      problem(
        context,
        ['domains', 1],
        `A local part belongs to one domain: ${both}. Keep one, and name the people of others in table:.`,
      );
    }
    if (!from?.startsWith('email') && domains) {
      problem(context, ['domains'], '"domains" belongs to from: email-local-part or email. Remove it.');
    }
  },
);

export const directory = keys(
  {
    people: people.optional(),
    netbios: text(
      /^[^\s\\/:*?"<>|@]{1,15}$/,
      'is not a NetBIOS name: at most 15 characters, such as CORP.',
    ).optional(),
    'start-stopped': trueOrFalse('start-stopped').default(false),
  },
  () => 'A directory without keys of its own is written d-9067f01234: {}.',
);

export const managers = together(
  keys(
    {
      table: together(
        z.record(userId, userId, { error: like('table: { U0JANE: U0MARIA }') }),
        (table, context) => {
          for (const [person, manager] of Object.entries(table)) {
            if (person === manager)
              problem(context, [person], `${person} is their own manager. Name somebody else.`);
          }
        },
      ).optional(),
      'profile-field': fieldId.optional(),
      first: text(/^(table|profile-field)$/, 'is none of the two. Write table or profile-field.').optional(),
    },
    like('managers: { profile-field: Xf0MANAGER }'),
  ),
  ({ first, table, 'profile-field': field }, context) => {
    if (first && !(table && field))
      problem(
        context,
        ['first'],
        '"first" matters only where there are table: and profile-field:. Remove it.',
      );
  },
);

export function toDirectory(given: z.output<typeof directory>): DirectoryPolicy {
  return {
    startStopped: given['start-stopped'],
    ...(given.netbios ? { netbios: given.netbios } : {}),
    ...(given.people ? { people: toPeople(given.people) } : {}),
  };
}

function toPeople({ from, domains = [], table = {} }: z.output<typeof people>): PeopleMapping {
  if (from === undefined) return { table };
  if (from === 'email' || from === 'email-local-part') {
    return { table, from: { kind: from, domains: domains.map((name) => name.toLowerCase()) } };
  }
  return { table, from: { kind: 'profile-field', fieldId: from } };
}

export function toManagers(given: z.output<typeof managers>): Policy['managers'] {
  const profileField = given['profile-field'];
  const fieldFirst = given.first === 'profile-field' ? { fieldFirst: true as const } : {};
  return { table: given.table ?? {}, ...(profileField ? { profileField } : {}), ...fieldFirst };
}
