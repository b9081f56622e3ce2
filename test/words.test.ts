/**
 * Draws the tables and pictures of docs/words.md, and fails where the page has older ones; and holds docs/security.md
 * to the tests that it names.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { STEPS } from '../src/access/request/steps.js';
import { STAGE_STEPS } from '../src/access/rules/stages.js';

const PAGE = 'docs/words.md';

interface Arrow {
  from: string;
  to: string;
  step?: string;
  when: string;
}

const states: Arrow[] = Object.entries(STEPS).flatMap(([step, { to, from }]) =>
  Object.entries(from).map(([before, when]) => ({ from: before, to, step, when })),
);
const stages: Arrow[] = Object.entries(STAGE_STEPS).flatMap(([from, leads]) =>
  Object.entries(leads).map(([to, when]) => ({ from, to, when })),
);

/** The order in which names first come, so that rows of one state stand together. */
function inOrder(arrows: readonly Arrow[]): Arrow[] {
  const names = ['nowhere', ...new Set(arrows.map(({ to }) => to))];
  return arrows.toSorted((a, b) => names.indexOf(a.from) - names.indexOf(b.from));
}

function table(arrows: readonly Arrow[]): string[] {
  const named = arrows.some(({ step }) => step !== undefined);
  const rows = inOrder(arrows).map(({ from, to, step, when }) => {
    const begins = from === 'nowhere' ? '(new)' : from;
    return `| ${[begins, to, ...(named ? [`\`${step}\``] : []), when].join(' | ')} |`;
  });
  const heads = ['from', 'to', ...(named ? ['step'] : []), 'when'];
  return [`| ${heads.join(' | ')} |`, `| ${heads.map(() => '---').join(' | ')} |`, ...rows];
}

/** A Mermaid picture; steps that stay in a state are left to the table. */
function picture(arrows: readonly Arrow[]): string[] {
  const id = (name: string) => name.replaceAll('-', '_');
  const names = [...new Set(arrows.map(({ to }) => to))];
  const moves = inOrder(arrows).filter(({ from, to }) => from !== to);
  const pairs = [...new Set(moves.map(({ from, to }) => `${from} ${to}`))].map((pair) => {
    const [from = '', to = ''] = pair.split(' ');
    const steps = moves.flatMap((move) => (move.from === from && move.to === to ? (move.step ?? []) : []));
    return `  ${from === 'nowhere' ? '[*]' : id(from)} --> ${id(to)}${steps.length > 0 ? ` : ${steps.join(', ')}` : ''}`;
  });
  const last = names.filter((name) => !moves.some(({ from }) => from === name));
  return [
    '```mermaid',
    'stateDiagram-v2',
    ...names.flatMap((name) => (id(name) === name ? [] : [`  state "${name}" as ${id(name)}`])),
    ...pairs,
    ...last.map((name) => `  ${id(name)} --> [*]`),
    '```',
  ];
}

/** The page with the drawn tables and pictures in their places. */
function withDrawn(page: string, name: string, lines: readonly string[]): string {
  const [begin, end] = [`<!-- drawn: ${name} -->\n`, '<!-- end -->'];
  const at = page.indexOf(begin);
  const until = page.indexOf(end, at);
  if (at < 0 || until < 0) throw new Error(`${PAGE} has no place for the ${name}`);
  return `${page.slice(0, at + begin.length)}\n${lines.join('\n')}\n\n${page.slice(until)}`;
}

test('docs/words.md is current: WRITE_DOCS=yes npm test -- test/words draws it anew', () => {
  const page = readFileSync(PAGE, 'utf8');
  const drawn = [
    { name: 'states', arrows: states },
    { name: 'stages', arrows: stages },
  ].reduce(
    (text, { name, arrows }) => withDrawn(text, name, [...picture(arrows), '', ...table(arrows)]),
    page,
  );
  if (process.env.WRITE_DOCS) writeFileSync(PAGE, drawn);
  expect(readFileSync(PAGE, 'utf8')).toBe(drawn);
});

/** The names of tests that stand on a page as `file` “name”, “name”, and are not in that file. */
function missingTests(page: string): string[] {
  const named = page.matchAll(/`(test\/[^`]+\.ts)`((?:,? “[^”]+”)+)/g);
  return [...named].flatMap(([, file = '', names = '']) => {
    const source = readFileSync(file, 'utf8');
    return [...names.matchAll(/“([^”]+)”/g)].flatMap(([, name = '']) =>
      source.includes(name) ? [] : [name],
    );
  });
}

test('each threat in docs/security.md names a test that exists', () => {
  const page = readFileSync('docs/security.md', 'utf8');
  const section = /## Who could do what\n[\s\S]*?(?=\n## )/.exec(page)?.[0] ?? '';
  const rows = section.split('\n').filter((line) => /^\| (?!could|whose|---)/.test(line));
  expect(rows.length).toBeGreaterThan(30);
  expect(rows.filter((row) => !/`test\/\S+\.ts`(,? “[^”]+”)+ \|$/.test(row))).toEqual([]);
  expect(missingTests(section)).toEqual([]);
  expect(missingTests('`test/config.test.ts` “the log”, “no such name”')).toEqual(['no such name']);
});
