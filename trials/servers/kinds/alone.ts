/** One Redis, over TLS with a certificate on both sides. */
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../../sandbox/free-port.js';
import { createMachine } from '../machine.js';
import type { Mistake, Start } from './servers.js';
import { PERSON, secured, settings } from './settings.js';

/** For how many milliseconds the server is gone. */
const AWAY_MS = 4_000;

export const alone: Start = async (folder, installation) => {
  const { lines, env: files } = secured(folder);
  const tlsPort = await freePort();
  const machine = await createMachine(folder, [
    ...settings(installation),
    ...lines,
    `tls-port ${tlsPort}`,
    'tls-auth-clients yes',
  ]);
  await machine.start();
  let starting = Promise.resolve();
  const env = { REDIS_URL: `rediss://${PERSON}@localhost:${tlsPort}`, ...files };
  const mistake = (wrong: Record<string, string>, id: string, fix: RegExp): Mistake => ({
    env: { ...env, ...wrong },
    id,
    fix,
  });
  return {
    env,
    mistakes: [
      mistake({ REDIS_CA_FILE: '' }, 'redis.connection', /REDIS_CA_FILE/),
      mistake({ REDIS_CERT_FILE: '', REDIS_KEY_FILE: '' }, 'redis.connection', /REDIS_CERT_FILE/),
      mistake(
        { REDIS_URL: env.REDIS_URL.replace('word', 'wort') },
        'redis.connection',
        /the user and the pass/,
      ),
    ],
    failures: [
      {
        name: 'killed and started again',
        loses: true,
        async strike() {
          await machine.kill();
          starting = sleep(AWAY_MS).then(machine.start);
        },
        mend: () => starting,
      },
    ],
    holders: async () => [machine],
    close: () => machine.kill(),
  };
};
