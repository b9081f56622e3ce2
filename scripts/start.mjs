/**
 * `npm start`: starts the bot, with the variables of a file .env added to its environment. In production this needs only
 * dist, and changes nothing. In a checkout changed sources are compiled first.
 */
import './node-version.mjs';

import('./bootstrap.mjs').then(({ main, bootstrap, isBuilt, root, Sorry, toolFile, whenNpmIsGone }) =>
  main(async () => {
    const { existsSync } = await import('node:fs');
    if (!isBuilt('src')) {
      if (existsSync(`${root}node_modules`) && !existsSync(toolFile('typescript/bin/tsc'))) {
        throw new Sorry(
          'dist is missing or older than src, and nothing here can compile it: run npm ci --include=dev, npm run build.',
        );
      }
      // Standard output is for the bot's log alone.
      await bootstrap({ out: process.stderr });
    }
    await (await import('./env-files.mjs')).loadEnvFiles();
    whenNpmIsGone(() => process.kill(process.pid, 'SIGTERM'));
    // The bot runs in this process, so that a supervisor's signals reach it.
    await import(new URL('../dist/bundled/bot.js', import.meta.url).href);
    return process.exitCode;
  }),
);
