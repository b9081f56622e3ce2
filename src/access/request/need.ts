/**
 * What a request needs before access opens: whose yes, what comes while nobody answers, and who hears of it. Stored
 * with the request, so that a change of the policy changes nothing that was asked already.
 */
import type { Asked } from '../policy/policy.js';

/** One part of what a rule needs, and the people who may fill it. */
export interface NeedPart {
  asked: Asked;
  people: string[];
  /** Those among `people` whom the fallback added. */
  instead?: string[];
}

/** What a request needs before access opens, what comes while nobody answers, and who hears of it. */
export interface Need {
  /** The rule of the policy that decided. */
  rule: string;
  asks: NeedAsks;
  due: NeedDue;
  hears: NeedHears;
}

/** What is asked, of whom, and the yeses that came so far. */
export interface NeedAsks {
  /** The request needs every part. Empty where nobody was asked. */
  parts: NeedPart[];
  /** Everybody who may decide. */
  approvers: string[];
  /** Yeses, while more are needed. */
  reviews: Review[];
  /** Shorter durations that an approver may choose instead. */
  shorterMs: number[];
  selfApproval: boolean;
}

/** What comes while nobody answers, and what came already. Instants are epoch milliseconds. */
export interface NeedDue {
  /** The instant at which the people who are waited for are told once more. */
  remind?: { atMs: number; done: boolean };
  /** From `atMs` on these people may say yes too; `sooner`: the requester may ask one of them before. */
  fallback?: { atMs: number; ask: readonly Asked[]; sooner?: true; done: boolean };
  /** When somebody who was asked could not decide any more, and the request was asked again of those who may. */
  askedAgainAtMs?: number;
  /** When the requester last nudged those who are waited for. */
  nudgedAtMs?: number;
}

/** Who hears of the request beside the requester, and where. */
export interface NeedHears {
  /** The channel that is told, instead of each approver. */
  channel?: string;
  /** In an emergency: the people who would have decided, and the admins. They are told, and may end the access. */
  told: string[];
  /** Whom the requester asked as well. They are told directly, and may decide, also before the fallback's time. */
  alsoAsked: string[];
  /** Who said that somebody else should decide. They still may, and nobody waits for them while others are left. */
  handedOver: string[];
  /** The Slack status of each person who may decide and is away, by user id. */
  away: Readonly<Record<string, string>>;
}

/** One approver's yes or no. `by: 'policy'` where a rule approved at once, `'lost'` where it is not known any more. */
export interface Review {
  by: string;
  decision: 'approve' | 'deny';
  atMs: number;
  reason?: string;
}
