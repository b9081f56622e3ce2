/** Whatever somebody mistypes in a right policy file, the file is read or its mistakes are said: reading never throws. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse, stringify } from 'yaml';
import { readPolicy } from '../../src/policy-file/read-policy.js';
import { rounds } from '../depth.js';
import { EVERY_KEY } from './policies.js';

const FILES = [EVERY_KEY, readFileSync('policy.example.yml', 'utf8')];

/** Words and signs of policies and of YAML, where they are not meant. */
const PIECES = [
  'aks',
  'own',
  '{',
  '}',
  '[',
  ']',
  ':',
  ', ',
  '- ',
  '\n',
  '  ',
  '"',
  "'",
  '&a ',
  '*a',
  '!!',
  '? ',
  '<<',
  '~',
  '0',
  '1e999',
  '-1h',
  '2 of admins',
  '__proto__',
  '\u00e4',
  '\ud800',
  '\t',
  '#',
  '|',
  '>',
  '---\n',
  '%',
];
const VALUES = [
  null,
  '',
  0,
  -1,
  1e21,
  true,
  [],
  {},
  [[]],
  [null],
  { any: 1 },
  '5m',
  'own',
  'U0TOM',
  '@a',
  'constructor',
  [{}],
  '*',
];
const KEYS = [
  'aks',
  'constructor',
  '__proto__',
  'toString',
  '0',
  '',
  'name',
  'ask',
  'any-of',
  'U0JANE',
  'd-9067f01234',
];

/** Says the problems, which are lines with a place, or nothing where the text is right. */
function problemsOf(text: string): string[] {
  const read = readPolicy(Buffer.from(text), 'p.yml');
  return read.ok ? [] : read.problems;
}

function expectLines(text: string): void {
  for (const problem of problemsOf(text)) expect(problem).toMatch(/^p\.yml:\d+:\d+ \S/);
}

/** A copy of the value in which the nth node is another one, gone, doubled, or has one more key. */
function withChange(root: unknown, nth: number, change: (node: unknown) => unknown): unknown {
  let left = nth;
  const walk = (node: unknown): unknown => {
    if (left-- === 0) return change(node);
    if (Array.isArray(node)) return node.map(walk);
    if (typeof node !== 'object' || node === null) return node;
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, walk(value)]));
  };
  return walk(root);
}

const change = fc.oneof(
  fc.constantFrom(...VALUES).map((value) => () => value),
  fc.constantFrom(...KEYS).map((key) => (node: unknown) => {
    if (typeof node !== 'object' || node === null || Array.isArray(node)) return { [key]: node };
    const [, ...rest] = Object.entries(node);
    return Object.fromEntries([...rest, [key, Object.values(node)[0]]]);
  }),
  fc.constant((node: unknown) => [node, node]),
);

describe('a right policy file', () => {
  test('with a mistyped character has problems with a place each, and reading never throws', () => {
    const edit = fc.record({ at: fc.nat(2500), gone: fc.nat(12), put: fc.constantFrom('', ...PIECES) });
    const edits = fc.array(edit, { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(fc.constantFrom(...FILES), edits, (file, all) => {
        const text = all.reduce(
          (text, { at, gone, put }) =>
            text.slice(0, at % text.length) + put + text.slice((at % text.length) + gone),
          file,
        );
        expectLines(text);
      }),
      { numRuns: rounds(60, 2_000) },
    );
  });

  test('with another value in one place has problems with a place each, and reading never throws', () => {
    const nth = fc.nat(120);
    fc.assert(
      fc.property(
        fc.constantFrom(...FILES),
        fc.array(fc.tuple(nth, change), { minLength: 1, maxLength: 2 }),
        (file, all) => {
          const changed = all.reduce<unknown>((root, [at, one]) => withChange(root, at, one), parse(file));
          expectLines(stringify(changed) ?? '');
        },
      ),
      { numRuns: rounds(60, 2_000) },
    );
  });
});
