/**
 * The list of mutations, which quotes lines of the source, against the source as it is. A change of such a line is
 * noticed here, and not only once `npm run mutations` happens to draw the entry.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';

interface Mutation {
  protection: string;
  file: string;
  takes: string;
  puts: string;
  noticedBy: Record<string, string>;
}

const ROOT = new URL('../', import.meta.url);
const LIST = new URL('scripts/mutations/list.mjs', ROOT);
const { MUTATIONS }: { MUTATIONS: Mutation[] } = await import(fileURLToPath(LIST));

/** A sentence for each reason for which a mutation cannot be tried. */
function problemsOf({ protection, file, takes, puts, noticedBy }: Mutation): string[] {
  const source = textOf(file);
  const times = source === undefined ? 0 : source.split(takes).length - 1;
  const unfit =
    times === 1 && puts !== takes ? [] : [`"${protection}" finds its text ${times} times in ${file}`];
  const missing = Object.keys(noticedBy).filter((test) => textOf(test) === undefined);
  return [...unfit, ...missing.map((test) => `"${protection}" names ${test}, which does not exist`)];
}

function textOf(file: string): string | undefined {
  const url = new URL(file, ROOT);
  return existsSync(url) ? readFileSync(url, 'utf8') : undefined;
}

test('each mutation finds its text once in its file, and the tests that notice it exist', () => {
  expect(MUTATIONS.length).toBeGreaterThan(100);
  expect(MUTATIONS.flatMap((mutation) => problemsOf(mutation))).toEqual([]);
  const gone = {
    protection: 'a door',
    file: 'src/no.ts',
    takes: 'shut',
    puts: '',
    noticedBy: { 'test/no.ts': '' },
  };
  expect(problemsOf(gone)).toEqual([
    '"a door" finds its text 0 times in src/no.ts',
    '"a door" names test/no.ts, which does not exist',
  ]);
});

test('each protection is listed once', () => {
  const names = MUTATIONS.map(({ protection }) => protection);
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});
