/** Draws the asks of people in a run, and how everybody reacts. */
import type { Dice } from './dice.js';

/** One ask and how people react. Waits count from the card that somebody answers. All times are milliseconds. */
export interface Ask {
  n: number;
  atMs: number;
  /** The index of the person who asks. */
  requester: number;
  /**
   * `own` is the requester's WorkSpace, `other` somebody else's, by its owner's index; or the whole small directory.
   */
  target: { kind: 'own' } | { kind: 'other'; owner: number } | { kind: 'directory' };
  source: string;
  durationMs: number;
  /** How long after the asking access is to open; undefined: at once. For a later time people use the form. */
  startsInMs?: number;
  answer: { kind: 'approve' | 'deny' | 'nothing'; afterMs: number };
  /** The act of the requester or the approver once access is open, or while the request waits. */
  later:
    | { kind: 'nothing' }
    | { kind: 'end' | 'end-by-approver' | 'take-back' | 'extend'; afterMs: number }
    | { kind: 'move'; afterMs: number; to: string };
  /** The manual change that somebody makes at AWS. */
  manual: { kind: 'nothing' } | { kind: 'remove'; afterMs: number } | { kind: 'twin' };
}

export function asksOf(dice: Dice, run: { grants: number; people: number; lengthMs: number }): Ask[] {
  const asks: Ask[] = [];
  const instants = Array.from({ length: run.grants }, () => dice.between(0, run.lengthMs)).sort(
    (a, b) => a - b,
  );
  for (const [n, atMs] of instants.entries()) {
    const before = asks.at(-1);
    const ask = askOf(dice, n, atMs, run.people);
    // Some asks repeat the ask before them: the same WorkSpace from the same address is one rule with two leases.
    if (before && before.target.kind !== 'directory' && dice.chance(0.15) && !isTimedOfOne(before, ask)) {
      const owner = before.target.kind === 'own' ? before.requester : before.target.owner;
      const target = owner === ask.requester ? { kind: 'own' as const } : { kind: 'other' as const, owner };
      asks.push({ ...ask, target, source: before.source });
    } else asks.push(ask);
  }
  return asks;
}

/**
 * A card that names no ask is known by its person and address, which must not lead to another ask of that person and
 * its time.
 */
function isTimedOfOne(one: Ask, other: Ask): boolean {
  const isTimed = one.startsInMs !== undefined || other.startsInMs !== undefined;
  return isTimed && one.requester === other.requester;
}

function askOf(dice: Dice, n: number, atMs: number, people: number): Ask {
  const kind = dice.share();
  const target: Ask['target'] =
    kind < 0.65
      ? { kind: 'own' }
      : kind < 0.98
        ? { kind: 'other', owner: dice.between(0, people - 1) }
        : { kind: 'directory' };
  const answer = dice.share();
  return {
    n,
    atMs,
    requester: dice.between(0, people - 1),
    target,
    source: sourceOf(dice),
    ...(dice.chance(0.1) ? { startsInMs: dice.between(6_000, 20_000) } : {}),
    durationMs: 1000 * (dice.chance(0.1) ? dice.between(25, 45) : dice.between(8, 25)),
    answer: {
      kind: answer < 0.88 ? 'approve' : answer < 0.96 ? 'deny' : 'nothing',
      afterMs: dice.between(200, 3_000),
    },
    later: laterOf(dice),
    manual: manualOf(dice),
  };
}

function sourceOf(dice: Dice): string {
  const byte = () => dice.between(1, 254);
  if (dice.chance(0.03)) return `10.${byte()}.${byte()}.0/24`;
  return dice.chance(0.2) ? `203.0.113.${byte()}` : `10.${byte()}.${byte()}.${byte()}`;
}

function laterOf(dice: Dice): Ask['later'] {
  const kind = dice.share();
  const afterMs = dice.between(300, 5_000);
  if (kind < 0.15) return { kind: 'end', afterMs };
  if (kind < 0.2) return { kind: 'end-by-approver', afterMs };
  if (kind < 0.24) return { kind: 'take-back', afterMs: Math.min(afterMs, 1_500) };
  if (kind < 0.36) return { kind: 'extend', afterMs };
  if (kind < 0.46) return { kind: 'move', afterMs, to: sourceOf(dice) };
  return { kind: 'nothing' };
}

function manualOf(dice: Dice): Ask['manual'] {
  const kind = dice.share();
  if (kind < 0.03) return { kind: 'remove', afterMs: dice.between(200, 4_000) };
  return kind < 0.06 ? { kind: 'twin' } : { kind: 'nothing' };
}
