/** Holds that the sandbox's bot ends with the process that started it, so that no bot is left behind. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { until } from '../redis/redis.js';

const BOT = new URL('../../dist/sandbox/bot.js', import.meta.url).href;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'workspace-ssh-bot-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const isThere = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
  'the bot ends when the process that started it gets %s',
  async (signal) => {
    const busy = join(folder, 'busy.mjs');
    writeFileSync(busy, 'console.log(process.pid); setInterval(() => {}, 1_000);');
    const starts = `
    import { startBot } from ${JSON.stringify(BOT)};
    startBot({}, ${JSON.stringify(busy)}).onLine((line) => console.log(line));`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', starts], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    const pid = Number(said);
    expect(isThere(pid)).toBe(true);
    child.kill(signal);
    await until('the bot is gone', () => !isThere(pid));
  },
);
