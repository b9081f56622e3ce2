/** Holds that the sandbox uses a Redis that is installed, where the bot works with it, and leaves no process or file behind. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { startRedisServer } from '../../sandbox/redis-server.js';
import { until } from '../redis/redis.js';

const COMPILED = new URL('../../dist/sandbox/redis-server.js', import.meta.url).href;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'workspace-ssh-server-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A program that says that it is a server of this version, and does `then` where it is started as one. */
function program(version: string, then = 'echo "Ready to accept connections"; exec sleep 1000'): string {
  const file = join(folder, `server-${version}`);
  const says = `[ "$1" = --version ] && { echo "Redis server v=${version} bits=64"; exit; }`;
  const notes = `echo $$ >'${folder}/pid'; echo "$@" >'${folder}/args'`;
  writeFileSync(file, `#!/bin/sh\n${says}\n${notes}\n${then}\n`, { mode: 0o700 });
  return file;
}

const noted = (name: string): string => readFileSync(join(folder, name), 'utf8').trim();

const isThere = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('an installed server appends each stored change to a file, and is gone with its data once it is closed', async () => {
  const server = await startRedisServer([join(folder, 'not-installed'), program('6.2.0')]);
  const args = noted('args');
  const [, data = ''] = /--dir (\S+)/.exec(args) ?? [];
  const pid = Number(noted('pid'));
  expect(args).toContain('--bind 127.0.0.1 ');
  expect(args).toContain('--appendonly yes ');
  expect(args).toContain('--maxmemory-policy noeviction ');
  expect(args).toContain(`--port ${new URL(server?.url ?? '').port} `);
  expect([existsSync(data), isThere(pid)]).toEqual([true, true]);
  await server?.close();
  expect([existsSync(data), isThere(pid)]).toEqual([false, false]);
});

test.each(['5.0.7', '6.0.16'])(
  'a server %s, with which the bot does not work, is not used',
  async (version) => {
    expect(await startRedisServer([program(version)])).toBeUndefined();
    expect(existsSync(join(folder, 'pid'))).toBe(false);
  },
);

test('a server that does not start is not used', async () => {
  expect(await startRedisServer([program('8.1.1', 'exit 1')])).toBeUndefined();
});

test('the server ends when the process that started it is killed', async () => {
  const starts = `
    import { startRedisServer } from ${JSON.stringify(COMPILED)};
    await startRedisServer([${JSON.stringify(program('7.0.15'))}]);
    console.log('started');`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', starts], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  const pid = Number(noted('pid'));
  expect(isThere(pid)).toBe(true);
  child.kill('SIGKILL');
  await until('the server is gone', () => !isThere(pid));
});
