/** A story: a town and the real bot in it, in this process. Each has its own installation, so one Redis serves all. */

import { readFileSync } from 'node:fs';
import { nanoid } from 'nanoid';
import type { AwsSettings } from '../../sandbox/aws/settings.js';
import type { AwsWorld } from '../../sandbox/aws/world.js';
import { freePort } from '../../sandbox/free-port.js';
import { answerTo } from '../../sandbox/slack/people/answer.js';
import { plain } from '../../sandbox/slack/reading/plain.js';
import type { Person } from '../../sandbox/slack/slack-town.js';
import type { Message } from '../../sandbox/slack/state/conversations.js';
import type { Delivery } from '../../sandbox/slack/state/mail.js';
import { startTown, type Town } from '../../sandbox/town.js';
import { type PersonName, people } from '../../sandbox/world.js';
import { INSTALLATION_TAG } from '../../src/access/rules/lease.js';
import type { App, Outside, Rooms } from '../../src/app.js';
import { type Config, readConfig } from '../../src/config.js';
import { PATIENCE_MS } from '../patience.js';

export const SOURCE = '203.0.113.25/32';

export interface StoryOptions {
  http?: boolean;
  /** YAML in place of the sandbox's policy. */
  policy?: string;
  /** Changes to the bot's environment: short times, above all. */
  env?: Record<string, string>;
  aws?: Partial<AwsSettings>;
  world?: AwsWorld;
  redisUrl?: string;
  /** No bot in this process until `startBot`: the packages of the bot are not loaded here if the test has its own. */
  withoutBot?: boolean;
  /** Wraps a part of the bot. */
  wrap?(rooms: Rooms): Rooms;
}

export interface Story {
  town: Town;
  config: Config;
  person(name: PersonName): Person;
  /** Sends a command and answers the reply's text. */
  says(name: PersonName, text: string): Promise<string>;
  /** Asks and answers the id of the request. */
  asks(name: PersonName, text: string): Promise<string>;
  /** Waits until the person's newest messages have one that matches, and answers its text. */
  sees(name: PersonName, part: RegExp | string): Promise<string>;
  /** Waits for a message that matches, then presses its button that begins with `button`. */
  presses(name: PersonName, part: RegExp | string, button: string): Promise<Delivery>;
  /** The messages in the bot's conversation with the person, as they read them. */
  reads(name: PersonName): string[];
  /** Ephemeral replies that the person saw. */
  hears(name: PersonName, part: RegExp | string): Promise<string>;
  /** SSH rules at AWS, the truth. */
  rules(): { ruleId: string; groupId: string; cidr: string; tags: Record<string, string> }[];
  /** Waits for so many SSH rules at AWS. */
  rulesBecome(count: number): Promise<void>;
  until(what: string, look: () => boolean): Promise<void>;
  /**
   * Lets time pass for the bot alone, at once: what is due by then is done by its next sweep, since its timers were set
   * before. AWS, Slack and the test go by the time that it is.
   */
  passes(ms: number): void;
  /** Waits until so many more passes of the sweep have read the rules, each from its beginning. */
  sweeps(count: number): Promise<void>;
  /**
   * How often sweeps read the rules between two instants. A rule whose end came goes within {@link MOST_READS}.
   * @throws Error for NaN: the instant of a removal that never happened
   */
  readsBetween(fromMs: number, toMs: number): number;
  /** The bot's clock, as far as a test can know it: epoch milliseconds. */
  now(): number;
  stopBot(): Promise<void>;
  /** Starts the bot again, with another policy from now on where one is given. */
  startBot(policy?: string): Promise<void>;
  /**
   * Starts one more replica of the bot in this process, which is stopped with the story.
   * @returns the address of its events over HTTP
   */
  startReplica(wrap: (rooms: Rooms) => Rooms): Promise<string>;
  end(): Promise<void>;
}

/** How far the bot's clock, which it sets by Redis' answers, and that of the sandbox may be apart. */
export const CLOCK_MS = 250;

/**
 * The reads of the sweep that was under way at an end, and of the next one. A pass that looks around open access makes one
 * of its own where none was made a short while before.
 */
export const MOST_READS = 3;
/** A pass that looks around open access may look at the list that the pass before has read. */
const ONE_BEFORE = 1;

/** Starts a town and a bot; call `end` when done. */
export async function startStory(options: StoryOptions = {}): Promise<Story> {
  const redisUrl = options.redisUrl ?? process.env.TEST_REDIS_URL;
  const town = await startTown({
    installation: `t-${nanoid(10).toLowerCase().replace(/_/g, '-')}`,
    aws: { staleMs: 30, ...options.aws },
    ...(options.http ? { http: true } : {}),
    ...(redisUrl ? { redisUrl } : {}),
    ...(options.world ? { world: options.world } : {}),
  });
  const { slack, aws } = town;
  slack.settings.rates.enabled = false;
  slack.settings.ackTimeoutMs = PATIENCE_MS;
  slack.settings.triggerLifeMs = PATIENCE_MS;
  const env = {
    ...town.env,
    LOG_LEVEL: process.env.TEST_LOG ?? 'silent',
    TIME_ABSENT_AGAIN: '300ms',
    // A machine that stands still for a moment is no outage.
    TIME_REDIS: '10s',
    ...options.env,
  };
  const read = (policy = options.policy) => {
    const reading = readConfig(env, (path) =>
      policy === undefined ? readFileSync(path) : Buffer.from(policy),
    );
    if (!reading.ok) throw new Error(reading.problems.join('\n'));
    return reading.config;
  };
  const config = read();
  let current = config;
  const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = town.env;
  const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
  let aheadMs = 0;
  let app: App | undefined;
  const replicas: App[] = [];
  const start = async (config: Config, wrap = options.wrap) => {
    const [{ createApp, realRooms }, { createSharedClock }] = await Promise.all([
      import('../../src/app.js'),
      import('../../src/redis/replicas/clock.js'),
    ]);
    const clockOf: Outside['clockOf'] = (...given) => {
      const clock = createSharedClock(...given);
      return { ...clock, now: () => clock.now() + aheadMs };
    };
    const rooms = realRooms(config, { clockOf, aws: { endpoint: aws.url, credentials } });
    const started = createApp(config, wrap ? wrap(rooms) : rooms);
    await started.start();
    if (!options.http) await slack.waitConnected(PATIENCE_MS);
    // Redis is connected to in the background; a story begins when it is there.
    await untilHealthy(`http://127.0.0.1:${config.port}/healthz`);
    return started;
  };
  const startBot = async (policy?: string) => {
    if (policy !== undefined) current = read(policy);
    app = await start(current);
  };
  if (!options.withoutBot) await startBot();

  const shown = (message: Message, name: PersonName) => plain(message, slack.world, people[name]);
  const matches = (text: string, part: RegExp | string) =>
    typeof part === 'string' ? text.includes(part) : part.test(text);
  const reads = (name: PersonName) => slack.dm(people[name]).map((message) => shown(message, name));

  async function find(name: PersonName, part: RegExp | string) {
    const look = () =>
      slack
        .dm(people[name])
        .map((message) => ({ message, text: shown(message, name) }))
        .findLast(({ text }) => matches(text, part));
    try {
      return await slack.until(look, PATIENCE_MS, `${name} sees ${part}`);
    } catch {
      throw new Error(`${name} did not see ${part}, but:\n${reads(name).join('\n---\n') || 'nothing'}`);
    }
  }

  async function untilHealthy(url: string) {
    const deadline = Date.now() + PATIENCE_MS;
    while (!(await fetch(url).catch(() => undefined))?.ok) {
      if (Date.now() > deadline) throw new Error('the bot is not healthy');
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
  }

  async function until(what: string, look: () => boolean) {
    const deadline = Date.now() + PATIENCE_MS;
    while (!look()) {
      if (Date.now() > deadline) throw new Error(`never: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
  }

  const rules = () =>
    aws.rules().filter(({ isEgress, fromPort, tags }) => !isEgress && fromPort === 22 && tags);

  const readsOfRules = () =>
    aws.journal.filter(
      ({ action, request }) =>
        action === 'DescribeSecurityGroupRules' && Object.values(request).includes(INSTALLATION_TAG),
    );

  const story: Story = {
    town,
    config,
    person: (name) => slack.person(people[name]),
    async says(name, text) {
      const { delivery, message } = await answerTo(slack, people[name], text, PATIENCE_MS);
      if (delivery.failure) throw new Error(`Slack shows ${delivery.failure}: ${delivery.ephemeral}`);
      return message.text;
    },
    async asks(name, text) {
      const reply = await story.says(name, text);
      const id = reply.match(/\b[2-9A-HJ-NP-Z]{5}\b/)?.[0];
      if (!id) throw new Error(`no request id in: ${reply}`);
      return id;
    },
    sees: async (name, part) => (await find(name, part)).text,
    async presses(name, part, button) {
      const { message, text } = await find(name, part);
      const shown = [...text.matchAll(/\[([^\]\n]+)\]/g)].map(([, label]) => label ?? '');
      const label = shown.find((one) => one.startsWith(button));
      if (!label) throw new Error(`no button "${button}" in:\n${text}`);
      return slack.person(people[name]).press(message, label);
    },
    reads,
    async hears(name, part) {
      const look = () =>
        slack
          .ephemerals(people[name])
          .map((message) => shown(message, name))
          .findLast((text) => matches(text, part));
      try {
        return await slack.until(look, PATIENCE_MS, `${name} hears ${part}`);
      } catch {
        const heard = slack.ephemerals(people[name]).map((message) => shown(message, name));
        throw new Error(`${name} did not hear ${part}, but:\n${heard.join('\n---\n') || 'nothing'}`);
      }
    },
    rules,
    rulesBecome: (count) =>
      until(`${count} rules at AWS (there were ${rules().length})`, () => rules().length === count),
    until,
    passes(ms) {
      aheadMs += ms;
    },
    async sweeps(count) {
      const before = readsOfRules().length;
      const reads = () => readsOfRules().length - before;
      await until(`${count} more sweeps`, () => reads() >= count + 1 + ONE_BEFORE);
    },
    readsBetween(fromMs, toMs) {
      if (Number.isNaN(fromMs) || Number.isNaN(toMs)) throw new Error('no reads between what never happened');
      return readsOfRules().filter(({ at }) => at > fromMs && at < toMs).length;
    },
    now: () => Date.now() + aheadMs,
    async stopBot() {
      await app?.stop();
      app = undefined;
    },
    startBot,
    async startReplica(wrap) {
      const port = await freePort();
      replicas.push(await start({ ...current, port }, wrap));
      return `http://127.0.0.1:${port}/slack/events`;
    },
    async end() {
      await Promise.all([app, ...replicas].map((one) => one?.stop()));
      await town.close();
    },
  };
  return story;
}
