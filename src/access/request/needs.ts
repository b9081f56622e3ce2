/**
 * Counts approvals. A rule asks for parts (`manager`, `2 of @security`), a part has places, and each person who says
 * yes fills one. Access opens once all are filled.
 */
import { placesOf } from '../policy/asked.js';
import type { Need, NeedPart, Review } from './need.js';

/** How many yeses it takes in all. */
export function placesIn(parts: readonly NeedPart[]): number {
  return parts.reduce((sum, { asked }) => sum + placesOf(asked), 0);
}

/** The most places that these people can fill together: each fills one. */
export function filledBy(parts: readonly NeedPart[], people: readonly string[]): number {
  const places = parts.flatMap((part) => Array.from({ length: placesOf(part.asked) }, () => part));
  const taken: (string | undefined)[] = places.map(() => undefined);

  /** Finds a place for a person, moving others on where that makes room (augmenting paths). */
  function seat(person: string, tried: Set<number>): boolean {
    for (const [index, { people: may }] of places.entries()) {
      if (tried.has(index) || !may.includes(person)) continue;
      tried.add(index);
      const other = taken[index];
      if (other !== undefined && !seat(other, tried)) continue;
      taken[index] = person;
      return true;
    }
    return false;
  }

  return [...new Set(people)].filter((person) => seat(person, new Set())).length;
}

/** Everybody who may decide. */
export function everybodyIn(parts: readonly NeedPart[]): string[] {
  return [...new Set(parts.flatMap(({ people }) => people))];
}

/** The people whom a part asks itself, without those of the fallback. */
export function askedItself({ people, instead = [] }: NeedPart): string[] {
  return people.filter((id) => !instead.includes(id));
}

/** A manager's place where there is none: the fallback has it from the beginning. */
export function hasNoManager(part: NeedPart): boolean {
  return part.asked.kind === 'manager' && askedItself(part).length === 0;
}

/** Whether the people who may decide are enough. */
export function canBeFilled(parts: readonly NeedPart[]): boolean {
  return filledBy(parts, everybodyIn(parts)) === placesIn(parts);
}

/** How many places are filled (`got` of `of`) and `by` whom, and `waitsFor`: the people whose yes would fill one more. */
export function progressOf(need: Need): { got: number; of: number; waitsFor: string[]; by: string[] } {
  const { parts, reviews } = need.asks;
  const by = approversOf(reviews);
  const got = filledBy(parts, by);
  const helps = (person: string) => !by.includes(person) && filledBy(parts, [...by, person]) > got;
  return { got, of: placesIn(parts), waitsFor: everybodyIn(parts).filter(helps), by };
}

/** The people whose yes is waited for; whoever handed the request over is among them only where nobody else is left. */
export function waitedFor(need: Need): string[] {
  if (need.asks.parts.length === 0) return need.asks.approvers;
  const { waitsFor } = progressOf(need);
  const others = waitsFor.filter((id) => !need.hears.handedOver.includes(id));
  return others.length > 0 ? others : waitsFor;
}

/** Whether those who may decide are enough without a person, and without those who handed the request over already. */
export function canDoWithout({ asks: { parts, reviews }, hears }: Need, userId: string): boolean {
  const out = [userId, ...hears.handedOver].filter((id) => !approversOf(reviews).includes(id));
  return canBeFilled(
    parts.map((part) => ({ ...part, people: part.people.filter((id) => !out.includes(id)) })),
  );
}

/** Whether a request can be handed over by this person: to others who may decide, or to the fallback. */
export function canHandOver(need: Need, userId: string): boolean {
  return waitedFor(need).includes(userId) && (canDoWithout(need, userId) || hasFallbackLeft(need));
}

/** Whether there are people who are asked only while nobody else answers, and who are not asked yet. */
export function hasFallbackLeft({ due: { fallback } }: Need): boolean {
  return fallback?.done === false;
}

/** Whether somebody may be left whom the requester can ask as well: told only in a channel so far, or of the fallback. */
export function canAskElse(need: Need): boolean {
  const { channel, alsoAsked } = need.hears;
  const { fallback } = need.due;
  const isLeft = (id: string) => !alsoAsked.includes(id);
  const onlyInChannel = channel !== undefined && progressOf(need).waitsFor.some(isLeft);
  return onlyInChannel || (fallback?.sooner === true && !fallback.done);
}

/**
 * The need of a request that opens without asking anybody.
 * @param told who hears of an emergency
 */
export function askingNobody(rule: string, told: string[] = []): Need {
  return {
    rule,
    asks: { parts: [], approvers: [], reviews: [], shorterMs: [], selfApproval: false },
    due: {},
    hears: { told, alsoAsked: [], handedOver: [], away: {} },
  };
}

/** The approvers who said yes, in the order of their yeses. */
export function approversOf(reviews: readonly Review[] = []): string[] {
  return reviews.filter(({ decision }) => decision === 'approve').map(({ by }) => by);
}

/** The yeses that still count: of people who may decide now. */
export function standingReviews(parts: readonly NeedPart[], reviews: readonly Review[] = []): Review[] {
  const may = everybodyIn(parts);
  return reviews.filter(({ by }) => may.includes(by));
}
