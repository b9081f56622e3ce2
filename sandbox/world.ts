/** Invents one small company: the people of the sandbox's Slack, and their WorkSpaces in its AWS. */
import type { AwsWorld } from './aws/world.js';
import type { SlackUser, SlackWorld } from './slack/world.js';

const TEAM = { id: 'T0CORP', name: 'Example Corp', domain: 'example-corp' };

/** The user ids of the people, by the names that the prompt and the stories use. */
export const people = {
  jane: 'U0JANE',
  maria: 'U0MARIA',
  sam: 'U0SAM',
  ada: 'U0ADA',
  tom: 'U0TOM',
  lee: 'U0LEE',
  gina: 'U0GINA',
} as const;
export type PersonName = keyof typeof people;

function user(name: PersonName, realName: string, title: string, more: Partial<SlackUser> = {}): SlackUser {
  return {
    id: people[name],
    name,
    realName,
    title,
    email: `${name}@example.com`,
    tz: 'Europe/Berlin',
    tzOffset: 3600,
    ...more,
  };
}

/**
 * The company's Slack.
 * @param app what the manifest says of the app, so that the sandbox holds the bot to its manifest
 */
export function slackWorld(
  app: Pick<SlackWorld['app'], 'scopes' | 'commands' | 'shortcuts' | 'events'>,
): SlackWorld {
  const manager = { Xf0MANAGER: people.maria };
  return {
    team: TEAM,
    users: [
      user('jane', 'Jane Doe', 'Engineer', { fields: manager }),
      user('maria', 'Maria Lopez', 'Engineering manager', { fields: { Xf0MANAGER: people.ada } }),
      user('sam', 'Sam Okafor', 'Security'),
      user('ada', 'Ada Novak', 'IT admin', { isAdmin: true, tz: 'America/New_York', tzOffset: -18_000 }),
      user('tom', 'Tom Becker', 'Engineer', { fields: manager }),
      user('lee', 'Lee Park', 'New engineer, no WorkSpace yet'),
      user('gina', 'Gina Guest', 'Contractor', { isGuest: true, email: 'jane@contractor.example' }),
      {
        id: 'U0BOT',
        name: 'workspace-ssh',
        realName: 'workspace-ssh',
        tz: 'Etc/UTC',
        tzOffset: 0,
        isBot: true,
      },
    ],
    userGroups: [{ id: 'S0SECURITY', handle: 'security', name: 'Security', users: [people.sam, people.ada] }],
    channels: [
      { id: 'C0ACCESS', name: 'it-access', members: [people.maria, people.sam, people.ada, 'U0BOT'] },
    ],
    profileFields: [{ id: 'Xf0MANAGER', label: 'Manager', type: 'user' }],
    app: {
      appId: 'A0WSSSH',
      name: 'workspace-ssh',
      botId: 'B0WSSSH',
      botUserId: 'U0BOT',
      botToken: 'xoxb-sandbox-not-a-secret',
      appToken: 'xapp-sandbox-not-a-secret',
      signingSecret: '0123456789abcdef0123456789abcdef',
      ...app,
    },
  };
}

const VPC = 'vpc-0a1b2c3d4e5f60718';
const SUBNET = 'subnet-0a1b2c3d4e5f60718';
const DIRECTORY = 'd-90670a1b2c';
const MEMBERS = 'sg-0aaaaaaaaaaaaaa01';
const CONTROLLERS = 'sg-0aaaaaaaaaaaaaa02';
/** A group that several WorkSpaces carry, so that a rule in the group opens all of these. */
export const SHARED_GROUP = 'sg-0bbbbbbbbbbbbbb01';

/** The company's AWS account. */
export function awsWorld(): AwsWorld {
  const base = { directoryId: DIRECTORY, runningMode: 'ALWAYS_ON' as const, groups: [MEMBERS] };
  return {
    region: 'eu-central-1',
    accountId: '123456789012',
    accessKeyId: 'AKIASANDBOX000000000',
    vpcs: [{ id: VPC, cidr: '10.20.0.0/16' }],
    subnets: [{ id: SUBNET, vpcId: VPC, cidr: '10.20.1.0/24' }],
    directories: [
      {
        id: DIRECTORY,
        alias: 'corp',
        type: 'MICROSOFT_AD',
        shortName: 'CORP',
        name: 'corp.example.com',
        subnetIds: [SUBNET],
        vpcId: VPC,
      },
    ],
    groups: [
      { id: MEMBERS, name: `${DIRECTORY}_workspacesMembers`, vpcId: VPC, description: 'WorkSpaces members' },
      { id: CONTROLLERS, name: `${DIRECTORY}_controllers`, vpcId: VPC, description: 'Directory controllers' },
      { id: SHARED_GROUP, name: 'build-machines', vpcId: VPC, description: 'Shared by the build team' },
    ],
    workspaces: [
      {
        ...base,
        id: 'ws-janedoe01',
        userName: 'jane',
        state: 'AVAILABLE',
        os: 'UBUNTU_22_04',
        ip: '10.20.1.11',
        publicIp: '198.51.100.7',
        groups: [MEMBERS, SHARED_GROUP],
        computerName: 'WSAMZN-JANE',
      },
      {
        ...base,
        id: 'ws-tombecker1',
        userName: 'tom',
        state: 'STOPPED',
        os: 'ROCKY_8',
        ip: '10.20.1.12',
        publicIp: '198.51.100.8',
        runningMode: 'AUTO_STOP',
        groups: [MEMBERS, SHARED_GROUP],
      },
      {
        ...base,
        id: 'ws-mariaprv1',
        userName: 'maria',
        state: 'AVAILABLE',
        os: 'RHEL_8',
        ip: '10.20.1.13',
        groups: [MEMBERS, SHARED_GROUP],
      },
      {
        ...base,
        id: 'ws-samwindow',
        userName: 'sam',
        state: 'AVAILABLE',
        os: 'WINDOWS_10',
        ip: '10.20.1.14',
        publicIp: '198.51.100.9',
      },
      {
        ...base,
        id: 'ws-adanovak1',
        userName: 'ada',
        state: 'REBOOTING',
        os: 'AMAZON_LINUX_2',
        ip: '10.20.1.15',
        publicIp: '198.51.100.10',
      },
    ],
  };
}
