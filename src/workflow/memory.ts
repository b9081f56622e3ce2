/**
 * What one process remembers and a restart forgets: who must still be told of something that no later pass sees again, and
 * which work is under way. No end of access depends on this memory.
 */

import type { Carriers, Desktop } from '../access/connecting/found.js';
import type { Request, RequestId } from '../access/request/request.js';
import type { SeenRule } from '../access/rules/seen-rule.js';
import type { AdminNotice } from './admin-notice.js';
import type { Converged, Progress } from './outcomes.js';

/** One value for each bot, made where its parts are put together. */
export interface Memory {
  /** Expired rules that this process removed while no record knew them: their holders are yet to be told. */
  closedOrphans: SeenRule[];
  /** Tags that this process wrote where a rule lacked them: the admins are told if somebody had taken them off. */
  rewrittenTags: RewrittenTags[];
  /** What the admins are told at the sweep's next pass. */
  notices: AdminNotice[];
  /** Losses of the store that are not recorded yet. */
  losses: Loss[];
  /** Which groups converge now, and who waits for the next turn. */
  turns: Turns<Converged>;
  /** The revokes that are under way, and those that wait. */
  revokes: RevokeLine;
  /** The work that goes on beside ends and acknowledgements, and that neither of them waits for. */
  beside: Beside;
  /** The ends that this process works on. */
  ends: Ends;
  /** The read of all tagged rules that runs now, and who waits for the next. */
  taggedReads: Turns<SeenRule[]>;
  /** The newest list of all tagged rules with their requests, also while it is read: the passes of the sweep share it. */
  listing: { beganMs: number; isOver: boolean; read: Promise<Listing> } | undefined;
  /** What AWS is asked ahead for a request whose last click is being judged. */
  ahead: Map<RequestId, Promise<Ahead | undefined>>;
  /** For each look that takes a share of its items in a pass, by its name: the key of the last item that it has taken. */
  shares: Map<string, string>;
  /** What this process has seen, for whoever watches it. */
  watched: Watched;
}

/** Figures that the metrics and `/readyz` show; nothing in the story depends on them. */
export interface Watched {
  /** The newest pass of the sweep that was done, by its name. Times are milliseconds, instants since the epoch. */
  passes: Map<string, { doneAtMs: number; tookMs: number }>;
  failures: { during: Doing; cause: FailureCause; times: number }[];
  /** What the newest list of all tagged rules showed. */
  found: Found | undefined;
}

/**
 * What a process was at when something failed. `answering`: a command, a click or a form of a person. `work`: asking,
 * deciding and opening. `sweep`: whatever a pass of the sweep does.
 */
export const DOINGS = ['answering', 'ends', 'sweep', 'tell', 'work'] as const;
export type Doing = (typeof DOINGS)[number];
/** `other` is a fault of nobody that the bot talks to, and so most often one of its own. */
export const FAILURE_CAUSES = [
  'aws-away',
  'aws-quota',
  'aws-refused',
  'newer-record',
  'other',
  'slack-away',
  'slack-busy',
  'slack-refused',
  'store-away',
] as const;
export type FailureCause = (typeof FAILURE_CAUSES)[number];

/** What a pass of the sweep found among the rules with a tag of ours. */
export interface Found {
  openGrants: number;
  rules: Record<'drifted' | 'expired' | 'forged' | 'orphaned' | 'owned', number>;
  /** How long ago the lease ended that is the longest overdue; 0 where none is. */
  overdueMs: number;
}

/**
 * What a list of all tagged rules showed, and what the store knew of their requests right after each page. There may be
 * very many, and nearly all of them stay as they are: those are kept in short.
 */
export interface Listing {
  /** The rules that may have to be changed. */
  tagged: readonly SeenRule[];
  /**
   * Their requests, by id; undefined where the store knows no such request. A request that cannot be read is left out: it is
   * neither over nor orphaned, whatever a newer version wrote there.
   */
  requests: ReadonlyMap<string, Request | undefined>;
  /** The rules that stay, by id, as a text that is the same for a rule and for the record that agrees with it. */
  staying: ReadonlyMap<string, string>;
  /** The requests of the rules that stay, by id. */
  live: ReadonlyMap<RequestId, { requester: string; open?: OpenGrant }>;
}

/** A grant that is open, as far as the looks around open access need it. */
export interface OpenGrant {
  id: RequestId;
  groupId: string;
  source: string;
  endsAtMs: number;
  /** How many WorkSpaces it opens. */
  desktops: number;
  /** Its rule is in an access group, not in a group that the WorkSpace had before. */
  hasAccessGroup: boolean;
}

/** The answers of AWS that an opening begins with, asked for at `atMs`. */
export interface Ahead {
  atMs: number;
  desktops: Desktop[];
  carriers: Carriers;
  made: { groupId: string; isEmpty: boolean };
}

/** Leases that were written to the tags of a rule. */
export interface RewrittenTags {
  /** The rule as it was before the leases were written. */
  rule: SeenRule;
  requestIds: string[];
  atMs: number;
}

/** One loss of what the store held, or of the newest of it. */
export interface Loss {
  atMs: number;
  /** How many grants were found again by their tags. */
  adopted: number;
}

/** Calls that revoke rules: a few at once, the rest in line. */
export interface RevokeLine {
  running: number;
  waiting: (() => void)[];
  /** How many may still revoke. */
  places: number;
  /** How many have left the line since the start: while this grows, the line moves. */
  left: number;
  /** Who is told once the line is empty. */
  onEmpty: (() => void)[];
  /** Until when openings were told last to let ends go first (epoch ms). */
  heldUntilMs: number;
}

/** Work that leaves room for ends and for acknowledgements. */
export interface Beside {
  running: number;
  /** Who waits for room. */
  waiting: (() => void)[];
  /** How many payloads of Slack wait for their acknowledgement, or waited just now. */
  unacknowledged: number;
}

/** The ends of one process. */
export interface Ends {
  /** What becomes of each request that is being ended now. */
  running: Map<RequestId, Promise<Progress>>;
  /**
   * Requests whose last try did not end them, or that another replica is at: their own timers and the sweep try again, not
   * every other end.
   */
  failed: Set<RequestId>;
  /** Who takes up the next ends. */
  turns: Turns<ReadonlyMap<RequestId, Promise<Progress>>>;
}

/** Work that runs once at a time for each name. */
export interface Turns<T> {
  /** The work that runs now, by name. */
  running: Map<string, Promise<T>>;
  /** The turn that begins after that, by name. */
  waiting: Map<string, Turn<T>>;
}

export interface Turn<T> {
  /** What the callers who share the turn ask for. */
  asked: Set<string>;
  result: Promise<T>;
}

export function createMemory(): Memory {
  return {
    closedOrphans: [],
    rewrittenTags: [],
    notices: [],
    losses: [],
    turns: createTurns(),
    revokes: { running: 0, waiting: [], places: 0, left: 0, onEmpty: [], heldUntilMs: 0 },
    beside: { running: 0, waiting: [], unacknowledged: 0 },
    ends: { running: new Map(), failed: new Set(), turns: createTurns() },
    taggedReads: createTurns(),
    listing: undefined,
    ahead: new Map(),
    shares: new Map(),
    watched: { passes: new Map(), failures: [], found: undefined },
  };
}

export function createTurns<T>(): Turns<T> {
  return { running: new Map(), waiting: new Map() };
}

/** How much a list holds: what is told late or never must not fill the memory of the process. */
const MOST = 1_000;

/** Adds to a list of the memory, which keeps the newest 1,000. */
export function remember<T>(list: T[], ...items: readonly T[]): void {
  list.push(...items);
  list.splice(0, list.length - MOST);
}

/** Empties a list of the memory, and answers what it held. */
export function takeAll<T>(list: T[]): T[] {
  return list.splice(0);
}
