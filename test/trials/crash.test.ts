/** A few of the stops of `npm run crash`: the bot is killed where it hurts, and access ends all the same. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fileOf } from '../../sandbox/town.js';
import { anyRedis, type TestRedis } from '../redis/redis.js';

const MAIN = fileOf('dist/trials/crash/main.js');
/** Told but not noted; opened but not known; about to be closed. */
const STOPS = ['messenger.post', 'firewall.authorize', 'firewall.revoke'];

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

test('killed in the middle of telling, opening and closing: nothing that must never happen happened', async () => {
  const stops = STOPS.flatMap((name) => ['--stop', name]);
  const { code, output } = await crash('--after', '--jobs', '6', ...stops);
  const verdict: unknown = JSON.parse(output.trimEnd().split('\n').at(-1) ?? '');
  // The log of each bot and what people read, where something broke.
  expect({ verdict, ...(code === 0 ? {} : { output }) }).toEqual({
    verdict: { stops: 6, seed: 0, violations: [], lateness: expect.anything() },
  });
  expect(code).toBe(0);
}, 180_000);

test('a mode that there is not: how to use it', async () => {
  const { code, output } = await crash('--mode', 'nonsense');
  expect({ code, output }).toEqual({ code: 2, output: '' });
});
