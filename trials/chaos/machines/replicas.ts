/** Runs the compiled bot as a process with a clock of its own, which is killed and started again during a run. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../../sandbox/free-port.js';

const MAIN = fileURLToPath(new URL('../../../bundled/bot.js', import.meta.url));
const STARTS_MS = 15_000;
const CLOCK = new URL('./clock.js', import.meta.url).href;

export interface Replica {
  readonly name: string;
  readonly running: boolean;
  /** The port on 127.0.0.1 at which the replica answers. */
  readonly port: number;
  /**
   * Whether {@link works} or {@link ready} has seen the replica answer since its last start, and nobody has stopped it
   * since.
   */
  readonly answers: boolean;
  /** The file with the log of this replica, from its first start to its last. */
  readonly logFile: string;
  start(): void;
  /** Resolves once the bot works on jobs that are due, or after 15 s without that. */
  works(): Promise<void>;
  /** Resolves once the bot says that it can do all of its work, or after 15 s without that. */
  ready(): Promise<void>;
  /** Resolves once the process is gone. */
  stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
}

export interface ReplicaOptions {
  name: string;
  env: Readonly<Record<string, string>>;
  /** How far the replica's clock is ahead of this machine's, milliseconds; negative where it is behind. */
  shiftMs: number;
  folder: string;
  /** Called when the process ended without being asked to. */
  onCrash(code: number | null): void;
}

export async function createReplica(options: ReplicaOptions): Promise<Replica> {
  const { name, env, shiftMs, folder, onCrash } = options;
  const logFile = join(folder, `${name}.log`);
  const port = await freePort();
  let child: ChildProcess | undefined;
  let latest: ChildProcess | undefined;
  let hasAnswered = false;

  async function answers(path: string, suffices: (answer: Response) => boolean): Promise<void> {
    const deadlineMs = Date.now() + STARTS_MS;
    while (child && Date.now() < deadlineMs) {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined);
      if (answer && suffices(answer)) {
        hasAnswered = true;
        return;
      }
      await sleep(50);
    }
  }

  process.once('exit', () => latest?.kill('SIGKILL'));
  return {
    name,
    logFile,
    port,
    get answers() {
      return child !== undefined && hasAnswered;
    },
    get running() {
      return child !== undefined;
    },
    start() {
      if (child) return;
      // The log goes straight into the file: this process has no time to read it.
      const log = openSync(logFile, 'a');
      const started = spawn(process.execPath, ['--import', CLOCK, MAIN], {
        env: { PATH: process.env.PATH ?? '', ...env, PORT: String(port), CLOCK_SHIFT_MS: String(shiftMs) },
        stdio: ['ignore', log, log],
        detached: process.platform !== 'win32',
      });
      closeSync(log);
      child = started;
      hasAnswered = false;
      latest = started;
      started.once('exit', (code) => {
        if (child !== started) return;
        child = undefined;
        onCrash(code);
      });
    },
    // The bot answers at this address, with any status, once its workers and its sweep run.
    works: () => answers('/healthz', () => true),
    ready: () => answers('/readyz', ({ ok }) => ok),
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
