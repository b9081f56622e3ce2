/** Holds the IAM policies of deploy/ to the calls that src/aws sends: each is allowed, and nothing else is. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { GROUP_TAG, INSTALLATION_TAG, leaseTagKey } from '../../src/access/rules/lease.js';

const shape = z.object({
  Statement: z.array(
    z.object({
      Action: z.union([z.string(), z.array(z.string())]),
      Resource: z.union([z.string(), z.array(z.string())]),
      Condition: z.unknown().optional(),
    }),
  ),
});
const read = (name: string) => shape.parse(JSON.parse(readFileSync(`deploy/${name}`, 'utf8')));
const policy = read('iam-policy.json');
const actionsOf = ({ Statement }: typeof policy) => new Set(Statement.flatMap(({ Action }) => Action));

/** By the client's package: the prefix of its service's IAM actions. */
const SERVICES: Readonly<Record<string, string>> = {
  ec2: 'ec2',
  workspaces: 'workspaces',
  'directory-service': 'ds',
  sts: 'sts',
};
/** AWS answers the caller's own identity to everybody. */
const FREE = 'sts:GetCallerIdentity';

/** The commands that a source sends to AWS, as IAM actions. Throws for a client that is not listed above. */
function actionsIn(source: string): string[] {
  const services = new Map<string, string>();
  for (const [, names = '', client = ''] of source.matchAll(
    /import (?:type )?\{([^}]*)\} from '@aws-sdk\/client-([\w-]+)'/g,
  )) {
    const service = SERVICES[client];
    if (service === undefined)
      throw new Error(`Which IAM actions has client-${client}? Add it to this test.`);
    for (const [name] of names.matchAll(/\w+/g)) services.set(name, service);
  }
  return [...source.matchAll(/new (\w+)Command\(/g)].map(
    ([, name = '']) => `${services.get(`${name}Command`)}:${name}`,
  );
}

/** The sources of a folder, by their paths in it. */
function sourcesIn(folder: string): { path: string; source: string }[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => ({ path: name.replaceAll('\\', '/'), source: readFileSync(join(folder, name), 'utf8') }));
}

const calls = sourcesIn('src/aws').map(({ path, source }) => ({
  actions: actionsIn(source),
  isDoctors: path.startsWith('setup/'),
}));
const bots = new Set(calls.flatMap(({ actions, isDoctors }) => (isDoctors ? [] : actions)));
const doctors = new Set(calls.flatMap(({ actions, isDoctors }) => (isDoctors ? actions : [])));

test('the IAM policy allows the calls of the bot, and nothing more', () => {
  expect(bots.size).toBeGreaterThan(10);
  expect([...actionsOf(policy)].toSorted()).toEqual([...bots].toSorted());
});

test('the IAM policy for the doctor allows the further calls of the doctor, which only read', () => {
  const besides = [...doctors].filter((action) => !bots.has(action) && action !== FREE);
  expect([...actionsOf(read('iam-doctor.json'))].toSorted()).toEqual(besides.toSorted());
  expect(besides.filter((action) => !/^\w+:Describe/.test(action))).toEqual([]);
});

test('the calls to AWS are found by the commands in the sources, whatever the imports look like', () => {
  const source = `import { CreateTagsCommand, type Tag } from '@aws-sdk/client-ec2';
    import { DescribeDirectoriesCommand } from '@aws-sdk/client-directory-service';
    await send(new CreateTagsCommand({ x: 1 })); await send(\n new DescribeDirectoriesCommand(input));`;
  expect(actionsIn(source)).toEqual(['ec2:CreateTags', 'ds:DescribeDirectories']);
  const other = "import { DescribeDirectoriesCommand } from '@aws-sdk/client-directory-service';";
  expect(() => actionsIn(other.replace('directory-service', 'iam'))).toThrow('client-iam');
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

test('the IAM policy lets the bot write every tag that the bot writes', () => {
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
