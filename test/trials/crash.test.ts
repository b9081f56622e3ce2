/**
 * Runs a few stops of `npm run crash`, so that the suite shows that the trial works and that access ends after a
 * crash.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fileOf } from '../../sandbox/town.js';
import { firstOf } from '../depth.js';
import { anyRedis, type TestRedis } from '../redis/redis.js';

const MAIN = fileOf('dist/trials/crash/main.js');
/**
 * After these calls the bot has opened access and not recorded it, closed access and not said so, posted a card and not
 * stored where.
 */
const STOPS = firstOf(1, ['firewall.authorize', 'firewall.revoke', 'messenger.post']);

let redis: TestRedis;
beforeAll(async () => {
  if (!existsSync(MAIN)) throw new Error('dist is missing: npm run build');
  redis = await anyRedis();
});
afterAll(() => redis.stop());

async function crash(...args: string[]): Promise<{ code: number | null; output: string }> {
  const env = { PATH: process.env.PATH ?? '', TRIAL_REDIS_URL: redis.url };
  const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, output };
}

test('a bot that is killed while it posts, opens or closes breaks no promise', async () => {
  const stops = STOPS.flatMap((name) => ['--stop', name]);
  const { code, output } = await crash('--after', '--jobs', '6', ...stops);
  const verdict: unknown = JSON.parse(output.trimEnd().split('\n').at(-1) ?? '');
  // The output has the bots' logs and the messages that people read, and is shown only if something broke.
  expect({ verdict, ...(code === 0 ? {} : { output }) }).toEqual({
    verdict: { stops: 2 * STOPS.length, seed: 0, violations: [], lateness: expect.anything() },
  });
  expect(code).toBe(0);
}, 180_000);

test('`npm run crash` answers an unknown mode with its usage', async () => {
  const { code, output } = await crash('--mode', 'nonsense');
  expect({ code, output }).toEqual({ code: 2, output: '' });
});
