/**
 * How late access ends when many grants end at one instant, beside bare BullMQ jobs that each revoke one rule of the
 * same stand-in AWS.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Queue } from 'bullmq';
import { type Bot, startBot } from '../sandbox/bot.js';
import { freePort } from '../sandbox/free-port.js';
import { startTown, type Town } from '../sandbox/town.js';
import { awsWorld } from '../sandbox/world.js';
import { type Conditions, type Figure, shareOf } from './figures.js';
import { accessGroups, openGrants } from './loads/open-grants.js';
import { profiling, usageOf } from './processes.js';

const BARE_ENDS = fileURLToPath(new URL('floors/bare-ends.js', import.meta.url));
/** Real EC2 calls take tens of milliseconds. */
const LATENCY_MS = 20;
/** How many milliseconds before the ends the bot is started, so that its first sweep is over by then. */
const QUIET_MS = 10_000;
const QUIET_PER_GRANT_MS = 20;

/** How many grants end at once, and over how many groups they are spread. */
interface Size {
  grants: number;
  groups: number;
}

/** How the ends of the bot are measured. */
interface Measured {
  replicas: number;
  /** How many times EC2's documented rates the pretend AWS has; undefined: it refuses no call. */
  rate?: number;
}

/** Ends in as many groups as there are grants, and in few. */
export async function ends(conditions: Conditions): Promise<Figure[]> {
  const { small, grants = small ? 10 : 1_000, groups } = conditions;
  const sizes = groups ? [groups] : [grants, Math.ceil(grants / 50)];
  const figures: Figure[] = [];
  for (const size of sizes) figures.push(...(await endsOf(conditions, { grants, groups: size })));
  return figures;
}

async function endsOf(conditions: Conditions, size: Size): Promise<Figure[]> {
  const { grants, groups } = size;
  const ours = await lateEnds(conditions, size, { replicas: 1 });
  const floor = await bareEnds(conditions, size);
  const alone = groups === grants;
  const figure = (what: string, share: number) => ({
    figure: `${grants} ends, ${groups} groups: ${what}`,
    unit: 'ms',
    ours: shareOf(ours.lateMs, share),
    floor: shareOf(floor.lateMs, share),
  });
  return [
    figure('rule gone, p50', 0.5),
    { ...figure('rule gone, p99', 0.99), goal: { op: '<=', value: alone ? 1.25 : 1.5 } },
    {
      figure: `${grants} ends, ${groups} groups: processor`,
      unit: 'ms an end',
      ours: ours.cpuMs / grants,
      floor: floor.cpuMs / grants,
    },
    {
      figure: `${grants} ends, ${groups} groups: revokes`,
      unit: 'calls',
      ours: ours.revokes,
      floor: groups,
      goal: { op: '<=', value: 1 },
    },
  ];
}

interface Gone {
  /** For each rule, how many milliseconds after its end the rule was gone. */
  lateMs: number[];
  /** The number of calls for all ends, and the processor time until the last of these calls. */
  revokes: number;
  cpuMs: number;
  /** Calls of any action that AWS refused for its rate. */
  refused: number;
}

/** Measures how late the bot ends grants. */
export async function lateEnds(
  { redisUrl, profile }: Conditions,
  size: Size,
  { replicas, rate }: Measured,
): Promise<Gone> {
  const signingKeys = randomBytes(32).toString('base64');
  const ours = { installation: randomBytes(6).toString('hex'), signingKeys };
  const groups = accessGroups(size.groups, ours);
  const town = await openTown(redisUrl, ours.installation, groups, rate);
  const endMs = Date.now() + QUIET_MS + size.grants * QUIET_PER_GRANT_MS;
  await openGrants(town, ours, groups, { count: size.grants, endMs });
  // Throttled ends take minutes, in which sweeps come as usual.
  const times = { TIME_SWEEP: rate === undefined ? '1h' : '60s', EC2_RATE: String(rate ?? 1_000) };
  const bots: Bot[] = [];
  try {
    while (bots.length < replicas) {
      const env = { ...town.env, SIGNING_KEYS: signingKeys, ...times, PORT: String(await freePort()) };
      bots.push(startBot(env, undefined, profiling(profile)));
    }
    await town.slack.waitConnected(60_000);
    return await goneAfter(town, size.grants, endMs, bots);
  } finally {
    await Promise.all(bots.map((bot) => bot.stop()));
    await town.close();
  }
}

/** Measures how late BullMQ jobs, one for each rule, revoke the rules. */
async function bareEnds({ redisUrl, profile }: Conditions, size: Size): Promise<Gone> {
  const ours = { installation: 'bare', signingKeys: randomBytes(32).toString('base64') };
  const groups = accessGroups(size.groups, ours);
  const town = await openTown(redisUrl, ours.installation, groups);
  const prefix = `bench-${randomBytes(6).toString('hex')}`;
  const queue = new Queue<{ groupId: string; ruleId: string }>('ends', {
    prefix,
    connection: { url: redisUrl, maxRetriesPerRequest: null },
  });
  const bare = startBot({ ...town.env, BENCH_PREFIX: prefix }, BARE_ENDS, profiling(profile));
  try {
    const endMs = Date.now() + 3_000 + size.grants;
    await queue.addBulk(
      Array.from({ length: size.grants }, (_, n) => {
        const groupId = groups[n % groups.length]?.id ?? '';
        const { ruleId } = town.aws.addRule(groupId, { cidr: `203.0.${113 + (n >> 8)}.${n & 255}/32` });
        return { name: 'end', data: { groupId, ruleId }, opts: { delay: endMs - Date.now() } };
      }),
    );
    return await goneAfter(town, size.grants, endMs, [bare]);
  } finally {
    await bare.stop();
    await queue.obliterate({ force: true });
    await queue.close();
    await town.close();
  }
}

async function openTown(
  redisUrl: string,
  installation: string,
  groups: ReturnType<typeof accessGroups>,
  rate?: number,
) {
  const world = awsWorld();
  const town = await startTown({
    redisUrl,
    installation,
    world: { ...world, groups: [...world.groups, ...groups] },
    aws: { latencyMs: LATENCY_MS },
  });
  town.slack.settings.rates.enabled = false;
  const { buckets } = town.aws.settings;
  buckets.on = rate !== undefined;
  for (const bucket of [buckets.mutate, buckets.modifyInterface, buckets.describe]) {
    bucket.size *= rate ?? 1;
    bucket.refillPerSecond *= rate ?? 1;
  }
  return town;
}

async function goneAfter(town: Town, grants: number, endMs: number, programs: Bot[]): Promise<Gone> {
  await sleep(endMs - Date.now());
  const used = () => programs.reduce((sum, { pid }) => sum + usageOf(pid).cpuMs, 0);
  const before = used();
  const gone = () => town.aws.history.filter(({ kind }) => kind === 'rule-removed');
  while (gone().length < grants) {
    if (programs.some(({ running }) => !running))
      throw new Error('the program ended before its work was done');
    await sleep(20);
  }
  const cpuMs = used() - before;
  const { journal } = town.aws;
  const revokes = journal.filter(({ action }) => action === 'RevokeSecurityGroupIngress').length;
  const refused = journal.filter(({ code }) => code === 'RequestLimitExceeded').length;
  return { lateMs: gone().map(({ at }) => at - endMs), revokes, cpuMs, refused };
}
