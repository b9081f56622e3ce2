/** Who is in a user group that the policy names. */
import type { Parts } from '../ports.js';

/**
 * The Slack ids of the members. `moved`: another group has the handle by now, so nobody can say whom the policy means: a
 * rule that looks at the group decides nothing, and a sweep tells the admins. A group that is gone has no members.
 * @param group `S…` or `@handle`
 * @throws where Slack does not answer
 */
export async function membersOf(parts: Parts, group: string): Promise<readonly string[] | 'moved'> {
  const members = (await parts.people.groupMembers(group)) ?? [];
  return 'wasId' in members ? 'moved' : members;
}
