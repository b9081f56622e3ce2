/** Problems of a policy file: where they are, and how they are said. */
import { type Document, isMap, isScalar, isSeq, visit } from 'yaml';
import type { z } from 'zod';
import { slips } from '../access/reading/slips.js';

/** `offset`: where the text is wrong. `guessing`: after this problem the parser only guesses what the text says. */
export interface Problem {
  offset: number;
  sentence: string;
  guessing?: boolean;
}

/** What the parser of YAML finds wrong, and what YAML allows and a policy file may not have: aliases and second documents. */
export function syntaxProblems(document: Document.Parsed, source: string): Problem[] {
  const found: Problem[] = [...document.errors, ...document.warnings].map(
    ({ code, message, pos: [offset] }) => {
      if (code === 'MULTIPLE_DOCS')
        return { offset, sentence: 'A second document begins here. Keep one.', guessing: true };
      if (code !== 'DUPLICATE_KEY')
        return { offset, sentence: `This is not YAML: ${message}.`, guessing: true };
      const key = /^["']?([^\s:"']+)/.exec(source.slice(offset))?.[1] ?? 'This key';
      return { offset, sentence: `"${key}" stands here twice. Keep one.` };
    },
  );
  visit(document, {
    Value: (_, { anchor, range }) => {
      if (anchor)
        found.push({
          offset: range?.[0] ?? 0,
          sentence: `"&${anchor}" is for repeating this, which is refused. Remove it.`,
        });
    },
    // Aliases hide from a reader what a rule says, and can be made to grow without end.
    Alias: (_, { source: name, range }) => {
      found.push({
        offset: range?.[0] ?? 0,
        sentence: `"*${name}" repeats another place. Write it out.`,
        guessing: true,
      });
    },
  });
  return found;
}

/**
 * The problems that one issue of zod stands for.
 * @param above the path of the value that zod looked at, to which the issue's own path is relative
 */
/**
 * The problems that one issue of zod stands for.
 * @param above the path of the value that zod looked at, to which the issue's own path is relative
 */
export function schemaProblems(
  issue: z.core.$ZodIssue,
  above: PropertyKey[],
  document: Document.Parsed,
): Problem[] {
  const path = [...above, ...issue.path];
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = issue.message.split(' ');
      return issue.keys.map((key) => ({
        offset: offsetOf(document, [...path, key], 'key'),
        sentence: unknownKey(key, known),
      }));
    }
    case 'invalid_key':
      return [
        { offset: offsetOf(document, path, 'key'), sentence: issue.issues[0]?.message ?? issue.message },
      ];
    case 'invalid_union': {
      // A value was meant for the branch in which only parts of the value are wrong, and not the value as a whole.
      const meant = issue.errors.find((branch) =>
        branch.every(({ path: inside, code }) => inside.length > 0 || code === 'unrecognized_keys'),
      );
      if (meant) return meant.flatMap((inner) => schemaProblems(inner, path, document));
      return [{ offset: offsetOf(document, path, 'value'), sentence: issue.message }];
    }
    default:
      return [{ offset: offsetOf(document, path, 'value'), sentence: issue.message }];
  }
}

function unknownKey(key: string, known: string[]): string {
  const near = nearest(key, known);
  const advice = near ? `Did you mean "${near}"?` : `Known here: ${known.join(', ')}.`;
  return `"${key}" is not a key here. ${advice}`;
}

/** The known word that a person probably meant: the same but for case and dashes, or one or two letters away. */
function nearest(word: string, known: string[]): string | undefined {
  const plain = (given: string) => given.toLowerCase().replace(/[-_\s]/g, '');
  const ranked = known
    .map((candidate) => ({ candidate, distance: slips(plain(word), plain(candidate)) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best && best.distance <= Math.min(2, Math.floor(best.candidate.length / 3))
    ? best.candidate
    : undefined;
}

/** Where the value at `path`, or its key, begins, as an offset in the text. For a missing value, where the map that lacks it begins. */
export function offsetOf(document: Document.Parsed, path: PropertyKey[], part: 'key' | 'value'): number {
  let node: unknown = document.contents;
  let offset = document.contents?.range[0] ?? 0;
  for (const [index, step] of path.entries()) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(step));
      if (!pair) return offset;
      const keyAt = isScalar(pair.key) ? pair.key.range?.[0] : undefined;
      offset = keyAt ?? offset;
      if (part === 'key' && index === path.length - 1) return offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
    }
    const begins = rangeOf(node);
    // An empty value has no text of its own, so its key is pointed at.
    if (begins !== undefined) offset = begins;
  }
  return offset;
}

function rangeOf(node: unknown): number | undefined {
  if (isMap(node) || isSeq(node)) return node.range?.[0];
  return isScalar(node) && node.source !== '' && node.source !== undefined ? node.range?.[0] : undefined;
}
