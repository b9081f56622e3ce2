/** `npm run policy`: tries a policy file. Arguments go to src/commands/policy.ts. */
import './node-version.mjs';

import('./bootstrap.mjs').then(({ main, bootstrap, isBuilt, root, standIn }) =>
  main(async () => {
    if (!isBuilt('src')) await bootstrap({ out: process.stderr });
    return standIn([`${root}dist/src/commands/main.js`, 'policy', ...process.argv.slice(2)]);
  }),
);
