/** Whose WorkSpace it is, as a person of Slack: the directory knows a user name only. */

import type { Desktop } from '../../access/connecting/found.js';
import { looksAtOwners } from '../../access/policy/policy.js';
import { sameUserName } from '../../access/policy/user-name.js';
import type { Parts } from '../ports.js';
import { loginName } from './login-name.js';

/**
 * The owner's Slack id; undefined where the policy knows no way back from a user name, or nobody has it.
 * @throws where Slack does not answer and a rule goes by owners
 */
export async function ownerOf(
  parts: Pick<Parts, 'policy' | 'people' | 'log'>,
  desktop: Pick<Desktop, 'directoryId' | 'userName' | 'workspaceId'>,
): Promise<string | undefined> {
  const directory = parts.policy.directories[desktop.directoryId];
  const userName = desktop.userName.normalize('NFC').toLowerCase();
  if (!directory?.people || userName === '') return undefined;
  const { people } = directory;
  const listed = Object.entries(people.table).find(([, name]) => sameUserName(name, userName));
  if (listed) return listed[0];
  const { from } = people;
  // A profile field is found by its person, not the other way round.
  if (!from || from.kind === 'profile-field') return undefined;
  const addresses =
    from.kind === 'email' ? [userName] : from.domains.map((domain) => `${userName}@${domain}`);
  try {
    for (const address of addresses) {
      const found = await parts.people.byEmail(address);
      const person = found === undefined ? undefined : await parts.people.person(found);
      // Slack also finds guests and people of other companies, and the table may give the person another name.
      const login = person && (await loginName(parts, directory, person));
      if (person && login !== undefined && sameUserName(login, userName)) return person.id;
    }
  } catch (cause) {
    if (looksAtOwners(parts.policy)) throw cause;
    parts.log.warn({ err: cause, workspaceId: desktop.workspaceId }, 'its owner could not be looked up');
  }
  return undefined;
}
