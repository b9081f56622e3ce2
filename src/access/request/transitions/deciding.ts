/** The steps of a request until somebody has decided: from the asking to a yes, a no, or no answer. */
import { approved, decidedIn, waitOf } from '../decided.js';
import type { Facts } from '../facts.js';
import type { Need, Review } from '../need.js';
import { lapseOf } from '../others/follows.js';
import type { Changed, Decided, PhaseIn, Refusal, Request, RequestIn } from '../request.js';

/** Somebody asked. @param giveUpAtMs until when facts are gathered */
export function submit(giveUpAtMs: number): PhaseIn<'submitted'> {
  return { state: 'submitted', giveUpAtMs, waitsForAws: false };
}

/** AWS does not answer what has to be known before anybody is asked: the card says so. */
export function stallLookup({ phase }: RequestIn<'submitted'>): PhaseIn<'submitted'> {
  return { ...phase, waitsForAws: true };
}

/** People are asked. */
export function wait(
  { ask }: RequestIn<'submitted'>,
  asked: { facts: Facts; need: Need; pendingAtMs: number; lapsesAtMs: number },
): PhaseIn<'pending'> {
  return { state: 'pending', ...asked, lapsesAtMs: lapseOf(ask, asked.lapsesAtMs) };
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
  const lapsesAtMs = lapseOf(request.ask, asked.lapsesAtMs);
  return { state: 'pending', ...asked, lapsesAtMs, changed: { ...changedNow(request, what), anew: true } };
}

/** The last yes that was needed, or the policy's. @param late so late that the requester opens it themselves */
export function approve(
  { ask }: RequestIn<'submitted' | 'pending'>,
  decided: Decided,
  lapsesAtMs: number,
  late = false,
): PhaseIn<'approved'> {
  return approved(ask, decided, late ? 'confirmation' : waitOf(ask, decided.facts), lapsesAtMs);
}

/** An approver says no. */
export function deny({ phase }: RequestIn<'pending'>, need: Need, review: Review): PhaseIn<'denied'> {
  return { state: 'denied', facts: phase.facts, need, review };
}

/** The policy, or what was found, allows no such access. */
export function refuse(
  _request: RequestIn<'submitted' | 'pending' | 'approved'>,
  refusal: Refusal,
  atMs: number,
): PhaseIn<'refused'> {
  return { state: 'refused', refusal, atMs };
}

/** Taken back, by its requester or for them. @param reason what the person who takes it back says to the requester */
export function cancel(
  { phase }: RequestIn<'submitted' | 'pending' | 'approved'>,
  by: string,
  atMs: number,
  reason?: string,
): PhaseIn<'cancelled'> {
  const known = phase.state === 'submitted' ? {} : { facts: phase.facts, need: phase.need };
  return { state: 'cancelled', by, atMs, ...(reason ? { reason } : {}), ...known };
}

/** Nobody answered in time, or what was approved did not open in time. */
export function lapse({ phase }: RequestIn<'pending' | 'approved'>, atMs: number): PhaseIn<'lapsed'> {
  const known = phase.state === 'pending' ? { facts: phase.facts, need: phase.need } : decidedIn(phase);
  return { state: 'lapsed', atMs, ...known };
}

/** Clicks on cards from before this change do not count. */
function changedNow({ version }: Request, what: string): Changed {
  return { version: version + 1, what };
}
