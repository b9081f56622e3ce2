/**
 * The two programs that a bench compares: the bot in a town of its own, as `npm start` runs it, and a bare Bolt app,
 * which is not bundled.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Bot, startBot } from '../sandbox/bot.js';
import { freePort } from '../sandbox/free-port.js';
import { startTown, type Town, type TownOptions } from '../sandbox/town.js';
import type { Conditions } from './figures.js';

const BARE_BOLT = fileURLToPath(new URL('floors/bare-bolt.js', import.meta.url));
const BARE_FORM = fileURLToPath(new URL('floors/bare-form.js', import.meta.url));

/** A program that takes Slack's payloads over HTTP. */
export interface Program {
  bot: Bot;
  eventsUrl: string;
  signingSecret: string;
  close(): Promise<void>;
}

/** Variables that are added to the environment of the bot, and flags of Node. */
export interface Start {
  env: Record<string, string>;
  flags: readonly string[];
}

/**
 * Starts the bot, and resolves once it answers.
 * @param options of its town, and how the bot is started
 */
export async function startOurs(
  { redisUrl, profile }: Conditions,
  { env = {}, flags = [], ...options }: TownOptions & Partial<Pick<Start, 'env' | 'flags'>> = {},
): Promise<Program & { town: Town }> {
  const installation = randomBytes(6).toString('hex');
  const town = await startTown({ ...options, http: true, redisUrl, installation });
  town.slack.settings.rates.enabled = false;
  const bot = startBot({ ...town.env, ...env }, undefined, [...flags, ...profiling(profile)]);
  const origin = `http://127.0.0.1:${town.env.PORT}`;
  await answers(bot, `${origin}/healthz`);
  return {
    town,
    bot,
    eventsUrl: `${origin}/slack/events`,
    signingSecret: town.env.SLACK_SIGNING_SECRET ?? '',
    async close() {
      await bot.stop();
      await town.close();
    },
  };
}

/** Starts a Bolt app that does nothing but acknowledge, and resolves once it answers. */
export function startBareBolt(): Promise<Program> {
  return startBare(BARE_BOLT, {});
}

/** Starts a Bolt app that stores a key for each form, and resolves once it answers. */
export function startBareForm({ redisUrl }: Conditions): Promise<Program> {
  return startBare(BARE_FORM, { REDIS_URL: redisUrl, BENCH_PREFIX: randomBytes(6).toString('hex') });
}

async function startBare(main: string, env: Record<string, string>): Promise<Program> {
  const [port, signingSecret] = [await freePort(), randomBytes(16).toString('hex')];
  const bot = startBot({ PORT: String(port), SLACK_SIGNING_SECRET: signingSecret, ...env }, main);
  const origin = `http://127.0.0.1:${port}`;
  await answers(bot, `${origin}/healthz`);
  return { bot, eventsUrl: `${origin}/slack/events`, signingSecret, close: () => bot.stop() };
}

/** Flags of Node for a profile in a folder. */
export function profiling(folder: string | undefined): string[] {
  return folder ? ['--cpu-prof', `--cpu-prof-dir=${folder}`] : [];
}

/** Resolves once a program answers. */
export async function answers(bot: Bot, url: string): Promise<void> {
  for (;;) {
    if (!bot.running) throw new Error(`the program ended at its start:\n${bot.log.join('\n')}`);
    if (
      await fetch(url).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return;
    await sleep(5);
  }
}

/** The unit of the times in /proc/PID/stat, on every Linux that Node runs on. */
const TICK_MS = 10;

/** Processor time since a process started, its memory now and at most. Reads /proc, so only on Linux. */
export function usageOf(pid: number): { cpuMs: number; megabytes: number; mostMegabytes: number } {
  // The name of the program may hold spaces and brackets, so the fields are counted from its end.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const megabytesOf = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1_024;
  return {
    cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
    megabytes: megabytesOf('VmRSS'),
    mostMegabytes: megabytesOf('VmHWM'),
  };
}
