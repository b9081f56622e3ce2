/** Draws the events of a run and their instants from the seed alone: the same seed gives the same schedule. */
import { createHash } from 'node:crypto';
import type { Mode } from '../../firewall.js';
import { type Ask, asksOf } from './asks.js';
import { diceFor } from './dice.js';
import { type Fault, outagesOf, restartsOf, smallFaultsOf } from './faults.js';

export interface Schedule {
  seed: number;
  /** How many people ask, one WorkSpace each. */
  people: number;
  /** Where the bot writes rules: into access groups of its own, or into groups that WorkSpaces carry already. */
  firewall: Mode;
  /** How far each replica's clock is ahead, milliseconds; negative where it is behind. */
  shiftsMs: number[];
  /** In the order of their instants. */
  asks: Ask[];
  faults: Fault[];
  /** SHA-256 over all other parts of the schedule. */
  hash: string;
}

/** The average number of asks in a second. */
const ASKS_PER_SECOND = 10;

/**
 * @param replicas at least one
 * @param rolling whether replicas are restarted one after the other, as by an upgrade, instead of faults
 */
export function scheduleFor(options: {
  seed: number;
  grants: number;
  replicas: number;
  rolling?: boolean;
}): Schedule {
  const { seed, grants, replicas, rolling = false } = options;
  const dice = diceFor(seed);
  const people = Math.max(12, Math.ceil(grants / 5));
  const lengthMs = Math.ceil((grants / ASKS_PER_SECOND) * 1000);
  const firewall: Mode = dice.chance(0.25) ? 'existing-group' : 'access-group';
  const drawn = {
    seed,
    people,
    firewall,
    shiftsMs: Array.from({ length: replicas }, () => dice.between(-2_000, 2_000)),
    asks: asksOf(dice, { grants, people, lengthMs }),
    faults: rolling
      ? [restartsOf(lengthMs)]
      : [...outagesOf(dice, replicas, lengthMs), ...smallFaultsOf(dice, lengthMs)].sort(byTime),
  };
  const hash = createHash('sha256').update(JSON.stringify(drawn)).digest('hex');
  return { ...drawn, hash };
}

const byTime = (a: { atMs: number }, b: { atMs: number }) => a.atMs - b.atMs;
