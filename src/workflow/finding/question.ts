/** What the policy is asked about a request: the facts on its record, and who is in which user group right now. */
import type { Question } from '../../access/policy/conditions.js';
import { groupsLookedAt, looksAtTags } from '../../access/policy/policy.js';
import type { Facts } from '../../access/request/facts.js';
import { fromWhenMs } from '../../access/request/later.js';
import { followUpOf, wholeMs } from '../../access/request/others/follows.js';
import type { Ask } from '../../access/request/request.js';
import { isMany } from '../../access/request/target.js';
import type { Parts, Person } from '../ports.js';
import { membersOf } from './group-members.js';

/** @throws where Slack or AWS does not answer: nobody is judged by a guess */
export async function questionOf(parts: Parts, ask: Ask, facts: Facts): Promise<Question> {
  const person = await parts.people.person(ask.requester);
  const wholeDirectory = isMany(ask.target);
  const desktop = wholeDirectory ? undefined : facts.desktops[0];
  const groups = await groupsOfRules(parts);
  const what = followUpOf(ask);
  const ownerId = facts.own ? ask.requester : (facts.owner ?? null);
  return {
    requester: { ...asSlackSays(ask.requester, person), groups: groups.of(ask.requester) },
    target: {
      wholeDirectory,
      directoryId: facts.directoryId,
      own: facts.own,
      workspaceId: desktop?.workspaceId,
      system: desktop?.operatingSystem,
      tags: desktop && (facts.tags ?? (await tagsOf(parts, desktop.workspaceId))),
      owner: desktop && {
        id: ownerId,
        groups: ownerId === null ? [] : groups.of(ownerId),
      },
    },
    movedGroups: groups.moved,
    source: { cidr: ask.source.cidr, isPrivate: ask.source.isPrivate },
    // An approver who makes a request shorter does not bring it under another rule, whose approvers nobody asked.
    durationMs: wholeMs({ ...ask, durationMs: ask.shortened?.fromMs ?? ask.durationMs }),
    atMs: fromWhenMs(ask, parts.now()),
    emergency: ask.emergency === true,
    follows: what && { what, shortened: ask.follows?.shortened === true },
  };
}

/** Tags of a WorkSpace that was asked for when no rule went by tags: a rule may by now. */
async function tagsOf(parts: Parts, workspaceId: string): Promise<Record<string, string>> {
  return looksAtTags(parts.policy) ? parts.desktops.tags(workspaceId) : {};
}

/** Whether a person may take part, as far as Slack says: somebody whom Slack does not know may not. */
export function asSlackSays(id: string, person: Person | undefined): Omit<Question['requester'], 'groups'> {
  if (!person) return { id, active: false, human: false, guest: false, foreign: false };
  const { active, human, guest, foreign } = person;
  return { id, active, human, guest, foreign };
}

/** The user groups that the policy's rules look at. */
export async function groupsOfRules(
  parts: Parts,
): Promise<{ moved: string[]; of(userId: string): string[] }> {
  const groups = await Promise.all(
    groupsLookedAt(parts.policy).map(async (group) => ({ group, members: await membersOf(parts, group) })),
  );
  const names = (is: (members: readonly string[] | 'moved') => boolean) =>
    groups.flatMap(({ group, members }) => (is(members) ? [group] : []));
  return {
    moved: names((members) => members === 'moved'),
    of: (userId) => names((members) => members !== 'moved' && members.includes(userId)),
  };
}
