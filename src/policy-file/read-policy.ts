/**
 * Reads the policy file: its bytes in, {@link Policy} out, or every problem in it at once, each with its line and
 * column. A policy that is half understood opens doors, so nothing unknown is skipped.
 */
import { createHash } from 'node:crypto';
import { LineCounter, parseDocument } from 'yaml';
import type { Policy } from '../access/policy/policy.js';
import { doubtsAbout, type PolicyFile, policyFile, toPolicy } from './file.js';
import { offsetOf, type Problem, schemaProblems, syntaxProblems } from './problems.js';
import { decodeUtf8 } from './utf8.js';

/** `warnings` are lines as problems are, about what works and is probably not meant. */
export type PolicyReading =
  | { ok: true; policy: Policy; warnings: string[] }
  | { ok: false; problems: string[] };

/**
 * Reads a policy. Each problem is one line, `policy.yml:3:1 "admin" is not a key here. Did you mean "admins"?`,
 * in the order of the file.
 */
export function readPolicy(bytes: Uint8Array, fileName: string): PolicyReading {
  const decoded = decodeUtf8(bytes, fileName);
  if (!decoded.ok) return { ok: false, problems: [decoded.problem] };
  const { text } = decoded;
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
  const found = syntaxProblems(document, text);
  let file: PolicyFile | undefined;
  // Broken syntax makes a guess of everything that follows. A duplicate key does not.
  if (found.every(({ guessing }) => !guessing)) {
    const parsed = policyFile.safeParse(document.toJS(), { reportInput: true });
    if (parsed.success) file = parsed.data;
    else found.push(...parsed.error.issues.flatMap((issue) => schemaProblems(issue, [], document)));
  }
  if (!file || found.length > 0) return { ok: false, problems: inOrder(found) };
  const doubts = doubtsAbout(file).map(({ path, sentence }) => ({
    offset: offsetOf(document, path, 'key'),
    sentence,
  }));
  const policy = toPolicy(file, createHash('sha256').update(text).digest('hex'));
  return { ok: true, policy, warnings: inOrder(doubts) };

  function inOrder(all: readonly Problem[]): string[] {
    const said = [...all]
      .sort((a, b) => a.offset - b.offset)
      .map(({ offset, sentence }) => {
        const { line, col } = lines.linePos(offset);
        return `${fileName}:${Math.max(line, 1)}:${Math.max(col, 1)} ${sentence}`;
      });
    return [...new Set(said)];
  }
}
