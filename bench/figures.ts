/** Compares a figure of the bot with the same figure of the floor under it, by the goal for their ratio. */

/** The parameters of every bench. */
export interface Conditions {
  /** A Redis that the bench may fill. */
  redisUrl: string;
  /** Whether to do only enough work to see that the bench runs. */
  small: boolean;
  /** How many grants end at once and over how many groups; undefined: the bench's own numbers. */
  grants?: number;
  groups?: number;
  /** The folder where each bot writes the profile of its processor time, as `node --cpu-prof` does. */
  profile?: string;
}

/** One figure of one round. `floor` is the least that the bot's work must cost, measured in the same round. */
export interface Figure {
  /** The name of the figure, such as `acknowledged, p99`. */
  figure: string;
  /** The unit, such as `ms` or `per second`. */
  unit: string;
  ours: number;
  floor: number;
  /** Undefined where a figure is only watched. */
  goal?: Goal;
}

/** The bound for the ratio of the bot's figure to the floor, or for the bot's figure alone. */
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
