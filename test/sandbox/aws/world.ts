/** Gives the tests of the pretend AWS a small world, and real SDK clients for it. */
import { DirectoryServiceClient } from '@aws-sdk/client-directory-service';
import { EC2Client } from '@aws-sdk/client-ec2';
import { WorkSpacesClient } from '@aws-sdk/client-workspaces';
import type { AwsTown, StartOptions } from '../../../sandbox/aws/aws-town.js';
import { startAws } from '../../../sandbox/aws/server.js';
import type { AwsWorld } from '../../../sandbox/aws/world.js';

export const MEMBERS = 'sg-00000000000000a01';
export const CONTROLLERS = 'sg-00000000000000a02';
export const SHARED = 'sg-00000000000000a03';
export const ELSEWHERE = 'sg-00000000000000b01';
export const ADA = 'ws-ada000001';
export const BOB = 'ws-bob000001';
export const CAS = 'ws-cas000001';

export function smallWorld(): AwsWorld {
  const group = (id: string, name: string, vpcId = 'vpc-main') => ({ id, name, vpcId, description: name });
  return {
    region: 'eu-central-1',
    accountId: '123456789012',
    accessKeyId: 'AKIASANDBOX',
    vpcs: [
      { id: 'vpc-main', cidr: '10.0.0.0/16', ipv6Cidr: '2001:db8:1::/56' },
      { id: 'vpc-other', cidr: '10.0.0.0/16' },
      { id: 'vpc-default', cidr: '172.31.0.0/16', isDefault: true },
    ],
    subnets: [
      { id: 'subnet-a', vpcId: 'vpc-main', cidr: '10.0.1.0/24' },
      { id: 'subnet-b', vpcId: 'vpc-main', cidr: '10.0.2.0/24' },
      { id: 'subnet-o', vpcId: 'vpc-other', cidr: '10.0.1.0/24' },
    ],
    directories: [
      {
        id: 'd-90670000aa',
        alias: 'corp',
        type: 'MICROSOFT_AD',
        shortName: 'CORP',
        name: 'corp.example.com',
        subnetIds: ['subnet-a', 'subnet-b'],
        vpcId: 'vpc-main',
        customSecurityGroupId: SHARED,
      },
      {
        id: 'd-90670000bb',
        type: 'SIMPLE_AD',
        name: 'labs.example.com',
        subnetIds: ['subnet-b'],
        vpcId: 'vpc-main',
      },
      {
        id: 'wsd-0a1b2c3d4',
        type: 'CUSTOMER_MANAGED',
        name: 'pool',
        subnetIds: ['subnet-a'],
        vpcId: 'vpc-main',
      },
    ],
    workspaces: [
      {
        id: ADA,
        directoryId: 'd-90670000aa',
        userName: 'Ada.Lovelace',
        state: 'AVAILABLE',
        os: 'UBUNTU_22_04',
        ip: '10.0.1.20',
        publicIp: '203.0.113.7',
        ipv6: '2001:db8:1::20',
        runningMode: 'ALWAYS_ON',
        groups: [MEMBERS, SHARED],
        tags: { Owner: 'ada' },
        computerName: 'A-1',
      },
      {
        id: BOB,
        directoryId: 'd-90670000aa',
        userName: 'bob',
        state: 'STOPPED',
        os: 'WINDOWS_11',
        ip: '10.0.1.21',
        runningMode: 'AUTO_STOP',
        groups: [MEMBERS],
      },
      {
        id: CAS,
        directoryId: 'd-90670000bb',
        userName: 'cas',
        state: 'PENDING',
        os: 'ROCKY_8',
        runningMode: 'MANUAL',
        groups: [],
      },
    ],
    groups: [
      group(MEMBERS, 'd-90670000aa_workspacesMembers'),
      group(CONTROLLERS, 'd-90670000aa_controllers'),
      { ...group(SHARED, 'shared ssh'), tags: { team: 'platform' } },
      group(ELSEWHERE, 'elsewhere', 'vpc-other'),
      group('sg-00000000000000c01', 'in the default VPC', 'vpc-default'),
    ],
    interfaces: [{ subnetId: 'subnet-o', ip: '10.0.1.20', groups: [ELSEWHERE] }],
  };
}

export interface Clients {
  ec2: EC2Client;
  workspaces: WorkSpacesClient;
  directories: DirectoryServiceClient;
}

export function clientsOf(town: AwsTown, accessKeyId = 'AKIASANDBOX', region = 'eu-central-1'): Clients {
  const config = {
    endpoint: town.url,
    region,
    credentials: { accessKeyId, secretAccessKey: 'not a secret' },
    maxAttempts: 1,
  };
  return {
    ec2: new EC2Client(config),
    workspaces: new WorkSpacesClient(config),
    directories: new DirectoryServiceClient(config),
  };
}

/** A town whose clock the test moves. Reads are never stale unless the test sets that. */
export interface Visit extends Clients {
  town: AwsTown;
  clock: { ms: number };
}

/** Runs `story` in a town of its own and closes everything afterwards. */
export async function visit(
  story: (visit: Visit) => Promise<void>,
  options: StartOptions = {},
): Promise<void> {
  const clock = { ms: 1_800_000_000_000 };
  const settings = { staleMs: 0, ...options.settings };
  const town = await startAws(smallWorld(), { now: () => clock.ms, ...options, settings });
  const clients = clientsOf(town);
  try {
    await story({ town, clock, ...clients });
  } finally {
    for (const client of Object.values(clients)) client.destroy();
    await town.close();
  }
}

/** The name of the error that `call` fails with, or `OK`. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'OK';
  } catch (error) {
    return error instanceof Error ? error.name : String(error);
  }
}
