/**
 * `npm run crash`: kills the bot at each of its calls, on the best Redis of this machine. Arguments go to
 * trials/crash/main.ts.
 */
import './node-version.mjs';

import('./bootstrap.mjs').then(async ({ main, bootstrap, root, standIn }) => {
  const { mkdtempSync, rmSync } = await import('node:fs');
  const { tmpdir } = await import('node:os');
  const { join } = await import('node:path');
  const { chooseRedis } = await import('./test-redis.mjs');

  await main(async () => {
    await bootstrap({ out: process.stderr });
    const redis = chooseRedis();
    console.error(`Redis: ${redis.name}`);
    const folder = mkdtempSync(join(tmpdir(), 'workspace-ssh-crash-redis-'));
    const { url, stop } = await redis.start(folder);
    try {
      return await standIn([`${root}dist/trials/crash/main.js`, ...process.argv.slice(2)], {
        env: { ...process.env, TRIAL_REDIS_URL: url },
      });
    } finally {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
