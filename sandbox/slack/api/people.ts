/** The Web API's methods about people: profiles, profile fields (one of which names the manager), and user groups. */

import type { Town } from '../state/town.js';
import type { SlackUser } from '../world.js';
import { optional, required } from './arguments.js';
import type { Method } from './method.js';
import { Refusal } from './refusal.js';

export const peopleMethods: Record<string, Method> = {
  'users.info': {
    scopes: ['users:read'],
    rate: 'tier4',
    run: (town, args) => ({ user: userObject(town, known(town, required(args, 'user'))) }),
  },
  'users.lookupByEmail': {
    scopes: ['users:read.email'],
    rate: 'tier3',
    run(town, args) {
      const email = required(args, 'email').toLowerCase();
      const user = town.world.users.find((u) => u.email?.toLowerCase() === email && town.member(u.id));
      if (!user) throw new Refusal('users_not_found');
      return { user: userObject(town, user) };
    },
  },
  'users.profile.get': {
    scopes: ['users.profile:read'],
    rate: 'tier4',
    run(town, args) {
      const user = known(town, optional(args, 'user') ?? town.world.app.botUserId);
      const fields = Object.entries(user.fields ?? {}).map(([id, value]) => [id, { value, alt: '' }]);
      // Slack answers null, not an empty object, for a person without a value in any field.
      return {
        profile: { ...profile(town, user), fields: fields.length > 0 ? Object.fromEntries(fields) : null },
      };
    },
  },
  'team.profile.get': {
    scopes: ['users.profile:read'],
    rate: 'tier3',
    run: (town) => ({
      profile: {
        fields: town.world.profileFields.map(({ id, label, type, editable = false }, ordering) => ({
          id,
          ordering,
          field_name: label.toLowerCase().replace(/\W+/g, '_'),
          label,
          hint: '',
          type,
          possible_values: null,
          options: { is_protected: !editable, is_scim: !editable },
          is_hidden: false,
          section_id: 'SEC1',
        })),
        sections: [
          {
            id: 'SEC1',
            team_id: town.world.team.id,
            section_type: 'custom',
            label: 'People',
            order: 1,
            is_hidden: false,
          },
        ],
      },
    }),
  },
  'usergroups.list': {
    scopes: ['usergroups:read'],
    rate: 'tier2',
    run: (town, args) => ({
      usergroups: town.world.userGroups.map(({ id, handle, name, users }) => ({
        id,
        team_id: town.world.team.id,
        is_usergroup: true,
        handle,
        name,
        description: '',
        date_delete: 0,
        user_count: users.length,
        ...(['true', '1'].includes(String(args.include_users)) ? { users } : {}),
      })),
    }),
  },
  'usergroups.users.list': {
    scopes: ['usergroups:read'],
    rate: 'tier2',
    run(town, args) {
      const id = required(args, 'usergroup');
      const group = town.world.userGroups.find((g) => g.id === id);
      if (!group) throw new Refusal('no_such_subteam');
      return { users: [...group.users] };
    },
  },
};

function known(town: Town, id: string): SlackUser {
  const user = town.user(id);
  if (user) return user;
  const { app } = town.world;
  if (id !== app.botUserId) throw new Refusal('user_not_found');
  return {
    id,
    name: app.name ?? 'workspace-ssh',
    realName: app.name ?? 'workspace-ssh',
    tz: 'UTC',
    tzOffset: 0,
    isBot: true,
  };
}

function userObject(town: Town, user: SlackUser): Record<string, unknown> {
  const teamId = user.teamId ?? town.world.team.id;
  return {
    id: user.id,
    team_id: teamId,
    name: user.name,
    deleted: user.deleted ?? false,
    real_name: user.realName,
    // Slack leaves the time zone of a deactivated person out.
    ...(user.deleted ? {} : { tz: user.tz, tz_label: user.tz, tz_offset: user.tzOffset }),
    profile: profile(town, user),
    is_admin: user.isAdmin ?? false,
    is_owner: false,
    is_primary_owner: false,
    is_restricted: user.isGuest ?? false,
    is_ultra_restricted: false,
    is_bot: user.isBot ?? false,
    is_app_user: false,
    ...(isStranger(town, user) ? { is_stranger: true } : {}),
    updated: 1_700_000_000,
  };
}

/** A person of another workspace who is in no channel with the app. https://docs.slack.dev/reference/objects/user-object */
function isStranger({ world }: Town, { id, teamId = world.team.id }: SlackUser): boolean {
  if (teamId === world.team.id) return false;
  return !world.channels.some(({ members }) => members.includes(id) && members.includes(world.app.botUserId));
}

function profile(town: Town, user: SlackUser): Record<string, unknown> {
  return {
    title: user.title ?? '',
    real_name: user.realName,
    real_name_normalized: user.realName,
    display_name: user.name,
    display_name_normalized: user.name,
    status_text: user.statusText ?? '',
    status_emoji: user.statusEmoji ?? '',
    status_expiration: 0,
    team: user.teamId ?? town.world.team.id,
    ...(user.email !== undefined && town.world.app.scopes.includes('users:read.email')
      ? { email: user.email }
      : {}),
  };
}
