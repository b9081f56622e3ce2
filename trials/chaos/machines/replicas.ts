/** The compiled bot as so many processes, each with a clock of its own, killed and started while the run goes on. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../../sandbox/free-port.js';

const MAIN = fileURLToPath(new URL('../../../bundled/bot.js', import.meta.url));
const STARTS_MS = 15_000;
const CLOCK = new URL('./clock.js', import.meta.url).href;

export interface Replica {
  readonly name: string;
  readonly running: boolean;
  /** Its log, all lives in one file. */
  readonly logFile: string;
  start(): void;
  /** Resolves once it works on what is due, or after a while in which it did not get there. */
  works(): Promise<void>;
  /** Resolves once the process is gone. */
  stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

export interface ReplicaOptions {
  name: string;
  env: Readonly<Record<string, string>>;
  /** How wrong its clock is. */
  shiftMs: number;
  folder: string;
  /** It ended without being asked to. */
  onCrash(code: number | null): void;
}

export async function createReplica(options: ReplicaOptions): Promise<Replica> {
  const { name, env, shiftMs, folder, onCrash } = options;
  const logFile = join(folder, `${name}.log`);
  const port = String(await freePort());
  let child: ChildProcess | undefined;
  let latest: ChildProcess | undefined;

  process.once('exit', () => latest?.kill('SIGKILL'));
  return {
    name,
    logFile,
    get running() {
      return child !== undefined;
    },
    start() {
      if (child) return;
      // Straight into the file: the driver has no time to read along.
      const log = openSync(logFile, 'a');
      const started = spawn(process.execPath, ['--import', CLOCK, MAIN], {
        env: { PATH: process.env.PATH ?? '', ...env, PORT: port, CLOCK_SHIFT_MS: String(shiftMs) },
        stdio: ['ignore', log, log],
        detached: process.platform !== 'win32',
      });
      closeSync(log);
      child = started;
      latest = started;
      started.once('exit', (code) => {
        if (child !== started) return;
        child = undefined;
        onCrash(code);
      });
    },
    async works() {
      // It answers here, with whatever, once its workers and its sweep run.
      const deadlineMs = Date.now() + STARTS_MS;
      while (child && Date.now() < deadlineMs) {
        if (await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined)) return;
        await wait(50);
      }
    },
    async stop(signal) {
      const stopped = child;
      child = undefined;
      if (!stopped) return;
      const gone = new Promise((resolve) => stopped.once('exit', resolve));
      stopped.kill(signal);
      await gone;
    },
  };
}
