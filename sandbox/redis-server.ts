/**
 * A `redis-server` or `valkey-server` for the sandbox, where one is installed. It writes each stored change to a file
 * (AOF), as the Redis of a bot in earnest does, so that the doctor finds nothing to say. The embedded Redis keeps
 * nothing.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.js';

export interface RedisServer {
  /** `redis://127.0.0.1:PORT` */
  url: string;
  /** Stops the server and removes its data. */
  close(): Promise<void>;
}

const PROGRAMS = ['redis-server', 'valkey-server'];
/** The oldest Redis that the bot works with. */
const OLDEST = { major: 6, minor: 2 };
/** So long that no busy machine reaches the bound. A server that cannot start ends by itself. */
const START_MS = 60_000;

/** Ends the server with the sandbox, however the sandbox ends: descriptor 3 closes then. */
const LEASHED = '"$@" 3<&- & server=$!; { cat <&3; kill -9 $server; } & wait $server';

/** @returns undefined where no server is installed that starts and that the bot works with */
export async function startRedisServer(programs = PROGRAMS): Promise<RedisServer | undefined> {
  const program = programs.find(isNewEnough);
  if (program === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'workspace-ssh-redis-'));
  const port = await freePort();
  const kept = ['--appendonly', 'yes', '--save', '', '--dir', folder];
  const args = ['--bind', '127.0.0.1', '--port', `${port}`, '--maxmemory-policy', 'noeviction', ...kept];
  const server = spawn('sh', ['-c', LEASHED, 'sh', program, ...args], {
    stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
    // Ctrl-C reaches the sandbox alone, which stops the bot first.
    detached: true,
  });
  const gone = new Promise<void>((resolve) => {
    server.once('exit', () => resolve()).once('error', () => resolve());
  });
  const close = async () => {
    server.stdio[3]?.destroy();
    await gone;
    rmSync(folder, { recursive: true, force: true });
  };
  if (await isReady(server, gone)) return { url: `redis://127.0.0.1:${port}`, close };
  await close();
  return undefined;
}

function isNewEnough(program: string): boolean {
  const { stdout, status } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  const [, major, minor] = /v=(\d+)\.(\d+)/.exec(stdout ?? '') ?? [];
  if (status !== 0 || major === undefined) return false;
  return Number(major) > OLDEST.major || (Number(major) === OLDEST.major && Number(minor) >= OLDEST.minor);
}

/** Whether the server says that it takes connections. */
function isReady(server: ChildProcess, gone: Promise<void>): Promise<boolean> {
  return new Promise((resolve) => {
    const tooLong = setTimeout(() => resolve(false), START_MS);
    const done = (ready: boolean) => {
      clearTimeout(tooLong);
      resolve(ready);
    };
    let said = '';
    server.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4_096);
      if (said.includes('Ready to accept connections')) done(true);
    });
    void gone.then(() => done(false));
  });
}
