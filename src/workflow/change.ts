/**
 * How every verb changes a request: stores the new version with its audit record in one step, then sets its timers
 * and has its cards brought up to date.
 */

import { type Due, duties, isOver } from '../access/request/duties.js';
import { followedOf, nothingCame } from '../access/request/others/follows.js';
import { type Ask, isIn, moved, type Phase, type Refusal, type Request } from '../access/request/request.js';
import type { PhaseAfter } from '../access/request/steps.js';
import { unfollow } from '../access/request/transitions/opening.js';
import type { RuleRecord } from '../access/rules/rule.js';
import { countFailure } from './passes.js';
import { AwsRefused, AwsUnavailable, type Parts } from './ports.js';
import { type AuditEntry, NewerRecord, StoreUnreachable } from './ports-store.js';
import { toldAfterMs } from './settling.js';

/** Who changed the request and why, for the audit record. */
export interface Because {
  who: string;
  why?: string;
  ids?: Record<string, string | number>;
  rule?: RuleRecord;
  /** Throws where the timers could not be set, though the change is stored. */
  timersFirst?: true;
}

/**
 * Moves a request into `phase`, which a step of `access/request/transitions` made. Undefined where somebody else was
 * first: load the request again and look. The timers are set before this resolves; with `because.timersFirst` it is a
 * fault when they can't be.
 */
export async function change<R extends Request, P extends PhaseAfter<R>>(
  parts: Parts,
  request: R,
  phase: P,
  because: Because,
): Promise<(Request & { phase: P }) | undefined> {
  const [after] = (await changeTogether(parts, [{ request, phase }], because)) ?? [];
  if (after) await wakeStored(parts, after, because, request);
  return after;
}

/** A request and the phase that it moves into; `why` goes before that of all who move together. */
export interface Move<R extends Request, P extends Phase> {
  request: R;
  phase: P;
  why?: string;
}

/**
 * Moves requests in one step, with an audit record each and the rule of `because`. Nobody is woken: {@link wakeStored} is
 * for what the caller does not do at once. Undefined where one of them was changed by somebody else: none is moved then.
 */
export function changeTogether<R extends Request, P extends PhaseAfter<R>>(
  parts: Parts,
  moves: readonly Move<R, P>[],
  because: Because,
): Promise<(Request & { phase: P })[] | undefined> {
  return changeAll(parts, moves, because);
}

/** {@link changeTogether} for requests that take different steps; {@link aMove} makes each of the moves. */
export async function changeAll<M extends Move<Request, Phase>>(
  parts: Parts,
  moves: readonly M[],
  because: Because,
): Promise<(Request & { phase: M['phase'] })[] | undefined> {
  const after = moves.map(({ request, phase }): Request & { phase: M['phase'] } => moved(request, phase));
  const [request, ...also] = after;
  if (!request) return [];
  const audit = moves.map((move) => entryOf(parts.now(), move, because));
  const { rule } = because;
  const { outcome } = await parts.store.change({ request, also, audit, ...(rule ? { rule } : {}) });
  return outcome === 'done' ? after : undefined;
}

/** A request and the phase of a step that leads on from its own. */
export function aMove<R extends Request, P extends PhaseAfter<R>>(
  request: R,
  phase: P,
  why?: string,
): Move<R, P> {
  return { request, phase, ...(why ? { why } : {}) };
}

function entryOf(
  atMs: number,
  { request, phase, ...move }: Move<Request, Phase>,
  { who, ids, ...because }: Because,
): AuditEntry {
  const why = move.why ?? because.why;
  const asked = askedIds(request.ask);
  return {
    atMs,
    who,
    what: request.phase.state === phase.state ? `${phase.state} (changed)` : phase.state,
    requestId: request.id,
    ...(why ? { why } : {}),
    ...(ids || Object.keys(asked).length > 0 ? { ids: { ...ids, ...asked } } : {}),
  };
}

/** What each audit record of a request says beside its own ids: an emergency, and the time at which it is to open. */
export function askedIds({ emergency, later }: Pick<Ask, 'emergency' | 'later'>): AuditEntry['ids'] & object {
  return {
    ...(emergency ? { emergency: 'yes' } : {}),
    ...(later && ('typed' in later ? { ...later.typed } : { startsAtMs: later.startsAtMs })),
  };
}

/** {@link wake} after a change that is stored: a failure is only logged, unless the timers are needed first. */
export async function wakeStored(
  parts: Parts,
  after: Request,
  because: Because,
  before?: Request,
): Promise<void> {
  try {
    await wake(parts, after, before);
  } catch (cause) {
    // The change is stored, and an error would say otherwise; the sweep finds what the request owes.
    if (because.timersFirst) throw cause;
    parts.log.warn({ err: cause, id: after.id }, 'timers not set; the sweep does it');
  }
  const follows = followedOf(after);
  if (!follows || !isOver(after)) return;
  await giveBack(parts, follows.id, after.id).catch((err: unknown) => {
    parts.log.warn({ err, id: follows.id }, 'it can be extended again; its card says so with its warning');
  });
}

/** Lets open access be followed again, once the follow-up that was asked for came to nothing. */
async function giveBack(parts: Parts, id: string, follower: string): Promise<void> {
  const followed = await parts.store.load(id);
  if (!followed || !isIn(followed, 'open') || followed.phase.followedBy !== follower) return;
  await change(parts, followed, unfollow(followed), { who: 'bot', why: `${follower} came to nothing` });
}

/**
 * Sets the timers of a request and has it told. The sweep finds a failure here, in the index of what is owed.
 * @param before the request as it was: the ends that it owed have their timers, since no opening goes on without them
 */
export async function wake(parts: Parts, request: Request, before?: Request): Promise<void> {
  const nowMs = parts.now();
  const known = before ? duties(before) : [];
  const isSet = ({ queue, atMs }: Due) =>
    queue === 'ends' && atMs > nowMs && known.some((due) => due.queue === queue && due.atMs === atMs);
  const all = duties(request);
  // One timer for later work is enough: whoever does the soonest sets the next. Ends get a timer each.
  const soonest = all.find(({ queue, atMs }) => queue === 'work' && atMs > nowMs);
  const isLater = (due: Due) => due.queue === 'work' && due.atMs > nowMs && due !== soonest;
  const dues = all.filter((due) => !isSet(due) && !isLater(due));
  if (dues.length > 0) await parts.timers.set(request.id, dues);
  await parts.timers.tell(request.id, toldAfterMs(request, nowMs));
}

/** The sentence on what AWS refuses, with the next step. A lack of rights is the commonest cause. */
export function refusedByAws({ action, code }: AwsRefused): string {
  const next = /unauthori[sz]ed|accessdenied/i.test(code)
    ? 'An admin has to allow it in my IAM policy.'
    : 'An admin finds the reason in my log.';
  return `AWS refuses me \`${action}\` (\`${code}\`). ${next}`;
}

/**
 * The refusal to tell at once where AWS refused a call, or once another fault has lasted since `sinceMs`; its reference
 * is in the log beside the cause.
 * @throws the cause where it is an outage, or too young to give up
 */
export function faultRefusal(
  parts: Parts,
  cause: unknown,
  request: Pick<Request, 'id' | 'ask'>,
  sinceMs: number,
): Refusal {
  const { id } = request;
  const nothing = nothingCame(request);
  if (cause instanceof AwsRefused) {
    parts.log.error({ err: cause, id, action: cause.action }, 'AWS refuses a call');
    countFailure(parts.memory, 'work', cause);
    return { sentence: `${refusedByAws(cause)} ${nothing}.`, retry: true, admins: true };
  }
  const outage = cause instanceof AwsUnavailable || cause instanceof StoreUnreachable;
  if (outage || parts.now() - sinceMs < parts.times.faultMs) throw cause;
  countFailure(parts.memory, 'work', cause);
  if (cause instanceof NewerRecord) {
    const sentence = `A newer version of me keeps the record of its rule, and did not open it in time. ${nothing}. Ask again.`;
    return { sentence, retry: true, admins: true };
  }
  const reference = parts.newId();
  parts.log.error({ err: cause, id, reference }, 'given up after failing for a while');
  const sentence = `Something is wrong on my side, reference ${reference}. ${nothing}; the admins know.`;
  return { sentence, retry: true, admins: true };
}
