/**
 * Measures the cost of a sweep that has nothing to repair, with very many open grants, each with a WorkSpace and a
 * group of its own: the first sweep of a bot that starts, beside a bare program that lists the rules alone. Reads
 * /proc, so only on Linux.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { GroupSeed, WorkspaceSeed } from '../sandbox/aws/world.js';
import { type Bot, startBot } from '../sandbox/bot.js';
import { startTown, type Town } from '../sandbox/town.js';
import { awsWorld } from '../sandbox/world.js';
import type { DesktopFacts } from '../src/access/request/facts.js';
import { INSTALLATION_TAG } from '../src/access/rules/lease.js';
import type { Conditions, Figure } from './figures.js';
import { accessGroups, openGrants } from './loads/open-grants.js';
import { usageOf } from './processes.js';

const BARE_SWEEP = fileURLToPath(new URL('floors/bare-sweep.js', import.meta.url));
/** Real calls take tens of milliseconds. */
const LATENCY_MS = 20;
/** A program that makes no call for so long has done its work. */
const QUIET_MS = 5_000;
const HOUR_MS = 3_600_000;
const SUBNET = 'subnet-0b1b2c3d4e5f60718';

export async function sweep({
  redisUrl,
  small,
  grants = small ? 10 : 10_000,
}: Conditions): Promise<Figure[]> {
  const installation = randomBytes(6).toString('hex');
  const ours = { installation, signingKeys: randomBytes(32).toString('base64') };
  const groups = accessGroups(grants, ours);
  const town = await openTown(redisUrl, installation, groups);
  try {
    const desktops = groups.map((_, n) => desktopOf(town, n));
    await openGrants(town, ours, groups, { count: grants, endMs: Date.now() + HOUR_MS, desktops });
    const quietMs = small ? 1_000 : QUIET_MS;
    const env = { ...town.env, SIGNING_KEYS: ours.signingKeys, TIME_SWEEP: '60s', EC2_RATE: '1000' };
    const bot = await swept(town, startBot(env), quietMs);
    const bare = await swept(town, startBot({ ...env, BENCH_TAG: INSTALLATION_TAG }, BARE_SWEEP), quietMs);
    const figure = (what: string, unit: string, of: number, floor: number, goal?: Figure['goal']) => ({
      ...{ figure: `${grants} grants: ${what}`, unit, ours: of, floor },
      ...(goal ? { goal } : {}),
    });
    return [
      figure('first to last call', 'ms', bot.tookMs, bare.tookMs),
      figure('processor', 'ms', bot.cpuMs, bare.cpuMs, { op: '<=', value: 5_000, of: 'ours' }),
      figure('memory at most', 'MB', bot.mostMegabytes, bare.mostMegabytes, {
        ...{ op: '<=', value: 200, of: 'ours' },
      }),
      figure('calls to EC2', 'calls', bot.ec2, bare.ec2),
      // The floor for these calls is the state of every WorkSpace, 25 in a call.
      figure('calls to WorkSpaces', 'calls', bot.workspaces, Math.ceil(grants / 25)),
    ];
  } finally {
    await town.close();
  }
}

/** Waits until a program has made its calls, and stops it. */
async function swept(town: Town, bot: Bot, quietMs: number) {
  const { journal } = town.aws;
  const before = journal.length;
  const calls = () => journal.slice(before);
  const isOver = () => calls().length > 0 && calls().every(({ at, ms }) => at + ms < Date.now() - quietMs);
  while (!isOver()) {
    if (!bot.running) throw new Error(`the program ended before its work was done:\n${bot.log.join('\n')}`);
    await sleep(200);
  }
  const usage = usageOf(bot.pid);
  await bot.stop();
  const failed = calls().find(({ code }) => code !== 'OK');
  if (failed) throw new Error(`${failed.action} was answered ${failed.code}`);
  const of = (service: string) => calls().filter((call) => call.service === service).length;
  const lastMs = Math.max(...calls().map(({ at, ms }) => at + ms));
  const firstMs = Math.min(...calls().map(({ at }) => at));
  return { ...usage, tookMs: lastMs - firstMs, ec2: of('ec2'), workspaces: of('workspaces') };
}

async function openTown(redisUrl: string, installation: string, groups: readonly GroupSeed[]): Promise<Town> {
  const world = awsWorld();
  const vpcId = world.vpcs[0]?.id ?? '';
  const town = await startTown({
    redisUrl,
    installation,
    world: {
      ...world,
      subnets: [...world.subnets, { id: SUBNET, vpcId, cidr: '10.20.64.0/18' }],
      workspaces: [...world.workspaces, ...groups.map(({ id }, n) => workspaceOf(n, id))],
      groups: [...world.groups, ...groups],
    },
    aws: { latencyMs: LATENCY_MS },
  });
  town.slack.settings.rates.enabled = false;
  town.aws.settings.buckets.on = false;
  return town;
}

function workspaceOf(n: number, groupId: string): WorkspaceSeed {
  const [directory] = awsWorld().directories;
  const [members] = awsWorld().groups;
  return {
    id: `ws-bench${n.toString(36).padStart(4, '0')}`,
    directoryId: directory?.id ?? '',
    userName: `bench${n}`,
    state: 'AVAILABLE',
    os: 'UBUNTU_22_04',
    subnetId: SUBNET,
    ip: `10.20.${64 + (n >> 8)}.${n & 255}`,
    publicIp: `198.${18 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`,
    runningMode: 'ALWAYS_ON',
    groups: [members?.id ?? '', groupId],
    computerName: `BENCH-${n}`,
  };
}

/** The WorkSpace as the bot found it when it opened the grant. */
function desktopOf(town: Town, n: number): DesktopFacts {
  const { id, directoryId, userName, os, publicIp = '' } = workspaceOf(n, '');
  const at = town.aws.interfaceOf(id);
  return {
    ...{
      workspaceId: id,
      directoryId,
      userName,
      operatingSystem: os,
      state: 'AVAILABLE',
      stopsByItself: false,
    },
    ...{ interfaceId: at?.id ?? '', subnetId: SUBNET, vpcId: at?.vpcId ?? '' },
    ...{ privateAddress: at?.ip ?? '', address: publicIp },
  };
}
