/** `npm run init`: makes .env and policy.yml. Arguments go to src/commands/init.ts. */
import './node-version.mjs';

import('./bootstrap.mjs').then(({ main, bootstrap, isBuilt, root, standIn }) =>
  main(async () => {
    if (!isBuilt('src')) await bootstrap({ out: process.stderr });
    return standIn([`${root}dist/src/commands/main.js`, 'init', ...process.argv.slice(2)]);
  }),
);
