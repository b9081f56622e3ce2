/**
 * `npm run trials`: runs every trial at its full size before a release: the whole crash, Redis of each kind, ten seeds
 * of chaos, a rolling restart over Socket Mode and one over HTTP, all mutations. Prints a line for each trial, and
 * writes its output to a file. A trial that fails does not stop the others, and makes the exit code 1.
 */
import './node-version.mjs';

const USAGE = `npm run trials -- [--share N] [--seeds N] [--grants N] [--sample N] [--output FOLDER]
  --share   of the crash: only each N-th call (1: all)
  --seeds   how many runs of chaos, each with a fresh seed (10)
  --grants  how many people ask in each (2000)
  --sample  so many mutations (all)
  --output  where the files go (a new folder)`;
const EXIT_USAGE = 2;
const LARGEST_SEED = 2 ** 32 - 1;

import('./bootstrap.mjs').then(async ({ main, bootstrap, root, whenNpmIsGone }) => {
  const { spawn } = await import('node:child_process');
  const { createWriteStream, mkdirSync, mkdtempSync } = await import('node:fs');
  const { constants, tmpdir } = await import('node:os');
  const { join, resolve: absolute } = await import('node:path');
  const { parseArgs } = await import('node:util');

  const asked = readArguments();
  if (!asked) {
    console.error(USAGE);
    process.exit(EXIT_USAGE);
  }

  await main(async () => {
    await bootstrap();
    if (asked.output !== undefined) mkdirSync(asked.output, { recursive: true });
    const folder = asked.output ?? mkdtempSync(join(tmpdir(), 'workspace-ssh-trials-'));
    console.log(`  What each prints: ${folder}`);
    const trials = trialsOf(asked);
    let failed = 0;
    for (const trial of trials) {
      const { ok, line, signal } = await run(trial, folder);
      console.log(line);
      if (signal) return 128 + constants.signals[signal];
      if (!ok) failed += 1;
    }
    console.log(`${trials.length - failed} trials passed, ${failed} failed`);
    return failed === 0 ? 0 : 1;
  });

  function readArguments() {
    const number = (text, least) => {
      if (!/^\d{1,5}$/.test(text) || Number(text) < least) throw new Error(`${text} is no number for this`);
      return Number(text);
    };
    try {
      const { values } = parseArgs({
        options: {
          share: { type: 'string', default: '1' },
          seeds: { type: 'string', default: '10' },
          grants: { type: 'string', default: '2000' },
          sample: { type: 'string' },
          output: { type: 'string' },
        },
      });
      return {
        share: number(values.share, 1),
        seeds: number(values.seeds, 0),
        grants: number(values.grants, 1),
        sample: values.sample === undefined ? undefined : number(values.sample, 1),
        output: values.output === undefined ? undefined : absolute(values.output),
      };
    } catch {
      return undefined;
    }
  }

  /** `said` makes the line of a trial out of the last line that the trial printed on standard output. */
  function trialsOf({ share, seeds, grants, sample }) {
    const broken = ({ violations }) => `${violations.length} violations`;
    const chaos = (name, ...more) => {
      const seed = Math.floor(Math.random() * LARGEST_SEED);
      return {
        name: `${name} ${seed}`,
        file: 'chaos.mjs',
        args: ['--json', '--grants', `${grants}`, '--seed', `${seed}`, ...more],
        said: (last) => {
          const outcome = JSON.parse(last);
          return `${outcome.grants} grants, ${broken(outcome)}`;
        },
      };
    };
    return [
      {
        name: 'crash',
        file: 'crash.mjs',
        args: ['--json', '--share', `${share}`],
        said: (last) => {
          const outcome = JSON.parse(last);
          return `${outcome.stops} stops, ${broken(outcome)}`;
        },
      },
      {
        name: 'servers',
        file: 'servers.mjs',
        args: ['--json'],
        said: (last) => {
          const outcome = JSON.parse(last);
          return `${outcome.failures} failures of Redis, ${broken(outcome)}`;
        },
      },
      ...Array.from({ length: seeds }, () => chaos('chaos')),
      chaos('rolling', '--rolling'),
      chaos('rolling-http', '--rolling', '--http'),
      {
        name: 'mutations',
        file: 'mutations.mjs',
        args: sample === undefined ? [] : ['--sample', `${sample}`],
        said: (last) => /^(\d+ noticed.*), in/.exec(last)[1],
      },
    ];
  }

  /** Runs one trial. Answers the signal that came meanwhile, which ends the trial. */
  async function run({ name, file, args, said }, folder) {
    const logFile = join(folder, `${name.replace(' ', '-')}.log`);
    const log = createWriteStream(logFile);
    const startedMs = Date.now();
    const child = spawn(process.execPath, [join(root, 'scripts', file), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    for (const stream of [child.stdout, child.stderr]) stream.pipe(log, { end: false });
    let signal;
    const end = (by) => {
      signal = by;
      child.kill('SIGTERM');
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const one of signals) process.on(one, end);
    const unwatch = whenNpmIsGone(() => end('SIGTERM'));
    const code = await new Promise((resolve) => child.once('close', resolve));
    for (const one of signals) process.off(one, end);
    unwatch();
    await new Promise((resolve) => log.end(resolve));
    const seconds = Math.round((Date.now() - startedMs) / 1000);
    const outcome = summary(said, output, code);
    const ok = code === 0;
    const line = `  ${ok ? '✓' : '✗'} ${name.padEnd(23)} ${outcome.padEnd(44)} ${`${seconds}`.padStart(5)} s`;
    return { ok, signal, line: ok ? line : `${line}  ${logFile}` };
  }

  function summary(said, output, code) {
    try {
      return said(output.trimEnd().split('\n').at(-1));
    } catch {
      return `ended with exit code ${code} before its verdict`;
    }
  }
});
