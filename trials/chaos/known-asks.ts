/** Knows every ask of a run, and the requests that came of each, as far as answers and cards tell. */
import type { Recorded } from '../witness/records.js';
import type { Witness } from '../witness/witness.js';
import { type CardRead, followedIn, placeOf } from './cards.js';
import type { Ask } from './drawn/asks.js';
import type { Trace } from './trace.js';

/** An ask and the requests that came of it: a command that is typed again can become a second request. */
export interface Asked {
  ask: Ask;
  userId: string;
  cidr: string;
  ids: Set<string>;
  /** When access is to open; undefined: at once. */
  startsAtMs?: number;
}

export interface KnownAsks {
  /** Learns of an ask: to be called before the person asks. */
  add(ask: Ask, userId: string): Asked;
  /**
   * Learns that the request came of the ask.
   * @param more.anew the bot gave the id to this ask just now, even if another ask had the id before Redis lost its data
   * @param more.cidr the request's source, where it is not that of the ask
   */
  learn(id: string, asked: Asked, more?: { anew?: boolean; cidr?: string }): void;
  /** The ask that a card is about. If the answer with the request's id was lost, person and address lead to the ask. */
  askedFor(card: CardRead): Asked | undefined;
  /** The source of a request, as a CIDR block. A request that follows a move has the source of the move. */
  cidrOf(id: string): string | undefined;
  /**
   * A sentence for each ask that came to nothing.
   * @param recorded every request that Redis holds
   */
  lost(recorded: readonly Recorded[]): string[];
}

export function knownAsks(witness: Witness, trace: Trace): KnownAsks {
  const all = new Map<number, Asked>();
  const byId = new Map<string, Asked>();
  const cidrs = new Map<string, string>();
  const byUser = new Map<string, Asked[]>();

  return {
    add(ask, userId) {
      const asked: Asked = { ask, userId, cidr: blockOf(ask.source), ids: new Set() };
      all.set(ask.n, asked);
      byUser.set(userId, [...(byUser.get(userId) ?? []), asked]);
      return asked;
    },
    learn(id, asked, { anew = false, cidr = asked.cidr } = {}) {
      if (anew ? byId.get(id) === asked : byId.has(id)) return;
      byId.set(id, asked);
      cidrs.set(id, cidr);
      asked.ids.add(id);
      // The policy approves at once where somebody asks for their own WorkSpace.
      const { target, requester } = asked.ask;
      if (target.kind === 'own' || (target.kind === 'other' && target.owner === requester))
        witness.approved(id, cidr, 0);
      if (asked.startsAtMs !== undefined) witness.later(id, asked.startsAtMs);
      trace.note('request', { id, n: asked.ask.n });
    },
    askedFor(card) {
      const known =
        byId.get(card.id) ??
        (card.ask === undefined ? undefined : all.get(card.ask)) ??
        byId.get(followedIn(card) ?? '');
      if (known) return known;
      // A card names the address of its own request first, and addresses of the person's other requests further below.
      const named = byUser.get(card.viewer)?.flatMap((asked) => {
        const at = placeOf(card, asked.ask.source);
        return at === undefined ? [] : [{ asked, at }];
      });
      return named?.toSorted((a, b) => b.at - a.at).at(-1)?.asked;
    },
    cidrOf: (id) => cidrs.get(id),
    lost(recorded) {
      const kept = new Map(recorded.map((request) => [request.id, request]));
      return [...all.values()].flatMap(({ ask, ids }) => [
        ...(ids.size === 0 ? [`ask #${ask.n} became no request`] : []),
        ...[...ids].filter((id) => !kept.has(id)).map((id) => `${id} is in no record`),
        ...[...ids]
          .filter((id) => ask.answer.kind !== 'nothing' && isUnanswered(kept.get(id)))
          .map((id) => `${id} lapsed, though somebody was there to answer`),
      ]);
    },
  };
}

/** A source as the schedule draws it, as a CIDR block. */
export function blockOf(source: string): string {
  return source.includes('/') ? source : `${source}/32`;
}

/** A request that follows another one lapses with the other one, also where somebody could answer. */
function isUnanswered(request: Recorded | undefined): boolean {
  return request?.phase.state === 'lapsed' && !request.ask.follows;
}
