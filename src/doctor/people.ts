/** Whom the policy names at Slack: people, user groups, channels, and the profile fields that decide. */
import { groupsNamed, type Policy, peopleAsked } from '../access/policy/policy.js';
import type { ProfileField, SlackSetup } from '../slack/setup/look.js';
import type { People } from '../workflow/ports.js';
import { type Finding, fail, messageOf, ok, unprovable, warn } from './finding.js';

/** How many people are looked up: Slack's users.info takes about a hundred calls a minute, and a running bot needs some. */
const LOOKED_UP = 50;

/** A finding for each name in the policy, in the order: user groups, people, channels, profile fields, managers. */
export async function lookAtPeople(
  setup: SlackSetup,
  people: People,
  policy: Policy,
  nowMs: number,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const look = async (id: string, work: () => Promise<Finding>) => {
    findings.push(await work().catch((cause) => unprovable(id, `Slack did not say: ${messageOf(cause)}.`)));
  };
  for (const group of groupsNamed(policy)) {
    const id = `slack.group.${group}`;
    await look(id, () => lookAtGroup(id, group, people));
  }
  const asked = peopleAsked(policy);
  for (const userId of asked.slice(0, LOOKED_UP)) {
    const id = `slack.person.${userId}`;
    await look(id, () => lookAtPerson(id, userId, people));
  }
  if (asked.length > LOOKED_UP)
    findings.push(
      unprovable(
        'slack.people',
        `${asked.length - LOOKED_UP} more people whom the policy names were not looked up.`,
      ),
    );
  for (const channel of channelsOf(policy)) {
    const id = `slack.channel.${channel}`;
    await look(id, () => lookAtChannel(id, channel, setup, nowMs));
  }
  if (fieldsOf(policy).length > 0) {
    const fields = await setup.profileFields().catch(messageOf);
    findings.push(...fieldsOf(policy).map((fieldId) => lookAtField(fieldId, fields)));
  }
  const { profileField } = policy.managers;
  if (profileField !== undefined && asksManagers(policy)) {
    const id = 'slack.managers';
    await look(id, () => lookAtManagers(id, profileField, asked.slice(0, LOOKED_UP), people));
  }
  return findings;
}

async function lookAtGroup(id: string, group: string, people: People): Promise<Finding> {
  const members = await people.groupMembers(group);
  if (members === undefined || 'wasId' in members)
    return fail(
      id,
      `Slack has no user group ${group}.`,
      'Correct its handle or id in the policy, or turn the group on again in Slack.',
    );
  if (members.length === 0)
    return fail(
      id,
      `The user group ${group} has no members.`,
      'Put the people in it who may ask or approve.',
    );
  return ok(
    id,
    `The user group ${group} has ${members.length} ${members.length === 1 ? 'member' : 'members'}.`,
  );
}

async function lookAtPerson(id: string, userId: string, people: People): Promise<Finding> {
  const person = await people.person(userId);
  const next = 'Correct the id in the policy: it stands in the person’s profile, under Copy member ID.';
  if (!person) return fail(id, `Slack knows nobody with the id ${userId}.`, next);
  if (!person.active)
    return fail(
      id,
      `${person.name} (${userId}) is deactivated at Slack.`,
      'Take the person out of the policy.',
    );
  if (!person.human) return fail(id, `${userId} is a bot, and bots approve nothing.`, next);
  return ok(id, `${userId} is ${person.name}.`);
}

/** What an operator does where Slack lets the bot not write in a channel, by Slack's code. */
const CHANNEL_FIXES: Readonly<Record<string, string>> = {
  not_in_channel: 'Invite the bot: type /invite @workspace-ssh in the channel.',
  channel_not_found:
    'Correct the id in the policy (it stands in the details of the channel). For a private channel type /invite @workspace-ssh in it.',
  is_archived: 'Name another channel in the policy, or bring this one back.',
};

async function lookAtChannel(
  id: string,
  channel: string,
  setup: SlackSetup,
  nowMs: number,
): Promise<Finding> {
  const code = await setup.channelRefusal(channel, nowMs);
  if (code === undefined) return ok(id, `The bot may write in the channel ${channel}.`);
  const fix =
    CHANNEL_FIXES[code] ?? 'Let the bot post there: look at the posting permissions of the channel.';
  return fail(id, `The bot may not write in the channel ${channel} (${code}).`, fix);
}

function lookAtField(fieldId: string, fields: Map<string, ProfileField> | string): Finding {
  const id = `slack.field.${fieldId}`;
  if (typeof fields === 'string')
    return unprovable(id, `Slack did not say who may edit ${fieldId}: ${fields}.`);
  const field = fields.get(fieldId);
  if (!field)
    return fail(
      id,
      `Slack has no profile field ${fieldId}.`,
      'Correct the id in the policy; npm run doctor names the fields that there are: ' +
        `${[...fields].map(([known, { label }]) => `${known} (${label})`).join(', ') || 'none'}.`,
    );
  if (field.editable)
    return fail(
      id,
      `People may edit the profile field ${fieldId} (${field.label}) themselves, and the policy goes by it.`,
      'Lock it in Slack (Settings, Profiles), or fill it from your directory: whoever edits it chooses an approver or a user name.',
    );
  return ok(id, `The profile field ${fieldId} (${field.label}) is locked.`);
}

async function lookAtManagers(
  id: string,
  profileField: string,
  asked: readonly string[],
  people: People,
): Promise<Finding> {
  const pairs = await Promise.all(
    asked.map(async (userId) => ({
      userId,
      managerId: (await people.profileField(userId, profileField))?.trim(),
    })),
  );
  const found = pairs.filter(({ managerId }) => managerId !== undefined && managerId !== '');
  for (const { userId, managerId = '' } of found) {
    const manager = await people.person(managerId);
    if (!manager?.active || !manager.human)
      return warn(
        id,
        `${profileField} names "${managerId}" as the manager of ${userId}, and Slack knows no active person with that id.`,
        'Correct the field in the profile, or in the directory that fills it: the value is a Slack user id.',
      );
  }
  return found.length === 0
    ? unprovable(id, `Whether ${profileField} leads to managers: nobody whom the policy names has one.`)
    : ok(
        id,
        `${profileField} leads to managers: ${found.length} of the people whom the policy names have one.`,
      );
}

function channelsOf({ rules }: Policy): string[] {
  return [...new Set(rules.flatMap(({ notify }) => (typeof notify === 'object' ? [notify.channel] : [])))];
}

/** The profile fields by which the policy decides who approves, and who has which user name. */
function fieldsOf({ managers, directories }: Policy): string[] {
  const names = Object.values(directories).flatMap(({ people }) =>
    people?.from?.kind === 'profile-field' ? [people.from.fieldId] : [],
  );
  return [...new Set([...(managers.profileField ? [managers.profileField] : []), ...names])];
}

function asksManagers({ rules }: Policy): boolean {
  return rules.some(
    ({ outcome }) =>
      typeof outcome === 'object' && 'ask' in outcome && outcome.ask.some(({ kind }) => kind === 'manager'),
  );
}
