/** `npm run manifest`: the Slack app's manifest and its link. Arguments go to src/commands/manifest.ts. */
import './node-version.mjs';

import('./bootstrap.mjs').then(({ main, bootstrap, isBuilt, root, standIn }) =>
  main(async () => {
    if (!isBuilt('src')) await bootstrap({ out: process.stderr });
    return standIn([`${root}dist/src/commands/main.js`, 'manifest', ...process.argv.slice(2)]);
  }),
);
