/** Facts for trying a policy without Slack and AWS: who is who, and whose WorkSpace is whose. */
import { parse } from 'yaml';
import { z } from 'zod';
import type { Question } from '../access/policy/conditions.js';
import type { Policy } from '../access/policy/policy.js';
import { sameUserName } from '../access/policy/user-name.js';
import { isUserId, targetById, userGroup } from '../access/reading/ids.js';
import { decodeUtf8 } from './utf8.js';

const user = z.strictObject({
  groups: z.array(z.string()).optional(),
  guest: z.boolean().optional(),
  active: z.boolean().optional(),
  manager: z.string().optional(),
  /** The person's user name in the directory, where the policy's own table does not say it. */
  user: z.string().optional(),
});
const workspace = z.strictObject({
  directory: z.string().optional(),
  /** A user name of the directory, or a Slack user id. */
  user: z.string().optional(),
  os: z.string().optional(),
  tags: z.record(z.string(), z.string()).optional(),
  reach: z.int().min(1).optional(),
});
const factsFile = z.strictObject({
  users: z.record(z.string(), user).default({}),
  workspaces: z.record(z.string(), workspace).default({}),
});

export type PolicyFacts = z.output<typeof factsFile>;

/** Reads facts from JSON or YAML; `problem` is for the person at the terminal where they cannot be understood. */
export function readFacts(bytes: Uint8Array, fileName: string): PolicyFacts | { problem: string } {
  const decoded = decodeUtf8(bytes, fileName);
  if (!decoded.ok) return decoded;
  const none = (why: string) => ({ problem: `${fileName} holds no facts:\n${why}` });
  try {
    const read = factsFile.safeParse(parse(decoded.text) ?? {});
    return read.success ? read.data : none(z.prettifyError(read.error));
  } catch (fault) {
    return none(fault instanceof Error ? fault.message : String(fault));
  }
}

/** The requester as far as the facts go. People whom the facts do not mention are active members. */
export function requesterOf(facts: PolicyFacts, id: string): Question['requester'] {
  const known = facts.users[id];
  return {
    id,
    active: known?.active ?? true,
    human: true,
    guest: known?.guest ?? false,
    foreign: false,
    groups: known?.groups && groupsOf(known.groups),
  };
}

/** The target as far as the facts go. `target` is `own`, `ws-…` or `d-…`. */
export function targetOf(
  policy: Policy,
  facts: PolicyFacts,
  target: string,
  requester: string,
): Question['target'] {
  const named = target === 'own' ? undefined : targetById(target);
  if (named?.kind === 'directory')
    return {
      wholeDirectory: true,
      directoryId: named.directoryId,
      workspaceId: undefined,
      own: false,
      system: undefined,
      tags: undefined,
      owner: undefined,
    };
  const owns = ([, one]: [string, PolicyFacts['workspaces'][string]]) => isOwn(policy, facts, one, requester);
  const id = target === 'own' ? Object.entries(facts.workspaces).find(owns)?.[0] : target;
  const known = id === undefined ? undefined : facts.workspaces[id];
  const own = target === 'own' ? true : known && isOwn(policy, facts, known, requester);
  const ownerId = own ? requester : known && ownerOf(policy, facts, known);
  const groups = ownerId === undefined ? undefined : facts.users[ownerId]?.groups;
  return {
    wholeDirectory: false,
    workspaceId: id,
    directoryId: known?.directory,
    own,
    system: known?.os,
    tags: known?.tags,
    owner: ownerId === undefined ? undefined : { id: ownerId, groups: groups && groupsOf(groups) },
  };
}

/** The path of the fact to add. Ownership takes two: a WorkSpace's user name, and the person with that user name. */
export function nameMissing(facts: PolicyFacts, missing: string, requester: string): string {
  const [, id = '', what] = /^workspaces\.(.+)\.(user|owner)$/.exec(missing) ?? [];
  if (what === undefined) return missing;
  const user = facts.workspaces[id]?.user;
  if (user === undefined) return `workspaces.${id}.user`;
  return what === 'user' ? `users.${requester}.user` : `users.U….user: ${user}`;
}

/** The manager of a requester, as far as the policy's table and the facts say it. */
export function managerOf(policy: Policy, facts: PolicyFacts, requester: string): string | undefined {
  const { table, profileField, fieldFirst } = policy.managers;
  const field = profileField ? facts.users[requester]?.manager : undefined;
  return fieldFirst ? (field ?? table[requester]) : (table[requester] ?? field);
}

/** How many WorkSpaces would open; undefined where the facts do not say it. */
export function reachOf(
  { workspaces }: PolicyFacts,
  { workspaceId }: Question['target'],
): number | undefined {
  return workspaceId === undefined ? undefined : workspaces[workspaceId]?.reach;
}

type Workspace = PolicyFacts['workspaces'][string];

function isOwn(policy: Policy, facts: PolicyFacts, one: Workspace, requester: string): boolean | undefined {
  if (one.user === undefined) return undefined;
  if (one.user === requester) return true;
  const login = loginOf(policy, facts, one.directory, requester);
  if (login !== undefined) return sameUserName(login, one.user);
  // A WorkSpace with a known owner is certainly not the requester's.
  return ownerOf(policy, facts, one) === undefined ? undefined : false;
}

function loginOf(policy: Policy, facts: PolicyFacts, directory: string | undefined, id: string) {
  const mapped = directory === undefined ? undefined : policy.directories[directory]?.people?.table[id];
  return mapped ?? facts.users[id]?.user;
}

function ownerOf(policy: Policy, facts: PolicyFacts, { user, directory }: Workspace): string | undefined {
  if (user === undefined) return undefined;
  if (isUserId(user)) return user;
  const table = directory === undefined ? {} : (policy.directories[directory]?.people?.table ?? {});
  const known = [...Object.keys(table), ...Object.keys(facts.users)];
  return known.find((id) => {
    const login = loginOf(policy, facts, directory, id);
    return login !== undefined && sameUserName(login, user);
  });
}

function groupsOf(groups: readonly string[]): string[] {
  return groups.map(userGroup);
}
