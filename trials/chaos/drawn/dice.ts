/** Draws numbers from a seed, so that a run can be repeated: the same seed gives the same numbers in the same order. */
import { drawn } from '../../../sandbox/aws/state/versions.js';

/** Each call uses up one number of the sequence. */
export interface Dice {
  /** A number from 0 (included) to 1 (not included). */
  share(): number;
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number;
  /** True in `share` of all calls. */
  chance(share: number): boolean;
  /** @throws RangeError for an empty list */
  oneOf<T>(things: readonly T[]): T;
}

/** @param seed a whole number, 0 to 2^32 - 1 */
export function diceFor(seed: number): Dice {
  let n = 0;
  const share = () => drawn(seed, n++);
  const between = (least: number, most: number) => least + Math.floor(share() * (most - least + 1));
  return {
    share,
    between,
    chance: (part) => share() < part,
    oneOf(things) {
      const found = things[between(0, things.length - 1)];
      if (found === undefined) throw new RangeError('nothing to draw from');
      return found;
    },
  };
}
