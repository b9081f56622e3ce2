import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { z } from 'zod';

const policy = z
  .object({
    Statement: z.array(
      z.object({ Action: z.union([z.string(), z.array(z.string())]), Condition: z.unknown().optional() }),
    ),
  })
  .parse(JSON.parse(readFileSync('docs/iam-policy.json', 'utf8')));
const allowed = new Set(policy.Statement.flatMap(({ Action }) => Action));

/** `XCommand` of a client → the IAM action of its service. */
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

test('the IAM policy allows what the bot calls, and nothing more', () => {
  const actions = new Set(called());
  expect(actions.size).toBeGreaterThan(10);
  expect([...actions].toSorted()).toEqual([...allowed].toSorted());
});

test.each(['ec2:DeleteSecurityGroup', 'ec2:RevokeSecurityGroupIngress', 'ec2:RevokeSecurityGroupEgress'])(
  '%s is allowed on groups of the installation alone',
  (action) => {
    const statements = policy.Statement.filter(({ Action }) => [Action].flat().includes(action));
    expect(statements.map(({ Condition }) => Condition)).toEqual([
      { StringEquals: { 'aws:ResourceTag/workspace-ssh:installation': 'INSTALLATION' } },
    ]);
  },
);
