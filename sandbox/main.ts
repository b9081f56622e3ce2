/**
 * `npm run sandbox`: starts the town and the real bot in it, then opens the console, runs the tour, or shows a
 * prompt.
 */
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { type Bot, startBot } from './bot.js';
import { startConsole, USUAL_PORT } from './console/console.js';
import { formReader, type Keeper, runLine, seenBy } from './prompt.js';
import { startRedisServer } from './redis-server.js';
import { tour } from './tour.js';
import { startTown, type Town } from './town.js';

const USAGE = `npm run sandbox [-- OPTIONS]
  --port N      where the page is served; else 4600, or a free port where that is taken
  --tour        no page: the main job once, without anybody
  --prompt      no page: people act by lines that are typed here
  --json        with --tour: one JSON object a line
  --http        signed HTTP instead of Socket Mode
  --env FILE    writes to FILE what a bot of your own needs here; its waiting times are the usual ones
  --verbose     shows the bot's log`;

// The SDK's warning about Node versions concerns people who run the bot, whose own log has the warning.
process.removeAllListeners('warning');

const GREETING = 'workspace-ssh sandbox: pretend Slack and AWS, the real bot. Nothing leaves this machine.';

/** The exit code for wrong options. */
const EXIT_USAGE = 2;

const options = readOptions();
if (!options) process.exitCode = EXIT_USAGE;
else if (options.help) console.log(USAGE);
else process.exitCode = await onRedis(options.tour || options.prompt ? run : openConsole, options);

function readOptions() {
  const flag = { type: 'boolean', default: false } as const;
  const known = {
    tour: flag,
    prompt: flag,
    port: { type: 'string' },
    json: flag,
    http: flag,
    verbose: flag,
    help: flag,
    env: { type: 'string' },
  } as const;
  try {
    const { values } = parseArgs({ options: known });
    const { tour: isTour, json, port = '', help } = values;
    if (help) return values;
    if (json && !isTour) throw new Error('--json is for --tour.');
    if (!/^\d{0,5}$/.test(port) || Number(port) > 65_535) throw new Error(`--port: ${port} is no port.`);
    return values;
  } catch (fault) {
    console.error(`${fault instanceof Error ? fault.message : fault}\n\n${USAGE}`);
  }
  return undefined;
}

type Given = NonNullable<typeof options>;

/** Gives the town a Redis server that keeps stored data, where one is installed. @returns the exit code */
async function onRedis(begin: (given: Given, redisUrl?: string) => Promise<number>, given: Given) {
  const redis = await startRedisServer();
  try {
    return await begin(given, redis?.url);
  } finally {
    await redis?.close();
  }
}

/** Serves the page until Ctrl-C. @returns the exit code */
async function openConsole(given: Given, redisUrl?: string): Promise<number> {
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve());
  });
  console.log(`\n  ${GREETING}`);
  const port = given.port === undefined ? USUAL_PORT : Number(given.port);
  const opened = await startConsole({ http: given.http, port, ...(redisUrl ? { redisUrl } : {}) });
  if (port !== 0 && new URL(opened.url).port !== String(port))
    console.log(`  Port ${port} is taken, perhaps by another sandbox. This one's page is at another port.`);
  let code = 0;
  try {
    if (given.env !== undefined) writeEnvironment(given.env, opened.env);
    if (given.verbose) opened.keeper.onLine((line) => console.log(line));
    await opened.keeper.start().catch((fault: Error) => {
      // A bot that is slow to start goes on trying, and the page shows its log.
      if (opened.keeper.shown.state !== 'starting') throw fault;
      console.error(`  ${fault.message}`);
    });
    console.log(`    Open    ${opened.url}
    You are Jane. Type:  /workspace-ssh ws-janedoe01 203.0.113.25 1m trying it out
    Then switch to Maria (top left), press Approve, and watch the rule come and go.

  No browser?  npm run sandbox -- --tour   (15 s)       Stop: Ctrl-C
`);
    await stopped;
  } catch (fault) {
    console.error(`  ${fault instanceof Error ? fault.message : fault}`);
    code = 1;
  }
  await opened.close();
  return code;
}

/** Runs the tour, or the prompt until Ctrl-C. @returns the exit code */
async function run(given: Given, redisUrl?: string): Promise<number> {
  const print = given.json ? console.error : console.log;
  print(`\n  ${GREETING}`);
  const town = await startTown({ http: given.http, ...(redisUrl ? { redisUrl } : {}) });
  try {
    if (given.env !== undefined) writeEnvironment(given.env, town.env);
  } catch (fault) {
    console.error(`--env: cannot write the file (${fault instanceof Error ? fault.message : fault}).`);
    await town.close();
    return EXIT_USAGE;
  }
  let end = () => {};
  const stopped = new Promise<void>((resolve) => {
    end = resolve;
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, end);
  let code = 0;
  const start = (): Bot => {
    const bot = startBot(town.env);
    bot.onCrash((exitCode) => {
      print(
        `  The bot stopped by itself (exit code ${exitCode}). Its last lines:\n${bot.log.slice(-15).join('\n')}`,
      );
      code = 1;
      end();
    });
    return bot;
  };
  let bot = start();
  const keeper: Keeper = {
    get bot() {
      return bot;
    },
    start() {
      bot = start();
      return ready(town, bot, given.http);
    },
  };
  try {
    await Promise.race([ready(town, bot, given.http), stopped]);
    if (given.tour) {
      const said = (t: number, who: string, what: string, beside = '') =>
        print(`${t.toFixed(1).padStart(4)}s  ${who.padEnd(6)} ${what.padEnd(48)} ${beside}`.trimEnd());
      const count = { steps: 0 };
      print('');
      const seen = tour(
        town,
        (step) => {
          count.steps += 1;
          if (given.json) console.log(JSON.stringify(step));
        },
        said,
      );
      const passed = await Promise.race([seen, stopped.then(() => false)]);
      print(passed ? ` ✓ ${count.steps} steps, each seen at Slack and at AWS` : ' ✗ not every step was seen');
      if (!passed && given.verbose) print(bot.log.join('\n'));
      code = passed ? 0 : 1;
    } else if (bot.running) {
      await prompt(town, keeper, stopped);
    }
  } catch (fault) {
    print(`  ${fault instanceof Error ? fault.message : fault}\n${bot.log.slice(-15).join('\n')}`);
    code = 1;
  }
  await bot.stop();
  await town.close();
  return code;
}

/** Resolves once the bot takes what Slack sends. Rejects after 15 seconds, or when the bot ends. */
async function ready(town: Town, bot: Bot, http: boolean): Promise<void> {
  const health = `http://${town.env.HOST}:${town.env.PORT}/healthz`;
  const isReady = async () =>
    http ? (await fetch(health).catch(() => undefined))?.ok : town.slack.connected() > 0;
  const deadline = Date.now() + 15_000;
  while (Date.now() < deadline && bot.running) {
    if (await isReady()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(http ? 'The bot did not start to listen.' : 'The bot did not connect.');
}

/** The short waiting times are for visitors, who watch the sandbox's own bot: another bot has the usual ones. */
function writeEnvironment(file: string, env: Town['env']): void {
  const own = Object.entries(env).filter(([name]) => !name.startsWith('TIME_'));
  const lines = own.map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(file, lines.join(''));
}

async function prompt(town: Town, keeper: Keeper, stopped: Promise<void>): Promise<void> {
  console.log(`
    Type    jane /workspace-ssh ws-janedoe01 203.0.113.25 1m trying it out
    then    maria approve      and watch the rule come and go
    also    jane end · maria deny · aws · help            Stop: Ctrl-C
`);
  const lines = createInterface({
    input: process.stdin,
    output: process.stdout,
    prompt: process.stdin.isTTY ? '> ' : '',
    terminal: process.stdin.isTTY,
  });
  const input = { ended: false };
  lines.on('close', () => {
    input.ended = true;
  });
  const show = (line: string) => {
    if (line) console.log(line);
    if (!input.ended) lines.prompt();
  };
  const readForm = formReader(town);
  town.slack.onEvent((event) => {
    if (event.type === 'view') {
      const form = readForm(event.view);
      if (form) show(form);
    }
    if (event.type !== 'message' && event.type !== 'ephemeral') return;
    for (const line of seenBy(town, event.message)) show(line);
  });
  town.aws.onEvent((event) => {
    if (event.kind !== 'change') return;
    const { change } = event;
    if (change.kind === 'rule-added' && !change.rule.isEgress)
      show(`AWS    + ${change.rule.ruleId} tcp/22 from ${change.rule.cidr}`);
    if (change.kind === 'rule-removed' && !change.rule.isEgress)
      show(`AWS    − ${change.rule.ruleId} tcp/22 from ${change.rule.cidr}`);
  });
  lines.prompt();
  // Lines are carried out one after the other, in the order in which they were typed.
  let turn = Promise.resolve();
  let over = false;
  lines.on('line', (line) => {
    turn = turn
      .then(() => (over ? '' : runLine(town, keeper, line)))
      .catch((fault: unknown) => (fault instanceof Error ? fault.message : String(fault)))
      .then((answer) => {
        if (!over) show(answer);
      });
  });
  lines.on('SIGINT', () => process.emit('SIGINT'));
  await stopped;
  over = true;
  lines.close();
  // Standard input that is an open pipe would keep this process alive.
  process.stdin.destroy();
}
