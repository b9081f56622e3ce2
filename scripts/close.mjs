/** `npm run close`: the emergency brake. Arguments go to src/commands/close.ts. */
import './node-version.mjs';

import('./bootstrap.mjs').then(({ main, bootstrap, isBuilt, root, standIn }) =>
  main(async () => {
    const { existsSync } = await import('node:fs');
    // What the environment already has wins.
    if (existsSync('.env')) process.loadEnvFile('.env');
    if (!isBuilt('src')) await bootstrap({ out: process.stderr });
    return standIn([`${root}dist/src/commands/close.js`, ...process.argv.slice(2)]);
  }),
);
