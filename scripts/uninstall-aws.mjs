/**
 * `npm run uninstall-aws`: removes the bot's rules and groups from AWS. Arguments go to
 * src/commands/uninstall-aws.ts.
 */
import './node-version.mjs';

import('./bootstrap.mjs').then(({ main, bootstrap, isBuilt, root, standIn }) =>
  main(async () => {
    if (!isBuilt('src')) await bootstrap({ out: process.stderr });
    await (await import('./env-files.mjs')).loadEnvFiles();
    return standIn([`${root}dist/src/commands/main.js`, 'uninstall-aws', ...process.argv.slice(2)]);
  }),
);
