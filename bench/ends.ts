/**
 * How late access ends when many grants end in the same second, beside bare BullMQ jobs that each revoke one rule of the
 * same stand-in AWS.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AuthorizeSecurityGroupIngressCommand,
  EC2Client,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { Queue, Worker } from 'bullmq';
import { startBot } from '../sandbox/bot.js';
import { startTown, type Town, type TownOptions } from '../sandbox/town.js';
import { people, SHARED_GROUP } from '../sandbox/world.js';
import { type Conditions, type Figure, shareOf } from './figures.js';

/** Real EC2 calls take tens of milliseconds. */
const LATENCY_MS = 20;
/** How many grants are asked for at once. */
const ASKERS = 8;
/** How long one grant may take to open, so that all are open when the first one ends. */
const OPENING_MS = 400;

const POLICY = `version: 1
admins: [U0ADA]
directories:
  d-90670a1b2c: { people: { from: email-local-part, domains: [example.com] } }
limits:
  sources: { documentation: true }
  durations: { choices: [1m], default: 1m, shortest: 5s, longest: 1h }
rules:
  - { name: own WorkSpace, target: own, approve: at-once }
firewall: { existing-group: [${SHARED_GROUP}] }
`;

export async function ends(conditions: Conditions): Promise<Figure[]> {
  const grants = conditions.small ? 5 : 200;
  const ours = await lateEnds(conditions, grants);
  const floor = await bareEnds(conditions, grants);
  const goal = { op: '<=', value: 1.5 } as const;
  return [
    {
      figure: 'rule gone after its end, p50',
      unit: 'ms',
      ours: shareOf(ours, 0.5),
      floor: shareOf(floor, 0.5),
    },
    {
      figure: 'rule gone after its end, p99',
      unit: 'ms',
      ours: shareOf(ours, 0.99),
      floor: shareOf(floor, 0.99),
      goal,
    },
  ];
}

/** How many milliseconds after its end each rule of the bot was gone. */
async function lateEnds({ redisUrl }: Conditions, grants: number): Promise<number[]> {
  const folder = mkdtempSync(join(tmpdir(), 'workspace-ssh-bench-'));
  const policyFile = join(folder, 'policy.yml');
  writeFileSync(policyFile, POLICY);
  const town = await openTown({ redisUrl, policyFile });
  const bot = startBot(town.env);
  try {
    await town.slack.waitConnected(60_000);
    const jane = town.slack.person(people.jane);
    const endMs = Date.now() + 10_000 + grants * OPENING_MS;
    let next = 0;
    await Promise.all(
      Array.from({ length: ASKERS }, async () => {
        while (next < grants) {
          const [n, seconds] = [next++, Math.round((endMs - Date.now()) / 1_000)];
          await jane.command(`${sourceOf(n)} ${seconds}s grant ${n}`);
        }
      }),
    );
    // A command that the machine was too slow for opened nothing: the grants that count are those that opened.
    while (Date.now() < endMs || removed(town).length < opened(town)) await sleep(50);
    return removed(town).map(({ at, tags }) => at - endOf(tags));
  } finally {
    await bot.stop();
    await town.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** How many milliseconds after its instant each rule was gone that a BullMQ job of its own revokes. */
async function bareEnds({ redisUrl }: Conditions, grants: number): Promise<number[]> {
  const town = await openTown({ redisUrl });
  const ec2 = new EC2Client({
    region: town.env.AWS_REGION ?? '',
    endpoint: town.env.AWS_ENDPOINT_URL ?? '',
    credentials: {
      accessKeyId: town.env.AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: town.env.AWS_SECRET_ACCESS_KEY ?? '',
    },
  });
  const connection = { url: redisUrl, maxRetriesPerRequest: null };
  const prefix = `bench-${randomBytes(6).toString('hex')}`;
  const queue = new Queue<{ ruleId: string }>('ends', { prefix, connection });
  const ruleIds = await Promise.all(Array.from({ length: grants }, (_, n) => authorize(ec2, sourceOf(n))));
  const endMs = Date.now() + 2_000;
  await queue.addBulk(
    ruleIds.map((ruleId) => ({ name: 'end', data: { ruleId }, opts: { delay: endMs - Date.now() } })),
  );
  const worker = new Worker<{ ruleId: string }>(
    'ends',
    async ({ data }) => {
      await ec2.send(
        new RevokeSecurityGroupIngressCommand({ GroupId: SHARED_GROUP, SecurityGroupRuleIds: [data.ruleId] }),
      );
    },
    { prefix, connection, concurrency: 50 },
  );
  while (removed(town).length < grants) await sleep(50);
  const late = removed(town).map(({ at }) => at - endMs);
  await worker.close();
  await queue.obliterate({ force: true });
  await queue.close();
  ec2.destroy();
  await town.close();
  return late;
}

async function openTown(options: TownOptions): Promise<Town> {
  const installation = randomBytes(6).toString('hex');
  const town = await startTown({ ...options, installation, aws: { latencyMs: LATENCY_MS } });
  town.slack.settings.rates.enabled = false;
  return town;
}

async function authorize(ec2: EC2Client, source: string): Promise<string> {
  const IpPermissions = [
    { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: `${source}/32` }] },
  ];
  const answer = await ec2.send(
    new AuthorizeSecurityGroupIngressCommand({ GroupId: SHARED_GROUP, IpPermissions }),
  );
  return answer.SecurityGroupRules?.[0]?.SecurityGroupRuleId ?? '';
}

/** An address of the documentation's ranges for each grant, so that each has a rule of its own. */
function sourceOf(grant: number): string {
  return `203.0.113.${grant + 1}`;
}

function removed(town: Town): { at: number; tags: string[] }[] {
  return town.aws.history.flatMap((change) =>
    change.kind === 'rule-removed' && !change.rule.isEgress && change.rule.fromPort === 22
      ? [{ at: change.at, tags: Object.values(change.rule.tags) }]
      : [],
  );
}

function opened(town: Town): number {
  return town.aws.history.filter(
    (change) => change.kind === 'rule-added' && !change.rule.isEgress && change.rule.fromPort === 22,
  ).length;
}

/** The end of a grant as its rule's tag says it, epoch milliseconds. */
function endOf(tags: readonly string[]): number {
  return Number(tags.find((tag) => tag.startsWith('v1 '))?.split(' ')[1]);
}
