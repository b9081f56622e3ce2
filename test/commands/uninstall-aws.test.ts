import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { AwsTown } from '../../sandbox/aws/aws-town.js';
import { startAws } from '../../sandbox/aws/server.js';
import { awsWorld, SHARED_GROUP } from '../../sandbox/world.js';
import {
  GROUP_TAG,
  groupTagValue,
  INSTALLATION_TAG,
  type Lease,
  leaseTagKey,
  leaseTagValue,
} from '../../src/access/rules/lease.js';
import { readSigningKeys } from '../../src/access/rules/signature.js';
import { uninstallAws } from '../../src/commands/uninstall-aws.js';
import { environmentAt, hereAt, runHere, runScript } from './run.js';

const SIGNING_KEYS = Buffer.alloc(32, 7).toString('base64');
const reading = readSigningKeys(SIGNING_KEYS);
if (!reading.ok) throw new Error(reading.problem);
const { keys } = reading;
/** How long EC2's reads lag behind its writes. */
const STALE_MS = 50;
const JANE = 'ws-janedoe01';
const OWN = 'sg-0fadefadefadefa01';
const EMPTY = 'sg-0fadefadefadefa02';
const OTHERS = 'sg-0fadefadefadefa03';
const UNSIGNED = 'sg-0fadefadefadefa04';

let aws: AwsTown;
beforeEach(async () => {
  const world = awsWorld();
  const vpcId = world.vpcs[0]?.id ?? '';
  const group = (id: string, name: string, installation: string, sign = installation) => ({
    id,
    name,
    vpcId,
    description: name,
    openEgress: false,
    tags: {
      [INSTALLATION_TAG]: installation,
      [GROUP_TAG]: groupTagValue({ installation: sign, vpcId, name }, 1, keys),
    },
  });
  const groups = [
    ...world.groups,
    group(OWN, 'workspace-ssh-corp-ws-janedoe01', 'corp'),
    group(EMPTY, 'workspace-ssh-corp-ws-tombecker1', 'corp'),
    group(OTHERS, 'workspace-ssh-other-ws-janedoe01', 'other'),
    group(UNSIGNED, 'workspace-ssh-corp-ws-copied0001', 'corp', 'other'),
  ];
  const workspaces = world.workspaces.map((one) =>
    one.id === JANE ? { ...one, groups: [...one.groups, OWN, OTHERS, UNSIGNED] } : one,
  );
  aws = await startAws({ ...world, groups, workspaces }, { settings: { staleMs: STALE_MS } });
});
afterEach(() => aws.close());

/** A rule with a lease that still runs, as the bot leaves it. */
function leased(groupId: string, requestId: string, cidr: string, installation = 'corp'): string {
  const now = Date.now();
  const times = { endsAtMs: now + 60_000, openedAtMs: now };
  const lease: Lease = { requestId, ...times, user: 'U0JANE', target: JANE };
  const value = leaseTagValue(lease, { installation, groupId, source: cidr }, keys);
  return aws.addRule(groupId, {
    cidr,
    tags: { [INSTALLATION_TAG]: installation, [leaseTagKey(requestId)]: value },
  }).ruleId;
}

const ENV = { AWS_REGION: 'eu-central-1', INSTALLATION: 'corp', SIGNING_KEYS };
/** Runs the command once reads show the changes of the test. */
async function uninstall(args: string[]) {
  const shownAtMs = Date.now() + STALE_MS;
  while (Date.now() <= shownAtMs) await sleep(STALE_MS);
  return runHere(uninstallAws, args, hereAt(aws.url, ENV));
}

const linesOf = (out: string) =>
  out
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line): unknown => JSON.parse(line));
const ingress = () => aws.rules().filter(({ isEgress }) => !isEgress);
const groupIds = () => aws.groups().map(({ id }) => id);

test('uninstalling removes every rule and group of the installation and nothing else, and a second run finds nothing', async () => {
  const before = aws.interfaceOf(JANE)?.groups ?? [];
  const inOwn = leased(OWN, 'AAAAA', '203.0.113.1/32');
  const inShared = leased(SHARED_GROUP, 'BBBBB', '203.0.113.2/32');
  const theirs = leased(OTHERS, 'CCCCC', '203.0.113.3/32', 'other');
  const untagged = aws.addRule(SHARED_GROUP, { cidr: '203.0.113.4/32' }).ruleId;
  const rulesBefore = ingress().map(({ ruleId }) => ruleId);
  const { code, out } = await uninstall(['--yes', '--json']);
  const interfaceId = aws.interfaceOf(JANE)?.id;
  const lines = linesOf(out);
  expect(lines).toHaveLength(5);
  expect(lines).toEqual(
    expect.arrayContaining([
      { rule: inOwn, groupId: OWN, removed: true },
      { rule: inShared, groupId: SHARED_GROUP, removed: true },
      { attachment: interfaceId, groupId: OWN, removed: true },
      { group: 'workspace-ssh-corp-ws-janedoe01', groupId: OWN, removed: true },
      { group: 'workspace-ssh-corp-ws-tombecker1', groupId: EMPTY, removed: true },
    ]),
  );
  expect(code).toBe(0);
  expect(ingress().map(({ ruleId }) => ruleId)).toEqual(
    rulesBefore.filter((ruleId) => ruleId !== inOwn && ruleId !== inShared),
  );
  expect(ingress().map(({ ruleId }) => ruleId)).toEqual(expect.arrayContaining([theirs, untagged]));
  expect(aws.interfaceOf(JANE)?.groups).toEqual(before.filter((id) => id !== OWN));
  expect(groupIds()).toEqual(expect.arrayContaining([OTHERS, UNSIGNED, SHARED_GROUP]));
  expect(groupIds()).not.toEqual(expect.arrayContaining([OWN]));

  const again = await runScript(
    'scripts/uninstall-aws.mjs',
    ['--yes', '--json'],
    environmentAt(aws.url, ENV),
  );
  expect(again).toEqual({ code: 0, out: '', err: 'Nothing of corp in eu-central-1 is left.\n' });
});

test('uninstalling off a terminal, where nobody can be asked, changes nothing without --yes', async () => {
  leased(OWN, 'AAAAA', '203.0.113.1/32');
  const { code, err } = await uninstall([]);
  expect(code).toBe(2);
  expect(err).toMatch(/1 rule and 2 security groups of corp in eu-central-1 would be removed.*--yes/s);
  expect(aws.history).toHaveLength(1);
});

test('uninstalling leaves and names a group with a foreign rule, unless --foreign-rules-too', async () => {
  const foreign = aws.addRule(OWN, { cidr: '203.0.113.9/32', fromPort: 443, toPort: 443 }).ruleId;
  const { code, out } = await uninstall(['--yes']);
  expect(code).toBe(1);
  expect(out).toContain(`STAYED   group ${OWN}`);
  expect(out).toContain(`${foreign}. Remove them, or say --foreign-rules-too`);
  expect(aws.interfaceOf(JANE)?.groups).toContain(OWN);
  expect(groupIds()).not.toContain(EMPTY);
  expect((await uninstall(['--yes', '--foreign-rules-too'])).code).toBe(0);
  expect(groupIds()).not.toContain(OWN);
});

test('uninstalling says a refusal of AWS with its reason, and the exit code is 1', async () => {
  aws.settings.denied = ['ModifyNetworkInterfaceAttribute'];
  const { code, out } = await uninstall(['--yes']);
  expect(code).toBe(1);
  expect(out).toMatch(new RegExp(`STAYED {3}${OWN} on eni-`));
  expect(out).toMatch(/not authorized/);
  expect(out).toContain(
    `STAYED   group ${OWN} workspace-ssh-corp-ws-janedoe01: an interface still carries it`,
  );
  aws.settings.denied = [];
  expect((await uninstall(['--yes'])).code).toBe(0);
});

test('uninstalling waits out throttling and lost answers', async () => {
  for (const action of ['ModifyNetworkInterfaceAttribute', 'DeleteSecurityGroup']) {
    aws.faults.add({ action, times: 1, kind: 'throttle' });
    aws.faults.add({ action, times: 1, kind: 'lost-answer' });
  }
  expect((await uninstall(['--yes'])).code).toBe(0);
  expect(groupIds()).not.toEqual(expect.arrayContaining([OWN]));
  expect(groupIds()).not.toEqual(expect.arrayContaining([EMPTY]));
});

test('uninstalling with a wrong flag changes nothing, and the exit code is 2', async () => {
  expect((await uninstall(['--everything'])).code).toBe(2);
  expect(aws.history).toEqual([]);
});
