/**
 * `npm start`: the bot, with what a file .env adds to its environment. In production it needs dist and the production
 * dependencies only, and changes nothing; in a checkout it compiles what changed first.
 */
import './node-version.mjs';

import('./bootstrap.mjs').then(({ main, bootstrap, isBuilt, root, Sorry, toolFile, whenNpmIsGone }) =>
  main(async () => {
    const { existsSync } = await import('node:fs');
    // What the environment already has wins.
    if (existsSync('.env')) process.loadEnvFile('.env');
    if (!isBuilt('src')) {
      if (existsSync(`${root}node_modules`) && !existsSync(toolFile('typescript/bin/tsc'))) {
        throw new Sorry(
          'dist is missing or older than src, and nothing here can compile it: run npm ci --include=dev, npm run build.',
        );
      }
      // The bot's log is what standard output is for.
      await bootstrap({ out: process.stderr });
    }
    whenNpmIsGone(() => process.kill(process.pid, 'SIGTERM'));
    try {
      // In this process, so that a supervisor's signals reach the bot itself.
      await import(new URL('../dist/src/main.js', import.meta.url).href);
    } catch (fault) {
      if (fault.code !== 'ERR_MODULE_NOT_FOUND') throw fault;
      throw new Sorry(`${fault.message}\nA dependency is not installed: run npm ci --omit=dev.`);
    }
    return process.exitCode;
  }),
);
