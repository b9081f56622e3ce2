/**
 * What the story needs from the world, in the story's words. `slack`, `aws` and `redis` implement these; the
 * workflow knows nothing else of them.
 */

import type { Desktop } from '../access/connecting/found.js';
import type { Policy } from '../access/policy/policy.js';
import type { Due } from '../access/request/duties.js';
import type { Request, RequestId } from '../access/request/request.js';
import type { AdminNotice } from './admin-notice.js';
import type { Memory } from './memory.js';
import type { Firewall } from './ports-firewall.js';
import type { Store } from './ports-store.js';

/** Wakes requests, and has people told. Each method throws StoreUnreachable where the store does not take the timers. */
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
  timeZone?: string;
  /** The text of their status, where it says that they are away. */
  away?: string;
}

/** Another user group has a handle now than when this process first saw it: whoever edits groups can do that. */
export interface MovedHandle {
  wasId: string;
  isId: string;
}

/** People and user groups of Slack. Each method throws SlackFailed where Slack does not answer. */
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

/** Amazon WorkSpaces and their directories. Each method throws AwsUnavailable or AwsRefused, as the firewall does. */
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
  /** Between two passes of the sweep. */
  sweepMs: number;
  /** How long an opening may try, from its begin until nothing may be authorized for it any more. */
  openByMs: number;
  /** How long after an opening EC2's reads may still lack its rule, without meaning that somebody removed it. */
  absentFirstMs: number;
  /** How far apart two reads must lack a rule for which no revoke was answered, until it counts as gone. */
  absentAgainMs: number;
  /** How long an end may fail before the requester and the admins are told. */
  alertMs: number;
  /** How long after the asking a yes is late, so that the requester confirms it; an approved request waits as long. */
  lateYesMs: number;
  /** How long after the asking, and after a nudge, the requester may nudge. */
  nudgeMs: number;
  /** How long one call to AWS may take, retries included. A call that was begun so long ago takes effect no more. */
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
