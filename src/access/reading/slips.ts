/** How far a mistyped word is from a known word, and which known word was meant. */

/**
 * The first known word that a mistyped word is close to: one slip away, or two where the known word has six letters
 * or more. Undefined where no known word is that close.
 */
export function closestTo(word: string, known: Iterable<string>): string | undefined {
  for (const name of known) {
    if (Math.abs(name.length - word.length) <= 2 && slips(word, name) <= (name.length >= 6 ? 2 : 1))
      return name;
  }
  return undefined;
}

/** How many letters to insert, drop, replace or swap with their neighbour (optimal string alignment distance). */
export function slips(from: string, to: string): number {
  let before: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const same = from[i - 1] === to[j - 1];
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      row.push(
        Math.min(
          at(last, j) + 1,
          at(row, j - 1) + 1,
          at(last, j - 1) + (same ? 0 : 1),
          swapped ? at(before, j - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    before = last;
    last = row;
  }
  return at(last, to.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
