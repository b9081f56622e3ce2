/** What a reason has to contain, such as a ticket, and where that can be read. */

export interface ReasonLimits {
  /** A regular expression that {@link patternProblem} accepts; what it finds is the ticket. */
  pattern: string;
  /** What the requester reads when it is not found. */
  hint: string;
  /** With `{ticket}` in it. */
  link?: string;
}

export interface Ticket {
  text: string;
  url?: string;
}

/** Finds the ticket in a reason. With a capturing group in the pattern the ticket is what the first one holds. */
export function readReason(
  reason: string,
  limits: ReasonLimits | undefined,
): { ok: true; ticket?: Ticket } | { ok: false; sentence: string } {
  if (!limits) return { ok: true };
  const found = new RegExp(limits.pattern).exec(reason);
  if (!found) return { ok: false, sentence: limits.hint };
  const text = found[1] ?? found[0];
  if (text === '') return { ok: true };
  const url = limits.link?.replaceAll('{ticket}', () => encodeURIComponent(text));
  return { ok: true, ticket: { text, ...(url ? { url } : {}) } };
}

/** Each makes a search try that many more ways, and one person's reason must not hold up everybody's ends. */
const MOST_REPEATS = 2;

/** Why a text is no pattern to search reasons with; undefined when it is one. */
export function patternProblem(pattern: string): string | undefined {
  try {
    new RegExp(pattern);
  } catch {
    return 'is not a regular expression.';
  }
  const bare = pattern.replace(/\\[^\d]/g, 'x').replace(/\[[^\]]*\]/g, 'x');
  if (/\\\d/.test(bare)) return 'refers back to a group, which can take for ever. Write it out.';
  if (/\)(?:[*+]|\{)/.test(bare))
    return 'repeats a group, which can take for ever. Repeat single characters only.';
  const repeats = bare.match(/[*+]|\{\d+,\}/g)?.length ?? 0;
  return repeats > MOST_REPEATS
    ? `repeats with *, + or {1,} more than ${MOST_REPEATS} times, which can take for ever. Give bounds: {1,9}.`
    : undefined;
}
