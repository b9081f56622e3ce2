/** What the policy is asked about a request: the facts on its record, and who is in which user group right now. */
import type { Question } from '../../access/policy/conditions.js';
import { groupsLookedAt, looksAtTags } from '../../access/policy/policy.js';
import type { Ask, Facts } from '../../access/request/request.js';
import { isMany } from '../../access/request/target.js';
import type { Parts, Person } from '../ports.js';

/** @throws where Slack or AWS does not answer: nobody is judged by a guess */
export async function questionOf(parts: Parts, ask: Ask, facts: Facts): Promise<Question> {
  const person = await parts.people.person(ask.requester);
  const wholeDirectory = isMany(ask.target);
  const desktop = wholeDirectory ? undefined : facts.desktops[0];
  const ownerId = facts.own ? ask.requester : (facts.owner ?? null);
  return {
    requester: { ...standingOf(ask.requester, person), groups: await groupsOf(parts, ask.requester) },
    target: {
      wholeDirectory,
      directoryId: facts.directoryId,
      own: facts.own,
      workspaceId: desktop?.workspaceId,
      system: desktop?.operatingSystem,
      tags: desktop && (facts.tags ?? (await tagsOf(parts, desktop.workspaceId))),
      owner: desktop && {
        id: ownerId,
        groups: ownerId === null ? [] : await groupsOf(parts, ownerId),
      },
    },
    source: { cidr: ask.source.cidr, isPrivate: ask.source.isPrivate },
    // Making it shorter does not hand it to other people.
    durationMs: ask.shortened?.fromMs ?? ask.durationMs,
    atMs: parts.now(),
    emergency: ask.emergency === true,
  };
}

/** Tags of a WorkSpace that was asked for when no rule went by tags: a rule may by now. */
async function tagsOf(parts: Parts, workspaceId: string): Promise<Record<string, string>> {
  return looksAtTags(parts.policy) ? parts.desktops.tags(workspaceId) : {};
}

/** Somebody whom Slack does not know is nobody who may take part. */
export function standingOf(id: string, person: Person | undefined): Omit<Question['requester'], 'groups'> {
  if (!person) return { id, active: false, human: false, guest: false, foreign: false };
  const { active, human, guest, foreign } = person;
  return { id, active, human, guest, foreign };
}

/** The groups that somebody is in, among those that the policy's rules look at. A group that is gone has no members. */
async function groupsOf(parts: Parts, userId: string): Promise<string[]> {
  const looked = await Promise.all(
    groupsLookedAt(parts.policy).map(async (group) => {
      const members = await parts.people.groupMembers(group);
      return members?.includes(userId) ? [group] : [];
    }),
  );
  return looked.flat();
}
