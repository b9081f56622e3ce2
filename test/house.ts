/**
 * The borders of the house: which rooms and chapters a file below src may import, and what it may use. CONTRIBUTING,
 * "The borders", explains them. Problems are sentences, so that a test can hold them on real and on made-up files.
 */
import { parseSync } from '@swc/core';

/** The imports of a source, and the clocks, dice and surroundings that it reaches for without asking. */
export interface Findings {
  /** Each as it is written: `'./lease.js'`, `'node:net'`; `'(computed)'` where the import names no literal. */
  imports: string[];
  /** Such as `'Date.now'`, `'process'`. */
  ambient: string[];
  /** Such as `'jest.mock'`. */
  mocks: string[];
  /** Patterns that search for a run of characters at the end of a text: `/[.,]+$/`. */
  runs: string[];
}

/** One of a pattern's alternatives is nothing but a run at the end: tried from each place on, it takes squared time. */
const RUN_AT_THE_END = /(?:^|\|)(?:\[(?:\\.|[^\]\\])+\]|\\.|[^\\^$[\]()|])[*+]\??\$(?:\||$)/;

const AMBIENT = /^(process|console|fetch|crypto|performance|set(Timeout|Interval|Immediate)|queueMicrotask)$/;
const AMBIENT_MEMBERS = new Set(['Date.now', 'Math.random', 'globalThis.process', 'globalThis.Date']);
const MOCKS = new Set(['jest.mock', 'jest.doMock', 'jest.unstable_mockModule']);

/** Several tests look at the same files, and reading them takes nearly all of a test's time. */
const readBefore = new Map<string, Findings>();

/** Reads TypeScript with a real parser: comments and strings are no imports. */
export function findingsOf(source: string): Findings {
  const known = readBefore.get(source);
  if (known) return known;
  const found: Findings = { imports: [], ambient: [], mocks: [], runs: [] };
  readBefore.set(source, found);
  visit(parseSync(source, { syntax: 'typescript', target: 'es2022' }), found);
  return found;
}

function visit(node: unknown, found: Findings): void {
  if (typeof node !== 'object' || node === null) return;
  if (!isNode(node)) {
    // A list, or an argument of a call, which lies in an object of its own.
    for (const child of Object.values(node)) visit(child, found);
    return;
  }
  const imported = importIn(node);
  if (imported !== undefined) found.imports.push(imported);
  const used = nameIn(node);
  if (MOCKS.has(used)) found.mocks.push(used);
  if (AMBIENT_MEMBERS.has(used)) found.ambient.push(used);
  else if (node.type === 'Identifier' && AMBIENT.test(used)) found.ambient.push(used);
  if (node.type === 'RegExpLiteral' && RUN_AT_THE_END.test(String(node.pattern)))
    found.runs.push(`/${node.pattern}/`);
  if (saysNow(node)) found.ambient.push('new Date()');
  for (const [key, child] of Object.entries(node)) {
    // `port.setTimeout(…)` and `{ process: … }` only share a name with the clock and the process.
    if ((key === 'property' || key === 'key') && isNode(child) && child.type === 'Identifier') continue;
    visit(child, found);
  }
}

export interface Node {
  type: string;
  [key: string]: unknown;
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function importIn(node: Node): string | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
      return literal(node.source);
    case 'ExportNamedDeclaration':
      return node.source ? literal(node.source) : undefined;
    case 'TsImportType':
      return literal(node.argument);
    case 'TsExternalModuleReference':
      return literal(node.expression);
    case 'CallExpression': {
      const { callee, arguments: given } = node;
      if (!isNode(callee)) return undefined;
      if (callee.type !== 'Import' && nameIn(callee) !== 'require') return undefined;
      return literal(Array.isArray(given) ? given[0]?.expression : undefined);
    }
    default:
      return undefined;
  }
}

export function literal(node: unknown): string {
  return isNode(node) && node.type === 'StringLiteral' ? String(node.value) : '(computed)';
}

/** `a` or `a.b`; empty for anything else. */
export function nameIn(node: Node): string {
  if (node.type === 'Identifier') return String(node.value);
  if (node.type !== 'MemberExpression' || !isNode(node.object) || !isNode(node.property)) return '';
  return `${nameIn(node.object)}.${nameIn(node.property)}`;
}

/** `new Date()` and `Date()`; with an argument it only converts. */
function saysNow({ type, callee, arguments: given }: Node): boolean {
  if (!isNode(callee) || nameIn(callee) !== 'Date') return false;
  return type === 'CallExpression' || (type === 'NewExpression' && (!Array.isArray(given) || !given.length));
}

/** Who may import whom, of ours. `top` are the files of src itself, `app.ts` and `main.ts` apart. */
const EDGES = ['slack', 'aws', 'redis', 'web', 'metrics'];
const OURS: Readonly<Record<string, readonly string[]>> = {
  access: ['access'],
  workflow: ['access', 'workflow'],
  ...Object.fromEntries(EDGES.map((edge) => [edge, ['access', 'workflow', edge]])),
  'policy-file': ['access', 'policy-file'],
  doctor: ['access', 'workflow', ...EDGES, 'doctor', 'top'],
  commands: ['access', 'workflow', 'policy-file', ...EDGES, 'doctor', 'commands', 'app', 'top'],
  top: ['access', 'workflow', 'policy-file', 'top'],
  app: ['access', 'workflow', ...EDGES, 'top'],
  main: ['app', 'top'],
};

/**
 * The chapters of a room, from left to right. A chapter imports itself and chapters in columns before its own, never
 * one beside it or after it. `''` are the room's own files that every chapter may use, and `doors` the files that use
 * all chapters.
 */
const CHAPTERS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  workflow: [
    [''],
    ['telling', 'finding', 'asking'],
    ['deciding', 'rules'],
    ['ending'],
    ['opening', 'repairing', 'listing'],
    ['doors'],
  ],
  access: [['reading'], ['policy'], ['request'], ['rules', 'connecting']],
  slack: [['words'], ['cards', 'forms'], ['connection'], ['setup', 'answering']],
};

/** The two files at the door of the workflow: a job comes in by the first, a pass of the sweep by the second. */
const DOORS = new Set(['workflow/advance.ts', 'workflow/sweep.ts']);

/** With more files in one folder a newcomer no longer finds the right file at the first look. */
export const FILES_A_FOLDER = 14;

/** Each package and the rooms that may import it. A new package is refused until somebody decides here who may. */
const WIRING = ['top', 'app', 'main', 'commands'];
const PACKAGES: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^@slack\//, ['slack']],
  [/^@(aws-sdk|smithy)\//, ['aws']],
  [/^dataloader$/, ['aws']],
  [/^(ioredis|bullmq)$/, ['redis']],
  [/^p-map$/, ['workflow']],
  [/^prom-client$/, ['metrics']],
  [/^pino$/, WIRING],
  [/^yaml$/, ['policy-file', ...WIRING]],
  [/^zod$/, [...EDGES, 'policy-file', ...WIRING]],
  [/^nanoid$/, [...EDGES, ...WIRING]],
  [/^node:/, [...EDGES, 'policy-file', ...WIRING]],
];

/** The only files of `access` that import something from outside. */
const ACCESS_FILES: Readonly<Record<string, readonly string[]>> = {
  'access/rules/access-group.ts': ['node:crypto'],
  'access/reading/address-block.ts': ['ip-cidr'],
  'access/connecting/connection.ts': ['node:net'],
  'access/reading/pattern.ts': ['re2js'],
  'access/rules/signature.ts': ['node:crypto'],
};

/** A sentence for each fault of a file of src. `path` is relative to src, with slashes: `slack/home.ts`. */
export function problemsIn(path: string, source: string): string[] {
  const room = roomOf(path);
  const { imports, ambient, runs } = findingsOf(source);
  const problems = imports.flatMap((name) => importProblem(path, room, name) ?? []);
  if (room === 'access' || room === 'workflow') {
    problems.push(...ambient.map((name) => `${path} uses ${name}: ${room} is given what it needs`));
  }
  problems.push(
    ...runs.map((run) => `${path} searches for ${run}, in squared time: count from the end instead`),
  );
  const told = room === 'main' || path === 'config.ts' ? source.replaceAll('npm run sandbox', '') : source;
  if (/sandbox/i.test(told)) problems.push(`${path} mentions the sandbox, which src does not know`);
  return problems;
}

function importProblem(path: string, room: string, name: string): string | undefined {
  if (name === '(computed)') return `${path} imports something computed, which nobody can check`;
  if (!name.startsWith('.')) {
    if (ACCESS_FILES[path]?.includes(name)) return undefined;
    const rooms = PACKAGES.find(([pattern]) => pattern.test(name))?.[1] ?? [];
    return rooms.includes(room) ? undefined : `${path} imports ${name}, which ${room} may not`;
  }
  const target = new URL(name, `file:///src/${path}`).pathname;
  if (!target.startsWith('/src/')) return `${path} imports ${name}, outside of src`;
  const other = roomOf(target.slice('/src/'.length).replace(/\.js$/, '.ts'));
  if (!OURS[room]?.includes(other)) return `${path} imports ${name}: ${room} may not know ${other}`;
  return room === other ? chapterProblem(path, room, name, target.slice('/src/'.length)) : undefined;
}

function chapterProblem(path: string, room: string, name: string, target: string): string | undefined {
  const [from, to] = [chapterOf(path), chapterOf(target)];
  const columns = CHAPTERS[room];
  if (!columns || from === to) return undefined;
  const columnOf = (chapter: string) => columns.findIndex((column) => column.includes(chapter));
  const unplaced = [from, to].find((chapter) => columnOf(chapter) < 0);
  if (unplaced !== undefined) return `${path} imports ${name}: give ${unplaced} its place in test/house.ts`;
  return columnOf(to) < columnOf(from)
    ? undefined
    : `${path} imports ${name}: the chapter ${from || room} comes before ${to || room}, or stands beside it`;
}

/** The folder below the room; `''` for the room's own files. */
function chapterOf(path: string): string {
  if (DOORS.has(path.replace(/\.js$/, '.ts'))) return 'doors';
  const [, chapter = '', ...rest] = path.split('/');
  return rest.length > 0 ? chapter : '';
}

/** A sentence for each folder that holds too many files. `paths` are relative to the repository, with slashes. */
export function crowdedFolders(paths: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const path of paths) {
    const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count > FILES_A_FOLDER)
    .map(([folder, count]) => `${folder} holds ${count} files: make chapters of it`);
}

/**
 * A sentence for each chapter of tests without a chapter of the same name in `src`. `tests` are relative to `test`,
 * `sources` to `src`, with slashes. Rooms that only `test` has, such as the stories, have chapters of their own.
 */
export function chaptersWithoutSource(tests: readonly string[], sources: readonly string[]): string[] {
  const foldersOf = (paths: readonly string[]) =>
    new Set(paths.filter((path) => path.includes('/')).map((path) => path.slice(0, path.lastIndexOf('/'))));
  const rooms = new Set(sources.map(roomOf));
  const known = foldersOf(sources);
  return [...foldersOf(tests)]
    .filter((folder) => folder.includes('/') && rooms.has(folder.split('/')[0] ?? '') && !known.has(folder))
    .map((folder) => `test/${folder} has no src/${folder} beside it`);
}

function roomOf(path: string): string {
  const [first = '', ...rest] = path.split('/');
  if (rest.length > 0) return first;
  return first === 'app.ts' || first === 'main.ts' ? first.slice(0, -'.ts'.length) : 'top';
}
