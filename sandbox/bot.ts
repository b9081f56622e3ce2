/** Starts the real bot as a child process, configured through its environment alone, as anybody would start it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The way to the bundled bot, from `sandbox/` as well as from `dist/sandbox/`. */
const BUNDLED = import.meta.url.includes('/dist/sandbox/') ? '../bundled/' : '../dist/bundled/';
const MAIN = fileURLToPath(new URL(`${BUNDLED}bot.js`, import.meta.url));

export interface Bot {
  /** The last lines of the bot's log, newest last; one JSON object each. */
  readonly log: readonly string[];
  readonly running: boolean;
  /** The process's id; 0 where the process did not start. */
  readonly pid: number;
  /** Ends the bot, with SIGKILL as a crash would. Resolves once the process is gone. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Calls back with each line of the bot's log. */
  onLine(listener: (line: string) => void): void;
  /** Calls back when the bot ended without being asked to. */
  onCrash(listener: (code: number | null) => void): void;
}

const LOG_LINES = 5_000;

/** Ends the bot with this process, however this process ends: the bot's standard input closes then. */
const LEASH = `data:text/javascript,${encodeURIComponent(
  "process.stdin.once('close', () => process.kill(process.pid, 'SIGKILL')).resume().unref();",
)}`;

/**
 * Starts the compiled bot with `env` and nothing of this process's environment but PATH.
 * @param main another entry than the bot's own
 * @param flags of Node
 */
export function startBot(
  env: Readonly<Record<string, string>>,
  main = MAIN,
  flags: readonly string[] = [],
): Bot {
  const child = spawn(process.execPath, [...flags, '--import', LEASH, main], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    // The bot has a process group of its own, so that Ctrl-C reaches only the sandbox, which then stops the bot in order.
    detached: process.platform !== 'win32',
  });
  const log: string[] = [];
  const readers: ((line: string) => void)[] = [];
  const listeners: ((code: number | null) => void)[] = [];
  let asked = false;
  let running = true;
  collect(child, (line) => {
    log.push(line);
    for (const reader of readers) reader(line);
    if (log.length > LOG_LINES) log.shift();
  });
  const gone = new Promise<void>((resolve) => {
    child.once('exit', (code) => {
      running = false;
      resolve();
      if (!asked) for (const listener of listeners) listener(code);
    });
  });
  return {
    log,
    pid: child.pid ?? 0,
    get running() {
      return running;
    },
    async stop(signal = 'SIGTERM') {
      asked = true;
      if (running) child.kill(signal);
      await gone;
    },
    onLine: (reader) => readers.push(reader),
    onCrash: (listener) => listeners.push(listener),
  };
}

function collect(child: ChildProcess, take: (line: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream?.setEncoding('utf8');
    stream?.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) take(line);
    });
  }
}
