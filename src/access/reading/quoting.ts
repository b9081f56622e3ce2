/** Makes text from people short and harmless before a sentence repeats it. */

const LONGEST = 60;

/**
 * A text from a person as inline code for a sentence: white space and invisible characters become single spaces,
 * backticks apostrophes, and more than 60 characters are cut with `…`. Slack's `&`, `<` and `>` are left for the
 * surface to escape, as in every sentence.
 */
export function quoted(text: string): string {
  const plain = text
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .replaceAll('`', "'")
    .trim();
  if (plain.length <= LONGEST) return `\`${plain}\``;
  // Iterating by character keeps emoji and other surrogate pairs whole.
  let cut = '';
  for (const character of plain) {
    if (cut.length + character.length > LONGEST - 1) break;
    cut += character;
  }
  return `\`${cut}…\``;
}
