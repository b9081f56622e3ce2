/** Counts the bot's calls to Redis, AWS and Slack in each step of a grant's life, as seen on the wire. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import type { Redis } from 'ioredis';
import { respReader } from '../../sandbox/console/resp.js';
import type { JournalEntry } from '../../sandbox/slack/state/journal.js';
import type { Town } from '../../sandbox/town.js';
import { RENEW } from '../../src/redis/replicas/lock.js';
import { until } from '../redis/redis.js';

const KINDS = ['redis', 'aws', 'slack'] as const;
type Counts = Record<(typeof KINDS)[number], number>;

/** One step with the bot's calls in it; `commands` are the calls to Redis, in short. */
export interface Counted {
  name: string;
  counts: Counts;
  commands: string[];
}

/** A way to Redis that shows the commands that pass, BullMQ's among them. */
export interface CountedRedis {
  url: string;
  /** The commands since the last call, without the commands that a process sends at any time. */
  take(): string[];
  close(): Promise<void>;
}

/**
 * Commands of the shared clock, of the health check, of the opening of a connection, and of a worker that waits for
 * jobs, which goes on all the time.
 */
const AT_ANY_TIME = new Set(['TIME', 'PING', 'HELLO', 'CLIENT', 'INFO', 'AUTH', 'SELECT', 'BZPOPMIN']);

/**
 * A command that belongs to no step either: a look whether Redis takes writes, what the bot may do there, or for lost
 * jobs, whose script has their list first. Other scripts of BullMQ have that list among their keys.
 */
const AT_ANY_TIME_BY_KEY = /:probe|^\w+ \S+ :\w+:stalled /;

/** A lock is renewed as often as the machine is slow. */
function belongsToAStep([name = '']: string[], said: string, hash: string | undefined): boolean {
  if (AT_ANY_TIME.has(name.toUpperCase()) || hash === RENEW.sha) return false;
  return !AT_ANY_TIME_BY_KEY.test(said);
}

/** The hash by which Redis knows a script, whether a command sends that or the text. */
function scriptOf([name = '', script = '']: string[]): string | undefined {
  if (/^evalsha$/i.test(name)) return script;
  return /^eval$/i.test(name) ? createHash('sha1').update(script).digest('hex') : undefined;
}

export async function startCountedRedis(target: string): Promise<CountedRedis> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let seen: string[] = [];
  let asking: string | undefined;
  const server = createServer((client) => {
    const redis = connect(Number(port), hostname);
    for (const [socket, other] of [
      [client, redis],
      [redis, client],
    ] as const) {
      sockets.add(socket.setNoDelay(true));
      socket.on('error', () => other.destroy());
      socket.on('close', () => other.destroy());
    }
    const reader = respReader();
    const tried = new Set<string>();
    client.on('data', (chunk: Buffer) => {
      for (const value of reader.push(chunk)) {
        const command = Array.isArray(value) ? value.map(String) : [];
        const said = inShort(command);
        const hash = scriptOf(command);
        // The first script that a worker runs on its lists asks for a job.
        if (/ :\w+:wait :\w+:active$/.test(said)) asking ??= hash;
        // A Redis that does not know a script by its hash gets the text, once.
        const isSecondTry = hash !== undefined && hash !== command[1] && tried.has(hash);
        if (hash !== undefined) tried.add(hash);
        if (belongsToAStep(command, said, hash) && !isSecondTry && (!hash || hash !== asking))
          seen.push(said);
      }
    });
    client.pipe(redis).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the way to Redis has no port');
  return {
    url: `redis://127.0.0.1:${address.port}`,
    take() {
      const taken = seen;
      seen = [];
      return taken;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The command with the keys that tell its purpose: a script has its text or hash, and a number, before the keys. */
function inShort([name = '', ...args]: string[]): string {
  const isScript = /^eval/i.test(name);
  const said = isScript ? [args[0]?.slice(0, 8).replace(/\s+/g, ' '), ...args.slice(2, 4)] : args.slice(0, 2);
  return [name, ...said].join(' ').replace(/\{[^}]*\}/g, '');
}

/**
 * On a machine that takes seconds to check a request, its requester is told so before the card that everybody else
 * gets.
 */
function saysWait({ method, request }: JournalEntry): boolean {
  return method === 'chat.postMessage' && /\*Checking\*/.test(JSON.stringify(request));
}

/** The bot remembers for half a minute what Slack said of a person. */
const REMEMBERED_MS = 30_000;

/** On a machine that takes so long for a few steps, a person is looked up once more. */
function asksAnew({ method, request, at }: JournalEntry, all: readonly JournalEntry[]): boolean {
  if (method !== 'users.info') return false;
  const asked = JSON.stringify(request);
  return all.some(
    (one) => one.method === method && one.at <= at - REMEMBERED_MS && JSON.stringify(one.request) === asked,
  );
}

/** Counts for one town and the bot in it; `prefix` is that of the bot's keys. */
export function countSteps(town: Town, redis: CountedRedis, looking: Redis, prefix: string) {
  const made = () => ({
    aws: town.aws.journal.length,
    slack: town.slack.journal.filter(
      (entry, _, all) => entry.kind === 'api' && !saysWait(entry) && !asksAnew(entry, all),
    ).length,
  });
  let before = made();

  /** Nothing is left to tell, and no job waits or runs. */
  async function isQuiet(): Promise<boolean> {
    const lists = ['work', 'ends', 'tell'].flatMap((queue) => [`${queue}:wait`, `${queue}:active`]);
    const counts = await Promise.all([
      looking.zcard(`${prefix}:owed:tell`),
      ...lists.map((list) => looking.llen(`${prefix}:${list}`)),
    ]);
    return counts.every((count) => count === 0);
  }

  /** Whether somebody works on a request. For this Redis looks at the keys of all the tests. */
  async function isWorking(): Promise<boolean> {
    return (await looking.keys(`${prefix.replace(/[[\]*?]/g, '\\$&')}:lock:*`)).length > 0;
  }

  // Once more at the end, since work that was under way may have left a job.
  const isDone = async () => (await isQuiet()) && !(await isWorking()) && (await isQuiet());

  return {
    /** The calls since the step before, once nothing is left to do. */
    async step(name: string): Promise<Counted> {
      await until(`the end of the step "${name}"`, isDone);
      const commands = redis.take();
      const now = made();
      const counts = { redis: commands.length, aws: now.aws - before.aws, slack: now.slack - before.slack };
      before = now;
      return { name, counts, commands };
    },
  };
}

/** The page that says how much each step may take. */
const PAGE = 'docs/performance.md';

/** The most that the page allows for each step, and in all. */
function allowed(): ReadonlyMap<string, Counts> {
  const rows = readFileSync(PAGE, 'utf8').matchAll(
    /^\| ([a-z][^|]*?) +\| +(\d+) +\| +(\d+) +\| +(\d+) +\|/gm,
  );
  return new Map(
    [...rows].map(([, name = '', redis, aws, slack]) => [
      name,
      { redis: Number(redis), aws: Number(aws), slack: Number(slack) },
    ]),
  );
}

/**
 * Names each count that is more than the page allows for a step or for the whole life, with the commands of such a
 * step.
 */
export function tooMuch(life: string, steps: readonly Counted[]): string[] {
  const most = allowed();
  const sum = (kind: keyof Counts) => steps.reduce((total, { counts }) => total + counts[kind], 0);
  const all = { name: life, counts: { redis: sum('redis'), aws: sum('aws'), slack: sum('slack') } };
  return [...steps, { ...all, commands: [] }].flatMap(({ name, counts, commands }) => {
    const limits = most.get(name);
    if (!limits) return [`${PAGE} has no row for "${name}", which takes ${JSON.stringify(counts)}`];
    const over = KINDS.filter((kind) => counts[kind] > limits[kind]);
    const said = over.map((kind) => `${name}: ${counts[kind]} ${kind}, and ${PAGE} allows ${limits[kind]}`);
    return over.includes('redis') ? [...said, ...commands] : said;
  });
}
