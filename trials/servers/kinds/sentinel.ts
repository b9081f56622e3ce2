/** A primary and a replica, watched by three Sentinels that have a password of their own. */
import { createMachine, until } from '../machine.js';
import { failuresOf, follows, primaryFirst } from './failures.js';
import type { Start } from './servers.js';
import { PERSON, SILENT_MS, settings } from './settings.js';

const SENTINEL_PASSWORD = 'watch-it';

export const sentinel: Start = async (folder, installation) => {
  const one = await createMachine(folder, settings(installation));
  const other = await createMachine(folder, [...settings(installation), `replicaof 127.0.0.1 ${one.port}`]);
  await one.start();
  await other.start();
  const name = 'the-primary';
  const watchers = await Promise.all(
    Array.from({ length: 3 }, () =>
      createMachine(
        folder,
        [
          `requirepass ${SENTINEL_PASSWORD}`,
          `sentinel sentinel-pass ${SENTINEL_PASSWORD}`,
          `sentinel monitor ${name} 127.0.0.1 ${one.port} 2`,
          `sentinel down-after-milliseconds ${name} ${SILENT_MS}`,
          `sentinel failover-timeout ${name} 10000`,
        ],
        { isSentinel: true, password: SENTINEL_PASSWORD },
      ),
    ),
  );
  await Promise.all(watchers.map((watcher) => watcher.start()));
  const [watcher] = watchers;
  if (!watcher) throw new Error('there is no Sentinel');
  const holders = () => primaryFirst([one, other]);
  const ready = () =>
    until('the Sentinels know each other and the replica, which follows', async () => {
      const [primary, replica] = await holders();
      const known = await watcher.ask('SENTINEL', 'MASTER', name);
      const facts = factsOf(known);
      return (
        facts.get('num-other-sentinels') === '2' &&
        facts.get('num-slaves') === '1' &&
        facts.get('port') === `${primary.port}` &&
        (await follows(replica))
      );
    });
  await ready();
  const REDIS_URL = `redis+sentinel://${PERSON}@${watchers.map(({ port }) => `127.0.0.1:${port}`).join(',')}/${name}`;
  const env = { REDIS_URL, REDIS_SENTINEL_PASSWORD: SENTINEL_PASSWORD };
  return {
    env,
    mistakes: [
      {
        env: { ...env, REDIS_SENTINEL_PASSWORD: '' },
        id: 'redis.connection',
        fix: /REDIS_SENTINEL_PASSWORD/,
      },
      {
        env: { ...env, REDIS_URL: `${REDIS_URL}-of-others` },
        id: 'redis.connection',
        fix: /name of the primary/,
      },
    ],
    failures: failuresOf(holders, ready, async () => {
      await watcher.ask('SENTINEL', 'FAILOVER', name);
    }),
    holders,
    async close() {
      await Promise.all([one, other, ...watchers].map((machine) => machine.kill()));
    },
  };
};

function factsOf(answer: unknown): Map<string, string> {
  if (answer instanceof Map)
    return new Map([...answer].map(([name, value]) => [String(name), String(value)]));
  const flat = (Array.isArray(answer) ? answer : Object.entries(Object(answer)).flat()).map(String);
  return new Map(flat.flatMap((text, at) => (at % 2 === 0 ? [[text, flat[at + 1] ?? ''] as const] : [])));
}
