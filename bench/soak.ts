/**
 * What is left behind by very many requests that each go through their life, from the form by an approval and an open port
 * to the end: memory and open handles of the bot, and what Redis keeps for ever. Reads /proc, so only on Linux.
 */
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Message } from '../sandbox/slack/state/conversations.js';
import { people } from '../sandbox/world.js';
import { ACTION } from '../src/slack/words/ids.js';
import { type Conditions, type Figure, shareOf } from './figures.js';
import { askerOf, formOf, startAmong } from './loads/askers.js';
import { send } from './loads/send.js';
import { usageOf } from './processes.js';

/** The shortest that the sandbox's policy allows. */
const DURATION = '5s';
const PEOPLE = 100;
const LOOK_MS = 200;
/** How much more there may be at the end than after the first tenths. Garbage makes memory go up and down. */
const FLAT = 1.1;

const UNITS = {
  memory: 'MB',
  handles: 'descriptors',
  keys: 'that never expire',
  entries: 'in these keys',
};
type What = keyof typeof UNITS;
type Sample = Record<What, number>;

export async function soak(conditions: Conditions): Promise<Figure[]> {
  const { small, grants: count = small ? 40 : 20_000, redisUrl } = conditions;
  const askers = Math.min(PEOPLE, Math.ceil(count / 10));
  const ours = await startAmong(askers, conditions);
  const { town, bot, eventsUrl: url, signingSecret } = ours;
  const prefix = `{wssh:${town.env.INSTALLATION}}`;
  const redis = new Redis(redisUrl);
  let ended = 0;
  town.aws.onEvent((event) => {
    if (event.kind === 'change' && event.change.kind === 'rule-removed') ended += 1;
  });
  approveAll();

  const samples: Sample[] = [];
  let sent = 0;
  try {
    while (ended < count) {
      if (!bot.running) throw new Error(`the bot ended:\n${bot.log.join('\n')}`);
      await askAgain();
      // The pretend Slack keeps what happened for tests that look at it.
      town.slack.journal.length = 0;
      const tenths = Math.floor((ended / count) * 10);
      if (samples.length < tenths * SAMPLES) samples.push(await sample());
      await sleep(LOOK_MS);
    }
  } finally {
    redis.disconnect();
    await ours.close();
  }
  return figuresOf(samples, count);

  /** Whoever has nothing open and nothing waiting asks. */
  async function askAgain(): Promise<void> {
    const all = Array.from({ length: askers }, (_, n) => n);
    const live = await redis.pipeline(all.map((n) => ['zcard', `${prefix}:live:${askerOf(n).id}`])).exec();
    const free = all.filter((n) => live?.[n]?.[1] === 0).slice(0, count - sent);
    sent += free.length;
    const bodies = free.map((n) => formOf(town, n, DURATION));
    const load = { url, signingSecret, connections: 8, count: bodies.length };
    await send({ ...load, bodyOf: (nth) => bodies[nth] ?? '' });
  }

  /** The manager says yes to each card once. */
  function approveAll(): void {
    const maria = town.slack.person(people.maria);
    const seen = new Set<string>();
    const asks = ({ blocks }: Message) => JSON.stringify(blocks).includes(ACTION.approve);
    town.slack.onEvent((event) => {
      if (event.type !== 'message' || seen.has(event.message.ts) || !asks(event.message)) return;
      seen.add(event.message.ts);
      void maria.press(event.message, ACTION.approve);
    });
  }

  async function sample(): Promise<Sample> {
    const { megabytes: memory } = usageOf(bot.pid);
    const handles = readdirSync(`/proc/${bot.pid}/fd`).length;
    return { memory, handles, ...(await keptForEver(redis, prefix)) };
  }
}

/** How often is looked in each tenth. */
const SAMPLES = 5;

/** The keys that never expire, and how many entries they have; the audit log is bounded by the policy instead. */
async function keptForEver(redis: Redis, prefix: string): Promise<Pick<Sample, 'keys' | 'entries'>> {
  const found = new Set<string>();
  const pattern = `${prefix}:*`;
  for await (const some of redis.scanStream({ match: pattern, count: 1_000 })) {
    for (const key of some) found.add(String(key));
  }
  const names = [...found].filter((key) => key !== `${prefix}:audit`);
  const answers =
    (await redis
      .pipeline(
        names.flatMap((key) => [
          ['pttl', key],
          ['type', key],
        ]),
      )
      .exec()) ?? [];
  const kept = names.flatMap((key, n) => {
    const [ttl, type] = [answers[2 * n]?.[1], String(answers[2 * n + 1]?.[1])];
    return ttl === -1 ? [{ key, type }] : [];
  });
  const SIZES: Readonly<Record<string, string>> = {
    zset: 'zcard',
    set: 'scard',
    list: 'llen',
    stream: 'xlen',
  };
  const listed = kept.filter(({ type }) => type in SIZES);
  const sizes = (await redis.pipeline(listed.map(({ key, type }) => [SIZES[type] ?? '', key])).exec()) ?? [];
  return { keys: kept.length, entries: sizes.reduce((sum, [, size]) => sum + Number(size), 0) };
}

/** What there was before the last tenth, beside what there was after the second: the first fills what is kept on purpose. */
function figuresOf(samples: readonly Sample[], count: number): Figure[] {
  const middle = (what: What, some: readonly Sample[]) =>
    shareOf(
      some.map((one) => one[what]),
      0.5,
    );
  const figure = (what: What): Figure => ({
    figure: `${count} requests: ${what}`,
    unit: UNITS[what],
    ours: middle(what, samples.slice(-SAMPLES)),
    floor: middle(what, samples.slice(SAMPLES, 2 * SAMPLES)),
    goal: { op: '<=', value: FLAT },
  });
  return [figure('memory'), figure('handles'), figure('keys'), figure('entries')];
}
