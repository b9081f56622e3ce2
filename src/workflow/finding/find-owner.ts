/** Whose WorkSpace it is, as a person of Slack: the directory knows a user name only. */
import { looksAtOwners } from '../../access/policy/policy.js';
import type { Desktop, Parts } from '../ports.js';

/**
 * The owner's Slack id; undefined where the policy knows no way back from a user name, or nobody has it.
 * @throws where Slack does not answer and a rule goes by owners
 */
export async function ownerOf(parts: Parts, desktop: Desktop): Promise<string | undefined> {
  const { people } = parts.policy.directories[desktop.directoryId] ?? {};
  const userName = desktop.userName.toLowerCase();
  if (!people || userName === '') return undefined;
  const listed = Object.entries(people.table).find(([, name]) => name.toLowerCase() === userName);
  if (listed) return listed[0];
  const { from } = people;
  // A profile field is found by its person, not the other way round.
  if (!from || from.kind === 'profile-field') return undefined;
  const addresses =
    from.kind === 'email' ? [userName] : from.domains.map((domain) => `${userName}@${domain}`);
  try {
    for (const address of addresses) {
      const found = await parts.people.byEmail(address);
      if (found) return found;
    }
  } catch (cause) {
    if (looksAtOwners(parts.policy)) throw cause;
    parts.log.warn({ err: cause, workspaceId: desktop.workspaceId }, 'its owner could not be looked up');
  }
  return undefined;
}
