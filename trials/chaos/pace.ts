/**
 * Adapts a run to the speed of this machine. On a busy machine bots are slow because they lack a processor, which is no
 * fault of theirs. Asks are held back then, in their order, and the bounds for lateness grow with the slowness.
 */

export interface Pace {
  /** Takes how long the bot needed to acknowledge something that a person did. */
  acknowledged(ms: number): void;
  /**
   * How long to hold back the next ask, milliseconds.
   * @param unseen how many asks nobody has seen a card of yet
   */
  holdMs(unseen: number): number;
  /** How long asks were held back in all, milliseconds. */
  readonly heldMs: number;
  /** How much longer work usually takes than the processor needs for it: 1 on an idle machine. */
  slowness(): number;
  stop(): void;
}

/** The newest acknowledgements, whose median says how fast bots are now. */
const REMEMBERED = 10;
/** An acknowledgement takes a few milliseconds on an idle machine, and Slack waits three seconds. */
const FINE_MS = 300;
/** Cards of newer asks are on their way; with more the bots cannot follow, and requests lapse before anybody sees them. */
const FINE_UNSEEN = 40;
const LONGEST_HOLD_MS = 400;
const LOOK_EVERY_MS = 2_000;
/** Longer than the turn that a busy machine gives a process, so that a look spans several turns. */
const LOOK_CPU_MS = 15;

export function keepPace(): Pace {
  const recent: number[] = [];
  const looks: number[] = [];
  const timer = setInterval(() => looks.push(look()), LOOK_EVERY_MS);
  let heldMs = 0;
  return {
    acknowledged(ms) {
      recent.push(ms);
      if (recent.length > REMEMBERED) recent.shift();
    },
    holdMs(unseen) {
      const usualMs = sorted(recent)[Math.floor(recent.length / 2)] ?? 0;
      const slowMs = unseen > FINE_UNSEEN ? LONGEST_HOLD_MS : usualMs - FINE_MS;
      const ms = Math.max(0, Math.min(LONGEST_HOLD_MS, slowMs));
      heldMs += ms;
      return ms;
    },
    get heldMs() {
      return heldMs;
    },
    slowness: () => Math.max(1, sorted(looks)[Math.floor(looks.length / 2)] ?? 1),
    stop: () => clearInterval(timer),
  };
}

/** Works for a moment. @returns the time that passed, divided by the time that the processor gave */
function look(): number {
  const startedMs = performance.now();
  const before = process.cpuUsage();
  let cpuMs = 0;
  while (cpuMs < LOOK_CPU_MS) {
    const { user, system } = process.cpuUsage(before);
    cpuMs = (user + system) / 1_000;
  }
  return (performance.now() - startedMs) / cpuMs;
}

const sorted = (values: readonly number[]) => [...values].sort((a, b) => a - b);
