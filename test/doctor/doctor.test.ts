/** The doctor beside the pretend Slack and AWS: it finds a right set-up right, and names each mistake by its id. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { freePort } from '../../sandbox/free-port.js';
import { SHARED_GROUP } from '../../sandbox/world.js';
import { doctor } from '../../src/commands/doctor.js';
import { lookAtClock } from '../../src/doctor/clocks.js';
import { lookAtRedisSeen } from '../../src/doctor/redis.js';
import { NOT_ALONE } from '../../src/redis/rights.js';
import { credentials, type Ran, runHere } from '../commands/run.js';
import { atAws, REDIS_SEEDS, redisAs, SEEDS, type Seed, set } from './mistakes.js';
import { type SetUp, startSetUp } from './set-up.js';

let setUp: SetUp;
beforeAll(async () => {
  setUp = await startSetUp();
});
afterEach(() => setUp.mend());
afterAll(() => setUp.close());

const finding = z.strictObject({
  id: z.string(),
  status: z.enum(['ok', 'fail', 'warn', 'unprovable']),
  says: z.string().min(9),
  fix: z
    .string()
    .regex(/^[A-Za-z].*\.$/s)
    .optional(),
});
type Finding = z.infer<typeof finding>;

const examine = (...args: string[]): Promise<Ran> =>
  runHere(doctor, args, {
    env: setUp.env,
    aws: { endpoint: setUp.town.aws.url, credentials },
    now: () => setUp.now(),
  });

async function findings(): Promise<{ code: number; all: Finding[] }> {
  const { code, out } = await examine('--json');
  const lines = out.trim().split('\n');
  return { code, all: lines.map((line) => finding.parse(JSON.parse(line))) };
}
/** The calls that the bot's role may make. No call to start WorkSpaces is among them, since this policy starts none. */
const ACTIONS = [
  ...new Set(readFileSync('deploy/iam-policy.json', 'utf8').match(/\b(?:ec2|workspaces|ds):[A-Z]\w+(?=")/g)),
].filter((action) => !['workspaces:StartWorkspaces', 'ec2:Vpc', 'ec2:CreateAction'].includes(action));
/** How quick this machine is, and that the embedded Redis keeps nothing, is no mistake of the set-up. */
const isWrong = ({ id, status }: Finding) =>
  (status === 'fail' || status === 'warn') &&
  id !== 'redis.latency' &&
  (setUp.isRealRedis || id !== 'redis.aof');

describe('in a set-up where all is right', () => {
  test('the doctor finds nothing wrong, names each thing once, and nothing is changed at AWS or said in Slack', async () => {
    const { aws, slack } = setUp.town;
    const [changes, asked] = [aws.history.length, slack.journal.length];
    const { code, all } = await findings();
    expect(all.filter(isWrong)).toEqual([]);
    expect(code).toBe(0);
    const ids = all.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)]);
    expect(ids).toEqual(expect.arrayContaining(ALWAYS));
    expect(ACTIONS.filter((action) => !ids.includes(`aws.${action}`))).toEqual([]);
    expect(aws.history.length).toBe(changes);
    const posted = slack.journal.slice(asked).map(({ method }) => method);
    expect(posted).not.toContain('chat.postMessage');
    expect(posted.filter((method) => method.includes('chedule'))).toEqual([
      'chat.scheduleMessage',
      'chat.deleteScheduledMessage',
    ]);
  });

  test('the doctor does not call right what only use will show', async () => {
    const { all } = await findings();
    const unprovable = all.filter(({ status }) => status === 'unprovable').map(({ id }) => id);
    expect(unprovable.filter((id) => !id.startsWith('redis.'))).toEqual([
      'slack.command',
      'aws.ec2:GetManagedPrefixListEntries',
      'aws.ec2:RevokeSecurityGroupEgress',
    ]);
  });

  test('a person reads one line for each finding, in the order of setting up, and the sum', async () => {
    const { out, err, code } = await examine();
    expect(out.split('\n').filter((line) => /^\w/.test(line))).toEqual([
      'Configuration',
      'Slack',
      'Redis',
      'AWS',
      'Clocks',
    ]);
    expect(out).toContain('  ✓ Slack knows the bot as @workspace-ssh in Example Corp (T0CORP).\n');
    expect(out).toContain(
      '  ? not provable before first use: whether the app has the command /workspace-ssh',
    );
    expect(err).toMatch(
      /^\d+ right, 0 wrong, \d to look at, \d+ not provable before first use\.\nNext: npm start\.\n$/,
    );
    expect(code).toBe(0);
  });

  test('an unknown flag is answered with the usage', async () => {
    expect(await examine('--yaml')).toMatchObject({ code: 2, out: '' });
  });

  test('a fault of the doctor is no finding: it says that nothing was looked at', async () => {
    setUp.now = () => {
      throw new Error('this machine has no clock');
    };
    const { code, out, err } = await examine('--json');
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('nothing was looked at: this machine has no clock');
  });
});

/** The findings that the doctor has with every policy. */
const ALWAYS = [
  ...['configuration', 'slack.bot-token', 'slack.scopes', 'slack.app-token', 'slack.command'],
  ...['connection', 'version', 'role', 'rights', 'write', 'eviction', 'aof', 'latency'].map(
    (id) => `redis.${id}`,
  ),
  ...['identity', 'quota.groups-per-interface', 'quota.groups', 'block-public-access'].map(
    (id) => `aws.${id}`,
  ),
  ...['clock.redis', 'clock.aws'],
];

describe('the doctor names', () => {
  const named = (seeds: readonly (readonly Seed[])[]) =>
    seeds.map((together) => [together.map(([what]) => what).join(', '), together] as const);

  async function isNamed(together: readonly Seed[]): Promise<void> {
    for (const [, , break_] of together) await break_(setUp);
    setUp.writePolicy();
    const { code, all } = await findings();
    const wrong = all.filter(isWrong);
    expect(wrong.map(({ id }) => id).toSorted()).toEqual(together.map(([, id]) => id).toSorted());
    expect(code).toBe(wrong.some(({ status }) => status === 'fail') ? 1 : 0);
    expect(wrong.filter(({ fix }) => !fix)).toEqual([]);
  }

  test('more than twenty-five kinds of mistakes, of which each has a test', () => {
    const ids = [...SEEDS, ...REDIS_SEEDS].flat().map(([, id]) => id);
    expect(new Set(ids).size).toBeGreaterThan(45);
  });

  test.each(named(SEEDS))('%s', (_, together) => isNamed(together));

  test.each(named(REDIS_SEEDS))('%s', async (_, together) => {
    if (setUp.isRealRedis) await isNamed(together);
  });
});

test('the doctor looks only at what the set-up needs: over HTTP, and with existing groups that the policy names', async () => {
  set('SLACK_APP_TOKEN', undefined)(setUp);
  set('SLACK_SIGNING_SECRET', '0123456789abcdef0123456789abcdef')(setUp);
  setUp.policy = setUp.policy.replace('rules:', `firewall: { existing-group: [${SHARED_GROUP}] }\nrules:`);
  setUp.writePolicy();
  atAws((settings) => {
    settings.denied = ['CreateSecurityGroup', 'ModifyNetworkInterfaceAttribute'];
  })(setUp);
  const { all } = await findings();
  expect(all.filter(isWrong)).toEqual([]);
  const ids = all.map(({ id }) => id);
  expect(ids).toEqual(
    expect.arrayContaining([
      'slack.delivery',
      `aws.group.${SHARED_GROUP}`,
      `aws.quota.rules.${SHARED_GROUP}`,
    ]),
  );
  expect(ids.filter((id) => /app-token|CreateSecurityGroup|groups-per-interface/.test(id))).toEqual([]);
});

test('no secret stands in the findings of the doctor', async () => {
  set('SLACK_BOT_TOKEN', 'xoxb-another-secret')(setUp);
  set('REDIS_URL', `redis://bot:hidden@127.0.0.1:${await freePort()}`)(setUp);
  const { out, err } = await examine();
  for (const secret of [
    'xoxb-another-secret',
    'hidden',
    setUp.env.SIGNING_KEYS ?? '',
    setUp.env.SLACK_APP_TOKEN ?? '',
  ])
    expect(out + err).not.toContain(secret);
});

test('a server that repeats a password it was sent has the doctor repeat none', async () => {
  const password = 'kept-between-us';
  const echo = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () =>
      socket.write(`-ERR unknown command 'AUTH', with args beginning with: '${password}'\r\n`),
    );
  });
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  const address = echo.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  set('REDIS_URL', `redis://:${password}@127.0.0.1:${address.port}`)(setUp);
  const { out, err } = await examine();
  echo.close();
  expect(out).toContain("unknown command 'AUTH', with args beginning with: '[redacted]'");
  expect(out + err).not.toContain(password);
});

test('a Redis that turns every client away is quoted, though the commands sent to it broke the connection', async () => {
  const denied = 'DENIED Redis is running in protected mode because no password is set';
  const redis = createServer((socket) => {
    socket.on('error', () => undefined);
    // A client that sends something first does not read the refusal.
    const says = setTimeout(() => socket.end(`-${denied}. In this mode connections are only …\r\n`), 50);
    socket.once('data', () => socket.resetAndDestroy());
    socket.once('close', () => clearTimeout(says));
  });
  await new Promise<void>((resolve) => redis.listen(0, '127.0.0.1', resolve));
  const address = redis.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  set('REDIS_URL', `redis://127.0.0.1:${address.port}`)(setUp);
  const { all } = await findings();
  redis.close();
  expect(all.filter(isWrong)).toEqual([
    expect.objectContaining({
      id: 'redis.connection',
      says: `Redis cannot be used: ${denied}.`,
      fix: expect.stringContaining('protected-mode'),
    }),
  ]);
});

test.each([
  [4, 'ok', 'Redis answers within 4.0 ms.'],
  [50, 'ok', 'Redis answers within 50 ms.'],
  [180, 'warn', 'Redis takes 180 ms to answer, and TIME_REDIS gives a command 1500 ms.'],
])('a Redis that takes %d ms to answer is %s', (latencyMs, status, says) => {
  const seen = { missing: [], takesWrites: true, latencyMs };
  const found = lookAtRedisSeen(seen, 1_500).find(({ id }) => id === 'redis.latency');
  expect(found).toMatchObject({ status, says });
});

test.each([
  ['5.0.14', 'fail'],
  ['6.0.16', 'fail'],
  ['6.2.0', 'ok'],
  ['7.0.15', 'ok'],
  ['8.1.0', 'ok'],
])('Redis %s is judged by its version: %s', (version, status) => {
  const seen = { missing: [], takesWrites: true, latencyMs: 1, version };
  expect(lookAtRedisSeen(seen, 1_500)).toContainEqual(
    expect.objectContaining({ id: 'redis.version', status }),
  );
});

test('Valkey is named by its own version, and judged by that of the Redis that it is like', () => {
  const seen = { missing: [], takesWrites: true, latencyMs: 1, version: '7.2.4', valkey: '8.1.1' };
  expect(lookAtRedisSeen(seen, 1_500)).toContainEqual({
    ...{ id: 'redis.version', status: 'ok' },
    says: 'Redis is Valkey 8.1.1.',
  });
});

test.each([
  ['cluster', /^Begin it with redis\+cluster:\/\/\.$/],
  ['sentinel', /^Begin it with redis\+sentinel:\/\/, /],
] as const)('of a %s at the address of a single Redis the doctor says only how to name it', (mode, fix) => {
  const seen = { notAlone: NOT_ALONE[mode], takesWrites: false, latencyMs: 1 };
  expect(lookAtRedisSeen(seen, 1_500)).toEqual([
    expect.objectContaining({ id: 'redis.connection', status: 'ok' }),
    { id: 'redis.role', status: 'fail', says: `${NOT_ALONE[mode].says}.`, fix: expect.stringMatching(fix) },
  ]);
});

test.each([
  ['unable to verify the first certificate', /^Set REDIS_CA_FILE /],
  ['self-signed certificate in certificate chain', /^Set REDIS_CA_FILE /],
  [
    "Hostname/IP does not match certificate's altnames: …",
    /^Set REDIS_CA_FILE .* name Redis in REDIS_URL as /,
  ],
  ['0A000:error:tlsv13 alert certificate required:SSL alert number 116\n', /^Set REDIS_CERT_FILE and /],
  ['WRONGPASS invalid username-password pair or user is disabled.', /^Correct the user and the password /],
  ['write ECONNRESET', /^See that REDIS_URL begins with rediss .* set REDIS_CERT_FILE and REDIS_KEY_FILE\.$/],
  [
    'no Sentinel says where the primary is: it knows none with the name corp',
    /^Correct the Sentinels and the name /,
  ],
  ['no Sentinel says where the primary is: NOAUTH Authentication required.', /^Set REDIS_SENTINEL_PASSWORD /],
  [
    'no Sentinel says where the primary is: WRONGPASS invalid username-password pair',
    /^Set REDIS_SENTINEL_PASSWORD /,
  ],
  ['ERR max number of clients reached', /^Raise maxclients /],
  ['connect ECONNREFUSED 127.0.0.1:6379', /^Correct REDIS_URL, or start Redis there/],
])('the doctor says what to do about a Redis that cannot be used: "%s"', (unreachable, fix) => {
  expect(lookAtRedisSeen({ unreachable }, 1_500)).toEqual([
    {
      id: 'redis.connection',
      status: 'fail',
      says: expect.stringMatching(/^Redis cannot be used: .*[^.\s]\.$/),
      fix: expect.stringMatching(fix),
    },
  ]);
});

test.each([
  [{ offMs: 1_900, uncertainMs: 0 }, 'ok'],
  [{ offMs: -2_100, uncertainMs: 50 }, 'fail'],
  // The answer took two seconds: which of the clocks is off cannot be told.
  [{ offMs: 2_600, uncertainMs: 1_000 }, 'unprovable'],
  [undefined, 'unprovable'],
])('a clock that is off by %j is judged %s', (seen, status) => {
  expect(lookAtClock('clock.aws', "AWS's", seen)).toMatchObject({ status });
});

test('a role that may not see what the bot has no need for is no fault', async () => {
  if (setUp.isRealRedis) await redisAs('-info', 'secret')(setUp);
  atAws((settings) => {
    settings.denied = [
      'DescribeWorkspaceDirectories',
      'DescribeAccountAttributes',
      'DescribeVpcBlockPublicAccessOptions',
    ];
  })(setUp);
  const { code, all } = await findings();
  const hidden = all.filter(({ status }) => status === 'unprovable').map(({ id }) => id);
  expect(hidden).toEqual(
    expect.arrayContaining([
      ...(setUp.isRealRedis ? ['redis.eviction', 'redis.aof'] : []),
      'aws.quota.groups-per-interface',
      'aws.block-public-access',
    ]),
  );
  expect(all.filter(isWrong)).toEqual([]);
  expect(code).toBe(0);
});
