/** Starts the bot, stops it on a signal, and lets running work finish first. */
import { readFileSync } from 'node:fs';
import { readConfig } from './config.js';
import { createLog } from './log.js';

/** How long after TIME_DRAIN the process may still take to close its connections. */
const LAST_STEPS_MS = 2_000;

const reading = readConfig(process.env, (path) => readFileSync(path));
if (reading.ok) {
  await run(reading.config);
} else {
  const [one, many] = ['There is a problem', `There are ${reading.problems.length} problems`];
  console.error(
    `workspace-ssh cannot start. ${reading.problems.length === 1 ? one : many} with its configuration:\n`,
  );
  for (const problem of reading.problems) console.error(`  ${problem}`);
  console.error('\nWhat to do about each?  npm run doctor\nJust trying it?  npm run sandbox');
  process.exitCode = 2;
}

async function run(config: Extract<typeof reading, { ok: true }>['config']): Promise<void> {
  const log = createLog(config.logLevel, config.secrets);

  // Node prints warnings (the AWS SDK's about Node versions, for one) as text among the JSON lines.
  process.removeAllListeners('warning');
  process.on('warning', (warning) => log.warn({ err: warning }, warning.message));
  // After a fault that nobody caught nothing in memory can be trusted. All that is owed is stored, so a new process does it.
  process.on('unhandledRejection', (cause) => die(cause, 'a promise failed and nobody caught it'));
  process.on('uncaughtException', (cause) => die(cause, 'an exception was thrown and nobody caught it'));

  log.info(
    {
      installation: config.installation,
      slack: config.slack.mode.kind,
      policyHash: config.policy.hash,
      node: process.version,
    },
    'starting',
  );
  for (const { name, value, usual } of config.changedTimes) {
    log.warn({ name, value, usual }, `${name} is ${value} instead of ${usual}`);
  }
  for (const warning of config.warnings) log.warn({}, warning);

  // These imports take half a second: only once the configuration is known to be right.
  const { createApp } = await import('./app.js');
  const app = createApp(config);

  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal));
  try {
    await app.start();
  } catch (cause) {
    die(cause, 'could not start');
  }

  async function stop(signal: NodeJS.Signals): Promise<void> {
    // Ctrl-C in a terminal and a supervisor's signal often come together.
    if (stopping) return;
    stopping = true;
    log.info({ signal, drainMs: config.times.drainMs }, 'stopping');
    setTimeout(() => {
      log.error({}, 'did not stop in time; what was under way is owed and will be done at the next start');
      process.exit(1);
    }, config.times.drainMs + LAST_STEPS_MS);
    try {
      await app.stop();
    } catch (cause) {
      die(cause, 'could not stop');
    }
    log.info({}, 'stopped');
    process.exit(0);
  }

  function die(cause: unknown, message: string): never {
    log.fatal({ err: cause }, cause instanceof Error ? `${message}: ${cause.message}` : message);
    process.exit(1);
  }
}
