/**
 * Measures what very many requests leave behind that each go through their life, from the form by an approval and an open
 * port to the end: memory and open handles of the bot, and what Redis keeps for ever. Reads /proc, so only on Linux.
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

/** How long access lasts: short, and longer than an opening takes on a busy machine. */
const DURATION = '20s';
const SHORTEST = '5s';
const PEOPLE = 250;
/** The share of requests that must open: on a busy machine the time of a few is over before they open. */
const MOST_OPENED = 0.9;
const LOOK_MS = 200;
/**
 * How much more of anything there may be at the end than after the first tenths, since garbage makes memory go up and
 * down.
 */
const FLAT = 1.1;

const UNITS = {
  memory: 'MB',
  handles: 'descriptors',
  keys: 'that never expire',
  entries: 'in these keys',
};
/** Node collects garbage seldom where it has room: with little room, memory that grows is kept by somebody. */
const SMALL_HEAP = ['--max-old-space-size=128'];

type What = keyof typeof UNITS;
type Sample = Record<What | 'cpuMs', number>;

export async function soak(conditions: Conditions): Promise<Figure[]> {
  const { small, grants: count = small ? 20 : 20_000, redisUrl } = conditions;
  const askers = Math.min(PEOPLE, Math.ceil(count / (small ? 2 : 10)));
  const ours = await startAmong(askers, conditions, SMALL_HEAP);
  const { town, bot, eventsUrl: url, signingSecret } = ours;
  const prefix = `{wssh:${town.env.INSTALLATION}}`;
  const redis = new Redis(redisUrl);
  let opened = 0;
  town.aws.onEvent((event) => {
    if (event.kind === 'change' && event.change.kind === 'rule-removed') opened += 1;
  });
  approveAll();

  const samples: Sample[] = [];
  let sent = 0;
  try {
    for (let over = 0; over < count; ) {
      if (!bot.running) throw new Error(`the bot ended:\n${bot.log.join('\n')}`);
      over = await askAgain();
      // The pretend Slack keeps its journal for tests. This bench empties it, or the memory would count.
      town.slack.journal.length = 0;
      const tenths = Math.floor((over / count) * 10);
      if (samples.length < tenths * SAMPLES) samples.push(await sample());
      await sleep(LOOK_MS);
    }
  } finally {
    redis.disconnect();
    await ours.close();
  }
  if (!small && opened < count * MOST_OPENED) throw new Error(`only ${opened} of ${count} requests opened`);
  return figuresOf(samples, count);

  /** Lets everybody ask who has no open and no waiting request. Resolves with the number of requests that are over. */
  async function askAgain(): Promise<number> {
    const all = Array.from({ length: askers }, (_, n) => n);
    const live = await redis.pipeline(all.map((n) => ['zcard', `${prefix}:live:${askerOf(n).id}`])).exec();
    const idle = all.filter((n) => live?.[n]?.[1] === 0);
    const over = sent - (askers - idle.length);
    const free = idle.slice(0, count - sent);
    sent += free.length;
    const bodies = free.map((n) => formOf(town, n, small ? SHORTEST : DURATION));
    const load = { url, signingSecret, connections: 8, count: bodies.length };
    await send({ ...load, bodyOf: (nth) => bodies[nth] ?? '' });
    return over;
  }

  /**
   * Lets the manager say yes once to each card in the first approver's conversation. Cards in others' are of requests
   * that have waited for minutes.
   */
  function approveAll(): void {
    const maria = town.slack.person(people.maria);
    const seen = new Set<string>();
    let own: string | undefined;
    const asks = ({ blocks }: Message) => JSON.stringify(blocks).includes(ACTION.approve);
    town.slack.onEvent((event) => {
      if (event.type !== 'message' || seen.has(event.message.ts) || !asks(event.message)) return;
      own ??= event.message.channel;
      if (event.message.channel !== own) return;
      seen.add(event.message.ts);
      void maria.press(event.message, ACTION.approve);
    });
  }

  async function sample(): Promise<Sample> {
    const { megabytes: memory, cpuMs } = usageOf(bot.pid);
    const handles = readdirSync(`/proc/${bot.pid}/fd`).length;
    return { memory, handles, cpuMs, ...(await keptForEver(redis, prefix)) };
  }
}

/** How often the bench looks at memory in each tenth. */
const SAMPLES = 5;

/** The keys that never expire, and how many entries they have, but for streams: the bot and BullMQ trim these. */
async function keptForEver(redis: Redis, prefix: string): Promise<Pick<Sample, 'keys' | 'entries'>> {
  const found = new Set<string>();
  const pattern = `${prefix}:*`;
  for await (const some of redis.scanStream({ match: pattern, count: 1_000 })) {
    for (const key of some) found.add(String(key));
  }
  const names = [...found];
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
  const SIZES: Readonly<Record<string, string>> = { zset: 'zcard', set: 'scard', list: 'llen' };
  const listed = kept.filter(({ type }) => type in SIZES);
  const sizes = (await redis.pipeline(listed.map(({ key, type }) => [SIZES[type] ?? '', key])).exec()) ?? [];
  return { keys: kept.length, entries: sizes.reduce((sum, [, size]) => sum + Number(size), 0) };
}

/**
 * Each figure before the last tenth, beside the same figure after the second. The first tenths fill everything that the
 * bot keeps on purpose.
 */
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
  /** Processor time of a life in the tenth that came before the nth. */
  const perLife = (nth: number) => {
    const [before, after] = [samples[(nth - 2) * SAMPLES], samples[(nth - 1) * SAMPLES]];
    return ((after?.cpuMs ?? 0) - (before?.cpuMs ?? 0)) / (count / 10);
  };
  return [
    ...[figure('memory'), figure('handles'), figure('keys'), figure('entries')],
    { figure: `${count} requests: processor`, unit: 'ms a life', ours: perLife(9), floor: perLife(2) },
  ];
}
