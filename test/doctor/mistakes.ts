/** Mistakes in a set-up, each with the id by which the doctor names it. */
import { freePort } from '../../sandbox/free-port.js';
import { SHARED_GROUP } from '../../sandbox/world.js';
import type { SetUp } from './set-up.js';

/** Breaks one thing: the id is that of the finding that has to be wrong then. */
export type Seed = [what: string, id: string, break_: (setUp: SetUp) => unknown];

export const set =
  (name: string, value: string | undefined) =>
  ({ env }: SetUp) => {
    if (value === undefined) delete env[name];
    else env[name] = value;
  };
const policyIs = (from: string, to: string) => (setUp: SetUp) => {
  if (!setUp.policy.includes(from)) throw new Error(`the policy has no ${from}`);
  setUp.policy = setUp.policy.replace(from, to);
};
const inSlack =
  (change: (world: SetUp['town']['slack']['world']) => unknown) =>
  ({ town }: SetUp) =>
    change(town.slack.world);
const each = <T extends object>(things: T[], change: Partial<T>) => {
  for (const thing of things) Object.assign(thing, change);
};
export const atAws =
  (change: (settings: SetUp['town']['aws']['settings']) => unknown) =>
  ({ town }: SetUp) =>
    change(town.aws.settings);
const denied = (action: string): Seed => [
  `no permission ${action}`,
  `aws.${action}`,
  atAws((settings) => {
    settings.denied = [...settings.denied, action.split(':')[1] ?? ''];
  }),
];
export const redisAs =
  (rights: string, password: string) =>
  async ({ redis, env }: SetUp) => {
    await redis.acl('SETUSER', 'bot', 'on', '>secret', '~*', '+@all', rights);
    env.REDIS_URL = env.REDIS_URL?.replace('//', `//bot:${password}@`) ?? '';
  };
const config =
  (name: string, wrong: string, right: string) =>
  async ({ redis, mending }: SetUp) => {
    await redis.config('SET', name, wrong);
    mending.push(() => redis.config('SET', name, right));
  };

/** The mistakes of one list are made together: the doctor has to name each of them, and nothing else. */
export const SEEDS: readonly (readonly Seed[])[] = [
  [
    ['no signing key', 'configuration.SIGNING_KEYS', set('SIGNING_KEYS', undefined)],
    ['an installation in capitals', 'configuration.INSTALLATION', set('INSTALLATION', 'Corp')],
    ['a user token', 'configuration.SLACK_BOT_TOKEN', set('SLACK_BOT_TOKEN', 'xoxp-1')],
    ['a slip in the policy', 'configuration.policy', policyIs('target: own', 'target: owm')],
  ],
  [['a policy that is not there', 'configuration.POLICY_FILE', set('POLICY_FILE', '/nowhere.yml')]],
  [
    ['an unusual waiting time', 'configuration.TIME_SWEEP', set('TIME_SWEEP', '5s')],
    [
      'a key that can be guessed',
      'configuration.warning',
      set('SIGNING_KEYS', Buffer.alloc(32).toString('base64')),
    ],
    ['a bot token that was revoked', 'slack.bot-token', set('SLACK_BOT_TOKEN', 'xoxb-another')],
    [
      'credentials that AWS does not know',
      'aws.identity',
      ({ aws }) => {
        aws.accessKeyId = 'AKIAANOTHER000000000';
      },
    ],
  ],
  [
    [
      'a Slack that is away',
      'slack.bot-token',
      ({ town }) => {
        town.slack.settings.down = 'refused';
      },
    ],
    [
      'a Redis that is away',
      'redis.connection',
      async (setUp) => set('REDIS_URL', `redis://127.0.0.1:${await freePort()}`)(setUp),
    ],
    ['a directory of another Region', 'aws.directory.d-90670a1b2d', policyIs('d-90670a1b2c', 'd-90670a1b2d')],
  ],
  [
    [
      'a scope that is missing',
      'slack.scopes',
      inSlack(({ app }) => app.scopes.splice(app.scopes.indexOf('im:history'), 1)),
    ],
    ['a user group that is not there', 'slack.group.@nobody', policyIs("'@security'", "'@nobody'")],
    ['an admin who is not there', 'slack.person.U0NOBODY', policyIs('[U0ADA]', '[U0NOBODY]')],
    ['an approver who is a bot', 'slack.person.U0BOT', policyIs('[U0MARIA]', '[U0BOT]')],
    ['a channel that is not there', 'slack.channel.C0NOWHERE', policyIs('C0ACCESS', 'C0NOWHERE')],
    ['a profile field that is not there', 'slack.field.Xf0BOSS', policyIs('Xf0MANAGER', 'Xf0BOSS')],
    ['a token of another app', 'slack.app-token', set('SLACK_APP_TOKEN', 'xapp-1-A0ANOTHER-1-abc')],
    [
      'a group that nothing carries',
      'aws.group.sg-0abc1234',
      policyIs('rules:', 'firewall: { existing-group: [sg-0abc1234] }\nrules:'),
    ],
    [
      'a VPC that keeps people out',
      'aws.block-public-access',
      atAws((settings) => {
        settings.blockPublicAccess = 'block-ingress';
      }),
    ],
  ],
  [
    ['a scope too many', 'slack.scopes', inSlack(({ app }) => app.scopes.push('channels:history'))],
    [
      'a user group without members',
      'slack.group.@security',
      inSlack(({ userGroups }) => each(userGroups, { users: [] })),
    ],
    [
      'a channel without the bot',
      'slack.channel.C0ACCESS',
      inSlack(({ channels }) => each(channels, { members: [] })),
    ],
    [
      'a field that people edit',
      'slack.field.Xf0MANAGER',
      inSlack(({ profileFields }) => each(profileFields, { editable: true })),
    ],
    [
      'a manager by name',
      'slack.managers',
      inSlack(({ users }) => each(users, { fields: { Xf0MANAGER: 'Maria' } })),
    ],
    [
      'an app-level token that Slack does not know',
      'slack.app-token',
      set('SLACK_APP_TOKEN', 'xapp-1-another'),
    ],
    [
      'a directory without a NetBIOS name',
      'aws.netbios.d-90670a1b2c',
      ({ aws }) => {
        for (const directory of aws.directories) delete directory.shortName;
      },
    ],
    [
      'interfaces that are full',
      'aws.quota.groups-per-interface',
      atAws(({ quotas }) => {
        quotas.groupsPerInterface = 2;
      }),
    ],
  ],
  [
    [
      'an approver who left',
      'slack.person.U0MARIA',
      inSlack(({ users }) =>
        each(
          users.filter(({ id }) => id === 'U0MARIA'),
          { deleted: true },
        ),
      ),
    ],
    [
      'a channel where the bot may not post',
      'slack.channel.C0ACCESS',
      inSlack(({ channels }) => each(channels, { refuses: 'restricted_action_read_only_channel' })),
    ],
    [
      'a directory without Linux',
      'aws.linux.d-90670a1b2d',
      (setUp) => {
        const { directories } = setUp.aws;
        directories.push(...directories.map((one) => ({ ...one, id: 'd-90670a1b2d' })));
        policyIs('d-90670a1b2c', 'd-90670a1b2d')(setUp);
      },
    ],
    [
      'a group without room for rules',
      `aws.quota.rules.${SHARED_GROUP}`,
      (setUp) => {
        const { aws: town } = setUp.town;
        for (let n = town.rules(SHARED_GROUP).filter(({ isEgress }) => !isEgress).length; n <= 50; n += 1) {
          const { ruleId } = town.addRule(SHARED_GROUP, { cidr: `203.0.113.${n}/32` });
          setUp.mending.push(() => town.removeRule(ruleId));
        }
        policyIs('rules:', `firewall: { existing-group: [${SHARED_GROUP}] }\nrules:`)(setUp);
      },
    ],
    ['a slow clock, by Redis', 'clock.redis', () => undefined],
    [
      'a slow clock, by AWS',
      'clock.aws',
      (setUp) => {
        setUp.now = () => Date.now() - 60_000;
      },
    ],
  ],
  [
    'workspaces:DescribeTags',
    'ds:DescribeDirectories',
    'ec2:GetManagedPrefixListEntries',
    'ec2:RevokeSecurityGroupEgress',
    'ec2:ModifyNetworkInterfaceAttribute',
    'ec2:CreateSecurityGroup',
    'ec2:AuthorizeSecurityGroupIngress',
    'ec2:DeleteTags',
    'ec2:RevokeSecurityGroupIngress',
    'ec2:DeleteSecurityGroup',
  ].map(denied),
  [denied('ec2:CreateTags'), denied('ec2:DescribeNetworkInterfaces')],
  [denied('workspaces:DescribeWorkspaces'), denied('ec2:DescribeSecurityGroups')],
  [denied('ec2:CreateTags'), denied('ec2:DescribeSecurityGroupRules')],
];

/** Mistakes of a Redis that can be configured: the embedded Redis cannot. */
export const REDIS_SEEDS: readonly (readonly Seed[])[] = [
  [['a wrong password', 'redis.connection', redisAs('+info', 'wrong')]],
  [
    ['a right that is missing', 'redis.rights', redisAs('-xadd', 'secret')],
    [
      'a Redis that throws keys away',
      'redis.eviction',
      config('maxmemory-policy', 'allkeys-lru', 'noeviction'),
    ],
    ['a Redis that keeps nothing', 'redis.aof', config('appendonly', 'no', 'yes')],
    ['a Redis that takes no writes', 'redis.write', config('min-replicas-to-write', '1', '0')],
  ],
  [
    [
      'a replica',
      'redis.role',
      async ({ redis, mending }) => {
        await redis.replicaof('127.0.0.1', await freePort());
        mending.push(() => redis.replicaof('NO', 'ONE'));
      },
    ],
    ['its writes', 'redis.write', () => undefined],
  ],
];
