/** `npm test`: every test, on the best Redis that there is here. Arguments go to Jest. */
import './node-version.mjs';

/** Options of Jest that take no value, so that a word behind one of them is a pattern for files. */
const ALONE = new Set(['--silent', '--json', '--verbose', '-i', '--runInBand', '--bail']);
/** How a test file, or the helper that it imports, names a compiled program. */
const PROGRAMS = /runScript|dist\/|bot-process|sandbox\/bot\.js|\/crash\//;

import('./bootstrap.mjs').then(async ({ main, bootstrap, root, standIn, toolFile }) => {
  const { mkdtempSync, readdirSync, readFileSync, rmSync } = await import('node:fs');
  const { availableParallelism, tmpdir } = await import('node:os');
  const { join } = await import('node:path');
  const { chooseRedis } = await import('./test-redis.mjs');

  await main(async () => {
    const redis = chooseRedis();
    console.log(`Redis: ${redis.name}`);
    const args = process.argv.slice(2);
    await bootstrap({ compile: redis.kind === 'embedded' || startsPrograms(args) });
    // Imported only here, since esbuild is there only once the packages are installed.
    await (await import('./test-packages.mjs')).bundleTestPackages();
    const folder = mkdtempSync(join(tmpdir(), 'workspace-ssh-test-'));
    const countsFile = join(folder, 'counts.json');
    const { url, stop } = await redis.start(folder);
    try {
      const code = await standIn(jestCall(args, redis.kind), {
        cwd: root,
        env: {
          ...process.env,
          TEST_REDIS: redis.kind,
          TEST_REDIS_URL: url,
          TEST_COUNTS_FILE: countsFile,
          // The warning would be printed once for each worker, and is about a later year's Node.
          AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
        },
      });
      return closingLine(readCounts(countsFile), code);
    } finally {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  /**
   * Whether some of the files that Jest is asked for start a compiled program. Compiling takes longer than most other
   * files, which read the sources themselves.
   */
  function startsPrograms(args) {
    const known = args.every((arg) => !arg.startsWith('-') || arg.includes('=') || ALONE.has(arg));
    const patterns = args.filter((arg) => !arg.startsWith('-')).map((arg) => new RegExp(arg, 'i'));
    if (!known || patterns.length === 0) return true;
    const files = readdirSync(join(root, 'test'), { recursive: true })
      .filter((name) => name.endsWith('.test.ts'))
      .map((name) => join(root, 'test', name))
      .filter((file) => patterns.some((pattern) => pattern.test(file.replaceAll('\\', '/'))));
    return files.some((file) => PROGRAMS.test(readFileSync(file, 'utf8')));
  }

  function jestCall(args, redis) {
    const saysWorkers = args.some((arg) => /^(-i|-w|--runInBand|--maxWorkers)/.test(arg));
    return [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      toolFile('jest/bin/jest.js'),
      // The arguments come first, since Jest takes a word behind --reporters for one more reporter.
      ...args,
      '--reporters=default',
      `--reporters=${root}scripts/count-reporter.mjs`,
      // Most files of stories wait more than they work (test-order.mjs): six workers a core keep it busy. The embedded
      // Redis is one process in JavaScript, on which more of them only wait.
      ...(saysWorkers ? [] : [`--maxWorkers=${(redis === 'embedded' ? 4 : 6) * availableParallelism()}`]),
    ];
  }

  function readCounts(file) {
    try {
      return JSON.parse(readFileSync(file, 'utf8'));
    } catch {
      return { passed: 0, failed: 0, skipped: 0 };
    }
  }

  /** Prints the counts last, alone on their line. A run that tested nothing has failed. */
  function closingLine({ passed, failed, skipped }, code) {
    if (passed + failed === 0) console.log('No test ran, or the run was cut short.');
    console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
    return code === 0 && passed === 0 ? 1 : code;
  }
});
