/** What a bench measures: a figure of the bot beside the same figure of the floor under it, and the goal for their ratio. */

/** What every bench is given. */
export interface Conditions {
  /** A Redis that the bench may fill. */
  redisUrl: string;
  /** True: only enough work to see that the bench runs. */
  small: boolean;
  /** How many grants end at once and over how many groups, where that is not the bench's own choice. */
  grants?: number;
  groups?: number;
  /** The folder where each bot writes the profile of its processor time, as `node --cpu-prof` does. */
  profile?: string;
}

/** One figure of one round. `floor` is what the bot could not do without, measured in the same round. */
export interface Figure {
  /** Such as `acknowledged, p99`. */
  figure: string;
  /** Such as `ms` or `per second`. */
  unit: string;
  ours: number;
  floor: number;
  /** Undefined where a figure is only watched. */
  goal?: Goal;
}

/** What the ratio of ours to the floor has to keep to, or ours alone. */
export interface Goal {
  op: '>=' | '<=';
  value: number;
  of?: 'ours';
}

/** One round of a bench: the bot and its floor, one after the other on the same machine. */
export type Bench = (conditions: Conditions) => Promise<Figure[]>;

/** A figure over all rounds. `met` is undefined where there is no goal. */
export interface Result extends Figure {
  bench: string;
  ratio: number;
  met?: boolean;
}

/** The medians of several rounds. The ratio is that of the medians. @throws where the rounds have different figures */
export function resultsOf(bench: string, rounds: readonly Figure[][]): Result[] {
  const [first = []] = rounds;
  return first.map(({ figure, unit, goal }) => {
    const same = rounds.map((round) => {
      const found = round.find((one) => one.figure === figure);
      if (!found) throw new Error(`${bench}: a round lacks the figure ${figure}`);
      return found;
    });
    const ours = medianOf(same.map((one) => one.ours));
    const floor = medianOf(same.map((one) => one.floor));
    const ratio = ours / floor;
    return {
      bench,
      figure,
      unit,
      ours,
      floor,
      ratio,
      ...(goal ? { goal, met: meets(goal.of ? ours : ratio, goal) } : {}),
    };
  });
}

function meets(reached: number, { op, value }: Goal): boolean {
  return op === '<=' ? reached <= value : reached >= value;
}

/** The middle value; of an even number of values the higher of the two in the middle. NaN for none. */
export function medianOf(values: readonly number[]): number {
  return shareOf(values, 0.5);
}

/** The value that `share` (0 to 1) of all values do not exceed. NaN for none. */
export function shareOf(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
