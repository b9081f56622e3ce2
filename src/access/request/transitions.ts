/**
 * Every step of a request from one state to another. A step copies what the new phase keeps of the old one and adds
 * what is new; `src/workflow` decides when to take it. `steps.ts` lists the steps as a table.
 */

import { availabilityOf } from './availability.js';
import type { Need, Review } from './need.js';
import type {
  Decided,
  DesktopFacts,
  EndCause,
  Facts,
  Grant,
  PhaseIn,
  Refusal,
  Request,
  RequestIn,
  Surroundings,
} from './request.js';

// A new request, and one that is found again.

/** Somebody asked. @param giveUpAtMs until when facts are gathered */
export function submit(giveUpAtMs: number): PhaseIn<'submitted'> {
  return { state: 'submitted', giveUpAtMs, waitsForAws: false };
}

/**
 * The signed tag of a rule says that access is open, and the record does not know.
 * @param before the record, where the store went back to one from before the opening
 */
export function adoptOpen(
  _before: RequestIn<'submitted' | 'pending' | 'approved'> | undefined,
  tagged: Decided & { grant: Grant & { groupId: string }; openedAtMs: number },
): PhaseIn<'open'> {
  return { state: 'open', ...tagged, warned: false, adopted: true };
}

/** A rule was closed by its signed tag alone, and nothing is known of its request but that tag. */
export function adoptClosing(
  tagged: Decided & { grant: Grant; openedAtMs: number },
  closingAtMs: number,
): PhaseIn<'closing'> {
  return { state: 'closing', ...tagged, cause: { kind: 'expired' }, closingAtMs };
}

// Before anybody has decided.

/** AWS does not say what has to be known first: the card says so. */
export function stallLookup({ phase }: RequestIn<'submitted'>): PhaseIn<'submitted'> {
  return { ...phase, waitsForAws: true };
}

/** People are asked. */
export function wait(
  _request: RequestIn<'submitted'>,
  asked: { facts: Facts; need: Need; pendingAtMs: number; lapsesAtMs: number },
): PhaseIn<'pending'> {
  return { state: 'pending', ...asked };
}

/** One more yes, a reminder, or other people who are asked. @param what the change in what approvers read, if any */
export function waitOn(request: RequestIn<'pending'>, need: Need, what?: string): PhaseIn<'pending'> {
  return { ...request.phase, need, ...(what ? { changed: changedNow(request, what) } : {}) };
}

/** People are asked once more. @param what the change since they said yes */
export function askAnew(
  request: RequestIn<'approved' | 'opening'>,
  asked: { facts: Facts; need: Need; pendingAtMs: number; lapsesAtMs: number; reachWas?: number },
  what: string,
): PhaseIn<'pending'> {
  return { state: 'pending', ...asked, changed: changedNow(request, what) };
}

/** The last yes that was needed, or the policy's. @param late so late that the requester opens it themselves */
export function approve(
  _request: RequestIn<'submitted' | 'pending'>,
  decided: Decided,
  lapsesAtMs: number,
  late = false,
): PhaseIn<'approved'> {
  return approved(decided, late ? 'confirmation' : nextWait(decided.facts), lapsesAtMs);
}

export function deny({ phase }: RequestIn<'pending'>, need: Need, review: Review): PhaseIn<'denied'> {
  return { state: 'denied', facts: phase.facts, need, review };
}

export function refuse(
  _request: RequestIn<'submitted' | 'pending' | 'approved'>,
  refusal: Refusal,
  atMs: number,
): PhaseIn<'refused'> {
  return { state: 'refused', refusal, atMs };
}

/** Taken back, by its requester or for them. */
export function cancel(
  { phase }: RequestIn<'submitted' | 'pending' | 'approved'>,
  by: string,
  atMs: number,
): PhaseIn<'cancelled'> {
  const known = phase.state === 'submitted' ? {} : { facts: phase.facts, need: phase.need };
  return { state: 'cancelled', by, atMs, ...known };
}

export function lapse({ phase }: RequestIn<'pending' | 'approved'>, atMs: number): PhaseIn<'lapsed'> {
  const known = phase.state === 'pending' ? { facts: phase.facts, need: phase.need } : decidedIn(phase);
  return { state: 'lapsed', atMs, ...known };
}

/** Nothing is open, and nothing will be. An opening first closes: see {@link close}. */
export function fail(
  { phase }: RequestIn<'submitted' | 'approved' | 'closing'>,
  refusal: Refusal,
  atMs: number,
): PhaseIn<'failed'> {
  return { state: 'failed', refusal, atMs, ...(phase.state === 'submitted' ? {} : decidedIn(phase)) };
}

// From a yes to an open port.

/** The requester says that they still want what was approved late. */
export function confirm({ phase }: RequestIn<'approved'>, lapsesAtMs: number): PhaseIn<'approved'> {
  return approved(decidedIn(phase), nextWait(phase.facts), lapsesAtMs);
}

/** New openings are paused. */
export function hold({ phase }: RequestIn<'approved'>): PhaseIn<'approved'> {
  return { ...phase, waitsFor: 'resume' };
}

/** The pause is over. */
export function release({ phase }: RequestIn<'approved'>): PhaseIn<'approved'> {
  return { ...phase, waitsFor: nextWait(phase.facts) };
}

/** Stored before AWS is asked to start WorkSpaces, so that a crash never has one started over and over. */
export function askStart(
  { phase }: RequestIn<'approved'>,
  desktops: readonly DesktopFacts[],
): PhaseIn<'approved'> {
  return { ...phase, facts: { ...phase.facts, desktops: [...desktops] }, startAsked: true };
}

/** AWS did not answer, so the next try asks again. */
export function unaskStart({ phase }: RequestIn<'approved'>): PhaseIn<'approved'> {
  return { ...phase, startAsked: false };
}

/** Its WorkSpaces as AWS says now. Once one of them runs, nothing has to be waited for. */
export function findRunning(
  { phase }: RequestIn<'approved'>,
  desktops: readonly DesktopFacts[],
): PhaseIn<'approved'> {
  const runs = desktops.some((one) => availabilityOf(one) === 'available');
  const facts = { ...phase.facts, desktops: [...desktops] };
  return { ...phase, facts, waitsFor: runs ? 'nothing' : 'workspace' };
}

/** The end is known from here on. */
export function begin({ phase }: RequestIn<'approved'>, grant: Grant): PhaseIn<'opening'> {
  return { state: 'opening', ...decidedIn(phase), grant, waitsForAws: false, attached: 0 };
}

/** Back to waiting, with nothing at AWS: new openings are paused, or the WorkSpace has stopped. */
export function takeBack(
  { phase }: RequestIn<'opening'>,
  waitsFor: 'resume' | 'workspace',
  lapsesAtMs: number,
): PhaseIn<'approved'> {
  return approved(decidedIn(phase), waitsFor, lapsesAtMs);
}

/** AWS does not let it open yet: the card says so. */
export function stallOpening({ phase }: RequestIn<'opening'>): PhaseIn<'opening'> {
  return { ...phase, waitsForAws: true };
}

/** @param attached how many WorkSpaces carry the access group by now */
export function attach({ phase }: RequestIn<'opening'>, attached: number): PhaseIn<'opening'> {
  return { ...phase, attached, waitsForAws: false };
}

/** The lease is on the rule's record, and may be at AWS from here on. */
export function join({ phase }: RequestIn<'opening'>, groupId: string): PhaseIn<'opening'> {
  return { ...phase, grant: { ...phase.grant, groupId } };
}

/** EC2 was read back and shows the rule. */
export function opened({ phase }: RequestIn<'opening'>, groupId: string, atMs: number): PhaseIn<'open'> {
  const grant = { ...phase.grant, groupId };
  return { state: 'open', ...decidedIn(phase), grant, openedAtMs: atMs, warned: false };
}

/** Somebody else's rule lets the source in. */
export function findOpen(
  { phase }: RequestIn<'opening'>,
  groupId: string,
  atMs: number,
): PhaseIn<'already-open'> {
  return { state: 'already-open', ...decidedIn(phase), groupId, atMs };
}

// To the end.

/**
 * A WorkSpace has another address now, has stopped, or runs again.
 * @param readdressed where a line that was shown must not be used any more
 */
export function readdress(
  { phase }: RequestIn<'open'>,
  facts: Facts,
  readdressed?: { atMs: number; was?: string },
): PhaseIn<'open'> {
  return { ...phase, facts, ...(readdressed ? { readdressed } : {}) };
}

/** The end is near, and the requester is told. */
export function warn({ phase }: RequestIn<'open'>): PhaseIn<'open'> {
  return { ...phase, warned: true };
}

/** The one way out of an opening and of open access: whatever is at AWS goes first. */
export function close(
  { phase }: RequestIn<'opening' | 'open'>,
  cause: EndCause,
  closingAtMs: number,
): PhaseIn<'closing'> {
  const opened = phase.state === 'open' ? { openedAtMs: phase.openedAtMs } : {};
  return { state: 'closing', ...decidedIn(phase), grant: phase.grant, cause, closingAtMs, ...opened };
}

/** The rule could not be removed: the requester and the admins are told. @param refused what AWS refuses, as a sentence */
export function alarm(
  { phase }: RequestIn<'closing'>,
  troubleAtMs: number,
  refused?: string,
): PhaseIn<'closing'> {
  return { ...phase, troubleAtMs: phase.troubleAtMs ?? troubleAtMs, ...(refused ? { refused } : {}) };
}

/** The groups of its WorkSpaces were read for what else lets the source in. */
export function lookAround({ phase }: RequestIn<'ended'>, around: Surroundings): PhaseIn<'ended'> {
  return { ...phase, around };
}

/** The rule was read as gone. @param stays whose rules in the same group still let the source in */
export function end(
  { phase }: RequestIn<'closing'>,
  stays: { shared: boolean; foreign: boolean },
  endedAtMs: number,
): PhaseIn<'ended'> {
  const { grant, cause, openedAtMs } = phase;
  return {
    state: 'ended',
    ...decidedIn(phase),
    grant,
    cause,
    shared: stays.shared,
    ...(stays.foreign ? { foreign: true } : {}),
    endedAtMs,
    ...(openedAtMs === undefined ? {} : { openedAtMs }),
  };
}

function approved(
  { facts, need, review }: Decided,
  waitsFor: PhaseIn<'approved'>['waitsFor'],
  lapsesAtMs: number,
): PhaseIn<'approved'> {
  return { state: 'approved', facts, need, review, waitsFor, lapsesAtMs, startAsked: false };
}

function decidedIn({ facts, need, review }: Decided): Decided {
  return { facts, need, review };
}

/**
 * A stopped WorkSpace holds up the opening; nothing else does here. Of many WorkSpaces some may have stopped since they
 * were asked for, and a single one is looked at again right before it opens.
 */
function nextWait({ desktops: [first, ...others] }: Facts): 'workspace' | 'nothing' {
  const runs = !first || availabilityOf(first) === 'available';
  return runs && others.length === 0 ? 'nothing' : 'workspace';
}

/** Clicks on cards from before this change do not count. */
function changedNow({ version }: Request, what: string): { version: number; what: string } {
  return { version: version + 1, what };
}
