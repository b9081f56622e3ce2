/**
 * `npm run bench`: measures the bot beside the floor under it, on the best Redis of this machine. Arguments go to
 * bench/main.ts. `npm run bench -- doors` measures how the time to read a text grows with its length.
 */
import './node-version.mjs';

import('./bootstrap.mjs').then(async ({ main, bootstrap, root, standIn }) => {
  const { mkdtempSync, rmSync } = await import('node:fs');
  const { tmpdir } = await import('node:os');
  const { join } = await import('node:path');
  const { chooseRedis } = await import('./test-redis.mjs');

  await main(async () => {
    await bootstrap({ out: process.stderr });
    const [what, ...rest] = process.argv.slice(2);
    if (what === 'doors') return standIn([`${root}dist/bench/doors.js`, ...rest]);
    const redis = chooseRedis();
    console.error(`Redis: ${redis.name}`);
    const folder = mkdtempSync(join(tmpdir(), 'workspace-ssh-bench-redis-'));
    const { url, stop } = await redis.start(folder);
    try {
      return await standIn([`${root}dist/bench/main.js`, ...process.argv.slice(2)], {
        env: { ...process.env, BENCH_REDIS_URL: url },
      });
    } finally {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
