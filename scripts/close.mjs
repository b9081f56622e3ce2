/** `npm run close`: the emergency close. Arguments go to src/commands/close.ts. */
import './node-version.mjs';

import('./bootstrap.mjs').then(({ main, bootstrap, isBuilt, root, standIn }) =>
  main(async () => {
    const { existsSync } = await import('node:fs');
    const program = `${root}dist/src/commands/main.js`;
    // In an emergency the last build is good enough: an installation or a compilation could fail or take minutes.
    if (!existsSync(program) || !existsSync(`${root}node_modules`)) await bootstrap({ out: process.stderr });
    else if (!isBuilt('src')) console.error('dist is older than src; this is the older one. npm run build');
    await (await import('./env-files.mjs')).loadEnvFiles();
    return standIn([program, 'close', ...process.argv.slice(2)]);
  }),
);
