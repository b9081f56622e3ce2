/** Who may import whom: holds the files of src to the rules in house.ts, and tries the rules on made-up files. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { circlesIn, folderCirclesIn } from './circles.js';
import { chaptersWithoutSource, crowdedFolders, FILES_A_FOLDER, findingsOf, problemsIn } from './house.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Every file with this ending below a folder, by its path inside of it. */
function sourcesIn(folder: string, ending: '.ts' | '.mjs' = '.ts'): { path: string; source: string }[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => ({
      path: name.replaceAll('\\', '/'),
      source: readFileSync(join(ROOT, folder, name), 'utf8'),
    }));
}

describe('the house', () => {
  const src = sourcesIn('src');
  const inside = (folder: string, ending?: '.mjs') =>
    sourcesIn(folder, ending).map(({ path, source }) => ({ path: `${folder}/${path}`, source }));
  const everything = ['src', 'sandbox', 'trials', 'bench'].flatMap((folder) => inside(folder));

  test('is read by the tests: every room has files, and the files import others', () => {
    const rooms = new Set(src.map(({ path }) => path.split('/')[0]));
    expect([...rooms]).toEqual(
      expect.arrayContaining([
        'access',
        'workflow',
        'slack',
        'aws',
        'redis',
        'web',
        'metrics',
        'app.ts',
        'main.ts',
      ]),
    );
    const imports = src.flatMap(({ source }) => findingsOf(source).imports);
    expect(imports).toEqual(expect.arrayContaining(['ip-cidr', 'node:crypto', '@slack/bolt', './app.js']));
  });

  test('keeps its borders', () => {
    expect(src.flatMap(({ path, source }) => problemsIn(path, source))).toEqual([]);
  });

  test('has no folder with so many files that a newcomer searches for long', () => {
    // The scripts lie in one folder: package.json names each of them.
    const tests = sourcesIn('test').map(({ path }) => `test/${path}`);
    expect(crowdedFolders([...everything.map(({ path }) => path), ...tests])).toEqual([]);
    const crowd = Array.from({ length: FILES_A_FOLDER + 1 }, (_, n) => `src/slack/cards/card-${n}.ts`);
    expect(crowdedFolders(crowd)).toEqual(['src/slack/cards holds 15 files: make chapters of it']);
  });

  test('has no chapter of tests without its chapter of src', () => {
    const paths = src.map(({ path }) => path);
    const tests = sourcesIn('test').map(({ path }) => path);
    expect(chaptersWithoutSource(tests, paths)).toEqual([]);
    expect(chaptersWithoutSource(['workflow/moved/end.test.ts'], paths)).toEqual([
      'test/workflow/moved has no src/workflow/moved beside it',
    ]);
  });

  test('has every file that CONTRIBUTING and the pages name', () => {
    const folders = ['src', 'sandbox', 'trials', 'bench', 'test', 'scripts', 'docs'];
    const files = folders.flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map(
        (name) => `/${folder}/${name.replaceAll('\\', '/')}`,
      ),
    );
    const isThere = (name: string) => files.some((file) => file.endsWith(`/${name}`));
    const pages = ['CONTRIBUTING.md', ...files.filter((file) => /^\/docs\/[^/]+\.md$/.test(file))];
    const named = pages.flatMap((page) =>
      [...readFileSync(join(ROOT, page), 'utf8').matchAll(/`([\w./-]+\.(?:ts|mjs))`/g)].map(
        ([, name = '']) => ({ page, name }),
      ),
    );
    expect(named.length).toBeGreaterThan(100);
    expect(named.filter(({ name }) => !isThere(name))).toEqual([]);
    expect(isThere('workflow/ending/no-such-file.ts')).toBe(false);
  });

  test('has no files that import each other in a circle', () => {
    expect(circlesIn([...everything, ...inside('scripts', '.mjs')])).toEqual([]);
    const triangle = [
      { path: 'src/a.ts', source: "import './b/b.js';" },
      { path: 'src/b/b.ts', source: "import type { C } from './c.js';" },
      { path: 'src/b/c.ts', source: "export * from '../a.js';" },
      { path: 'src/d.ts', source: "import './a.js';" },
    ];
    expect(circlesIn(triangle)).toHaveLength(3);
    expect(circlesIn(triangle)[0]).toMatch(
      /^src\/a.ts imports src\/b\/b.ts imports src\/b\/c.ts imports src\/a.ts: /,
    );
    expect(circlesIn(triangle.slice(1))).toEqual([]);
  });

  test('has no folders in sandbox and trials that import each other in a circle', () => {
    expect(folderCirclesIn(everything.filter(({ path }) => /^(sandbox|trials)\//.test(path)))).toEqual([]);
    const beside = [
      { path: 'sandbox/a/one.ts', source: "import '../b/two.js';" },
      { path: 'sandbox/b/three.ts', source: "import '../a/four.js';" },
    ];
    expect(folderCirclesIn(beside)).toEqual([
      expect.stringMatching(/^sandbox\/a imports sandbox\/b imports sandbox\/a: /),
      expect.stringMatching(/^sandbox\/b imports sandbox\/a imports sandbox\/b: /),
    ]);
    const inside = [
      { path: 'sandbox/a/one.ts', source: "import './b/two.js';" },
      { path: 'sandbox/a/b/two.ts', source: "import '../three.js';" },
    ];
    expect(folderCirclesIn(inside)).toEqual([]);
  });

  test('the sandbox starts the bot from outside: it imports nothing of src or trials', () => {
    const crossing = sourcesIn('sandbox').flatMap(({ path, source }) =>
      findingsOf(source)
        .imports.filter((name) => /(^|\/)(src|trials)\//.test(name))
        .map((name) => `sandbox/${path} imports ${name}`),
    );
    expect(crossing).toEqual([]);
  });

  test('no test mocks a module', () => {
    const mocks = sourcesIn('test').flatMap(({ path, source }) =>
      findingsOf(source).mocks.map((name) => `test/${path} uses ${name}`),
    );
    expect(mocks).toEqual([]);
  });
});

describe('the scanner of sources finds', () => {
  test.each(['/[.,:;!?]+$/', '/\\s+$/', '/x*$/', '/^[(]+|[)]+$/g', '/.+?$/u'])(
    'a run at the end of a text in %s, which takes squared time to search for',
    (pattern) => {
      const source = `text.replace(${pattern}, '');`;
      expect(problemsIn('slack/words/a.ts', source)).toEqual([
        expect.stringMatching(/^slack\/words\/a\.ts searches for .*, in squared time/),
      ]);
    },
  );
  test.each(['/^[.,]+$/', '/,$/', '/[.,]{0,4}$/', '/<[^<>]*$/', '/[.,]+/g'])(
    'no such run in %s',
    (pattern) => {
      expect(findingsOf(`text.replace(${pattern}, '');`).runs).toEqual([]);
    },
  );

  test.each([
    ["import { a } from './a.js';", './a.js'],
    ["import type { A } from './a.js';", './a.js'],
    ["import {\n  a,\n  b,\n} from\n  './a.js';", './a.js'],
    ["import './a.js';", './a.js'],
    ["import * as a from 'a';", 'a'],
    ["export * from './a.js';", './a.js'],
    ["export type { A } from './a.js';", './a.js'],
    ["export * as a from './a.js';", './a.js'],
    ["const a = await import('./a.js');", './a.js'],
    ["const f = () => import('./a.js').then((a) => a.b);", './a.js'],
    ["let a: import('./a.js').A;", './a.js'],
    ["import a = require('a');", 'a'],
    ["const a = require('a');", 'a'],
    ['const a = await import(name);', '(computed)'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a source.
    ['const a = await import(`./${name}.js`);', '(computed)'],
  ])('%j', (source, name) => {
    expect(findingsOf(source).imports).toEqual([name]);
  });

  test.each([
    ["// import a from './a.js'\n/* import('b') */"],
    ['const text = "import a from \'./a.js\'";'],
    ['export { a };\nconst a = 1;'],
    ["const url = new URL('../src/main.js', import.meta.url);"],
  ])('no import in %j', (source) => {
    expect(findingsOf(source).imports).toEqual([]);
  });

  test.each([
    ['const a = Date.now();', 'Date.now'],
    ['function f(now = Date.now) {}', 'Date.now'],
    ['const a = new Date();', 'new Date()'],
    ['const a = new Date;', 'new Date()'],
    ['const a = Date();', 'new Date()'],
    ['const a = Math.random();', 'Math.random'],
    ['const a = process.env.A;', 'process'],
    ['setTimeout(() => {}, 1);', 'setTimeout'],
    ['const t = { later: setTimeout };', 'setTimeout'],
    ['console.log(1);', 'console'],
  ])('%j reaches for %s', (source, name) => {
    expect(findingsOf(source).ambient).toEqual([name]);
  });

  test.each([
    ['const a = new Date(endsAtMs).toISOString();'],
    ['// Date.now(), process.env'],
    ['const a = parts.now();'],
    ['const a = { process: 1, console: 2 };'],
    ['timers.setTimeout(1);'],
  ])('no clock, dice or surroundings in %j', (source) => {
    expect(findingsOf(source).ambient).toEqual([]);
  });

  test('a mocked module', () => {
    expect(findingsOf("jest.mock('./a.js');").mocks).toEqual(['jest.mock']);
  });
});

describe('a border is crossed by', () => {
  test.each([
    ['access/rules/lease.ts', "import type { Parts } from '../../workflow/ports.js';"],
    ['access/rules/lease.ts', "import { z } from 'zod';"],
    ['access/rules/lease.ts', "import IPCIDR from 'ip-cidr';"],
    ['access/rules/lease.ts', "import { createHmac } from 'node:crypto';"],
    ['access/reading/address-block.ts', "import { createHmac } from 'node:crypto';"],
    ['access/rules/lease.ts', 'const now = Date.now();'],
    ['access/rules/lease.ts', "import x from '../../../test/parts.js';"],
    ['workflow/sweep.ts', "import { createStore } from '../redis/request-store.js';"],
    ['workflow/sweep.ts', "import { setTimeout } from 'node:timers/promises';"],
    ['workflow/sweep.ts', "import { nanoid } from 'nanoid';"],
    ['workflow/sweep.ts', 'setTimeout(() => {}, 1_000);'],
    ['workflow/change.ts', "import { tell } from './telling/tell.js';"],
    ['workflow/telling/tell.ts', "import { gatherFacts } from '../finding/find-target.js';"],
    ['workflow/rules/converge.ts', "import { stopRequest } from '../ending/end-access.js';"],
    ['workflow/deciding/ask-policy.ts', "import { converge } from '../rules/converge.js';"],
    ['workflow/repairing/adopt.ts', "import { advance } from '../advance.js';"],
    ['workflow/advance.ts', "import './nowhere/else.js';"],
    ['workflow/nowhere/else.ts', "import '../ports.js';"],
    ['slack/words/ids.ts', "import { homeView } from '../cards/home.js';"],
    ['slack/cards/home.ts', "import { requestForm } from '../forms/request-form.js';"],
    ['slack/cards/home.ts', "import { createFirewall } from '../../aws/security-groups.js';"],
    ['slack/cards/home.ts', "import { Redis } from 'ioredis';"],
    ['slack/cards/home.ts', "import type { Config } from '../../config.js';"],
    ['slack/cards/home.ts', "const { createApp } = await import('../../app.js');"],
    ['aws/clients.ts', "export * from '../slack/words/mrkdwn.js';"],
    ['redis/queues/timers.ts', "import { EC2Client } from '@aws-sdk/client-ec2';"],
    ['web/server.ts', "import { App } from '@slack/bolt';"],
    ['app.ts', "import { Queue } from 'bullmq';"],
    ['app.ts', "import './main.js';"],
    ['config.ts', "import { createApp } from './app.js';"],
    ['main.ts', "import { createStore } from './redis/request-store.js';"],
    ['app.ts', "import { startTown } from '../sandbox/town.js';"],
    ['app.ts', '// as the sandbox does'],
    ['slack/cards/home.ts', "const text = 'npm run sandbox';"],
    ['log.ts', "import debug from 'debug';"],
    ['log.ts', 'await import(name);'],
  ])('%s: %s', (path, source) => {
    expect(problemsIn(path, source).length).toBeGreaterThan(0);
  });

  test.each([
    ['access/reading/address-block.ts', "import IPCIDR from 'ip-cidr';"],
    ['access/rules/signature.ts', "import { createHmac } from 'node:crypto';"],
    ['workflow/sweep.ts', "import type { Lease } from '../access/rules/lease.js';\nimport './ports.js';"],
    [
      'slack/cards/home.ts',
      "import { App } from '@slack/bolt';\nimport { end } from '../../workflow/ending/end-access.js';",
    ],
    [
      'workflow/ending/end-access.ts',
      "import { converge } from '../rules/converge.js';\nimport '../answer.js';",
    ],
    [
      'workflow/sweep.ts',
      "import './repairing/adopt.js';\nimport './opening/open-access.js';\nimport './advance.js';",
    ],
    ['slack/connection/messenger.ts', "import { homeView } from '../cards/home.js';"],
    ['redis/queues/timers.ts', "import { Queue } from 'bullmq';\nconst now = Date.now;"],
    ['commands/close.ts', "import { createFirewall } from '../aws/security-groups.js';"],
    ['app.ts', "import { createStore } from './redis/request-store.js';"],
    ['main.ts', "await import('./app.js');\nconst text = 'npm run sandbox';"],
  ])('and not by %s: %s', (path, source) => {
    expect(problemsIn(path, source)).toEqual([]);
  });
});
