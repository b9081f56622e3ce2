/** `npm run servers`: runs the bot on redis-servers of several kinds, which fail. Arguments go to trials/servers/main.ts. */
import './node-version.mjs';

import('./bootstrap.mjs').then(({ main, bootstrap, root, standIn, Sorry }) =>
  main(async () => {
    const { spawnSync } = await import('node:child_process');
    if (spawnSync('redis-server', ['--version']).status !== 0)
      throw new Sorry(
        'This needs redis-server, version 7 or newer, with TLS. On Debian: apt-get install redis-server',
      );
    await bootstrap({ out: process.stderr });
    return standIn([`${root}dist/trials/servers/main.js`, ...process.argv.slice(2)]);
  }),
);
