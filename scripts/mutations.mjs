/**
 * `npm run mutations`: takes each protection out of a copy of the project and shows that the tests notice. One line a
 * mutation, the counts last; exit code 1 when one goes unnoticed, breaks the code instead, or no longer fits it.
 * Words after `--` choose the mutations whose protection or file has these words; `--sample N` draws N of them, and
 * `--seed N` draws the same mutations again, as long as the list is the same.
 */
import './node-version.mjs';

const COPIES = 2;
const LARGEST_SEED = 2 ** 32 - 1;
/** A mutated story may wait for something that never comes, for as long as its test lets it wait. */
const LONGEST_MS = { mutated: 120_000, unmutated: 600_000 };
/** Failures that say that a mutation broke the code, and not a protection. */
const BROKEN = /SyntaxError|ReferenceError|Cannot find module|is not a function|is not defined/;

import('./bootstrap.mjs').then(async ({ main, bootstrap, root, Sorry, toolFile }) => {
  const { spawn } = await import('node:child_process');
  const { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } = await import(
    'node:fs'
  );
  const { tmpdir } = await import('node:os');
  const { join } = await import('node:path');
  const { parseArgs } = await import('node:util');
  const { chooseRedis } = await import('./test-redis.mjs');
  const { MUTATIONS } = await import('./mutations/list.mjs');

  const LEFT_OUT = new Set(['node_modules', 'dist', '.git']);
  let chosen = [];
  let bundle;

  await main(async () => {
    const { words, sample, seed } = readArguments();
    chosen = MUTATIONS.filter(({ protection, file }) =>
      words.every((word) => `${protection} ${file}`.includes(word)),
    );
    if (chosen.length === 0) throw new Sorry(`No mutation has ${words.join(' and ')}.`);
    const redis = chooseRedis();
    console.log(`Redis: ${redis.name}`);
    await bootstrap();
    if (sample !== undefined && sample < chosen.length) {
      const all = chosen.length;
      chosen = await draw(chosen, sample, seed);
      const again = ['npm run mutations --', ...words.map((word) => `'${word}'`)].join(' ');
      console.log(
        `  ${sample} of ${all} are drawn; the same ones again: ${again} --sample ${sample} --seed ${seed}`,
      );
    }
    await (await import('./test-packages.mjs')).bundleTestPackages();
    // Imported only here, since esbuild is there only once the packages are installed.
    ({ bundle } = await import('./bundle.mjs'));
    const folder = mkdtempSync(join(tmpdir(), 'workspace-ssh-mutations-'));
    const { url, stop } = await redis.start(folder);
    const startedMs = Date.now();
    try {
      const jest = jestIn(folder, { TEST_REDIS: redis.kind, TEST_REDIS_URL: url });
      const copies = Array.from({ length: COPIES }, (_, number) => copyTree(join(folder, `copy-${number}`)));
      const problems = await holdUnmutated(jest, copies[0]);
      const counts = { noticed: 0, survived: 0, unfit: 0 };
      const waiting = [...chosen];
      await Promise.all(
        copies.map(async (copy) => {
          for (let mutation = waiting.shift(); mutation; mutation = waiting.shift()) {
            const { outcome, detail } = await tryOut(jest, copy, mutation, problems);
            counts[outcome] += 1;
            const sign = outcome === 'noticed' ? '✓' : '✗';
            console.log(`  ${sign} ${mutation.protection.padEnd(84)} ${detail}`);
          }
        }),
      );
      const seconds = Math.round((Date.now() - startedMs) / 1000);
      console.log(
        `${counts.noticed} noticed, ${counts.survived} survived, ${counts.unfit} unfit, in ${seconds} s`,
      );
      return counts.noticed === chosen.length ? 0 : 1;
    } finally {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  function readArguments() {
    try {
      const { positionals, values } = parseArgs({
        allowPositionals: true,
        options: { sample: { type: 'string' }, seed: { type: 'string' } },
      });
      const seed = whole('seed', values.seed ?? `${Math.floor(Math.random() * LARGEST_SEED)}`, LARGEST_SEED);
      const sample = values.sample === undefined ? undefined : whole('sample', values.sample, 10_000);
      if (sample === 0) throw new Error('--sample is at least 1.');
      return { words: positionals, sample, seed };
    } catch (fault) {
      throw new Sorry(`${fault.message}\n\nnpm run mutations -- [WORD]… [--sample N] [--seed N]`);
    }
  }

  function whole(name, text, most) {
    if (/^\d{1,10}$/.test(text) && Number(text) <= most) return Number(text);
    throw new Error(`--${name} is "${text}": a whole number up to ${most}.`);
  }

  /** Draws so many mutations, and keeps them in the order of the list. */
  async function draw(all, sample, seed) {
    const { diceFor } = await import('../dist/trials/chaos/drawn/dice.js');
    const dice = diceFor(seed);
    const left = [...all];
    const drawn = Array.from({ length: sample }, () => left.splice(dice.between(0, left.length - 1), 1)[0]);
    return all.filter((one) => drawn.includes(one));
  }

  /** Copies all files that the tests read. The packages stay where they are. */
  function copyTree(to) {
    cpSync(root, to, {
      recursive: true,
      filter: (path) => !LEFT_OUT.has(path.slice(root.length).split('/')[0]),
    });
    symlinkSync(join(root, 'node_modules'), join(to, 'node_modules'));
    mkdirSync(join(to, 'dist'));
    symlinkSync(join(root, 'dist', 'test-packages'), join(to, 'dist', 'test-packages'));
    return to;
  }

  /** Runs named tests of some files in a copy; answers Jest's own report, or undefined where there is none. */
  function jestIn(folder, env) {
    let runs = 0;
    return async (copy, noticedBy, workers, longestMs) => {
      const reportFile = join(folder, `report-${++runs}.json`);
      const cache = `${copy}-cache`;
      mkdirSync(cache, { recursive: true });
      const names = [...new Set(Object.values(noticedBy).flat())].map(literal).join('|');
      const files = Object.keys(noticedBy);
      // The programs are bundled from the sources of the mutated copy, since these tests start the bot as a process.
      if (files.some((file) => /bot-process/.test(readFileSync(join(copy, file), 'utf8')))) {
        const isWhole = await bundle(copy, { bot: 'src/main.ts' }).then(
          () => true,
          () => false,
        );
        if (!isWhole) return undefined;
      }
      const child = spawn(
        process.execPath,
        [
          ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
          ...[toolFile('jest/bin/jest.js'), '--json', `--outputFile=${reportFile}`, '--silent'],
          ...['--forceExit', `--cacheDirectory=${cache}`, `--maxWorkers=${workers}`],
          ...[`--testNamePattern=${names}`, '--runTestsByPath', ...files],
        ],
        {
          cwd: copy,
          stdio: 'ignore',
          env: {
            ...process.env,
            TEST_PATIENCE_MS: '15000',
            ...env,
            AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
          },
        },
      );
      const killer = setTimeout(() => child.kill('SIGKILL'), longestMs);
      await new Promise((resolve) => child.once('close', resolve));
      clearTimeout(killer);
      try {
        return JSON.parse(readFileSync(reportFile, 'utf8')).testResults;
      } catch {
        return undefined;
      }
    };
  }

  /**
   * Each test that must notice a mutation has to pass while nothing is taken out; on a busy machine it may be tried
   * once more, by itself. Answers a sentence for each test that does not pass, by file and name.
   */
  async function holdUnmutated(jest, copy) {
    const all = {};
    for (const { noticedBy } of chosen) {
      for (const [file, name] of Object.entries(noticedBy)) all[file] = [...(all[file] ?? []), name];
    }
    const report = await jest(copy, all, COPIES, LONGEST_MS.unmutated);
    const problems = new Map();
    for (const [file, names] of Object.entries(all)) {
      let tests = testsOf(report, copy, file);
      const passes = (name) =>
        tests.some(({ status, fullName }) => status === 'passed' && fullName.includes(name)) &&
        !tests.some(({ status, fullName }) => status === 'failed' && fullName.includes(name));
      if (!names.every(passes)) {
        tests = testsOf(await jest(copy, { [file]: names }, 1, LONGEST_MS.unmutated), copy, file);
      }
      for (const name of names.filter((one) => !passes(one))) {
        problems.set(`${file} ${name}`, `${file} does not pass without the mutation either: "${name}"`);
      }
    }
    const count = Object.keys(all).length;
    console.log(
      problems.size === 0 ? `  unmutated, ${count} test files pass` : '  unmutated, not all tests pass',
    );
    return problems;
  }

  async function tryOut(jest, copy, { file, takes, puts, noticedBy }, problems) {
    for (const [testFile, name] of Object.entries(noticedBy)) {
      const detail = problems.get(`${testFile} ${name}`);
      if (detail) return { outcome: 'unfit', detail };
    }
    const path = join(copy, file);
    const before = readFileSync(path, 'utf8');
    const times = before.split(takes).length - 1;
    if (times !== 1) return { outcome: 'unfit', detail: `is ${times} times in ${file}` };
    writeFileSync(
      path,
      before.replace(takes, () => puts),
    );
    try {
      const report = await jest(copy, noticedBy, 1, LONGEST_MS.mutated);
      const noticed = [];
      for (const [testFile, name] of Object.entries(noticedBy)) {
        const tests = testsOf(report, copy, testFile).filter(({ fullName }) => fullName.includes(name));
        const failed = tests.find(({ status }) => status === 'failed');
        if (!failed) {
          const ran = tests.some(({ status }) => status === 'passed');
          return ran
            ? { outcome: 'survived', detail: `${testFile} does not notice` }
            : { outcome: 'unfit', detail: `${testFile} did not run` };
        }
        const why = failed.failureMessages.join('\n');
        if (BROKEN.test(why)) return { outcome: 'unfit', detail: `breaks the code: ${why.split('\n')[0]}` };
        noticed.push(testFile.replace(/^test\/|\.test\.ts$/g, ''));
      }
      return { outcome: 'noticed', detail: noticed.join(', ') };
    } finally {
      writeFileSync(path, before);
    }
  }

  function testsOf(report, copy, file) {
    return report?.find(({ name }) => name === join(copy, file))?.assertionResults ?? [];
  }

  function literal(text) {
    return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  }
});
