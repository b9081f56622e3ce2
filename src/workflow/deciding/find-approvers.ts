/** Who may fill the parts of a need, looked up when somebody is asked and again at each click. */

import { spellNeed } from '../../access/policy/asked.js';
import { whyNotPart } from '../../access/policy/decide.js';
import type { Asked } from '../../access/policy/policy.js';
import type { Need, NeedPart } from '../../access/request/need.js';
import type { Refusal } from '../../access/request/request.js';
import { membersOf } from '../finding/group-members.js';
import { asSlackSays } from '../finding/question.js';
import type { Parts } from '../ports.js';

/** Members of a larger group are looked up only when they click: Slack allows about a hundred look-ups a minute. */
const LOOKED_UP = 40;

/** People beside those whom a rule asks. */
export interface OrElse {
  ask: readonly Asked[];
  /** The time of the fallback has come: they may fill every place. */
  always: boolean;
  /** The people of the fallback whom the requester asked before that time: they may decide, too. */
  sooner: readonly string[];
}

const NOBODY_ELSE: OrElse = { ask: [], always: false, sooner: [] };

/**
 * The people who may fill each part. The fallback's people may fill every place once the fallback was asked (`always`), and
 * a manager's place from the beginning where nobody is the manager.
 * @throws where Slack does not answer: nobody is judged by a guess
 */
export async function findParts(
  parts: Parts,
  requester: string,
  needs: readonly Asked[],
  selfApproval: boolean,
  orElse: OrElse = NOBODY_ELSE,
): Promise<NeedPart[]> {
  const peopleFor = async (asked: Asked): Promise<string[]> => {
    const candidates = await candidatesFor(parts, requester, asked);
    const others = [...new Set(candidates)].filter((id) => selfApproval || id !== requester);
    const people = others.length > LOOKED_UP ? others : await thoseWhoMay(parts, others);
    // A person may have several managers: the first who may approve decides.
    return asked.kind === 'manager' ? people.slice(0, 1) : people;
  };
  const found: NeedPart[] = [];
  for (const asked of needs) found.push({ asked, people: await peopleFor(asked) });
  const wanted = (part: NeedPart) =>
    orElse.always || (part.asked.kind === 'manager' && part.people.length === 0);
  if (!found.some(wanted) && orElse.sooner.length === 0) return found;
  const more: string[] = [];
  for (const asked of orElse.ask) more.push(...(await peopleFor(asked)));
  const sooner = more.filter((id) => orElse.sooner.includes(id));
  return found.map((part) => {
    const added = new Set((wanted(part) ? more : sooner).filter((id) => !part.people.includes(id)));
    const instead = [...added];
    return added.size > 0 ? { ...part, people: [...part.people, ...instead], instead } : part;
  });
}

/**
 * Asks Slack side by side about everybody who is judged one after the other right after this; Slack's answers are
 * remembered until then. A failure is met by whoever needs the answer.
 */
export function lookUpAhead(
  parts: Parts,
  requester: string,
  { parts: needs, approvers }: Need['asks'],
): void {
  const few = approvers.length > LOOKED_UP ? [] : approvers;
  void Promise.allSettled([
    ...[requester, ...few].map((id) => parts.people.person(id)),
    ...needs.map(({ asked }) => candidatesFor(parts, requester, asked)),
  ]);
}

/** The Slack status of each person who is away, by user id. Nobody of a larger group is looked up. */
export async function awayAmong(parts: Parts, userIds: readonly string[]): Promise<Record<string, string>> {
  const away: Record<string, string> = {};
  if (userIds.length > LOOKED_UP) return away;
  for (const userId of userIds) {
    const person = await parts.people.person(userId);
    if (person?.away !== undefined) away[userId] = person.away;
  }
  return away;
}

/** Why this person may not decide, as Slack and the policy see them now. */
export async function whyMayNot(parts: Parts, userId: string): Promise<string | undefined> {
  return whyNotPart(parts.policy, asSlackSays(userId, await parts.people.person(userId)));
}

/** The people whom policy and Slack let take part. */
export async function thoseWhoMay(parts: Parts, userIds: readonly string[]): Promise<string[]> {
  const may: string[] = [];
  for (const userId of userIds) if ((await whyMayNot(parts, userId)) === undefined) may.push(userId);
  return may;
}

async function candidatesFor(parts: Parts, requester: string, asked: Asked): Promise<readonly string[]> {
  switch (asked.kind) {
    case 'admins':
      return parts.policy.admins;
    case 'any-of':
      return asked.users;
    case 'group': {
      const members = await membersOf(parts, asked.group);
      return members === 'moved' ? [] : members;
    }
    case 'manager':
      return managersOf(parts, requester);
  }
}

/** From the policy's table and from Slack's profile, in the order that the policy says. */
async function managersOf(parts: Parts, requester: string): Promise<string[]> {
  const { table, profileField, fieldFirst } = parts.policy.managers;
  const field = profileField ? await parts.people.profileField(requester, profileField) : undefined;
  // Somebody may have typed the id into a text field.
  const both = [table[requester], field?.trim() || undefined];
  return (fieldFirst ? both.reverse() : both).filter((id) => id !== undefined);
}

/** Why nobody is asked: too few people may say yes. */
export function notEnough(
  { policy: { admins } }: Pick<Parts, 'policy'>,
  requester: string,
  found: readonly NeedPart[],
): Refusal {
  const byAdmins = found.every(({ asked }) => asked.kind === 'admins');
  if (byAdmins && admins.every((admin) => admin === requester)) {
    const sentence =
      'You are the only admin, and nobody approves their own request. Add a second admin to the policy.';
    return { sentence };
  }
  if (found.some(({ asked, people }) => asked.kind === 'manager' && people.length === 0)) {
    const sentence =
      'I found no manager of yours who may approve. The admins know; they set it in the policy or in Slack.';
    return { sentence, admins: true };
  }
  const needs = found.map(({ asked, people }) => `${spellNeed(asked)} (${people.length} may)`).join(', ');
  const sentence = `Too few people may approve this. It needs: ${needs}. The admins know; they set it in the policy.`;
  return { sentence, admins: true };
}
