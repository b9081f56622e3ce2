/** The compiled bot as processes of their own, beside a story's town: to be stopped, killed and started again. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { freePort } from '../../sandbox/free-port.js';
import { fileOf } from '../../sandbox/town.js';
import { until } from '../redis/redis.js';

const MAIN = fileOf('dist/bundled/bot.js');

export interface BotProcess {
  /** The log of the bot, one JSON line each. */
  readonly log: readonly string[];
  readonly running: boolean;
  /** Sends the signal; answers the exit code (null after a signal ended it) and how long that took. */
  stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<{ code: number | null; tookMs: number }>;
}

/** Fills the pipe through which the log is read. */
const FULL = `data:text/javascript,process.stdout.write("x".repeat(2**20))`;

/**
 * Starts a bot with `env` and nothing of this process's but PATH, on a port of its own; resolves once it is healthy.
 * @param unread nobody reads its log, and the pipe is full
 */
export async function startBotProcess(
  env: Record<string, string>,
  { unread = false }: { unread?: boolean } = {},
): Promise<BotProcess> {
  if (!existsSync(MAIN)) throw new Error('dist is missing: npm run build');
  const port = await freePort();
  // A machine that stands still for a moment is no outage of Redis.
  const all = { PATH: process.env.PATH ?? '', TIME_REDIS: '10s', ...env, PORT: `${port}`, LOG_LEVEL: 'info' };
  const child = spawn(process.execPath, [...(unread ? ['--import', FULL] : []), MAIN], {
    env: all,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const log = unread ? [] : linesOf(child);
  const gone = new Promise<number | null>((resolve) => {
    child.once('exit', resolve);
  });
  let running = true;
  void gone.then(() => {
    running = false;
  });
  const bot: BotProcess = {
    log,
    get running() {
      return running;
    },
    async stop(signal) {
      const startedMs = Date.now();
      if (running) child.kill(signal);
      const code = await gone;
      return { code, tookMs: Date.now() - startedMs };
    },
  };
  const url = `http://127.0.0.1:${port}/healthz`;
  const isUp = async () => (await fetch(url).catch(() => undefined))?.ok === true;
  try {
    await until('the bot is healthy', async () => !running || (await isUp()));
  } catch (cause) {
    await bot.stop('SIGKILL');
    throw cause;
  }
  if (!running) throw new Error(`the bot did not start:\n${log.join('\n')}`);
  return bot;
}

function linesOf(child: ChildProcess): string[] {
  const lines: string[] = [];
  let rest = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
  });
  return lines;
}
