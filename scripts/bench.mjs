/**
 * `npm run bench`: measures in the sandbox how late access ends and how soon Slack is answered. Prints a JSON object.
 */
import './node-version.mjs';

import('./bootstrap.mjs').then(({ main, bootstrap, root, standIn }) =>
  main(async () => {
    await bootstrap({ out: process.stderr });
    return standIn([`${root}dist/bench/lateness.js`]);
  }),
);
