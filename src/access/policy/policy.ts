/** The company's policy as data. `src/policy-file` reads it from a file, and `decide.ts` decides by it. */
import type { Network } from '../reading/network.js';
import type { ReasonLimits } from '../reading/reason.js';
import type { SourceLimits } from '../reading/source.js';
import type { Schedule } from './schedule.js';

/** How a Slack person maps to the user name of one directory. */
export interface PeopleMapping {
  /** Slack user id → user name. A person in the table is not looked up in `from`. */
  table: Readonly<Record<string, string>>;
  from?:
    | { kind: 'email-local-part' | 'email'; domains: readonly string[] }
    | { kind: 'profile-field'; fieldId: string };
}

/** What the policy says of one directory. */
export interface DirectoryPolicy {
  /** The NetBIOS name to use where Directory Service has none. */
  netbios?: string;
  /** Without a mapping the directory is never searched for anybody. */
  people?: PeopleMapping;
  /** Whether a stopped WorkSpace is started after the approval. */
  startStopped: boolean;
}

/** Whose yes a rule asks for before access opens. */
export type Asked =
  | { kind: 'manager' }
  | { kind: 'admins'; count: number }
  /** A Slack user group: `S…` or `@handle`. */
  | { kind: 'group'; group: string; count: number }
  | { kind: 'any-of'; users: readonly string[]; count: number };

/** Who is told that somebody has to decide: each person who may, or one channel. */
export type Notify = 'approvers' | { channel: string };

/** People by their Slack id, and Slack user groups: `S…`, or `@handle` in lower case. */
export interface Who {
  users: readonly string[];
  groups: readonly string[];
}

/** Which targets a rule is for. `any`: one WorkSpace, whosever it is. `directory`: a whole one. `everything`: both. */
export const TARGET_KINDS = ['own', 'other', 'any', 'directory', 'everything'] as const;

const COVERS_MANY: Readonly<Record<TargetCondition['kind'], boolean>> = {
  own: false,
  other: false,
  any: false,
  directory: true,
  everything: true,
};

/** Whether a rule for targets of the kind covers whole directories: many WorkSpaces, which an admin always approves. */
export function coversMany(kind: TargetCondition['kind']): boolean {
  return COVERS_MANY[kind];
}

/** Which targets a rule covers. Every part that is not undefined has to hold. */
export interface TargetCondition {
  kind: (typeof TARGET_KINDS)[number];
  directories: readonly string[] | undefined;
  workspaces: readonly string[] | undefined;
  /** Beginnings of the operating system's name as AWS writes it: `UBUNTU`, `RHEL_8`. */
  systems: readonly string[] | undefined;
  /** Key of a tag → values. The WorkSpace has the tag with one of these values. */
  tags: Readonly<Record<string, readonly string[]>> | undefined;
  /** Whose WorkSpace it is. */
  owner: Who | undefined;
}

/** Where a rule's requests come from: one range or one kind holds all of the source. */
export interface SourceCondition {
  /** Ranges with the names that an explanation uses. */
  ranges: readonly Network[];
  kinds: readonly ('private' | 'public')[];
}

/**
 * What has to hold for a rule to cover a request. Each key is written out, undefined where the rule does not say it:
 * the compiler then asks for a new one wherever conditions are read from the file, judged or compared.
 */
export interface Conditions {
  target: TargetCondition;
  requester: Who | undefined;
  source: SourceCondition | undefined;
  /** The longest duration that the rule covers. */
  upToMs: number | undefined;
  when: Schedule | undefined;
  /** Undefined: the rule covers no emergency, unless it refuses. True: it covers emergencies alone. False: never one. */
  emergency: boolean | undefined;
  /**
   * True: the rule covers requests for more time alone. False: never one. Undefined: these too, unless the rule approves
   * at once or is for moves alone.
   */
  extends: boolean | undefined;
  /** As {@link Conditions.extends}, for another address. A rule with both true covers both of them, and nothing else. */
  moves: boolean | undefined;
}

/** The name of one condition; those on the target are conditions of their own. */
export type ConditionName = Exclude<keyof Conditions, 'target'> | keyof TargetCondition;

/** One rule of the policy: the requests that it covers, and what becomes of them. */
export interface PolicyRule extends Conditions {
  name: string;
  outcome: { ask: readonly Asked[] } | 'approve' | { refuse: string };
  notify: Notify;
  /** Approvers who have not answered for so long are reminded, once. */
  remindAfterMs?: number;
  fallback?: Fallback;
  selfApproval: boolean;
}

/** People who may give any yes that is still missing after `afterMs`, and a manager's at once where nobody knows one. */
export interface Fallback {
  afterMs: number;
  ask: readonly Asked[];
  /** The requester may ask one of these people sooner. */
  sooner?: true;
}

/** The policy in force. Durations are milliseconds. */
export interface Policy {
  /** SHA-256 of the file in hex: two replicas with the same hash have the same policy. */
  hash: string;
  admins: readonly string[];
  directories: Readonly<Record<string, DirectoryPolicy>>;
  /** A manager in the table goes before one in the profile field, unless `fieldFirst`. */
  managers: { table: Readonly<Record<string, string>>; profileField?: string; fieldFirst?: true };
  limits: {
    sources: SourceLimits;
    /** Networks that the form offers by name, and that rules may name. */
    networks: readonly Network[];
    durations: {
      choicesMs: readonly number[];
      defaultMs: number;
      shortestMs: number;
      longestMs: number;
      /** The longest that access lasts with all its extensions. A lease found by its tag alone is believed for no longer. */
      longestTotalMs: number;
    };
    /** How many requests one person may have at a time; without `open`, any number may be open. */
    perPerson: { open?: number; waiting: number };
    /** How long a request waits for an answer before it lapses. */
    unansweredMs: number;
    /** How far ahead of the asking the time may be at which access is to open. */
    laterMs: number;
    reason?: ReasonLimits;
  };
  rules: readonly PolicyRule[];
  /** How much of the audit log Redis keeps; the bound that is reached first counts. */
  audit: { keepMs: number; records: number };
  /** `keep`: how many access groups stay attached when nobody uses them. */
  firewall: { keep: number } & (
    | { kind: 'access-group' }
    | { kind: 'existing-group'; groupIds: readonly string[] }
  );
}

/** Whether a rule says no, and neither approves nor asks anybody. */
export function refuses({ outcome }: Pick<PolicyRule, 'outcome'>): boolean {
  return typeof outcome === 'object' && 'refuse' in outcome;
}

/** What a request wants of access that is open: more time, or another address. */
export type FollowUp = 'extends' | 'moves';
type OnFollowUps = Pick<PolicyRule, FollowUp | 'outcome'>;

/** Whether a rule is for follow-ups alone. */
export function isForFollowUps(rule: Pick<PolicyRule, FollowUp>): boolean {
  return rule.extends === true || rule.moves === true;
}

/** Whether a rule covers follow-ups of a kind. */
export function coversFollowUp(rule: OnFollowUps, what: FollowUp): boolean {
  return rule[what] ?? (!isForFollowUps(rule) && rule.outcome !== 'approve');
}

/** Whether some rule lets access be extended, or moved. */
export function allowsFollowUp(rules: readonly OnFollowUps[], what: FollowUp): boolean {
  return rules.some((rule) => !refuses(rule) && coversFollowUp(rule, what));
}

/** Whether the policy names a person by their id, who may then take part even as a guest. */
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

/** The user groups in conditions on the requester or on the WorkSpace's owner. */
export function groupsLookedAt(policy: Policy): string[] {
  const groups = policy.rules.flatMap(({ requester, target }) => [
    ...(requester?.groups ?? []),
    ...(target.owner?.groups ?? []),
  ]);
  return [...new Set(groups)];
}

/** Whether any rule goes by the tags of WorkSpaces, which are read only then. */
export function looksAtTags(policy: Policy): boolean {
  return policy.rules.some(({ target }) => target.tags !== undefined);
}

/** Whether any rule names owners of WorkSpaces. `own` and `other` need no owner's name. */
export function looksAtOwners(policy: Policy): boolean {
  return policy.rules.some(({ target }) => target.owner !== undefined);
}

/** Every user group that the policy names. */
export function groupsNamed(policy: Policy): string[] {
  const asked = policy.rules.flatMap((rule) => needsOf(rule));
  const groups = asked.flatMap((need) => (need.kind === 'group' ? [need.group] : []));
  return [...new Set([...groupsLookedAt(policy), ...groups])];
}

/** The people whom the policy names in rules and as admins, without its tables, which may hold thousands. */
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
