/** `npm run chaos`: runs many people, several replicas and random faults in the sandbox. `--seed N` repeats a run. */
import './node-version.mjs';

import('./bootstrap.mjs').then(({ main, bootstrap, root, standIn }) =>
  main(async () => {
    const args = process.argv.slice(2);
    // With --json standard output holds one line and nothing else.
    await bootstrap({ out: args.includes('--json') ? process.stderr : process.stdout });
    return standIn([`${root}dist/trials/chaos/main.js`, ...args]);
  }),
);
