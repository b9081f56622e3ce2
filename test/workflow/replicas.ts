/** Replicas of one installation, as if in processes of their own: one Redis and one pretend AWS, nothing else shared. */
import { afterAll, beforeAll } from '@jest/globals';
import type { Redis } from 'ioredis';
import type { AwsTown } from '../../sandbox/aws/aws-town.js';
import type { DesktopFacts } from '../../src/access/request/facts.js';
import { askingNobody } from '../../src/access/request/needs.js';
import type { RequestIn } from '../../src/access/request/request.js';
import { createDesktops } from '../../src/aws/workspaces.js';
import { connectRecords } from '../../src/redis/connections.js';
import { createStore } from '../../src/redis/request-store.js';
import type { Parts } from '../../src/workflow/ports.js';
import { clientsOf, closeTowns, DIRECTORY, KEYS, replica, SUBNET, startTown, VPC } from '../aws/town.js';
import { anyRedis, aRequest, at, isReady, keptLog, newInstallation, type TestRedis } from '../redis/redis.js';
import { fakeParts } from '../slack/parts.js';

export interface Replicas {
  installation: string;
  parts(): Promise<Parts>;
  close(): Promise<void>;
}

export async function startReplicas(town: AwsTown): Promise<Replicas> {
  const installation = newInstallation().toLowerCase().replaceAll('_', '-');
  const server: TestRedis = await anyRedis();
  const connections: Redis[] = [];
  return {
    installation,
    async parts() {
      const log = keptLog();
      const redis = connectRecords({ ...at(server.url), timeoutMs: 20_000 }, log);
      connections.push(redis);
      await isReady(redis);
      const { parts } = fakeParts();
      return {
        ...parts,
        installation,
        log,
        store: createStore({ redis, installation, keys: KEYS, log, now: Date.now }),
        desktops: createDesktops(clientsOf(town)),
        firewall: replica(town, { installation }),
      };
    },
    async close() {
      for (const redis of connections) redis.disconnect();
      await server.stop();
    },
  };
}

/** One town without stale reads, and its replicas, for all tests of a file. */
export function sharedTown(): { readonly town: AwsTown; readonly replicas: Replicas } {
  let town: AwsTown;
  let replicas: Replicas;
  beforeAll(async () => {
    town = await startTown({ staleMs: 0 });
    replicas = await startReplicas(town);
  });
  afterAll(async () => {
    await replicas.close();
    await closeTowns();
  });
  return {
    get town() {
      return town;
    },
    get replicas() {
      return replicas;
    },
  };
}

/** Stores a request that is opening in the access group of this name. */
export async function storeOpening(
  parts: Parts,
  id: string,
  group: string | { name: string; carriedAs?: string },
  desktops: DesktopFacts[] = [],
): Promise<RequestIn<'opening'>> {
  const nowMs = Date.now();
  const need = askingNobody('own');
  const [first] = desktops;
  const phase: RequestIn<'opening'>['phase'] = {
    state: 'opening',
    facts: {
      desktops,
      directoryId: 'd-90670000aa',
      netbios: 'CORP',
      loginName: 'jane',
      own: true,
      ...(first?.address ? { address: first.address } : {}),
      reach: 1,
      group: { kind: 'access', vpcId: VPC, ...(typeof group === 'string' ? { name: group } : group) },
    },
    need: { ...need, asks: { ...need.asks, approvers: ['U0MARIA'] } },
    review: { by: 'U0MARIA', decision: 'approve', atMs: nowMs },
    grant: { startedAtMs: nowMs, endsAtMs: nowMs + 3_600_000, openByMs: nowMs + 1_200_000 },
    waitsForAws: false,
    attached: 0,
  };
  const request = { ...aRequest(id), phase };
  await parts.store.change({ request, audit: [] });
  return request;
}

/** The facts of the WorkSpace with this id, as a record keeps them. */
export function factsOfDesktop(town: AwsTown, workspaceId: string): DesktopFacts {
  const at = town.interfaceOf(workspaceId);
  return {
    workspaceId,
    directoryId: DIRECTORY,
    userName: 'jane',
    operatingSystem: 'UBUNTU_22_04',
    state: 'AVAILABLE',
    stopsByItself: false,
    interfaceId: at?.id ?? '',
    subnetId: SUBNET,
    vpcId: VPC,
    privateAddress: at?.ip ?? '',
    ...(at?.publicIp ? { address: at.publicIp } : {}),
  };
}
