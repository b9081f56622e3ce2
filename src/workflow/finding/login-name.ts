/** The user name that a person of Slack has in a directory. */
import type { DirectoryPolicy } from '../../access/policy/policy.js';
import { userNameByEmail } from '../../access/policy/user-name.js';
import type { Parts, Person } from '../ports.js';

/**
 * The user name by the mapping of that directory alone; undefined without one. Only the mapping's table names people of
 * another Slack workspace: their e-mail addresses and profile fields are what somebody else writes.
 */
export async function loginName(
  { people: slack }: Pick<Parts, 'people'>,
  { people }: DirectoryPolicy,
  person: Person,
): Promise<string | undefined> {
  const named = people?.table[person.id]?.normalize('NFC');
  if (named || !people?.from) return named;
  if (people.from.kind !== 'profile-field') return userNameByEmail(people.from, person);
  if (person.foreign) return undefined;
  const value = (await slack.profileField(person.id, people.from.fieldId))?.trim().normalize('NFC');
  // DescribeWorkspaces refuses a longer name as malformed.
  return value && value.length <= 63 ? value : undefined;
}
