/** A small pretend AWS for the tests of `src/aws`, and clients that speak to it. */

import type { AwsTown } from '../../sandbox/aws/aws-town.js';
import { startAws } from '../../sandbox/aws/server.js';
import type { AwsSettings } from '../../sandbox/aws/settings.js';
import type { AwsWorld, GroupSeed, WorkspaceSeed } from '../../sandbox/aws/world.js';
import type { Lease } from '../../src/access/rules/lease.js';
import { type AwsClients, type AwsTime, type Called, createAwsClients } from '../../src/aws/clients.js';
import { createFirewall } from '../../src/aws/security-groups.js';
import { keyOf } from '../keys.js';

export const VPC = 'vpc-0a0a0a0a';
export const OTHER_VPC = 'vpc-0b0b0b0b';
export const SUBNET = 'subnet-0a0a0a0a';
export const OTHER_SUBNET = 'subnet-0b0b0b0b';
export const DIRECTORY = 'd-90670000aa';
export const MEMBERS = 'sg-00000001';
export const SHARED = 'sg-00000002';
export const WORKSPACE = 'ws-000000001';
export const SOURCE = '203.0.113.25/32';
export const LIST = { id: 'pl-0000000a', cidrs: ['203.0.113.0/24', '198.51.100.0/24'] };
export const NOW = Date.parse('2026-11-23T10:00:00Z');

const bare = (id: string, name: string, vpcId = VPC): GroupSeed => ({ id, name, vpcId, description: name });

const desktop = (n: number, more: Partial<WorkspaceSeed> = {}): WorkspaceSeed => ({
  id: `ws-${String(n).padStart(9, '0')}`,
  directoryId: DIRECTORY,
  userName: `user${n}`,
  state: 'AVAILABLE',
  os: 'UBUNTU_22_04',
  ip: `10.1.0.${n + 9}`,
  runningMode: 'ALWAYS_ON',
  groups: [MEMBERS],
  ...more,
});

export function world(workspaces: WorkspaceSeed[] = []): AwsWorld {
  return {
    region: 'eu-central-1',
    accountId: '123456789012',
    vpcs: [
      { id: VPC, cidr: '10.1.0.0/16', ipv6Cidr: '2001:db8:1::/56' },
      { id: OTHER_VPC, cidr: '10.1.0.0/16' },
    ],
    subnets: [
      { id: SUBNET, vpcId: VPC, cidr: '10.1.0.0/20' },
      { id: OTHER_SUBNET, vpcId: OTHER_VPC, cidr: '10.1.0.0/20' },
    ],
    directories: [
      {
        id: DIRECTORY,
        type: 'MICROSOFT_AD',
        shortName: 'CORP',
        name: 'corp.example.com',
        subnetIds: [SUBNET],
        vpcId: VPC,
      },
      {
        id: 'd-90670000bb',
        type: 'CUSTOMER_MANAGED',
        name: 'own.example.com',
        subnetIds: [SUBNET],
        vpcId: VPC,
      },
      {
        id: 'wsd-0000000c',
        type: 'AWS_IAM_IDENTITY_CENTER',
        name: 'idc.example.com',
        subnetIds: [SUBNET],
        vpcId: VPC,
      },
    ],
    workspaces: [
      desktop(1, { publicIp: '198.51.100.7', ipv6: '2001:db8:1::a', computerName: 'A-1', userName: 'jane' }),
      desktop(2, { state: 'STOPPED', runningMode: 'AUTO_STOP' }),
      ...workspaces,
    ],
    groups: [
      bare(MEMBERS, `${DIRECTORY}_workspacesMembers`),
      bare(`sg-00000003`, `${DIRECTORY}_controllers`),
      bare('sg-00000004', 'd-90670000bb_workspacesMembers'),
      bare('sg-00000005', 'd-90670000bb_controllers'),
      bare('sg-00000006', 'wsd-0000000c_workspacesMembers'),
      bare('sg-00000007', 'wsd-0000000c_controllers'),
      bare(SHARED, 'shared'),
      bare('sg-00000009', 'elsewhere', OTHER_VPC),
      ...[0, 1, 2, 3].map((n) => bare(`sg-000000a${n}`, `full-${n}`)),
    ],
    prefixLists: [LIST],
    // An interface with the same private address in another VPC.
    interfaces: [{ id: 'eni-0000000f', subnetId: OTHER_SUBNET, ip: '10.1.0.10', groups: ['sg-00000009'] }],
  };
}

export { desktop };

const open: { town: AwsTown; clients: AwsClients[]; time: AwsTime | undefined }[] = [];

/**
 * A clock that a sleep moves on at once: for tests in which nobody else does anything during a sleep.
 * @param meanwhile what each sleep waits for all the same
 */
export function leaping(meanwhile: () => Promise<unknown> = async () => undefined): AwsTime {
  let nowMs = Date.now();
  return {
    now: () => nowMs,
    async sleep(ms) {
      nowMs += ms;
      await meanwhile();
    },
  };
}

/** Starts a town and points the SDK's own environment variables at the town. The town and its replicas go by `time`. */
export async function startTown(
  settings: Partial<AwsSettings> = {},
  workspaces: WorkspaceSeed[] = [],
  time?: AwsTime,
): Promise<AwsTown> {
  const town = await startAws(world(workspaces), { settings, ...(time ? { now: time.now } : {}) });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: town.url,
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'not-a-secret',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  });
  open.push({ town, clients: [], time });
  return town;
}

export function clientsOf(
  town: AwsTown,
  awsTimeoutMs = 10_000,
  more: { called?: Called; rate?: number } = {},
): AwsClients {
  const its = open.find((one) => one.town === town);
  const time = its?.time ? { time: its.time } : {};
  const clients = createAwsClients({ region: 'eu-central-1', awsTimeoutMs, ...more, ...time });
  its?.clients.push(clients);
  return clients;
}

/** Stops the towns that a test started; for `afterEach`. */
export async function closeTowns(): Promise<void> {
  for (const { town, clients } of open.splice(0)) {
    for (const one of clients) one.close();
    await town.close();
  }
}

export const KEYS = keyOf(1);

/** A replica of the installation, as if in a process of its own. */
export function replica(town: AwsTown, options: { awsTimeoutMs?: number; installation?: string } = {}) {
  const { awsTimeoutMs, installation = 'prod' } = options;
  return createFirewall({ clients: clientsOf(town, awsTimeoutMs), installation, keys: KEYS });
}

export const lease = (requestId: string, more: Partial<Lease> = {}): Lease => ({
  requestId,
  endsAtMs: NOW + 3_600_000,
  openedAtMs: NOW,
  user: 'U0JANE',
  target: WORKSPACE,
  ...more,
});

/** The calls that EC2 saw of an action. */
export const calls = (town: AwsTown, action: string) => town.journal.filter((call) => call.action === action);
