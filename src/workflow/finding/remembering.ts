/** Answers of the world that are asked for again within a moment, by one step or by many requests that come together. */

/** Asks by a key; {@link remembering} says how often. */
export type Remembered<T> = (key: string, find: () => Promise<T>) => Promise<T>;

/**
 * Remembers each answer by its key for `forMs` milliseconds, and lets those who ask meanwhile wait for the same answer. A
 * failure is told to all who wait for it, and not remembered.
 * @param now epoch milliseconds
 */
export function remembering<T>(
  now: () => number,
  { forMs, most }: { forMs: number; most: number },
): Remembered<T> {
  const known = new Map<string, { value: Promise<T>; untilMs: number }>();
  return (key, find) => {
    const found = known.get(key);
    if (found && found.untilMs > now()) return found.value;
    const answer = { value: find(), untilMs: Number.POSITIVE_INFINITY };
    if (known.size >= most) known.clear();
    known.set(key, answer);
    answer.value.then(
      () => {
        answer.untilMs = now() + forMs;
      },
      () => {
        if (known.get(key) === answer) known.delete(key);
      },
    );
    return answer.value;
  };
}
