/** A story: a town and the real bot in it, in this process. Each has its own installation, so one Redis serves all. */

import { readFileSync } from 'node:fs';
import { nanoid } from 'nanoid';
import type { AwsSettings } from '../../sandbox/aws/settings.js';
import type { AwsWorld } from '../../sandbox/aws/world.js';
import { plain } from '../../sandbox/slack/reading/plain.js';
import type { Person } from '../../sandbox/slack/slack-town.js';
import type { Message } from '../../sandbox/slack/state/conversations.js';
import type { Delivery } from '../../sandbox/slack/state/mail.js';
import { startTown, type Town } from '../../sandbox/town.js';
import { type PersonName, people } from '../../sandbox/world.js';
import { type App, createApp, type Rooms, realRooms } from '../../src/app.js';
import { type Config, readConfig } from '../../src/config.js';

export const SOURCE = '203.0.113.25/32';

/** How long a story waits for what it waits for: a bound for what never comes, also where much else runs. */
const PATIENCE_MS = 15_000;

export interface StoryOptions {
  http?: boolean;
  /** YAML in place of the sandbox's policy. */
  policy?: string;
  /** Changes to the bot's environment: short times, above all. */
  env?: Record<string, string>;
  aws?: Partial<AwsSettings>;
  world?: AwsWorld;
  redisUrl?: string;
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
  sees(name: PersonName, part: RegExp | string, ms?: number): Promise<string>;
  /** Waits for a message that matches, then presses its button that begins with `button`. */
  presses(name: PersonName, part: RegExp | string, button: string): Promise<Delivery>;
  /** The messages in the bot's conversation with the person, as they read them. */
  reads(name: PersonName): string[];
  /** Ephemeral replies that the person saw. */
  hears(name: PersonName, part: RegExp | string): Promise<string>;
  /** SSH rules at AWS, the truth. */
  rules(): { ruleId: string; groupId: string; cidr: string; tags: Record<string, string> }[];
  /** Waits for so many SSH rules at AWS. */
  rulesBecome(count: number, ms?: number): Promise<void>;
  until(what: string, look: () => boolean, ms?: number): Promise<void>;
  stopBot(): Promise<void>;
  /** With another policy from now on, where one is given. */
  startBot(policy?: string): Promise<void>;
  end(): Promise<void>;
}

/** How far the bot's clock, which it sets by Redis' answers, and that of the sandbox may be apart. */
export const CLOCK_MS = 250;

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
  slack.settings.ackTimeoutMs = 15_000;
  slack.settings.triggerLifeMs = 15_000;
  const env = {
    ...town.env,
    LOG_LEVEL: process.env.TEST_LOG ?? 'silent',
    TIME_ABSENT_AGAIN: '300ms',
    // A machine that stands still for a moment is no outage.
    TIME_REDIS: '10s',
    ...options.env,
  };
  const read = (policy = options.policy) => {
    const reading = readConfig(env, (path) => policy ?? readFileSync(path, 'utf8'));
    if (!reading.ok) throw new Error(reading.problems.join('\n'));
    return reading.config;
  };
  const config = read();
  let current = config;
  // The AWS SDK reads its endpoint and keys from the process: stories of one file share them, one after another.
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: aws.url,
    AWS_ACCESS_KEY_ID: town.env.AWS_ACCESS_KEY_ID,
    AWS_SECRET_ACCESS_KEY: town.env.AWS_SECRET_ACCESS_KEY,
  });
  let app: App | undefined;
  const startBot = async (policy?: string) => {
    if (policy !== undefined) current = read(policy);
    const rooms = realRooms(current);
    app = createApp(current, options.wrap ? options.wrap(rooms) : rooms);
    await app.start();
    if (!options.http) await slack.waitConnected(PATIENCE_MS);
    // Redis is connected to in the background; a story begins when it is there.
    await untilHealthy(`http://127.0.0.1:${config.port}/healthz`);
  };
  await startBot();

  const shown = (message: Message, name: PersonName) => plain(message, slack.world, people[name]);
  const matches = (text: string, part: RegExp | string) =>
    typeof part === 'string' ? text.includes(part) : part.test(text);
  const reads = (name: PersonName) => slack.dm(people[name]).map((message) => shown(message, name));

  async function find(name: PersonName, part: RegExp | string, ms = PATIENCE_MS) {
    const look = () =>
      slack
        .dm(people[name])
        .map((message) => ({ message, text: shown(message, name) }))
        .findLast(({ text }) => matches(text, part));
    try {
      return await slack.until(look, ms, `${name} sees ${part}`);
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

  async function until(what: string, look: () => boolean, ms = PATIENCE_MS) {
    const deadline = Date.now() + ms;
    while (!look()) {
      if (Date.now() > deadline) throw new Error(`never: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
  }

  const rules = () =>
    aws.rules().filter(({ isEgress, fromPort, tags }) => !isEgress && fromPort === 22 && tags);

  const story: Story = {
    town,
    config,
    person: (name) => slack.person(people[name]),
    async says(name, text) {
      const delivery = await slack.person(people[name]).command(text);
      if (delivery.failure) throw new Error(`Slack shows ${delivery.failure}: ${delivery.ephemeral}`);
      return delivery.ephemeral ?? '';
    },
    async asks(name, text) {
      const reply = await story.says(name, text);
      const id = reply.match(/\b[2-9A-HJ-NP-Z]{5}\b/)?.[0];
      if (!id) throw new Error(`no request id in: ${reply}`);
      return id;
    },
    sees: async (name, part, ms) => (await find(name, part, ms)).text,
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
    rulesBecome: (count, ms) =>
      until(`${count} rules at AWS (there are ${rules().length})`, () => rules().length === count, ms),
    until,
    async stopBot() {
      await app?.stop();
      app = undefined;
    },
    startBot,
    async end() {
      await app?.stop();
      await town.close();
    },
  };
  return story;
}
