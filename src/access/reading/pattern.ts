/**
 * The policy's regular expressions, by RE2: a search takes time in proportion to the text, whatever the pattern and
 * whatever a person typed, so no reason holds up the end of somebody's access.
 */
import { RE2JS, RE2JSSyntaxException } from 're2js';

/** The most steps of a pattern. A search takes each step at most once a character: 500 of them take some 50 ms, or less. */
const MOST_STEPS = 2000;

/** The text that was found, and the groups of the pattern as in `RegExp.exec`; undefined where nothing was found. */
export type Search = (text: string) => readonly (string | undefined)[] | undefined;

/**
 * How to search texts for a pattern of RE2's syntax.
 *
 * @throws where {@link patternProblem} has something to say about the pattern
 */
export function searchFor(pattern: string): Search {
  const compiled = RE2JS.compile(pattern);
  return (text) => compiled.exec(text) ?? undefined;
}

/** Why a text is no pattern to search with, as the end of a sentence that begins with it; undefined when it is one. */
export function patternProblem(pattern: string): string | undefined {
  try {
    const steps = RE2JS.compile(pattern).programSize();
    return steps <= MOST_STEPS
      ? undefined
      : `is too large: counted out it has ${steps} steps, and ${MOST_STEPS} are allowed. Lower the numbers in {…}.`;
  } catch (fault) {
    if (!(fault instanceof RE2JSSyntaxException)) throw fault;
    return syntaxProblem(fault.error, fault.input ?? '');
  }
}

/** `error` is RE2's own description, `at` the part of the pattern that it names, or nothing. */
function syntaxProblem(error: string, at: string): string {
  const look = /^\(\?<?[=!]/.exec(at)?.[0];
  if (look)
    return `looks around with ${look}, which RE2 cannot. Write a group around what is the ticket: #([0-9]+).`;
  if (/^\\[1-9k]/.test(at)) return `refers back to a group with ${at}, which RE2 cannot. Write it out.`;
  if (error === 'invalid repeat count')
    return `repeats ${at}: counts go from low to high, up to 1000, multiplied where one stands inside another.`;
  if (error === 'invalid escape sequence')
    return `has the escape ${at}, which RE2 does not know. Write the character itself, or its number: \\x{e4}.`;
  return `is not a regular expression of RE2: ${error}${at && ` at ${at}`}.`;
}
