/** Looks people up at Slack and remembers them for a moment: a decision asks for the same few people several times. */
import { WebAPIPlatformError, type WebClient } from '@slack/web-api';
import { oneStraightLine } from '../../access/reading/plain-text.js';
import { remembering } from '../../workflow/finding/remembering.js';
import type { MovedHandle, People, Person } from '../../workflow/ports.js';
import { awayStatus } from './away.js';
import { politely } from './slack-busy.js';

/** Short, so that a person who was deactivated cannot act for long. */
const REMEMBERED = { forMs: 30_000, most: 2_000 };
const MINUTE_MS = 60_000;
const UNKNOWN = new Set(['user_not_found', 'user_not_visible', 'users_not_found']);

/** @param now epoch milliseconds */
export function createPeople(client: WebClient, now: () => number = Date.now): People {
  const person = remembering<Person | undefined>(now, REMEMBERED);
  const fields = remembering<Record<string, string>>(now, REMEMBERED);
  const emails = remembering<string | undefined>(now, REMEMBERED);
  const groups = remembering<readonly Group[]>(now, { ...REMEMBERED, forMs: MINUTE_MS });
  /** The id of the group that each handle was first seen on. A group that is renamed keeps its id, and its place here. */
  const handles = new Map<string, string>();
  /** Handles that moved, kept until a restart: one that moved back may have let somebody in or out meanwhile. */
  const movedHandles = new Map<string, MovedHandle>();
  let ours: string | undefined;

  /**
   * The id of the bot's own Slack workspace, or of the organization, where the app is installed in all of it. Without an
   * answer the call fails and is tried again: nobody is taken for foreign, or for own, on a guess.
   */
  async function home(): Promise<string> {
    if (ours) return ours;
    const { team_id, enterprise_id, is_enterprise_install } = await client.auth.test();
    ours = is_enterprise_install ? enterprise_id : team_id;
    if (!ours) throw new Error('Slack did not name our workspace');
    return ours;
  }

  async function look(userId: string): Promise<Person | undefined> {
    const { user } = await client.users.info({ user: userId });
    if (!user?.id) return undefined;
    const own = await home();
    const { enterprise_id: organization, teams = [] } = user.enterprise_user ?? {};
    const stranger = 'is_stranger' in user && user.is_stranger === true;
    const away = awayStatus(user.profile ?? {}, now());
    const name = oneStraightLine(user.profile?.real_name || user.real_name || user.name || '') || user.id;
    return {
      id: user.id,
      name,
      ...(user.profile?.email ? { email: user.profile.email } : {}),
      active: user.deleted !== true,
      human: user.is_bot !== true && user.id !== 'USLACKBOT',
      guest: user.is_restricted === true || user.is_ultra_restricted === true,
      foreign: stranger || ![user.team_id, organization, ...teams].includes(own),
      ...(user.tz ? { timeZone: user.tz } : {}),
      ...(away === undefined ? {} : { away }),
    };
  }

  return {
    person: (userId) => person(userId, () => orUnknown(() => look(userId))),
    async profileField(userId, fieldId) {
      const values = await fields(userId, async () => {
        const answer = await orUnknown(() => client.users.profile.get({ user: userId }));
        const entries = Object.entries(answer?.profile?.fields ?? {});
        return Object.fromEntries(entries.flatMap(([id, { value }]) => (value ? [[id, value]] : [])));
      });
      return values[fieldId];
    },
    async groupMembers(group) {
      // One call a minute lists all groups: Slack allows few of these calls (tier 2), and a handle is found only in the
      // list.
      const all = await groups('all', () => politely(() => listGroups(client)));
      const name = group.toLowerCase();
      const holder = all.find(({ id, handle }) => id === group || `@${handle}` === name);
      const bound = handles.get(name) ?? holder?.id;
      const moved = movedHandles.get(name);
      if (moved) return moved;
      if (bound === undefined) return undefined;
      handles.set(name, bound);
      if (holder && holder.id !== bound) {
        const now = { wasId: bound, isId: holder.id };
        movedHandles.set(name, now);
        return now;
      }
      return all.find(({ id }) => id === bound)?.members;
    },
    byEmail: (email) =>
      emails(email.toLowerCase(), async () => {
        const answer = await orUnknown(() => client.users.lookupByEmail({ email }));
        return answer?.user?.id;
      }),
  };
}

interface Group {
  id: string;
  handle: string;
  members: readonly string[];
}

async function listGroups(client: WebClient): Promise<Group[]> {
  const { usergroups = [] } = await client.usergroups.list({ include_users: true });
  return usergroups.flatMap(({ id, handle, users, date_delete: disabledAt }) =>
    id && !disabledAt ? [{ id, handle: handle?.toLowerCase() ?? '', members: users ?? [] }] : [],
  );
}

async function orUnknown<T>(call: () => Promise<T>): Promise<T | undefined> {
  return politely(() =>
    call().catch((cause: unknown) => {
      if (cause instanceof WebAPIPlatformError && UNKNOWN.has(cause.data.error)) return undefined;
      throw cause;
    }),
  );
}
