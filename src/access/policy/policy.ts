/** The company's rules as data. Reading the file is `src/policy-file`'s, deciding `decide.ts`'s. */
import type { Network } from '../reading/network.js';
import type { ReasonLimits } from '../reading/reason.js';
import type { SourceLimits } from '../reading/source.js';
import type { Schedule } from './schedule.js';

/** How a Slack person maps to the user name of one directory. */
export interface PeopleMapping {
  /** Slack user id → user name; wins over the rest. */
  table: Readonly<Record<string, string>>;
  from?:
    | { kind: 'email-local-part' | 'email'; domains: readonly string[] }
    | { kind: 'profile-field'; fieldId: string };
}

export interface DirectoryPolicy {
  /** Used where Directory Service has no NetBIOS name. */
  netbios?: string;
  /** Without a mapping the directory is never searched for anybody. */
  people?: PeopleMapping;
  /** A stopped WorkSpace is started after the approval. */
  startStopped: boolean;
}

/** What a rule asks for before access opens. */
export type Asked =
  | { kind: 'manager' }
  | { kind: 'admins'; count: number }
  /** A Slack user group: `S…` or `@handle`. */
  | { kind: 'group'; group: string; count: number }
  | { kind: 'any-of'; users: readonly string[]; count: number };

/** Where it is said that somebody has to decide: to each of those who may, or in one channel. */
export type Notify = 'approvers' | { channel: string };

/** People by their Slack id, and Slack user groups: `S…`, or `@handle` in lower case. */
export interface Who {
  users: readonly string[];
  groups: readonly string[];
}

/** Which targets a rule covers. Every part that is there has to hold. */
export interface TargetCondition {
  /** `any`: one WorkSpace, whosever it is. `directory`: a whole one. `everything`: both. */
  kind: 'own' | 'other' | 'any' | 'directory' | 'everything';
  directories?: readonly string[];
  workspaces?: readonly string[];
  /** Beginnings of the operating system's name as AWS writes it: `UBUNTU`, `RHEL_8`. */
  systems?: readonly string[];
  /** Tag → values, one of which it has. */
  tags?: Readonly<Record<string, readonly string[]>>;
  /** Whose WorkSpace it is. */
  owner?: Who;
}

/** Where a rule's requests come from: one of these holds all of the source. */
export interface SourceCondition {
  /** With their names, for the explanation. */
  ranges: readonly Network[];
  kinds: readonly ('private' | 'public')[];
}

export interface PolicyRule {
  name: string;
  target: TargetCondition;
  requester?: Who;
  source?: SourceCondition;
  /** The longest duration that it covers. */
  upToMs?: number;
  when?: Schedule;
  /** For emergencies only, or never. Left out, only a rule that refuses covers emergencies too. */
  emergency?: boolean;
  outcome: { ask: readonly Asked[] } | 'approve' | { refuse: string };
  notify: Notify;
  /** After so long without an answer those who are waited for are reminded, once. */
  remindAfterMs?: number;
  fallback?: Fallback;
  selfApproval: boolean;
}

/** Who may fill any place that is still open once nobody answered for so long, or where there is no manager. */
export interface Fallback {
  afterMs: number;
  ask: readonly Asked[];
  /** The requester may ask one of them before that. */
  sooner?: true;
}

/** The policy in force. Durations are milliseconds. */
export interface Policy {
  /** SHA-256 of the file in hex: two replicas with the same hash have the same policy. */
  hash: string;
  admins: readonly string[];
  directories: Readonly<Record<string, DirectoryPolicy>>;
  /** Of both the table is asked first, unless `fieldFirst`. */
  managers: { table: Readonly<Record<string, string>>; profileField?: string; fieldFirst?: true };
  limits: {
    sources: SourceLimits;
    /** What the form offers by name, and rules may go by. */
    networks: readonly Network[];
    durations: {
      choicesMs: readonly number[];
      defaultMs: number;
      shortestMs: number;
      longestMs: number;
      /** The longest that one grant may last that is found again by its tag. */
      longestTotalMs: number;
    };
    /** Of one person at a time; without a number there is no limit. */
    perPerson: { open?: number; waiting?: number };
    unansweredMs: number;
    reason?: ReasonLimits;
  };
  rules: readonly PolicyRule[];
  /** What Redis keeps of the audit log: whichever is reached first. */
  audit: { keepMs: number; records: number };
  /** `keep`: how many access groups stay attached when nobody uses them. */
  firewall: { keep: number } & (
    | { kind: 'access-group' }
    | { kind: 'existing-group'; groupIds: readonly string[] }
  );
}

/** Whether the policy names a person by their id: such a one may take part even as a guest. */
export function names(policy: Policy, userId: string): boolean {
  const { table } = policy.managers;
  const listed = [
    ...policy.admins,
    ...Object.keys(table),
    ...Object.values(table),
    ...Object.values(policy.directories).flatMap(({ people }) => Object.keys(people?.table ?? {})),
    ...policy.rules.flatMap((rule) => [
      ...(rule.requester?.users ?? []),
      ...needsOf(rule).flatMap((need) => (need.kind === 'any-of' ? need.users : [])),
    ]),
  ];
  return listed.includes(userId);
}

/** The user groups that rules go by when they look at who asks, or whose WorkSpace it is. */
export function groupsLookedAt(policy: Policy): string[] {
  const groups = policy.rules.flatMap(({ requester, target }) => [
    ...(requester?.groups ?? []),
    ...(target.owner?.groups ?? []),
  ]);
  return [...new Set(groups)];
}

/** Whether any rule goes by the tags of WorkSpaces: only then are they read. */
export function looksAtTags(policy: Policy): boolean {
  return policy.rules.some(({ target }) => target.tags !== undefined);
}

/** Whether any rule goes by whose WorkSpace it is, beyond one's own. */
export function looksAtOwners(policy: Policy): boolean {
  return policy.rules.some(({ target }) => target.owner !== undefined);
}

/** Every user group that the policy names. */
export function groupsNamed(policy: Policy): string[] {
  const asked = policy.rules.flatMap((rule) => needsOf(rule));
  const groups = asked.flatMap((need) => (need.kind === 'group' ? [need.group] : []));
  return [...new Set([...groupsLookedAt(policy), ...groups])];
}

/** The people whom the policy names in rules and as admins; its tables may hold thousands. */
export function peopleAsked(policy: Policy): string[] {
  const people = policy.rules.flatMap((rule) => [
    ...(rule.requester?.users ?? []),
    ...(rule.target.owner?.users ?? []),
    ...needsOf(rule).flatMap((need) => (need.kind === 'any-of' ? need.users : [])),
  ]);
  return [...new Set([...policy.admins, ...people])];
}

function needsOf({ outcome, fallback }: PolicyRule): readonly Asked[] {
  const asked = typeof outcome === 'object' && 'ask' in outcome ? outcome.ask : [];
  return [...asked, ...(fallback?.ask ?? [])];
}
