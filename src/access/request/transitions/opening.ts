/** The steps of a request from a yes to an open port, and what finds open access again. */
import type { FollowUp } from '../../policy/policy.js';
import { availabilityOf } from '../availability.js';
import { approved, decidedIn, nextWait, waitOf } from '../decided.js';
import { warnAtMs } from '../duties.js';
import type { DesktopFacts, Facts } from '../facts.js';
import type { Decided, Grant, PhaseIn, RequestId, RequestIn } from '../request.js';

/** The requester says that they still want what was approved late. */
export function confirm({ ask, phase }: RequestIn<'approved'>, lapsesAtMs: number): PhaseIn<'approved'> {
  return approved(ask, decidedIn(phase), waitOf(ask, phase.facts), lapsesAtMs);
}

/** The request that it was to extend has ended by its own time: the requester says whether to open it all the same. */
export function comeLate({ ask, phase }: RequestIn<'approved'>, lapsesAtMs: number): PhaseIn<'approved'> {
  return approved(ask, decidedIn(phase), 'confirmation', lapsesAtMs);
}

/** Its time is near: its requester is reminded. */
export function remindOfStart({ phase }: RequestIn<'approved'>): PhaseIn<'approved'> {
  return { ...phase, reminded: true };
}

/** Its time has come, and AWS does not say how its WorkSpaces are: the card says so. */
export function stallStart({ phase }: RequestIn<'approved'>): PhaseIn<'approved'> {
  return { ...phase, waitsForAws: true };
}

/** Its time has come, and its yes stands. @param facts as they are now */
export function come({ ask, phase }: RequestIn<'approved'>, facts: Facts): PhaseIn<'approved'> {
  return approved(ask, { ...decidedIn(phase), facts }, nextWait(facts), phase.lapsesAtMs);
}

/** New openings are paused. */
export function hold({ phase }: RequestIn<'approved'>): PhaseIn<'approved'> {
  return { ...phase, waitsFor: 'resume' };
}

/** The pause is over. */
export function release({ ask, phase }: RequestIn<'approved'>): PhaseIn<'approved'> {
  return { ...phase, waitsFor: waitOf(ask, phase.facts) };
}

/** Stored before AWS is asked to start WorkSpaces: what is stored next, {@link awaitStart}, waits for the answer of AWS. */
export function askStart(
  { phase }: RequestIn<'approved'>,
  desktops: readonly DesktopFacts[],
): PhaseIn<'approved'> {
  return { ...phase, facts: { ...phase.facts, desktops: [...desktops] } };
}

/** AWS has answered that it starts WorkSpaces: from now on the request waits until one of them runs. */
export function awaitStart({ phase }: RequestIn<'approved'>): PhaseIn<'approved'> {
  return { ...phase, startAsked: true };
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
  { ask, phase }: RequestIn<'opening'>,
  waitsFor: 'resume' | 'workspace',
  lapsesAtMs: number,
): PhaseIn<'approved'> {
  return approved(ask, decidedIn(phase), waitsFor, lapsesAtMs);
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

/** The follow-ups that the policy allows at the opening, and what was told of the WorkSpace's address before. */
export type Offered = Pick<PhaseIn<'open'>, 'stepMs' | 'movable' | 'readdressed'>;

/**
 * EC2 was read back and shows the rule.
 * @param offered `readdressed` of more time: what was told of another address of the WorkSpace while the first part was open
 */
export function opened(
  { ask, phase }: RequestIn<'opening'>,
  groupId: string,
  atMs: number,
  offered: Offered = {},
): PhaseIn<'open'> {
  const grant = { ...phase.grant, groupId };
  // Access that opens so near its end gets no warning: its own card says until when it is open.
  const warned = atMs >= warnAtMs(grant, ask.durationMs);
  return { state: 'open', ...decidedIn(phase), grant, openedAtMs: atMs, warned, ...offered };
}

/** Its requester asks for more time, or for another source. */
export function follow({ phase }: RequestIn<'open'>, by: RequestId, what: FollowUp): PhaseIn<'open'> {
  const { moving: _, ...rest } = phase;
  return { ...rest, followedBy: by, ...(what === 'moves' ? { moving: true } : {}) };
}

/** The follow-up is over, and did not open. */
export function unfollow({ phase }: RequestIn<'open'>): PhaseIn<'open'> {
  const { followedBy: _, moving: __, ...rest } = phase;
  return rest;
}

/** Somebody else's rule lets the source in. */
export function findOpen(
  { phase }: RequestIn<'opening'>,
  groupId: string,
  atMs: number,
): PhaseIn<'already-open'> {
  return { state: 'already-open', ...decidedIn(phase), groupId, atMs };
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
