/**
 * `npm run uninstall-aws`: removes the bot's rules and groups from AWS. Arguments go to
 * src/commands/uninstall-aws.ts.
 */
import './node-version.mjs';

import('./bootstrap.mjs').then(({ main, bootstrap, isBuilt, root, standIn }) =>
  main(async () => {
    const { existsSync } = await import('node:fs');
    // Variables that the environment already has stay.
    if (existsSync('.env')) process.loadEnvFile('.env');
    if (!isBuilt('src')) await bootstrap({ out: process.stderr });
    return standIn([`${root}dist/src/commands/uninstall-aws.js`, ...process.argv.slice(2)]);
  }),
);
