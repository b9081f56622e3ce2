/** The steps of a request from open access to its end, and out of an opening that failed. */
import { decidedIn } from '../decided.js';
import type { Facts } from '../facts.js';
import type { Decided, EndCause, Grant, PhaseIn, Refusal, RequestIn, Surroundings } from '../request.js';

/**
 * A WorkSpace has another address now, has stopped, or runs again.
 * @param readdressed where the command to connect that was shown leads nowhere, or elsewhere, by now
 */
export function readdress(
  { phase }: RequestIn<'open'>,
  facts: Facts,
  readdressed?: { atMs: number; was?: string },
): PhaseIn<'open'> {
  return { ...phase, facts, ...(readdressed ? { readdressed } : {}) };
}

/**
 * The end is near, and the requester is told.
 * @param isFollowed false where the follow-up that the record names is over: the record forgets it
 */
export function warn({ phase }: RequestIn<'open'>, isFollowed = true): PhaseIn<'open'> {
  const { followedBy: _, moving: __, ...rest } = phase;
  return { ...(isFollowed ? phase : rest), warned: true };
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

/** Nothing is open, and nothing will be. An opening first closes: see {@link close}. */
export function fail(
  { phase }: RequestIn<'submitted' | 'approved' | 'closing'>,
  refusal: Refusal,
  atMs: number,
): PhaseIn<'failed'> {
  return { state: 'failed', refusal, atMs, ...(phase.state === 'submitted' ? {} : decidedIn(phase)) };
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

/** The groups of its WorkSpaces were read for what else lets the source in. */
export function lookAround({ phase }: RequestIn<'ended'>, around: Surroundings): PhaseIn<'ended'> {
  return { ...phase, around };
}

/** A rule was closed by its signed tag alone, and nothing is known of its request but that tag. */
export function adoptClosing(
  tagged: Decided & { grant: Grant; openedAtMs: number },
  closingAtMs: number,
): PhaseIn<'closing'> {
  return { state: 'closing', ...tagged, cause: { kind: 'expired' }, closingAtMs };
}
