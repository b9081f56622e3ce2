/** Starts, kills and restarts the console's bot, always with the same environment. */
import { type Bot, startBot } from '../bot.js';
import type { SlackTown } from '../slack/slack-town.js';
import type { BotShown } from './shown/shapes.js';

export interface BotKeeper {
  readonly bot: Bot;
  readonly shown: BotShown;
  /** Resolves once the bot takes what Slack sends. Rejects if a bot runs already, or if the bot does not come up. */
  start(): Promise<void>;
  kill(): Promise<void>;
  stop(): Promise<void>;
  onChange(listener: (shown: BotShown) => void): void;
  onLine(listener: (line: string) => void): void;
}

export interface BotPlace {
  slack: SlackTown;
  env: Readonly<Record<string, string>>;
  /** Whether the bot takes what Slack sends. */
  isReady(): Promise<boolean>;
  now(): number;
  /** How long `start` waits, milliseconds. The bot goes on starting afterwards. */
  upWithinMs?: number;
}

const UP_WITHIN_MS = 60_000;
const LATE = 'The bot is not up yet. Is other weather on? It goes on trying.';

export function createBotKeeper({
  slack,
  env,
  isReady,
  now,
  upWithinMs = UP_WITHIN_MS,
}: BotPlace): BotKeeper {
  const listeners: ((shown: BotShown) => void)[] = [];
  const readers: ((line: string) => void)[] = [];
  let bot: Bot | undefined;
  let shown: BotShown = { state: 'gone', sinceMs: now() };
  const become = (state: BotShown['state']): void => {
    shown = { state, sinceMs: now() };
    for (const listener of listeners) listener(shown);
  };
  const running = (): Bot => {
    if (!bot) throw new Error('The bot was never started.');
    return bot;
  };
  return {
    get bot() {
      return running();
    },
    get shown() {
      return shown;
    },
    async start() {
      if (bot?.running) throw new Error('The bot runs already.');
      // Slack may still hold the connections of the killed bot.
      await slack.until(() => slack.connected() === 0);
      become('starting');
      const started = startBot(env);
      bot = started;
      started.onLine((line) => {
        for (const reader of readers) reader(line);
      });
      started.onCrash(() => become('gone'));
      const up = (async () => {
        for (;;) {
          const ready = await isReady();
          if (!started.running)
            throw new Error(`The bot did not start. Its last lines:\n${started.log.slice(-15).join('\n')}`);
          if (ready) return become('running');
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      })();
      up.catch(() => undefined);
      let timer: NodeJS.Timeout | undefined;
      // A bot may be late because Slack refuses every call, and comes up once Slack answers again.
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(reject, upWithinMs, new Error(LATE));
      });
      try {
        await Promise.race([up, late]);
      } finally {
        clearTimeout(timer);
      }
    },
    async kill() {
      if (!bot?.running) throw new Error('The bot is gone already.');
      await bot.stop('SIGKILL');
      become('gone');
    },
    async stop() {
      await bot?.stop();
    },
    onChange: (listener) => listeners.push(listener),
    onLine: (reader) => readers.push(reader),
  };
}
