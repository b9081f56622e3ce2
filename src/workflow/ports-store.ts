/**
 * What the story keeps in the store, which all replicas share: its records, whose turn something is, and the audit log.
 * One object implements all three, since a step of the story changes records and audit log together.
 */
import type { Policy } from '../access/policy/policy.js';
import type { Pause, PauseRecord } from '../access/request/pause.js';
import type { Request, RequestId } from '../access/request/request.js';
import type { RuleRecord } from '../access/rules/rule.js';

/** One audit record: a change of state, or a call that changed AWS. */
export interface AuditEntry {
  atMs: number;
  /** A Slack user id, or `policy`, `time`, `sweep`, `bot`. */
  who: string;
  /** What happened, such as `approved` or `rule-authorized`. */
  what: string;
  why?: string;
  requestId?: RequestId;
  ids?: Record<string, string | number>;
}

/** One atomic step: requests and, where it matters, the rule that they lease. Each is stored whole. */
export interface Step {
  /** The request's next version; stored only where the one before it still stands. */
  request?: Request;
  /** Further requests, each in its next version: those that leave the rule together. */
  also?: readonly Request[];
  rule?: RuleRecord;
  audit: AuditEntry[];
  /** The step is refused while openings are paused. */
  unlessPaused?: true;
  /** The outcome says whether openings are paused, as of the instant of the step. */
  asksPause?: true;
  /** Slack's `view.id` or `trigger_id`: a delivery makes one request, however often it comes. */
  delivery?: string;
  /** The request is stored only where fewer requests of its requester wait for an answer. */
  mostWaiting?: number;
}

/**
 * `repeated`: this delivery made `requestId` already. `conflict`: somebody else was first; load again. `too-many`: so
 * many `waiting` requests of the requester are as many as the step allows.
 */
export type StepOutcome =
  | { outcome: 'done'; pause?: Pause }
  | { outcome: 'paused'; pause: Pause }
  | { outcome: 'conflict' }
  | { outcome: 'too-many'; waiting: number }
  | { outcome: 'repeated'; requestId: RequestId };

/** The store did not answer. `certain` means that nothing was recorded; else it may have been. */
export class StoreUnreachable extends Error {
  constructor(
    readonly certain: boolean,
    options?: ErrorOptions,
  ) {
    super(certain ? 'the store is unreachable' : 'the store did not answer in time', options);
  }
}

/** A request's record is of a newer version of the bot: that one alone can show or change it. */
export class NewerRecord extends Error {
  constructor(readonly requestId: RequestId) {
    super(`the record of ${requestId} was written by a newer version`);
  }
}

/** Requests, and the ids of those that can still change and whose records only a newer version of the bot can read. */
export interface Listed {
  requests: Request[];
  newer: RequestId[];
}

/** A card that shows a request to somebody: its place in Slack, and the version that it shows. */
export interface Shown {
  channel: string;
  ts: string;
  /** The request's version that it shows. */
  version: number;
  /** The stage that was posted; another one that must be noticed is posted anew. */
  stage: string;
  /** Cards above this one that are yet to be folded. */
  older?: readonly { channel: string; ts: string }[];
  /** How the card looked in that version. A replica of an older version, which keeps no looks, leaves those of before. */
  drawn?: { look: string; version: number };
}

/** Where the cards of one request were posted: audience (`requester`, `approver:U…`, `admin:U…`) → its card. */
export interface Posted {
  requestId: RequestId;
  version: number;
  surfaces: Record<string, Shown>;
}

/** Requests that nobody else works on meanwhile. */
export interface HeldRequests {
  ids: readonly RequestId[];
  look(id: RequestId): Promise<Request | 'newer' | undefined>;
  release(id: RequestId): Promise<void>;
}

/** How many ends are taken up at once. */
export const ENDS_AT_ONCE = 1_000;

/** The records: requests with what they owe, rules, the pause, and where cards were posted. */
export interface Records {
  /**
   * The request, or undefined where there is none. A record whose signature does not verify is a fault.
   * @throws NewerRecord
   */
  load(id: RequestId): Promise<Request | undefined>;
  /** Like {@link Records.load}, for callers that can go on where the record is a newer version's. */
  look(id: RequestId): Promise<Request | 'newer' | undefined>;
  /** {@link Records.look} for many. A record that cannot be read is reported, and its id is not in the answer. */
  lookAll(ids: readonly RequestId[]): Promise<ReadonlyMap<RequestId, Request | 'newer' | undefined>>;
  loadRule(groupId: string, source: string): Promise<RuleRecord | undefined>;
  /** Rules of a group that are not gone. A record that does not verify is reported and left out. */
  rulesOf(groupId: string): Promise<RuleRecord[]>;
  /**
   * One rule as {@link Records.rulesOf} lists it: undefined where it is gone, lost or does not verify, so that a forged
   * record keeps no access open.
   */
  ruleOf(groupId: string, source: string): Promise<RuleRecord | undefined>;
  /** {@link Records.ruleOf} for many, in their order. */
  rulesAt(places: readonly { groupId: string; source: string }[]): Promise<(RuleRecord | undefined)[]>;
  /** Changes all or nothing, with the audit records and the index of what is owed. */
  change(step: Step): Promise<StepOutcome>;
  /** Requests of a person, newest first; the last 20 and every live one. */
  ofPerson(userId: string): Promise<Listed>;
  /**
   * Every request that can still change, or `most` of them, those that owe something soonest. A record that does not
   * verify is reported and left out.
   */
  live(most?: number): Promise<Listed>;
  /** The ids of {@link Records.live}, and of requests that are just over. */
  liveIds(): Promise<RequestId[]>;
  /** How many requests can still change: all of {@link Records.live}, counted without reading them. */
  countLive(): Promise<number>;
  /** What is due by `nowMs`: requests to advance and requests to tell. */
  owed(nowMs: number): Promise<{ work: RequestId[]; telling: RequestId[] }>;
  /**
   * Requests that owe an end by `nowMs`, the longest owed first, at most {@link ENDS_AT_ONCE}. Those that an older version
   * changed last may be missing, or be over already: their timers name the former.
   */
  endsDue(nowMs: number): Promise<RequestId[]>;
  /** Takes requests off {@link Records.endsDue}: they owe no end any more, since they are over or lost. */
  forgetEnds(ids: readonly RequestId[]): Promise<void>;
  /**
   * Requests that are opening, open or closing and whose rule is in this access group, or will be; and those whose
   * records only a newer version can read.
   */
  countingOn(group: { name: string; vpcId: string }): Promise<RequestId[]>;
  /** When a rule of each group last changed, by group id; a group that is not known is absent. */
  groupsUsed(): Promise<ReadonlyMap<string, number>>;
  /** Whether new openings are paused. A record that does not verify, or is a newer version's, counts as a pause. */
  loadPause(): Promise<Pause | undefined>;
  /** Pauses or resumes, with the audit record of that; a newer version's record stays. `pause`: what holds now. */
  changePause(next: Omit<PauseRecord, 'version'>): Promise<{ outcome: 'done' | 'unchanged'; pause?: Pause }>;
  /** @throws NewerRecord */
  loadPosted(id: RequestId): Promise<Posted>;
  /**
   * What an opening looks at, in one trip: whether openings are paused, its request, the record of its rule, and whether
   * a {@link Coordination.turn} of that name is taken.
   * @throws NewerRecord where the request's record is a newer version's
   */
  lookAtOpening(
    id: RequestId,
    place: { groupId?: string | undefined; source: string },
    turn: string,
  ): Promise<{
    pause: Pause | undefined;
    request: Request | undefined;
    rule: RuleRecord | undefined;
    taken: boolean;
  }>;
  /** {@link Coordination.exclusively}, with the request as it stands. */
  atRequest<T>(
    lock: string,
    id: RequestId,
    work: (request: Request | 'newer' | undefined) => Promise<T>,
  ): Promise<{ ran: true; result: T } | { ran: false }>;
  /**
   * {@link Records.atRequest} for many at once: runs `work` for those that no other holder is at. `look` says how such a
   * request stands, or throws. `release` lets one of them go before the others; it never throws.
   */
  atRequests<T>(
    ids: readonly RequestId[],
    lockOf: (id: RequestId) => string,
    work: (held: HeldRequests) => Promise<T>,
  ): Promise<T>;
  /**
   * Runs `work` unless another holder tells of the request, with the request and its cards as they stand; also where the
   * store cannot say who holds it.
   * @throws NewerRecord
   */
  telling<T>(
    id: RequestId,
    work: (request: Request | undefined, posted: Posted) => Promise<T>,
  ): Promise<{ ran: true; result: T } | { ran: false }>;
  /**
   * Stores where cards stand; telling is owed on unless `upToDate` and the request is still at `requestVersion`.
   * @returns whether the request is still at `requestVersion`
   */
  savePosted(posted: Posted, requestVersion: number, upToDate: boolean): Promise<boolean>;
}

/** What becomes of work under a lock where the store cannot say who holds the lock. */
export type WhenUnsure = 'work' | 'leave';

/** What keeps replicas out of each other's way, and tells them of a loss of the store. */
export interface Coordination {
  /**
   * Looks for the mark that this installation leaves in the store, and leaves a mark where there is none. `fresh`: there
   * was none, and this process knows of none. `lost`: the mark that this process knew is gone, or an earlier mark is
   * there again, or records that this process wrote are gone, or a new replica has marked the store since. One replica
   * is told.
   * @param isOld the store cannot be a new one: where it has no mark, or the mark of a new store, it has lost something
   */
  mark(isOld: boolean): Promise<'kept' | 'fresh' | 'lost'>;
  /** True for the first caller within `forMs`, in all replicas together: for work that need not be done twice. */
  turn(name: string, forMs: number): Promise<boolean>;
  /** Makes {@link Coordination.taken} true for `forMs` from now on, whoever took the name before. */
  hold(name: string, forMs: number): Promise<void>;
  /** True while a {@link Coordination.turn} or {@link Coordination.hold} of that name lasts, whosever it is. */
  taken(name: string): Promise<boolean>;
  /**
   * Runs `work` unless another holder of the same name is at it.
   * @param unsure what to do where the store cannot say who holds the name: by default the work is done
   */
  exclusively<T>(
    name: string,
    work: () => Promise<T>,
    unsure?: WhenUnsure,
  ): Promise<{ ran: true; result: T } | { ran: false }>;
  /** The names that somebody is at, of those given, by {@link Coordination.exclusively} or {@link Records.atRequests}. */
  heldAmong(names: readonly string[]): Promise<ReadonlySet<string>>;
}

/** The audit log. Most of it is written with the changes that it speaks of, by {@link Records.change}. */
export interface AuditLog {
  /** Writes audit records that go with no change of a request. */
  audit(entries: AuditEntry[]): Promise<void>;
  /** Removes the oldest audit records where there are more than the bounds allow, and writes down that it did. */
  trimAudit(bounds: Policy['audit']): Promise<void>;
}

/** All that the store keeps. Methods throw StoreUnreachable where the store does not answer, unless they say otherwise. */
export interface Store extends Records, Coordination, AuditLog {}
