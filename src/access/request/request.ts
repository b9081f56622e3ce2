/**
 * The one record of this product: a request, from the asking to the end. A request is what was asked plus the
 * phase that it is in; every question about it (is it over, when is something owed) is answered from it alone.
 */

import type { Ticket } from '../reading/reason.js';
import type { Source } from '../reading/source.js';
import type { Start } from '../reading/when/start.js';
import type { Facts } from './facts.js';
import type { Need, Review } from './need.js';
import type { Follows } from './others/kept.js';

/** Five characters without 0, O, 1 and I, upper case: `K7QF2`. */
export type RequestId = string;

/** What is asked for: one's own WorkSpace (not yet looked up), one by its id, or all Linux ones of a directory. */
export type Target =
  | { kind: 'own' }
  | { kind: 'workspace'; workspaceId: string }
  | { kind: 'directory'; directoryId: string };

/** What the requester said. Instants are epoch milliseconds, durations milliseconds, users Slack user ids. */
export interface Ask {
  requester: string;
  /** The slash command as it was invoked (companies rename it): texts repeat it. */
  command: string;
  target: Target;
  source: Source;
  /** The policy's name for the network that the source is in; `whole` where the network itself was asked for. */
  network?: { name: string; whole: boolean };
  /**
   * How long access lasts from its opening; of an extension, how much time it adds. A move adds none, and keeps the
   * duration of the first request of its chain, or of the last extension.
   */
  durationMs: number;
  /** An approver made the duration shorter than the `fromMs` that was asked for. */
  shortened?: { fromMs: number; by: string };
  /** Asked for as an emergency: a rule may open it at once, and everybody who would decide hears of it. */
  emergency?: true;
  reason: string;
  /** The ticket in the reason, and where it can be read. */
  ticket?: Ticket;
  askedAtMs: number;
  /** When access is to open, where that is not as soon as it is approved. */
  later?: Start;
  /** Of a follow-up: the request that was open when more time, or another source, was asked for it. */
  follows?: Follows;
}

/** The part of a request that exists once its opening began. */
export interface Grant {
  /** Set once the group is known (an access group may have to be made first). */
  groupId?: string;
  endsAtMs: number;
  /** After this instant nothing may authorize for this grant any more. */
  openByMs: number;
  startedAtMs: number;
}

/** Why access ended. */
export type EndCause =
  | { kind: 'expired' }
  /** `reason`: what the person who ended it says to the requester. */
  | { kind: 'revoked'; by: string; reason?: string }
  /** Somebody removed the rule at AWS; `changed`: somebody made it what nobody had approved, so the bot removed it. */
  | { kind: 'removed-outside'; changed?: true }
  /** The WorkSpace got another network interface, and the rule no longer leads there. */
  | { kind: 'moved' }
  /** The WorkSpaces are gone. */
  | { kind: 'terminated' }
  /** The requester was deactivated in Slack. */
  | { kind: 'deactivated' }
  | { kind: 'adoption' }
  /** The request with this id took over; `to`: the other source, as a CIDR block, that it moved the access to. */
  | { kind: 'continued'; as: RequestId; to?: string }
  /** The access never opened: whatever an authorize may have left is removed, then the request fails. */
  | { kind: 'not-opened'; refusal: Refusal };

/** What follows from the cause by which access ends. */
interface EndTraits {
  /** Access ended since its own time was over: only then can it end late, and a follow-up lives on. */
  isOfItsTime: boolean;
  /** Ending any request of a chain for this cause ends the whole chain. */
  endsChain: boolean;
  /** An SSH session that is open may go on: the WorkSpace is still there. */
  leavesSessions: boolean;
}

/** What follows from each cause of an end: a new cause has to say all of it here. */
export const END_TRAITS: Readonly<Record<EndCause['kind'], EndTraits>> = {
  expired: { isOfItsTime: true, endsChain: false, leavesSessions: true },
  revoked: { isOfItsTime: false, endsChain: true, leavesSessions: true },
  'removed-outside': { isOfItsTime: false, endsChain: true, leavesSessions: true },
  moved: { isOfItsTime: false, endsChain: true, leavesSessions: true },
  terminated: { isOfItsTime: false, endsChain: true, leavesSessions: false },
  deactivated: { isOfItsTime: false, endsChain: true, leavesSessions: true },
  adoption: { isOfItsTime: false, endsChain: true, leavesSessions: true },
  continued: { isOfItsTime: false, endsChain: false, leavesSessions: true },
  // The request that a follow-up follows lives on where the follow-up could not open.
  'not-opened': { isOfItsTime: false, endsChain: false, leavesSessions: true },
};

/** What lets a source in beside a rule that is gone. */
export interface Surroundings {
  /** True where everything was read that could let the source in. */
  read: boolean;
  /** The first of the rules that let the source in: before others those that let in all of it, and somebody else's. */
  rules: OpenRule[];
  /** How many more rules let the source in. */
  more?: number;
}

/** A rule that lets a source in. `ours`: the rule of another grant. `part`: only some of the source. */
export interface OpenRule {
  ruleId: string;
  groupId: string;
  ours?: true;
  part?: true;
}

/** A sentence for the requester, and the way out when there is one. */
export interface Refusal {
  sentence: string;
  /** The rule of the policy that decided it. */
  rule?: string;
  /** Offers the form, filled in with what was asked. */
  retry?: boolean;
  /** The admins are told as well. */
  admins?: boolean;
}

/** The part of a phase that is known from a yes on. */
export interface Decided {
  facts: Facts;
  need: Need;
  review: Review;
}

/** The last change of what approvers read. `anew`: the request was approved before it, and needs another yes since. */
export interface Changed {
  version: number;
  what: string;
  anew?: true;
}

/** Where a request stands. `approved` opens nothing: it waits for what {@link Phase.waitsFor} names. */
export type Phase =
  | { state: 'submitted'; giveUpAtMs: number; waitsForAws: boolean }
  | {
      state: 'pending';
      facts: Facts;
      need: Need;
      pendingAtMs: number;
      lapsesAtMs: number;
      /** How many WorkSpaces it was approved for; set where it is asked anew because it would open more by now. */
      reachWas?: number;
      /** A click on a card from before `changed.version` does not count. */
      changed?: Changed;
    }
  | (Decided & {
      state: 'approved';
      /** `resume`: new openings are paused. `time`: it is to open later. */
      waitsFor: 'nothing' | 'confirmation' | 'workspace' | 'resume' | 'time';
      lapsesAtMs: number;
      /** AWS has answered that it starts WorkSpaces. Until then each look asks AWS to start those that are stopped. */
      startAsked: boolean;
      /** The requester was told that its time is near. */
      reminded?: true;
      /** Its time has come, and AWS does not answer. */
      waitsForAws?: true;
    })
  | (Decided & { state: 'opening'; grant: Grant; waitsForAws: boolean; attached: number })
  | (Decided & {
      state: 'open';
      grant: Grant & { groupId: string };
      openedAtMs: number;
      warned: boolean;
      /** The step by which the access can be extended, by the policy at its opening; absent where it can't be. */
      stepMs?: number;
      /** The access could be moved to another source, by the policy at its opening. */
      movable?: true;
      /** The follow-up that was asked for and has not taken over. One waits at a time. */
      followedBy?: RequestId;
      /** The follow-up asks for another source, and not for more time. */
      moving?: true;
      /** When the way to its WorkSpaces last changed while it was open; `was`: the address of a single one before. */
      readdressed?: { atMs: number; was?: string };
      /** Found again by its signed tag after the store was lost: who approved it and why is not known any more. */
      adopted?: true;
    })
  | (Decided & {
      state: 'closing';
      grant: Grant;
      openedAtMs?: number;
      cause: EndCause;
      closingAtMs: number;
      /** Set when the rule could not be removed for a while; the people who must know were told. */
      troubleAtMs?: number;
      /** What AWS refuses, as a sentence. */
      refused?: string;
    })
  | (Decided & {
      state: 'ended';
      grant: Grant;
      openedAtMs?: number;
      cause: EndCause;
      endedAtMs: number;
      /** The rule of another grant in this group still lets the source in: the same one, or a wider one. */
      shared: boolean;
      /** A rule of somebody else's, which is not the bot's to end, lets the source in as well. */
      foreign?: true;
      /** What else lets the source in, over every group of the WorkSpaces; absent until that was looked at. */
      around?: Surroundings;
    })
  | { state: 'refused'; refusal: Refusal; atMs: number }
  | { state: 'denied'; facts: Facts; need: Need; review: Review }
  | { state: 'cancelled'; by: string; atMs: number; reason?: string; facts?: Facts; need?: Need }
  | { state: 'lapsed'; atMs: number; facts?: Facts; need?: Need; review?: Review }
  | { state: 'failed'; refusal: Refusal; atMs: number; facts?: Facts; need?: Need; review?: Review }
  | { state: 'already-open'; atMs: number; facts: Facts; need: Need; review: Review; groupId: string };

/** A request as it is stored. `version` grows by one with each change. */
export interface Request {
  id: RequestId;
  version: number;
  ask: Ask;
  phase: Phase;
}

export type State = Phase['state'];
/** The phases of the states `S`. */
export type PhaseIn<S extends State> = Extract<Phase, { state: S }>;
/** A request that is known to be in one of the states `S`. */
export type RequestIn<S extends State> = Request & { phase: PhaseIn<S> };

/** Narrows a request to one of `states`. */
export function isIn<S extends State>(request: Request, ...states: S[]): request is RequestIn<S> {
  return states.some((state) => state === request.phase.state);
}

/** The next version of a request, in another phase. */
export function moved<P extends Phase>(request: Request, phase: P): Request & { phase: P } {
  return { ...request, version: request.version + 1, phase };
}

/** The facts of a request, where they were gathered. */
export function factsOf(request: Request): Facts | undefined {
  return 'facts' in request.phase ? request.phase.facts : undefined;
}
