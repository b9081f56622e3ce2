/** Judges whether a message is true at the moment in which it appears, from its words alone, as a person reads it. */
import type { State } from '../../src/access/request/request.js';
import type { Memory, RuleLife, RuleLives } from './rule-lives.js';

/**
 * What a message claims of a request. `open`: the rule is there. `gone`: the rule is not there any more. `over`: the
 * request holds no rule any more, though other requests may use the same rule.
 */
export interface Claim {
  requestId: string;
  claims: 'open' | 'gone' | 'over';
  /** The words of the message that make the claim. */
  words: string;
}

/** An approver's card of more time names both: `K7QF2 → M3XYZ`. */
const ID = / [·→] ([2-9A-HJ-NP-Z]{5})(?: · see below)?$/;
/**
 * How the requester's card begins in each state, and what such a card claims of the rule; `nothing` where access may or
 * may not be open at that moment. The compiler asks for a new state.
 */
const HEADINGS: Readonly<Record<State, { claims: 'open' | 'over' | 'nothing'; begins: readonly string[] }>> =
  {
    submitted: { claims: 'nothing', begins: ['Checking', 'Waiting for'] },
    pending: { claims: 'nothing', begins: ['Waiting for'] },
    approved: {
      claims: 'nothing',
      begins: ['Opening', 'Opens ', 'Soon', 'Open now from', 'Paused', 'Waiting for'],
    },
    opening: { claims: 'nothing', begins: ['Opening', 'Waiting for'] },
    open: { claims: 'open', begins: ['Open until', '[\\d.]+ \\w+( [\\d.]+ \\w+)* left\\*'] },
    closing: { claims: 'nothing', begins: ['Closing', 'Could not open', 'Not closed yet', 'Continued'] },
    ended: { claims: 'over', begins: ['Ended'] },
    refused: { claims: 'over', begins: ['Not allowed'] },
    denied: { claims: 'over', begins: ['Denied'] },
    cancelled: { claims: 'over', begins: ['Taken back'] },
    lapsed: { claims: 'over', begins: ['No answer', 'Not opened in time'] },
    failed: { claims: 'over', begins: ['Failed'] },
    'already-open': { claims: 'nothing', begins: ['Already open'] },
  };
const OPEN = headed('open');
const OVER = headed('over', 'Closed after all');
/** `A request`: how an approver's card begins. */
const NEITHER = headed('nothing', 'A request');
const IN_SOMEBODY_ELSES_CARD = / · (open until|ended|not opened|opening|closing|not closed)\b/;

/**
 * @param text a message of the bot, as people read it.
 * @returns undefined where the message claims nothing of a rule
 */
export function claimOf(text: string): Claim | undefined {
  const [heading = '', ...rest] = text.split('\n');
  const requestId = ID.exec(heading)?.[1];
  if (!requestId) return undefined;
  const claim = (claims: Claim['claims'], words: string): Claim => ({ requestId, claims, words });
  if (OPEN.test(heading)) return claim('open', heading);
  if (OVER.test(heading)) {
    const gone = rest.find((line) => /the rule is gone/i.test(line));
    return gone ? claim('gone', `${heading} ${gone}`) : claim('over', heading);
  }
  if (NEITHER.test(heading)) return undefined;
  for (const line of rest) {
    const said = IN_SOMEBODY_ELSES_CARD.exec(line)?.[1];
    if (said === 'open until') return claim('open', line);
    if (said === 'ended' || said === 'not opened') return claim('over', line);
  }
  return undefined;
}

/** The headings that make this claim of a rule, the headings of other cards among them. */
function headed(claims: 'open' | 'over' | 'nothing', ...others: string[]): RegExp {
  const begins = Object.values(HEADINGS).flatMap((heading) =>
    heading.claims === claims ? heading.begins : [],
  );
  return new RegExp(`^\\*(${[...begins, ...others].join('|')})`);
}

/** What a conversation still claims: the newest message of each request counts, since older ones tell of the past. */
export function standingClaims(texts: readonly string[]): Claim[] {
  const newest = new Map<string, Claim | undefined>();
  for (const text of texts) {
    const requestId = ID.exec(text.split('\n')[0] ?? '')?.[1];
    if (requestId) newest.set(requestId, claimOf(text));
  }
  return [...newest.values()].filter((claim) => claim !== undefined);
}

/** How old a truth may be when people read of it, milliseconds. */
export interface Freshness {
  /** A rule that the bot removed so recently may still be called open: the message was on its way. */
  onItsWayMs: number;
  /**
   * A rule may still be called open that was removed so recently by a manual change, or by a bot whose Redis then lost
   * the removal or the order to remove: nobody can know of the removal yet.
   */
  detectMs: number;
}

/**
 * @returns why a claim is untrue at `nowMs`; undefined for a claim that is true, or that nobody can know to be untrue
 */
export function untruth(
  { requestId, claims, words }: Claim,
  lives: RuleLives,
  nowMs: number,
  { onItsWayMs, detectMs }: Freshness,
  { isForgotten, isEndForgotten, wentBack }: Memory,
): string | undefined {
  const own = lives.of(requestId);
  const said = `"${words.slice(0, 160)}"`;
  if (claims === 'open') {
    if (own.some((life) => leftAtMs(life, requestId) === undefined)) return undefined;
    const recently = own.some((life) => {
      const atMs = leftAtMs(life, requestId) ?? 0;
      const isUnknown = life.removedManually || isForgotten(atMs) || isEndForgotten(requestId, atMs);
      const allowedMs = isUnknown ? detectMs : onItsWayMs;
      return nowMs - atMs <= allowedMs;
    });
    if (recently) return undefined;
    return `told of ${requestId} ${said}, but its rule ${own.length > 0 ? 'is gone' : 'was never there'}`;
  }
  const unknown = (life: RuleLife) => detectMs > 0 && wentBack(life.leases.get(requestId)?.sinceMs ?? 0);
  const stays = own.filter((life) => life.removedAtMs === undefined && !unknown(life));
  const untrue = claims === 'gone' ? stays[0] : stays.find((life) => isAlone(life, requestId));
  return untrue && `told of ${requestId} ${said}, but ${untrue.rule.ruleId} is there`;
}

/** When the rule stopped being the request's: when the rule was removed, or the request's lease was taken off. */
function leftAtMs(life: RuleLife, requestId: string): number | undefined {
  return life.removedAtMs ?? life.leases.get(requestId)?.leftAtMs;
}

function isAlone(life: RuleLife, requestId: string): boolean {
  const held = [...life.leases].filter(([, lease]) => lease.leftAtMs === undefined);
  return held.length > 0 && held.every(([id]) => id === requestId);
}
