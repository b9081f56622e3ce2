/** A whole set-up in the pretend town, in which a test may break each part that the doctor looks at. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { AwsWorld } from '../../sandbox/aws/world.js';
import { startTown, type Town } from '../../sandbox/town.js';
import { awsWorld } from '../../sandbox/world.js';
import { INSTALLATION_TAG } from '../../src/access/rules/lease.js';
import { readSigningKeys, type SigningKeys } from '../../src/access/rules/signature.js';
import { createAwsClients } from '../../src/aws/clients.js';
import { createFirewall } from '../../src/aws/security-groups.js';
import { credentials } from '../commands/run.js';
import { canStartRedis, startRedis } from '../redis/redis.js';

/** The policy of the set-up: each kind of thing that a policy may name at Slack and AWS is in it. */
export const POLICY = `version: 1
admins: [U0ADA]
directories:
  d-90670a1b2c:
    people: { from: email-local-part, domains: [example.com] }
managers: { profile-field: Xf0MANAGER }
rules:
  - name: own WorkSpace
    target: own
    ask: [manager, '@security']
    notify: { channel: C0ACCESS }
  - name: any WorkSpace
    target: { is: any, tags: { team: build } }
    ask: [{ any-of: [U0MARIA] }]
`;

/** The set-up that the doctor looks at. A test changes it, and `mend` puts it right. */
export interface SetUp {
  town: Town;
  aws: AwsWorld;
  redis: Redis;
  /** False for the embedded Redis, which cannot be configured. */
  isRealRedis: boolean;
  env: Record<string, string>;
  policy: string;
  now: () => number;
  /** Writes the policy into a file of its own, where it was changed. */
  writePolicy(): void;
  /** Undoes one change that `mend` does not know of by itself. */
  mending: (() => unknown)[];
  mend(): Promise<void>;
  close(): Promise<void>;
}

export async function startSetUp(): Promise<SetUp> {
  const folder = mkdtempSync(join(tmpdir(), 'wssh-doctor-'));
  const isRealRedis = process.env.TEST_REDIS !== 'embedded' && (await canStartRedis());
  const own = isRealRedis ? await startRedis() : undefined;
  const aws = awsWorld();
  const town = await startTown({ world: aws, ...(own ? { redisUrl: own.url } : {}) });
  town.slack.settings.rates.enabled = false;
  town.aws.settings.buckets.on = false;
  town.aws.settings.staleMs = 0;
  const signingKeys = randomBytes(32).toString('base64');
  const reading = readSigningKeys(signingKeys);
  if (!reading.ok) throw new Error(reading.problem);
  await makeGroup(town, aws, reading.keys);

  const redis = new Redis(town.env.REDIS_URL ?? '');
  if (isRealRedis) {
    await redis.config('SET', 'appendonly', 'yes');
    await redis.config('SET', 'maxmemory-policy', 'noeviction');
  }
  let files = 0;
  const writePolicy = (text: string) => {
    files += 1;
    const file = join(folder, `policy-${files}.yml`);
    writeFileSync(file, text);
    return file;
  };
  const healthy = structuredClone({
    env: {
      ...town.env,
      INSTALLATION: 'corp',
      SIGNING_KEYS: signingKeys,
      POLICY_FILE: writePolicy(POLICY),
      TIME_SWEEP: '60s',
    },
    slack: town.slack.world,
    aws,
    settings: town.aws.settings,
  });
  const setUp: SetUp = {
    town,
    aws,
    redis,
    isRealRedis,
    env: { ...healthy.env },
    policy: POLICY,
    now: Date.now,
    mending: [],
    writePolicy() {
      if (setUp.policy !== POLICY) setUp.env.POLICY_FILE = writePolicy(setUp.policy);
    },
    async mend() {
      for (const mend of setUp.mending.splice(0).reverse()) await mend();
      const right = structuredClone(healthy);
      Object.assign(setUp, { env: right.env, policy: POLICY, now: Date.now });
      Object.assign(town.slack.world, right.slack);
      Object.assign(town.slack.settings, { down: 'no' });
      Object.assign(town.aws.settings, right.settings);
      Object.assign(aws, right.aws);
    },
    async close() {
      redis.disconnect();
      await town.close();
      await own?.stop();
      rmSync(folder, { recursive: true });
    },
  };
  return setUp;
}

/** An access group of the installation with a rule of its own, so that every permission can be tried on something. */
async function makeGroup(town: Town, { region, vpcs }: AwsWorld, keys: SigningKeys): Promise<void> {
  const clients = createAwsClients({ region, endpoint: town.aws.url, credentials });
  const firewall = createFirewall({ clients, installation: 'corp', keys });
  const group = await firewall.accessGroup('workspace-ssh-corp-ws-1', vpcs[0]?.id ?? '', Date.now());
  clients.close();
  if (!('groupId' in group)) throw new Error('EC2 made no group');
  town.aws.addRule(group.groupId, { cidr: '203.0.113.1/32', tags: { [INSTALLATION_TAG]: 'corp' } });
}
