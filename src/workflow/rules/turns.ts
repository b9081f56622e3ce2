/**
 * Many ends of one group fall on one moment: callers that come while the group converges share the next turn, so that
 * many ends are one read and one revoke.
 */
import type { Turn, Turns } from '../memory.js';

/** Runs `work` for one name at a time; calls that wait for the same name share one turn, and its result or failure. */
export function inTurn<T>(
  turns: Turns<T>,
  name: string,
  asked: readonly string[],
  work: (asked: readonly string[]) => Promise<T>,
): Promise<T> {
  const { running, waiting } = turns;
  const next = waiting.get(name);
  if (next) {
    for (const one of asked) next.asked.add(one);
    return next.result;
  }
  const turn: Turn<T> = { asked: new Set(asked), result: begin() };
  waiting.set(name, turn);
  return turn.result;

  async function begin(): Promise<T> {
    // A turn with nobody before it waits too, so that calls at the same moment share it.
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
}
