/**
 * What the story needs from the world, in the story's words. `slack`, `aws` and `redis` implement these; the
 * workflow knows nothing else of them.
 */

import type { Carriers, Desktop, NetworkInterface } from '../access/connecting/found.js';
import type { Policy } from '../access/policy/policy.js';
import type { Due } from '../access/request/duties.js';
import type { Request, RequestId } from '../access/request/request.js';
import type { Lease } from '../access/rules/lease.js';
import type { SeenRule } from '../access/rules/seen-rule.js';
import type { AdminNotice } from './admin-notice.js';
import type { Memory } from './memory.js';
import type { Store } from './ports-store.js';

export interface Timers {
  /** Wakes the request at each instant, now for those in the past. Resolves once the timers are stored. */
  set(id: RequestId, dues: Due[]): Promise<void>;
  /** Tells people about the request, now or in `afterMs`; once, where it is asked for again meanwhile. */
  tell(id: RequestId, afterMs?: number): Promise<void>;
}

/** A person as Slack knows them. */
export interface Person {
  id: string;
  name: string;
  email?: string;
  active: boolean;
  human: boolean;
  guest: boolean;
  /** True for a person of another workspace (Slack Connect). */
  foreign: boolean;
  timeZone: string;
  /** The text of their status, where it says that they are away. */
  away?: string;
}

/** Another user group has a handle now than when this process first saw it: whoever edits groups can do that. */
export interface MovedHandle {
  wasId: string;
  isId: string;
}

export interface People {
  person(userId: string): Promise<Person | undefined>;
  /** The value of a custom profile field (`Xf…`), or undefined. */
  profileField(userId: string, fieldId: string): Promise<string | undefined>;
  /**
   * The members of a user group, `S…` or `@handle`, at most a minute old; undefined where there is none. A handle stays
   * with the group that this process first saw it on.
   */
  groupMembers(group: string): Promise<readonly string[] | MovedHandle | undefined>;
  /** The id of an active member with this address. */
  byEmail(email: string): Promise<string | undefined>;
}

/** The groups of an interface as they were read at an instant, in epoch milliseconds. */
export interface GroupsRead {
  groupIds: readonly string[];
  atMs: number;
}

/** An access group of this installation, by its signed tag. */
export interface OwnGroup {
  groupId: string;
  name: string;
  vpcId: string;
  createdAtMs: number;
  /** How many ingress rules the group shows, anybody's. */
  ingress: number;
}

/** One call that changed a group, or an interface that carries it. `unanswered`: the call may have taken effect. */
export interface GroupChange {
  what: 'group-made' | 'group-egress-emptied' | 'group-attached' | 'group-detached' | 'group-deleted';
  ids: { groupId?: string; name?: string; interfaceId?: string };
  unanswered?: true;
}

/** Is told of each {@link GroupChange} as soon as AWS answered, or failed to. */
export type Witness = (change: GroupChange) => Promise<void>;

/** AWS did not answer, throttled or failed: trying again is right. */
export class AwsUnavailable extends Error {
  /** The call was sent and AWS did not say what became of it: the call may have taken effect. */
  readonly unanswered: boolean;

  constructor(message?: string, options: ErrorOptions & { unanswered?: boolean } = {}) {
    super(message, options);
    this.unanswered = options.unanswered ?? false;
  }
}

/** AWS refused a call outright: the same call is refused again, until somebody changes something. */
export class AwsRefused extends Error {
  /** The IAM action that was refused, such as `ec2:AuthorizeSecurityGroupIngress`. */
  readonly action: string;
  /** AWS's code, such as `UnauthorizedOperation`; it is the error's name as well. */
  readonly code: string;

  constructor(refused: { action: string; code: string; message: string }, options: ErrorOptions = {}) {
    super(refused.message, options);
    this.action = refused.action;
    this.code = refused.code;
    this.name = refused.code;
  }
}

/** Slack did not do what it was asked. The error's cause is what Slack, or the network, said. */
export class SlackFailed extends Error {
  /** `busy`: Slack asks to come back later. `away`: no answer of Slack's came. */
  readonly why: 'away' | 'busy' | 'refused';

  constructor(why: 'away' | 'busy' | 'refused', message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.why = why;
  }
}

export interface Desktops {
  /** Unknown ids are absent. */
  byIds(workspaceIds: string[]): Promise<Desktop[]>;
  byOwner(directoryId: string, userName: string): Promise<Desktop[]>;
  inDirectory(directoryId: string): Promise<Desktop[]>;
  /** The directory's NetBIOS name, where Directory Service has one. */
  netbios(directoryId: string): Promise<string | undefined>;
  tags(workspaceId: string): Promise<Record<string, string>>;
  /** Asks AWS to start stopped WorkSpaces. Returns the ids of those that AWS does not start. */
  start(workspaceIds: readonly string[]): Promise<string[]>;
}

export interface Firewall {
  /** The interface with this private address in this subnet: an address alone can be somebody else's. */
  interfaceAt(privateAddress: string, subnetId: string): Promise<NetworkInterface | undefined>;
  /** The access group as {@link Firewall.accessGroup} would find it, where nothing has to be changed for that. */
  standingGroup(
    name: string,
    vpcId: string,
    nowMs: number,
  ): Promise<{ groupId: string; isEmpty: boolean } | undefined>;
  /**
   * Finds or makes the access group, every egress rule removed. `taken`: a group of that name is not ours. `isEmpty`: the
   * same read showed no ingress rule either.
   */
  accessGroup(
    name: string,
    vpcId: string,
    nowMs: number,
    witness?: Witness,
  ): Promise<{ groupId: string; isEmpty: boolean } | { refused: 'taken' | 'quota' }>;
  /**
   * Attaches the group beside those that are there and reads it back. One at a time for an interface.
   * @param options.known the interface's groups as the caller read them, of no use once they are some seconds old. Then the
   *   caller also reads back, with {@link Firewall.carriersOf}, before anybody else may change the list
   */
  attach(
    interfaceId: string,
    groupId: string,
    options?: { known?: GroupsRead; witness?: Witness },
  ): Promise<'attached' | 'gone' | 'quota'>;
  /**
   * Takes the group off the interface and reads that back. One at a time for an interface. `may` is asked between
   * the read and the write; `kept`: `may` said no. `only`: the interface carries no other group, and EC2 wants one.
   */
  detach(
    interfaceId: string,
    groupId: string,
    options?: { may?: () => Promise<boolean>; witness?: Witness },
  ): Promise<'detached' | 'gone' | 'kept' | 'only'>;
  /** Every access group of this installation, or the one with this id. */
  ownGroups(groupId?: string): Promise<OwnGroup[]>;
  /** The interfaces that carry each of the groups; a group that nothing carries is absent. */
  carriers(groupIds: string[]): Promise<ReadonlyMap<string, string[]>>;
  /** `in-use`: something carries it or refers to it. */
  deleteGroup(groupId: string, witness?: Witness): Promise<'deleted' | 'gone' | 'in-use'>;
  /**
   * The interfaces that carry the group.
   * @param expected interfaces that should: the read is made again for some seconds until it shows them, as it may lag
   */
  carriersOf(groupId: string, expected?: readonly string[]): Promise<Carriers>;
  /** All ingress rules of a group; `plain` tells which are tcp/22 and nothing else, whoever they belong to. */
  rules(groupId: string): Promise<SeenRule[]>;
  /** The ranges of a managed prefix list. */
  prefixList(listId: string): Promise<string[]>;
  /** The interfaces with these ids; those that are gone are absent. */
  interfacesById(interfaceIds: readonly string[]): Promise<NetworkInterface[]>;
  /** Authorizes tcp/22 from `source` with the leases as tags. `duplicate`: such a rule is there already. */
  authorize(
    groupId: string,
    source: string,
    leases: Lease[],
    description: string,
  ): Promise<{ ruleId: string } | 'duplicate' | 'quota' | 'no-group'>;
  /**
   * Revokes by rule id. Returns the ids that EC2 says it revoked; an id that EC2 does not know proves nothing.
   * @param unanswered gets the ids of a later call whose answer was lost, where an earlier call revoked others
   * @param heldUp is told again and again while AWS' rate keeps the call waiting
   */
  revoke(
    groupId: string,
    ruleIds: string[],
    unanswered?: (ruleIds: readonly string[]) => void,
    heldUp?: () => void,
  ): Promise<string[]>;
  tag(ruleId: string, groupId: string, source: string, leases: Lease[]): Promise<void>;
  untag(ruleId: string, requestIds: string[]): Promise<void>;
  /**
   * Every tagged rule of this installation, in all groups. There may be very many: `keep` gets each page of them as soon as
   * it is read, and says which of them are wanted.
   */
  tagged(keep?: (page: SeenRule[]) => SeenRule[] | Promise<SeenRule[]>): Promise<SeenRule[]>;
}

/** Puts cards before people. A card is rendered from the request alone. */
export interface Messenger {
  /**
   * Posts to a person or to a channel. `unreachable`: why the bot cannot write there, in Slack's words; trying again does
   * not help. `look` is the same for cards that look the same.
   */
  post(
    to: string,
    card: Card,
  ): Promise<{ channel: string; ts: string; look: string } | { unreachable: string }>;
  /**
   * Makes a message look like the card. `lost`: the message is no longer there, or cannot be edited any more.
   * @param where `look` is how the message looks now, where that is known: what looks like that already is left alone
   */
  edit(where: { channel: string; ts: string; look?: string }, card: Card): Promise<{ look: string } | 'lost'>;
  /** Tells one person something that belongs to no request. */
  notify(userId: string, notice: AdminNotice): Promise<void>;
}

/** A card to show: which surface, of which request; `folded` is the one line that an older card folds to. */
export interface Card {
  surface: 'access' | 'approval' | 'alert' | 'owner';
  request: Request;
  folded: boolean;
  /** Who gets this copy: the id of a person or of a channel. */
  viewer: string;
}

/** Waiting times, all milliseconds. */
export interface Times {
  sweepMs: number;
  openByMs: number;
  absentFirstMs: number;
  absentAgainMs: number;
  alertMs: number;
  lateYesMs: number;
  /** How long after the asking, and after a nudge, the requester may nudge. */
  nudgeMs: number;
  awsMs: number;
  /** How old an empty, unattached access group is before it is deleted. */
  groupAgeMs: number;
  /** A pass asks for the states of WorkSpaces once for each of these in the time between two sweeps, and no more often. */
  lookMs: number;
  /** How long a fault that is no outage may last before the people who wait are told. */
  faultMs: number;
}

export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Everything that the story needs. */
export interface Parts {
  installation: string;
  /** The slash command's name in texts that no command led to. An answer to a command says the name that was typed. */
  command: string;
  policy: Policy;
  times: Times;
  store: Store;
  timers: Timers;
  people: People;
  desktops: Desktops;
  firewall: Firewall;
  messenger: Messenger;
  log: Log;
  /** What this process remembers; one value for all who work with these parts. */
  memory: Memory;
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after that many milliseconds. */
  sleep(ms: number): Promise<void>;
  /** A new request id; drawn again when taken. */
  newId(): RequestId;
}
