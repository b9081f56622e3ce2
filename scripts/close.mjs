/** `npm run close`: the emergency close. Arguments go to src/commands/close.ts. */
import './node-version.mjs';

import('./bootstrap.mjs').then(({ main, bootstrap, isBuilt, root, standIn }) =>
  main(async () => {
    const { existsSync } = await import('node:fs');
    // What the environment already has wins.
    if (existsSync('.env')) process.loadEnvFile('.env');
    const program = `${root}dist/src/commands/close.js`;
    // What was built works: in an emergency nothing is installed or compiled that can fail or take minutes.
    if (!existsSync(program) || !existsSync(`${root}node_modules`)) await bootstrap({ out: process.stderr });
    else if (!isBuilt('src')) console.error('dist is older than src; this is the older one. npm run build');
    return standIn([program, ...process.argv.slice(2)]);
  }),
);
