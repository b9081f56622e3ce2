/**
 * Invents the company of a run: many people with a WorkSpace each, their managers, and the policy that holds for
 * them.
 */
import type { AwsSettings } from '../../sandbox/aws/settings.js';
import type { AwsWorld, WorkspaceSeed } from '../../sandbox/aws/world.js';
import type { SlackRates } from '../../sandbox/slack/settings.js';
import type { SlackUser, SlackWorld } from '../../sandbox/slack/world.js';
import { slackWorld } from '../../sandbox/world.js';
import { firewallIn, type Mode } from '../firewall.js';
import type { Ask } from './drawn/asks.js';

/** Somebody who asks, and the WorkSpace that is theirs. */
export interface Requester {
  userId: string;
  workspaceId: string;
}

export interface Company {
  requesters: Requester[];
  /** A second, small directory. Admins decide when somebody asks for the whole of it. */
  smallDirectoryId: string;
  aws: AwsWorld;
  slack(app: Parameters<typeof slackWorld>[0]): SlackWorld;
  /** YAML. */
  policy: string;
}

const VPC = 'vpc-0a1b2c3d4e5f60718';
const SUBNET = 'subnet-0a1b2c3d4e5f60718';
const DIRECTORY = 'd-90670a1b2c';
const SMALL = 'd-90670a1b2d';
const SMALL_SIZE = 3;
const TEAM_SIZE = 20;
const ADMINS = ['U0ADMIN', 'U0BOSS'];

const numbered = (n: number) => String(n).padStart(5, '0');
const hex = (n: number) => n.toString(16).padStart(17, '0');
const userId = (n: number) => `U0P${numbered(n)}`;
const managerId = (n: number) => `U0M${numbered(Math.floor(n / TEAM_SIZE))}`;
const workspaceId = (n: number) => `ws-chaos${numbered(n)}`;
const sharedGroup = (n: number) => `sg-${hex(0x1000 + Math.floor(n / TEAM_SIZE))}`;
const membersOf = (directoryId: string) => `sg-${hex(directoryId === SMALL ? 2 : 1)}`;

/**
 * @param size how many people ask
 * @param firewall where the bot writes rules; `existing-group`: into groups that the WorkSpaces of a team share
 * @param unanswered when a request lapses that nobody answers, as the policy writes it
 */
export function companyOf(size: number, firewall: Mode, unanswered: string): Company {
  const indices = Array.from({ length: size }, (_, n) => n);
  const teams = Math.ceil(size / TEAM_SIZE);
  const groups = Array.from({ length: teams }, (_, n) => sharedGroup(n * TEAM_SIZE));
  return {
    requesters: indices.map((n) => ({ userId: userId(n), workspaceId: workspaceId(n) })),
    smallDirectoryId: SMALL,
    aws: awsOf(indices, groups),
    slack(app) {
      const world = slackWorld(app);
      const bots = world.users.filter(({ isBot }) => isBot);
      return { ...world, users: [...bots, ...peopleOf(indices, teams)], userGroups: [], channels: [] };
    },
    policy: policyOf(firewallIn(firewall, groups), unanswered),
  };
}

function peopleOf(indices: number[], teams: number): SlackUser[] {
  const zone = { tz: 'Europe/Berlin', tzOffset: 3600 };
  const person = (id: string, name: string): SlackUser => ({
    ...zone,
    id,
    name,
    realName: name,
    email: `${name}@example.com`,
  });
  return [
    ...indices.map((n) => ({ ...person(userId(n), `p${n}`), fields: { Xf0MANAGER: managerId(n) } })),
    ...Array.from({ length: teams }, (_, n) => person(managerId(n * TEAM_SIZE), `m${n}`)),
    ...ADMINS.map((id) => person(id, id.toLowerCase())),
  ];
}

function awsOf(indices: number[], groups: string[]): AwsWorld {
  const directory = (id: string, shortName: string) => ({
    id,
    type: 'MICROSOFT_AD' as const,
    shortName,
    name: `${shortName.toLowerCase()}.example.com`,
    subnetIds: [SUBNET],
    vpcId: VPC,
  });
  const workspace = (n: number, directoryId: string): WorkspaceSeed => ({
    id: workspaceId(n),
    directoryId,
    userName: `p${n}`,
    // One WorkSpace in forty is stopped, and starts when a request for it is approved.
    state: n % 40 === 39 ? 'STOPPED' : 'AVAILABLE',
    os: 'UBUNTU_22_04',
    ip: `10.20.${Math.floor(n / 250)}.${4 + (n % 250)}`,
    publicIp: `198.51.${Math.floor(n / 250)}.${1 + (n % 250)}`,
    runningMode: n % 40 === 39 ? 'AUTO_STOP' : 'ALWAYS_ON',
    groups: directoryId === SMALL ? [membersOf(SMALL)] : [membersOf(DIRECTORY), sharedGroup(n)],
  });
  const small = Array.from({ length: SMALL_SIZE }, (_, n) => workspace(indices.length + n, SMALL));
  return {
    region: 'eu-central-1',
    accountId: '123456789012',
    accessKeyId: 'AKIASANDBOX000000000',
    vpcs: [{ id: VPC, cidr: '10.20.0.0/16' }],
    subnets: [{ id: SUBNET, vpcId: VPC, cidr: '10.20.0.0/16' }],
    directories: [directory(DIRECTORY, 'CORP'), directory(SMALL, 'LAB')],
    groups: [
      ...[DIRECTORY, SMALL].map((id) => ({
        id: membersOf(id),
        name: `${id}_workspacesMembers`,
        vpcId: VPC,
        description: 'WorkSpaces members',
      })),
      ...groups.map((id, n) => ({ id, name: `team-${n}`, vpcId: VPC, description: `Shared by team ${n}` })),
    ],
    workspaces: [...indices.map((n) => workspace(n, DIRECTORY)), ...small],
  };
}

function policyOf(firewall: string, unanswered: string): string {
  return `version: 1
admins: [${ADMINS.join(', ')}]
directories:
  ${DIRECTORY}:
    people: { from: email-local-part, domains: [example.com] }
    start-stopped: true
  ${SMALL}:
    people: { from: email-local-part, domains: [example.com] }
managers: { profile-field: Xf0MANAGER }
limits:
  sources: { private: true, documentation: true }
  durations: { choices: [10s, 30s, 1m], default: 10s, shortest: 5s, longest: 2m }
  unanswered: ${unanswered}
rules:
  - { name: own WorkSpace, target: own, approve: at-once }
  - { name: another WorkSpace, target: any, ask: [manager] }
  - { name: whole directory, target: directory, ask: [admins] }
firewall: ${firewall}
`;
}

/** Slack's rates, raised: at the documented rates a few thousand messages would take hours. */
export const RAISED_SLACK: SlackRates = {
  enabled: true,
  postPerSecond: 50,
  postBurst: 200,
  tier2: 6_000,
  tier3: 60_000,
  tier4: 60_000,
};

/** EC2's rates, raised: at the documented rates 2,000 revocations would take 390 s. */
export const RAISED_AWS: AwsSettings['buckets'] = {
  on: true,
  mutate: { size: 500, refillPerSecond: 200 },
  modifyInterface: { size: 500, refillPerSecond: 200 },
  describe: { size: 2_000, refillPerSecond: 1_000 },
  workspaces: { size: 1_000, refillPerSecond: 500 },
};

/** Who asks, and the WorkSpace that the ask is for, where it is for one. */
export function requesterOf(
  company: Company,
  { requester, target }: Ask,
): { userId: string; workspaceId?: string } {
  const workspace =
    target.kind === 'other' ? company.requesters[target.owner] : company.requesters[requester];
  const userId = company.requesters[requester]?.userId ?? '';
  if (target.kind === 'directory' || !workspace) return { userId };
  return { userId, workspaceId: workspace.workspaceId };
}

/** The target as a person types it: nothing for their own WorkSpace. */
export function targetOf(company: Company, { target }: Ask): string {
  switch (target.kind) {
    case 'own':
      return '';
    case 'other':
      return company.requesters[target.owner]?.workspaceId ?? '';
    case 'directory':
      return company.smallDirectoryId;
  }
}
