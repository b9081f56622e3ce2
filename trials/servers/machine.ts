/** One process of redis-server, as Redis or as a Sentinel, which a trial starts, kills, halts and asks. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from '../../sandbox/free-port.js';

export interface Machine {
  /** The port for connections in the clear, from this machine alone. */
  readonly port: number;
  readonly pid: number;
  /** Starts the process, for the second time with its stored data. Resolves once it answers. */
  start(): Promise<void>;
  /** Resolves once the process is gone. */
  kill(): Promise<void>;
  /** Halts the process, which keeps its connections and answers nothing, or lets the process go on. */
  halt(): void;
  goOn(): void;
  /** Sends a command as a user who may do everything. */
  ask(command: string, ...args: (string | number)[]): Promise<unknown>;
}

const START_MS = 20_000;
const SILENT_MS = 1_000;

/**
 * Writes the settings of a process that is started later.
 * @param lines of redis.conf or sentinel.conf, without port, address and folder
 * @param password of the user who may do everything
 */
export async function createMachine(
  folder: string,
  lines: readonly string[],
  { isSentinel = false, password }: { isSentinel?: boolean; password?: string } = {},
): Promise<Machine> {
  const port = await freePort();
  const dir = mkdtempSync(join(folder, 'redis-'));
  const file = join(dir, 'settings.conf');
  writeFileSync(file, [`port ${port}`, 'bind 127.0.0.1', `dir ${dir}`, ...lines, ''].join('\n'));
  let child: ChildProcess | undefined;
  process.once('exit', () => child?.kill('SIGKILL'));

  async function ask(command: string, ...args: (string | number)[]): Promise<unknown> {
    const redis = new Redis({
      ...{ host: '127.0.0.1', port, enableReadyCheck: false, retryStrategy: null },
      // A server that is halted takes connections and says nothing.
      commandTimeout: SILENT_MS,
      ...(password === undefined ? {} : { password }),
    });
    redis.on('error', () => {});
    try {
      return await redis.call(command, ...args);
    } finally {
      redis.disconnect();
    }
  }

  return {
    port,
    get pid() {
      return child?.pid ?? 0;
    },
    ask,
    async start() {
      const started = spawn('redis-server', [file, ...(isSentinel ? ['--sentinel'] : [])], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      child = started;
      let said = '';
      started.stdout.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-2_000);
      });
      const untilMs = Date.now() + START_MS;
      for (;;) {
        if ((await ask('PING').catch(() => undefined)) === 'PONG') return;
        if (started.exitCode !== null || Date.now() > untilMs)
          throw new Error(`redis-server did not start:\n${said}`);
        await sleep(20);
      }
    },
    async kill() {
      const killed = child;
      child = undefined;
      if (!killed || killed.exitCode !== null || killed.signalCode !== null) return;
      const gone = new Promise((resolve) => killed.once('exit', resolve));
      killed.kill('SIGKILL');
      await gone;
    },
    halt: () => void child?.kill('SIGSTOP'),
    goOn: () => void child?.kill('SIGCONT'),
  };
}

/** Looks again until a condition holds. @throws Error that names the condition */
export async function until(what: string, holds: () => Promise<boolean>, ms = START_MS): Promise<void> {
  const untilMs = Date.now() + ms;
  while (!(await holds().catch(() => false))) {
    if (Date.now() > untilMs) throw new Error(`still waiting until ${what}`);
    await sleep(25);
  }
}
