/** Dice that fall the same way for the same seed. */
import { drawn } from '../../sandbox/aws/state/versions.js';

/** Draws one after another; each draw is used up. */
export interface Dice {
  /** From 0 up to, without, 1. */
  share(): number;
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number;
  /** True in that share of all cases. */
  chance(share: number): boolean;
  /** One of them. @throws RangeError where there is none */
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
