/** Puts open grants into a town as the bot leaves them: records and timers in Redis, rules with signed tags at AWS. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { GroupSeed } from '../../sandbox/aws/world.js';
import type { Town } from '../../sandbox/town.js';
import { awsWorld, people } from '../../sandbox/world.js';
import { duties } from '../../src/access/request/duties.js';
import type { DesktopFacts } from '../../src/access/request/facts.js';
import { askingNobody } from '../../src/access/request/needs.js';
import type { RequestIn } from '../../src/access/request/request.js';
import {
  GROUP_TAG,
  groupTagValue,
  INSTALLATION_TAG,
  type Lease,
  leaseTagKey,
  leaseTagValue,
} from '../../src/access/rules/lease.js';
import { readSigningKeys, type SigningKeys } from '../../src/access/rules/signature.js';
import { connectRecords } from '../../src/redis/connections.js';
import { createTimers } from '../../src/redis/queues/timers.js';
import { createStore } from '../../src/redis/request-store.js';
import { readRedisUrl } from '../../src/redis-server.js';

const HOUR_MS = 3_600_000;
/** The letters of a request's id. */
const LETTERS = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';
const silent = { info() {}, warn() {}, error() {} };

/** The installation whose grants these are. */
export interface Ours {
  installation: string;
  /** The environment variable SIGNING_KEYS. */
  signingKeys: string;
}

/** Access groups of the installation, as its bot would have made them. */
export function accessGroups(count: number, { installation, signingKeys }: Ours): GroupSeed[] {
  const vpcId = awsWorld().vpcs[0]?.id ?? '';
  const keys = keysOf(signingKeys);
  return Array.from({ length: count }, (_, n) => {
    const name = `bench-${n}`;
    const mark = groupTagValue({ installation, vpcId, name }, Date.now() - HOUR_MS, keys);
    return {
      ...{ id: `sg-0${n.toString(16).padStart(16, '0')}`, name, vpcId, description: 'of the bench' },
      tags: { [GROUP_TAG]: mark, [INSTALLATION_TAG]: installation },
      openEgress: false,
    };
  });
}

/** Grants that end at `endMs` (epoch milliseconds). */
interface Wanted {
  count: number;
  endMs: number;
  /**
   * The WorkSpaces that the grants open, one after the other. Without a list all grants open one WorkSpace that does
   * not exist.
   */
  desktops?: readonly DesktopFacts[];
}

/** Opens grants whose requesters were told, one after the other in each of the groups. */
export async function openGrants(
  town: Town,
  ours: Ours,
  groups: readonly GroupSeed[],
  { count, endMs, desktops = [] }: Wanted,
): Promise<void> {
  const { installation } = ours;
  const keys = keysOf(ours.signingKeys);
  const server = readRedisUrl(town.env.REDIS_URL ?? '');
  if (!server.ok) throw new Error(server.problem);
  const address = { server: server.value, timeoutMs: 60_000, installation };
  const redis = connectRecords(address, silent);
  while (redis.status !== 'ready') await sleep(5);
  const now = Date.now;
  const store = createStore({ redis, installation, keys, log: silent, now });
  const timers = createTimers({ ...address, stalledMs: 30_000, drainMs: 0, log: silent, now });
  // Timers fail at once while they are not connected. A request that does not exist has nobody to be told.
  const isConnected = () =>
    timers.tell('NOBODY').then(
      () => true,
      () => false,
    );
  while (!(await isConnected())) await sleep(5);
  // The bot looks for no WorkSpace of these grants meanwhile: there is none.
  if (desktops.length === 0) await store.turn('notice', HOUR_MS);
  // The bot tidies groups only once in many sweeps.
  await store.turn('tidy', HOUR_MS);
  // A sweep looks twice at a store that carries no mark.
  await store.mark(false);
  const each = Array.from({ length: count }, async (_, n) => {
    const group = groups[n % groups.length];
    if (!group) throw new Error('no group to open grants in');
    const request = openRequest(n, group, endMs, desktops[n % desktops.length]);
    const { groupId } = request.phase.grant;
    const source = request.ask.source.cidr;
    const lease: Lease = {
      requestId: request.id,
      endsAtMs: endMs,
      openedAtMs: request.phase.openedAtMs,
      user: request.ask.requester,
      target: 'ws-janedoe01',
    };
    const tag = leaseTagValue(lease, { installation, groupId, source }, keys);
    const tags = { [INSTALLATION_TAG]: installation, [leaseTagKey(request.id)]: tag };
    const { ruleId } = town.aws.addRule(groupId, { cidr: source, tags });
    const rule = { groupId, source, version: 1, stage: { state: 'open' as const, ruleId }, leases: [lease] };
    await store.change({ request, rule, audit: [] });
    await timers.set(request.id, duties(request));
    await store.savePosted({ requestId: request.id, version: 1, surfaces: {} }, request.version, true);
  });
  await Promise.all(each);
  await timers.close();
  redis.disconnect();
}

/** A grant of its own source, whose requester was warned of its end. */
function openRequest(n: number, group: GroupSeed, endMs: number, desktop = noDesktop()): RequestIn<'open'> {
  const startedAtMs = endMs - HOUR_MS;
  const cidr = `203.0.${113 + (n >> 8)}.${n & 255}/32`;
  return {
    id: idOf(n),
    version: 1,
    ask: {
      requester: people.jane,
      command: '/workspace-ssh',
      target: { kind: 'own' },
      source: { cidr, family: 4, addresses: '1', isSingle: true, isPrivate: false, clearedHostBits: false },
      durationMs: HOUR_MS,
      reason: `grant ${n}`,
      askedAtMs: startedAtMs,
    },
    phase: {
      state: 'open',
      facts: {
        desktops: [desktop],
        directoryId: desktop.directoryId,
        netbios: 'CORP',
        loginName: 'jane',
        own: true,
        ...(desktop.address ? { address: desktop.address } : {}),
        reach: 1,
        group: { kind: 'access', name: group.name, vpcId: desktop.vpcId },
      },
      need: askingNobody('own WorkSpace'),
      review: { by: 'policy', decision: 'approve', atMs: startedAtMs },
      grant: { groupId: group.id, startedAtMs, endsAtMs: endMs, openByMs: startedAtMs + HOUR_MS / 3 },
      openedAtMs: startedAtMs,
      warned: true,
    },
  };
}

/** Somebody's WorkSpace that the pretend AWS does not have. */
function noDesktop(): DesktopFacts {
  return {
    workspaceId: 'ws-janedoe01',
    directoryId: 'd-90670a1b2c',
    userName: 'jane',
    operatingSystem: 'UBUNTU_22_04',
    computerName: 'WSAMZN-JANE',
    state: 'AVAILABLE',
    stopsByItself: false,
    interfaceId: 'eni-0123456789abcdef0',
    subnetId: 'subnet-0a1b2c3d4e5f60718',
    vpcId: awsWorld().vpcs[0]?.id ?? '',
    privateAddress: '10.20.1.11',
    address: '198.51.100.7',
  };
}

function idOf(n: number): string {
  const letter = (place: number) => LETTERS[(n >> (5 * place)) & 31] ?? '';
  return [4, 3, 2, 1, 0].map(letter).join('');
}

function keysOf(signingKeys: string): SigningKeys {
  const read = readSigningKeys(signingKeys);
  if (!read.ok) throw new Error(read.problem);
  return read.keys;
}
