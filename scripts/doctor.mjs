/** `npm run doctor`: looks at everything that the bot needs. Arguments go to src/commands/doctor.ts. */
import './node-version.mjs';

import('./bootstrap.mjs').then(({ main, bootstrap, isBuilt, root, standIn }) =>
  main(async () => {
    if (!isBuilt('src')) await bootstrap({ out: process.stderr });
    await (await import('./env-files.mjs')).loadEnvFiles();
    return standIn([`${root}dist/src/commands/main.js`, 'doctor', ...process.argv.slice(2)]);
  }),
);
