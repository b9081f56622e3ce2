/** At start the bot looks up whom the policy names: a rule of people or user groups that Slack does not know asks nobody. */
import { groupsNamed, peopleAsked } from '../../../access/policy/policy.js';
import type { Parts } from '../../ports.js';
import { notifyAdmins } from '../../telling/notify-admins.js';
import { tellLater } from '../../telling/tell-later.js';

/** Slack's users.info is tier 4: about a hundred a minute, and others need it too. */
const LOOKED_UP = 50;

/** Looks who has the handles by now. Each replica does: each keeps the groups that it saw at its own start. */
export async function detectMovedHandles(parts: Parts): Promise<void> {
  for (const group of groupsNamed(parts.policy)) {
    const members = await parts.people.groupMembers(group);
    if (!members || !('wasId' in members)) continue;
    await notifyAdmins(parts, { kind: 'moved-handle', group, wasId: members.wasId, isId: members.isId });
  }
}

/** Tells the admins once for each policy. @throws where Slack does not answer */
export async function detectUnknownNames(parts: Parts): Promise<void> {
  const { policy } = parts;
  const unknown: string[] = [];
  for (const group of groupsNamed(policy)) {
    if ((await parts.people.groupMembers(group)) === undefined) unknown.push(group);
  }
  for (const userId of peopleAsked(policy).slice(0, LOOKED_UP)) {
    const person = await parts.people.person(userId);
    if (!person?.active) unknown.push(userId);
  }
  if (unknown.length > 0) tellLater(parts, { kind: 'unknown-names', policy: policy.hash, names: unknown });
}
