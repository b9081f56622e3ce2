/** `npm run sandbox`: gets a fresh clone to a running bot in a town of its own. Arguments go to sandbox/main.ts. */
import './node-version.mjs';

import('./bootstrap.mjs').then(({ main, bootstrap, root, standIn }) =>
  main(async () => {
    const args = process.argv.slice(2);
    // With --json standard output holds JSON lines and nothing else.
    await bootstrap({ out: args.includes('--json') ? process.stderr : process.stdout });
    return standIn([`${root}dist/sandbox/main.js`, ...args]);
  }),
);
