/**
 * The IAM policies of deploy/, judged by a simulator of IAM: they allow every call of the bot, and refuse calls that
 * the bot never makes. The context of each call is what AWS's Service Authorization Reference lists for the action and
 * its resource.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { GROUP_TAG, INSTALLATION_TAG, leaseTagKey } from '../../src/access/rules/lease.js';
import { type Call, isAllowed } from './iam.js';

const ACCOUNT = '123456789012';
const PLACES: Readonly<Record<string, string>> = {
  REGION: 'eu-central-1',
  ACCOUNT,
  'vpc/VPC': 'vpc/vpc-0a',
  '"INSTALLATION"': '"corp"',
};

/** A file of deploy/ with the places filled in as docs/security.md asks. */
function filledIn(name: string): unknown {
  const text = readFileSync(`deploy/${name}`, 'utf8');
  return JSON.parse(Object.entries(PLACES).reduce((now, [word, value]) => now.replaceAll(word, value), text));
}

const THE_BOTS = [filledIn('iam-policy.json')];
const EXISTING = [...THE_BOTS, filledIn('iam-existing-groups.json')];

const statements = z.object({ Statement: z.array(z.looseObject({ Sid: z.string() })) });

const arn = (what: string, service = 'ec2') => `arn:aws:${service}:eu-central-1:${ACCOUNT}:${what}`;
const GROUP = arn('security-group/sg-0a');
const RULE = arn('security-group-rule/sgr-0a');
const INTERFACE = arn('network-interface/eni-0a');
const tagOf = (kind: 'Resource' | 'Request', installation: string) => ({
  [`aws:${kind}Tag/${INSTALLATION_TAG}`]: installation,
});
const inVpc = (vpc: string) => ({ 'ec2:Vpc': arn(`vpc/${vpc}`) });
const keys = (...names: string[]) => ({ 'aws:TagKeys': names });
const OURS = { ...tagOf('Resource', 'corp'), ...inVpc('vpc-0a') };
const FOREIGN = inVpc('vpc-0a');
const LEASE = leaseTagKey('K7QF2');

const NEEDED: Call[] = [
  ['workspaces:DescribeWorkspaces', '*', {}],
  ['workspaces:DescribeTags', '*', {}],
  ['ds:DescribeDirectories', '*', {}],
  ['ec2:DescribeNetworkInterfaces', '*', {}],
  ['ec2:DescribeSecurityGroups', '*', {}],
  ['ec2:DescribeSecurityGroupRules', '*', {}],
  ['ec2:GetManagedPrefixListEntries', arn('prefix-list/pl-0a'), {}],
  ['workspaces:StartWorkspaces', arn('workspace/ws-0a', 'workspaces'), {}],
  ['ec2:CreateSecurityGroup', arn('vpc/vpc-0a'), {}],
  ['ec2:CreateSecurityGroup', GROUP, tagOf('Request', 'corp')],
  [
    'ec2:CreateTags',
    GROUP,
    {
      'ec2:CreateAction': 'CreateSecurityGroup',
      ...tagOf('Request', 'corp'),
      ...keys(INSTALLATION_TAG, GROUP_TAG, 'Name'),
    },
  ],
  ['ec2:RevokeSecurityGroupEgress', GROUP, OURS],
  ['ec2:AuthorizeSecurityGroupIngress', GROUP, OURS],
  ['ec2:AuthorizeSecurityGroupIngress', RULE, tagOf('Request', 'corp')],
  [
    'ec2:CreateTags',
    RULE,
    {
      'ec2:CreateAction': 'AuthorizeSecurityGroupIngress',
      ...tagOf('Request', 'corp'),
      ...keys(INSTALLATION_TAG, LEASE),
    },
  ],
  // The tags of a rule are written again, also where somebody took all of them off.
  ['ec2:CreateTags', RULE, { ...tagOf('Request', 'corp'), ...keys(INSTALLATION_TAG, LEASE) }],
  ['ec2:DeleteTags', RULE, { ...tagOf('Resource', 'corp'), ...keys(LEASE) }],
  ['ec2:RevokeSecurityGroupIngress', GROUP, OURS],
  // Somebody took the installation's tag off the group: access ends all the same.
  ['ec2:RevokeSecurityGroupIngress', GROUP, FOREIGN],
  ['ec2:DeleteSecurityGroup', GROUP, OURS],
  ['ec2:ModifyNetworkInterfaceAttribute', INTERFACE, inVpc('vpc-0a')],
  ['ec2:ModifyNetworkInterfaceAttribute', GROUP, OURS],
];

const REFUSED: [name: string, ...Call][] = [
  ['a new rule in a group of somebody else', 'ec2:AuthorizeSecurityGroupIngress', GROUP, FOREIGN],
  [
    'a new rule in a group of another installation',
    'ec2:AuthorizeSecurityGroupIngress',
    GROUP,
    { ...tagOf('Resource', 'other'), ...inVpc('vpc-0a') },
  ],
  ['a new rule without the installation’s tag', 'ec2:AuthorizeSecurityGroupIngress', RULE, {}],
  ['revoking a rule in another VPC', 'ec2:RevokeSecurityGroupIngress', GROUP, inVpc('vpc-0b')],
  ['a new egress rule', 'ec2:AuthorizeSecurityGroupEgress', GROUP, OURS],
  ['revoking an egress rule of a foreign group', 'ec2:RevokeSecurityGroupEgress', GROUP, FOREIGN],
  ['deleting a group of somebody else', 'ec2:DeleteSecurityGroup', GROUP, FOREIGN],
  ['a new group without the installation’s tag', 'ec2:CreateSecurityGroup', GROUP, {}],
  ['a new group in another VPC', 'ec2:CreateSecurityGroup', arn('vpc/vpc-0b'), {}],
  [
    'groups on an interface of another VPC',
    'ec2:ModifyNetworkInterfaceAttribute',
    INTERFACE,
    inVpc('vpc-0b'),
  ],
  ['the installation’s tag on a group that is there', 'ec2:CreateTags', GROUP, keys(INSTALLATION_TAG)],
  [
    'somebody else’s tag on a rule',
    'ec2:CreateTags',
    RULE,
    { ...tagOf('Request', 'corp'), ...keys(INSTALLATION_TAG, 'team') },
  ],
  ['taking a lease tag off a foreign rule', 'ec2:DeleteTags', RULE, keys(LEASE)],
  [
    'taking the installation’s tag off a rule',
    'ec2:DeleteTags',
    RULE,
    { ...tagOf('Resource', 'corp'), ...keys(INSTALLATION_TAG) },
  ],
  ['taking all tags off a rule at once', 'ec2:DeleteTags', RULE, tagOf('Resource', 'corp')],
  ['changing the ports or sources of a rule', 'ec2:ModifySecurityGroupRules', GROUP, OURS],
  ['terminating a WorkSpace', 'workspaces:TerminateWorkspaces', arn('workspace/ws-0a', 'workspaces'), {}],
  ['stopping a WorkSpace', 'workspaces:StopWorkspaces', arn('workspace/ws-0a', 'workspaces'), {}],
  [
    'starting a WorkSpace in another Region',
    'workspaces:StartWorkspaces',
    `arn:aws:workspaces:eu-west-1:${ACCOUNT}:workspace/ws-0a`,
    {},
  ],
  [
    'giving the role of the bot more permissions',
    'iam:PutRolePolicy',
    `arn:aws:iam::${ACCOUNT}:role/bot`,
    {},
  ],
];

describe('IAM, by the policy of deploy/iam-policy.json,', () => {
  test.each(NEEDED)('allows %s on %s, with %j', async (...call) => {
    expect(await isAllowed(call, THE_BOTS)).toBe(true);
  });

  test('is asked about each action of the policy', () => {
    const text = readFileSync('deploy/iam-policy.json', 'utf8');
    const actions = new Set(
      [...text.matchAll(/"((?:ec2|workspaces|ds):\w+)"(?!:)/g)].map(([, action]) => action),
    );
    actions.delete('ec2:CreateAction');
    expect([...new Set(NEEDED.map(([action]) => action))].toSorted()).toEqual([...actions].toSorted());
  });

  test('needs each of its statements for something that the bot does', async () => {
    const { Statement } = statements.parse(THE_BOTS[0]);
    for (const [left, statement] of Statement.entries()) {
      // WriteLeasesAgain would do for new rules too; this is the form that AWS documents for tags at creation.
      if (statement.Sid === 'TagRulesThatAreMade') continue;
      const rest = [{ Version: '2012-10-17', Statement: Statement.filter((_, n) => n !== left) }];
      const answers = await Promise.all(NEEDED.map((call) => isAllowed(call, rest)));
      expect({ statement, missed: answers.includes(false) }).toEqual({ statement, missed: true });
    }
  });

  test.each(REFUSED)('refuses %s', async (_, ...call) => {
    expect(await isAllowed(call, THE_BOTS)).toBe(false);
  });

  test('knows the actions and the context of a call, so that a slip in this test is no proof', async () => {
    await expect(isAllowed(['ec2:AuthoriseIngress', GROUP, {}], THE_BOTS)).rejects.toThrow();
    await expect(
      isAllowed(['ec2:CreateSecurityGroup', GROUP, { 'ec2:Subnet': 'x' }], THE_BOTS),
    ).rejects.toThrow();
  });
});

describe('IAM, with the statement of deploy/iam-existing-groups.json,', () => {
  const named = arn('security-group/sg-0abc1234');

  test('allows rules in the named group, and in no other group of somebody else', async () => {
    expect(await isAllowed(['ec2:AuthorizeSecurityGroupIngress', named, FOREIGN], EXISTING)).toBe(true);
    expect(await isAllowed(['ec2:AuthorizeSecurityGroupIngress', named, FOREIGN], THE_BOTS)).toBe(false);
    expect(await isAllowed(['ec2:AuthorizeSecurityGroupIngress', GROUP, FOREIGN], EXISTING)).toBe(false);
  });

  test.each(REFUSED)('refuses %s', async (_, ...call) => {
    expect(await isAllowed(call, EXISTING)).toBe(false);
  });
});
