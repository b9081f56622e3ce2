/**
 * Many ends of one group fall on one moment: whoever comes while the group converges shares the next turn, so that
 * they are one read and one revoke instead of as many as there are grants.
 */

interface Turn<T> {
  /** What those who share it ask for. */
  asked: Set<string>;
  result: Promise<T>;
}

/** Runs `work` for one name at a time; calls that wait for the same name are one. */
export function sharedTurns<T>(): (
  name: string,
  asked: readonly string[],
  work: (asked: readonly string[]) => Promise<T>,
) => Promise<T> {
  const running = new Map<string, Promise<unknown>>();
  const waiting = new Map<string, Turn<T>>();

  return (name, asked, work) => {
    const next = waiting.get(name);
    if (next) {
      for (const one of asked) next.asked.add(one);
      return next.result;
    }
    const turn: Turn<T> = { asked: new Set(asked), result: begin() };
    waiting.set(name, turn);
    return turn.result;

    async function begin(): Promise<T> {
      // Even with nobody before it, so that those who come at the same moment share it.
      await Promise.resolve();
      await running.get(name)?.catch(() => undefined);
      waiting.delete(name);
      const mine = work([...turn.asked]);
      running.set(name, mine);
      try {
        return await mine;
      } finally {
        if (running.get(name) === mine) running.delete(name);
      }
    }
  };
}
