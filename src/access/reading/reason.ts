/** The text that a reason has to contain, such as a ticket, and the link to read about it. */
import { searchFor } from './pattern.js';

/** What the policy wants to find in each reason. */
export interface ReasonLimits {
  /** A regular expression without a `patternProblem`. The text that the pattern finds is the ticket. */
  pattern: string;
  /** The sentence for a requester in whose reason the pattern finds nothing. */
  hint: string;
  /** An address with `{ticket}` where the ticket goes. */
  link?: string;
}

/** The ticket as the reason names it; `url` where the policy has a link. */
export interface Ticket {
  text: string;
  url?: string;
}

/** A longer reason, in UTF-16 code units, would not fit the approver's card. */
export const LONGEST_REASON = 500;

/**
 * Finds the ticket in a reason. With a capturing group in the pattern the ticket is what the first one holds. A
 * reason longer than {@link LONGEST_REASON} is refused unread.
 */
export function readReason(
  reason: string,
  limits: ReasonLimits | undefined,
): { ok: true; ticket?: Ticket } | { ok: false; sentence: string } {
  if (reason.length > LONGEST_REASON) {
    return {
      ok: false,
      sentence: `Your reason has ${reason.length} characters; at most ${LONGEST_REASON} fit the approver's card.`,
    };
  }
  if (!limits) return { ok: true };
  const found = searchFor(limits.pattern)(reason);
  if (!found) return { ok: false, sentence: limits.hint };
  const text = found[1] ?? found[0] ?? '';
  if (text === '') return { ok: true };
  const url = limits.link?.replaceAll('{ticket}', () => encodeURIComponent(text));
  return { ok: true, ticket: { text, ...(url ? { url } : {}) } };
}
