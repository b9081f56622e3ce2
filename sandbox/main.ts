/** `npm run sandbox`: starts the town and the real bot in it, then gives the tour or a prompt. */
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { type Bot, startBot } from './bot.js';
import { runLine, seenBy } from './prompt.js';
import { tour } from './tour.js';
import { startTown, type Town } from './town.js';

const USAGE = `npm run sandbox [-- OPTIONS]
  --tour        the main job once, without anybody
  --json        with --tour: one JSON object a line
  --http        signed HTTP instead of Socket Mode
  --env FILE    writes the bot's environment to FILE
  --verbose     shows the bot's log`;

// The SDK's note about Node versions is for those who run the bot; main.ts of the bot logs it.
process.removeAllListeners('warning');

const options = readOptions();
if (options) process.exitCode = await run(options);
else process.exitCode = 2;

function readOptions() {
  const flag = { type: 'boolean', default: false } as const;
  const known = {
    tour: flag,
    json: flag,
    http: flag,
    verbose: flag,
    help: flag,
    env: { type: 'string' },
  } as const;
  try {
    const { values } = parseArgs({ options: known });
    if (!values.help && !(values.json && !values.tour)) return values;
    console.error(USAGE);
  } catch (fault) {
    console.error(`${fault instanceof Error ? fault.message : fault}\n\n${USAGE}`);
  }
  return undefined;
}

async function run(given: NonNullable<typeof options>): Promise<number> {
  const print = given.json ? console.error : console.log;
  print('\n  workspace-ssh sandbox: pretend Slack and AWS, the real bot. Nothing leaves this machine.');
  const town = await startTown({ http: given.http });
  if (given.env)
    writeFileSync(
      given.env,
      Object.entries(town.env)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    );
  const bot = startBot(town.env);
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve());
    bot.onCrash((code) => {
      print(
        `  The bot stopped by itself (exit code ${code}). Its last lines:\n${bot.log.slice(-15).join('\n')}`,
      );
      resolve();
    });
  });
  let code = 0;
  try {
    await ready(town, bot, given.http);
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
    } else {
      await prompt(town, bot, stopped);
    }
  } catch (fault) {
    print(`  ${fault instanceof Error ? fault.message : fault}\n${bot.log.slice(-15).join('\n')}`);
    code = 1;
  }
  await bot.stop();
  await town.close();
  return code;
}

/** Until the bot takes what Slack sends. */
async function ready(town: Town, bot: Bot, http: boolean): Promise<void> {
  if (!http) return town.slack.waitConnected(15_000);
  const health = `http://${town.env.HOST}:${town.env.PORT}/healthz`;
  const deadline = Date.now() + 15_000;
  while (Date.now() < deadline && bot.running) {
    const answer = await fetch(health).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('The bot did not start to listen.');
}

async function prompt(town: Town, bot: Bot, stopped: Promise<void>): Promise<void> {
  console.log(`
    Type    jane /workspace-ssh ws-janedoe01 203.0.113.25 1m trying it out
    then    maria approve      and watch the rule come and go
    also    jane end · maria deny · aws · help            Stop: Ctrl-C
`);
  const lines = createInterface({
    input: process.stdin,
    output: process.stdout,
    prompt: '> ',
    terminal: process.stdin.isTTY,
  });
  const show = (line: string) => {
    console.log(line);
    lines.prompt();
  };
  town.slack.onEvent((event) => {
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
  lines.on('line', (line) => {
    runLine(town, bot, line).then(
      (answer) => show(answer),
      (fault: unknown) => show(fault instanceof Error ? fault.message : String(fault)),
    );
  });
  lines.on('SIGINT', () => process.emit('SIGINT'));
  await stopped;
  lines.close();
  // A pipe that somebody still holds open would keep this process alive.
  process.stdin.destroy();
}
