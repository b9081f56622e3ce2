import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { GROUP_TAG, INSTALLATION_TAG, leaseTagKey } from '../src/access/rules/lease.js';

const policy = z
  .object({
    Statement: z.array(
      z.object({
        Action: z.union([z.string(), z.array(z.string())]),
        Resource: z.union([z.string(), z.array(z.string())]),
        Condition: z.unknown().optional(),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync('docs/iam-policy.json', 'utf8')));
const allowed = new Set(policy.Statement.flatMap(({ Action }) => Action));

/** By the client's package: the prefix of its service's IAM actions. */
const SERVICE = { ec2: 'ec2', workspaces: 'workspaces', directory: 'ds' };

/** Every command that src/aws imports from an SDK client, as an IAM action. */
function called(): string[] {
  const files = readdirSync('src/aws').map((name) => readFileSync(`src/aws/${name}`, 'utf8'));
  const imports = files.flatMap((text) => [
    ...text.matchAll(/import (?:type )?\{([^}]*)\} from '@aws-sdk\/client-(ec2|workspaces|directory)[^']*'/g),
  ]);
  return imports.flatMap(([, names = '', client]) => {
    const service = client === 'ec2' || client === 'workspaces' ? SERVICE[client] : SERVICE.directory;
    return [...names.matchAll(/\b(\w+)Command\b(?!\w)/g)].map(([, name]) => `${service}:${name}`);
  });
}

test('the IAM policy allows the calls of the bot, and nothing more', () => {
  const actions = new Set(called());
  expect(actions.size).toBeGreaterThan(10);
  expect([...actions].toSorted()).toEqual([...allowed].toSorted());
});

const conditionsOf = (action: string, resource: RegExp) =>
  policy.Statement.filter(
    ({ Action, Resource }) =>
      [Action].flat().includes(action) && [Resource].flat().some((one) => resource.test(one)),
  ).map(({ Condition }) => Condition);
const ON_THE_INSTALLATIONS = {
  StringEquals: { 'aws:ResourceTag/workspace-ssh:installation': 'INSTALLATION' },
};
const WITH_THE_TAG = { StringEquals: { 'aws:RequestTag/workspace-ssh:installation': 'INSTALLATION' } };

test.each(['DeleteSecurityGroup', 'AuthorizeSecurityGroupIngress', 'RevokeSecurityGroupEgress'])(
  '%s is allowed on groups of the installation alone',
  (action) => {
    expect(conditionsOf(`ec2:${action}`, /:security-group\//)).toEqual([ON_THE_INSTALLATIONS]);
  },
);

test('revoking is allowed in the whole VPC, so that nobody keeps access open by taking a tag off', () => {
  expect(conditionsOf('ec2:RevokeSecurityGroupIngress', /./)).toEqual([
    { ArnEquals: { 'ec2:Vpc': 'arn:aws:ec2:REGION:ACCOUNT:vpc/VPC' } },
  ]);
});

test('any rule may get the installation’s tags again, and only rules with its tag may lose leases; no other tag', () => {
  const ours = { 'ForAllValues:StringLike': { 'aws:TagKeys': 'workspace-ssh:*' } };
  expect(conditionsOf('ec2:CreateTags', /:security-group-rule\//)).toEqual([
    { StringEquals: { 'ec2:CreateAction': 'AuthorizeSecurityGroupIngress' }, ...ours },
    { ...WITH_THE_TAG, ...ours },
  ]);
  expect(conditionsOf('ec2:DeleteTags', /./)).toEqual([
    {
      ...ON_THE_INSTALLATIONS,
      'ForAllValues:StringLike': { 'aws:TagKeys': 'workspace-ssh:lease:*' },
      // A call without keys, of which ForAllValues is true, takes off every tag.
      Null: { 'aws:TagKeys': 'false' },
    },
  ]);
});

test('every tag that the bot writes is one that the policy lets it write', () => {
  const keys = [INSTALLATION_TAG, GROUP_TAG, leaseTagKey('K7QF2')];
  expect(keys.filter((key) => !key.startsWith('workspace-ssh:'))).toEqual([]);
  expect(leaseTagKey('K7QF2')).toMatch(/^workspace-ssh:lease:/);
  expect(conditionsOf('ec2:CreateTags', /:security-group\//)).toEqual([
    {
      StringEquals: { 'ec2:CreateAction': 'CreateSecurityGroup' },
      'ForAllValues:StringLike': { 'aws:TagKeys': ['workspace-ssh:*', 'Name'] },
    },
  ]);
});
