/**
 * `npm run bench`: measures in the sandbox how late access ends and how soon Slack is answered. `npm run bench -- doors`
 * measures how the time to read a text grows with its length. Prints JSON objects.
 */
import './node-version.mjs';

import('./bootstrap.mjs').then(({ main, bootstrap, root, standIn }) =>
  main(async () => {
    await bootstrap({ out: process.stderr });
    const [what, ...rest] = process.argv.slice(2);
    return what === 'doors'
      ? standIn([`${root}dist/bench/doors.js`, ...rest])
      : standIn([`${root}dist/bench/lateness.js`]);
  }),
);
