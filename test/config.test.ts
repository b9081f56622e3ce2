import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { readConfig } from '../src/config.js';
import { createLog, type LogLevel, neverWaiting } from '../src/log.js';
import { secondTryMs } from '../src/redis/script.js';
import { createAuthority } from '../trials/servers/certificates.js';

const key = createHash('sha256').update('a key').digest('base64');
const policy = `version: 1
admins: [U0ADMIN]
directories: { d-9067f01234: { people: { table: { U0JANE: jane } } } }
rules: [{ name: all, target: any, ask: [admins] }]
`;
const right = {
  INSTALLATION: 'test',
  SIGNING_KEYS: key,
  SLACK_BOT_TOKEN: 'xoxb-1-bot',
  SLACK_APP_TOKEN: 'xapp-1-app',
  REDIS_URL: 'redis://127.0.0.1:6379',
  AWS_REGION: 'eu-central-1',
  POLICY_FILE: 'policy.yml',
};

function configOf(env: Record<string, string | undefined>, text = policy) {
  const read = readConfig(env, () => Buffer.from(text));
  if (!read.ok) throw new Error(read.problems.join('\n'));
  return read.config;
}

const address = (host: string, port: number) => ({ kind: 'address', host, port });

const authority = createAuthority();
const PEM = Object.fromEntries(
  Object.entries({ ...authority.certify('redis'), 'another-key': authority.certify('redis').key }).map(
    ([name, text]) => [name, text.trim()],
  ),
);
const TLS = { REDIS_URL: 'rediss://redis' };

/** Reads the configuration where files are called as the parts of `PEM`. */
function reachedWith(env: Record<string, string | undefined>) {
  const files: Record<string, string> = { ...PEM, 'policy.yml': policy };
  return readConfig({ ...right, ...env }, (path) => {
    const text = files[path];
    if (text === undefined) throw new Error('none');
    return Buffer.from(text);
  });
}

function problemsOf(env: Record<string, string | undefined>, readFile = () => policy): string[] {
  const read = readConfig(env, () => Buffer.from(readFile()));
  return read.ok ? [] : read.problems;
}

describe('the configuration', () => {
  test('needs seven variables, and has defaults for the rest', () => {
    const { signingKeys, policy: read, ...rest } = configOf(right);
    expect(signingKeys).toHaveLength(1);
    expect(read.admins).toEqual(['U0ADMIN']);
    expect(read.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(rest).toEqual({
      installation: 'test',
      slack: {
        botToken: 'xoxb-1-bot',
        mode: { kind: 'socket', appToken: 'xapp-1-app' },
        command: '/workspace-ssh',
      },
      redis: { where: { kind: 'address', host: '127.0.0.1', port: 6379 }, db: 0 },
      awsRegion: 'eu-central-1',
      ec2Rate: 1,
      host: '127.0.0.1',
      port: 3000,
      logLevel: 'info',
      times: {
        sweepMs: 60_000,
        openByMs: 1_200_000,
        absentFirstMs: 120_000,
        absentAgainMs: 30_000,
        alertMs: 300_000,
        lateYesMs: 1_800_000,
        lookMs: 1_500,
        nudgeMs: 600_000,
        groupAgeMs: 86_400_000,
        stalledMs: 30_000,
        awsMs: 10_000,
        faultMs: 60_000,
        redisMs: 1_500,
        drainMs: 10_000,
      },
      changedTimes: [],
      warnings: [],
      secrets: [key, 'xoxb-1-bot', 'xapp-1-app', 'redis://127.0.0.1:6379'],
    });
  });

  test('leaves two tries of a change in Redis less than the 3 s that Slack waits for an acknowledgement', () => {
    const { redisMs } = configOf(right).times;
    expect(redisMs + secondTryMs(redisMs)).toBeLessThan(3_000);
  });

  test('speaks HTTP where a signing secret stands instead of an app token', () => {
    const { slack, host, port } = configOf({
      ...right,
      SLACK_APP_TOKEN: '',
      SLACK_SIGNING_SECRET: '0123456789abcdef0123456789abcdef',
      SLACK_API_URL: 'http://127.0.0.1:4600/api',
      SLACK_COMMAND: '/ssh',
      HOST: '0.0.0.0',
      PORT: '8080',
    });
    expect(slack).toEqual({
      botToken: 'xoxb-1-bot',
      mode: { kind: 'http', signingSecret: '0123456789abcdef0123456789abcdef' },
      apiUrl: 'http://127.0.0.1:4600/api/',
      command: '/ssh',
    });
    expect([host, port]).toEqual(['0.0.0.0', 8080]);
  });

  test('lists the times that differ from their defaults, and no others', () => {
    const { times, changedTimes } = configOf({
      ...right,
      TIME_SWEEP: '500ms',
      TIME_OPEN_BY: '1200s',
      TIME_DRAIN: '2s',
    });
    expect([times.sweepMs, times.openByMs, times.drainMs]).toEqual([500, 1_200_000, 2_000]);
    expect(changedTimes).toEqual([
      { name: 'TIME_SWEEP', value: '500ms', usual: '60s' },
      { name: 'TIME_DRAIN', value: '2s', usual: '10s' },
    ]);
  });

  test('accepts white space around a value', () => {
    expect(configOf({ ...right, SLACK_BOT_TOKEN: 'xoxb-1-bot\n' }).slack.botToken).toBe('xoxb-1-bot');
  });

  test('names every missing variable at once, and where its value comes from', () => {
    expect(problemsOf({ INSTALLATION: '', SIGNING_KEYS: ' ' })).toEqual([
      'INSTALLATION is missing: a name of your choice for this installation, a-z, 0-9 and -, at most 32 characters. Never change it later.',
      'SIGNING_KEYS is missing: a secret of your own. Make one with `openssl rand -base64 32`.',
      'SLACK_BOT_TOKEN is missing: it starts with xoxb- and comes from api.slack.com/apps, your app, Install App.',
      'SLACK_APP_TOKEN is missing: it starts with xapp- and comes from api.slack.com/apps, your app, Basic Information, App-Level Tokens (scope connections:write). For HTTP instead of Socket Mode set SLACK_SIGNING_SECRET.',
      'REDIS_URL is missing: where your Redis or Valkey listens, such as redis://127.0.0.1:6379 or rediss://….',
      'AWS_REGION is missing: the Region of your WorkSpaces, such as eu-central-1; the AWS console shows it at the top right.',
      'POLICY_FILE is missing: the path of your policy, such as policy.yml; start from policy.example.yml.',
    ]);
  });

  test('names every wrong variable at once, and repeats no secret', () => {
    const problems = problemsOf(
      {
        INSTALLATION: 'My Bot',
        SIGNING_KEYS: 'hunter2',
        SLACK_BOT_TOKEN: 'hunter2',
        SLACK_APP_TOKEN: 'xoxb-hunter2',
        SLACK_API_URL: 'ftp://hunter2',
        REDIS_URL: 'http://user:hunter2@redis',
        AWS_REGION: 'Frankfurt',
        POLICY_FILE: 'policy.yml',
        PORT: '65536',
        LOG_LEVEL: 'loud',
        TIME_SWEEP: '60',
        TIME_OPEN_BY: '0s',
        TIME_GROUP_AGE: '30d',
      },
      () => policy.replace('[U0ADMIN]', '[jane]'),
    );
    expect(problems).toEqual([
      expect.stringMatching(/^INSTALLATION is "My Bot", which is wrong: /),
      expect.stringMatching(/^SIGNING_KEYS is wrong: /),
      expect.stringMatching(/^SLACK_BOT_TOKEN is wrong: /),
      expect.stringMatching(/^SLACK_APP_TOKEN is wrong: /),
      expect.stringMatching(/^SLACK_API_URL is wrong: /),
      expect.stringMatching(/^REDIS_URL is wrong: /),
      expect.stringMatching(/^AWS_REGION is "Frankfurt", which is wrong: /),
      `policy.yml:2:10 "jane" is not a Slack user id (U…). Copy it from the person's profile in Slack.`,
      expect.stringMatching(/^PORT is "65536", which is wrong: /),
      expect.stringMatching(/^LOG_LEVEL is "loud", which is wrong: /),
      'TIME_SWEEP is "60", which is wrong: a number with ms, s, m, h or d, below 24 days; leave it out for 60s.',
      'TIME_OPEN_BY is "0s", which is wrong: a number with ms, s, m, h or d, below 24 days; leave it out for 20m.',
      'TIME_GROUP_AGE is "30d", which is wrong: a number with ms, s, m, h or d, below 24 days; leave it out for 1d.',
    ]);
    expect(problems.join('\n')).not.toContain('hunter2');
  });

  test.each([
    ['INSTALLATION', 'My Bot'],
    ['SIGNING_KEYS', 'hunter2'],
    ['SLACK_BOT_TOKEN', 'hunter2'],
    ['SLACK_APP_TOKEN', 'xoxb-hunter2'],
    ['SLACK_API_URL', 'ftp://hunter2'],
    ['SLACK_COMMAND', 'workspace-ssh'],
    ['SLACK_COMMAND', '/Workspace ssh'],
    ['REDIS_URL', 'http://user:hunter2@redis'],
    ['AWS_REGION', 'Frankfurt'],
    ['EC2_RATE', '0'],
    ['EC2_RATE', 'fast'],
    ['PORT', '65536'],
    ['METRICS', '65536'],
    ['METRICS', 'localhost'],
    ['METRICS', 'http://127.0.0.1:9464'],
    ['LOG_LEVEL', 'loud'],
    ['TIME_SWEEP', '60'],
  ])('names %s where only that variable is wrong: %j', (name, value) => {
    expect(problemsOf({ ...right, [name]: value })).toEqual([
      expect.stringMatching(new RegExp(`^${name} is .*wrong: `)),
    ]);
  });

  test.each([
    ['9464', { host: '127.0.0.1', port: 9464 }],
    ['10.0.0.7:9464', { host: '10.0.0.7', port: 9464 }],
    ['[::]:9464', { host: '::', port: 9464 }],
  ])('answers metrics at %s, and nowhere where nothing is said', (text, metrics) => {
    expect(configOf({ ...right, METRICS: text }).metrics).toEqual(metrics);
    expect(configOf(right)).not.toHaveProperty('metrics');
  });

  test.each([
    ['redis://redis.internal', { where: address('redis.internal', 6379), db: 0 }],
    ['rediss://[2001:db8::25]:6380/3', { where: address('2001:db8::25', 6380), db: 3, tls: {} }],
    ['REDISS://:p%2Fw@redis/', { where: address('redis', 6379), password: 'p/w', db: 0, tls: {} }],
    [
      'redis://bot:p%40%3A%23@redis',
      { where: address('redis', 6379), username: 'bot', password: 'p@:#', db: 0 },
    ],
    [
      'redis+sentinel://bot:pw@10.0.0.1,[2001:db8::25]:26380/my-master.1',
      {
        where: {
          kind: 'sentinel',
          name: 'my-master.1',
          sentinels: [
            { host: '10.0.0.1', port: 26379 },
            { host: '2001:db8::25', port: 26380 },
          ],
        },
        username: 'bot',
        password: 'pw',
        db: 0,
      },
    ],
    [
      'rediss+sentinel://watcher/mymaster/2',
      {
        where: { kind: 'sentinel', name: 'mymaster', sentinels: [{ host: 'watcher', port: 26379 }] },
        db: 2,
        tls: {},
      },
    ],
    [
      'redis+cluster://one,two:7000',
      {
        where: {
          kind: 'cluster',
          nodes: [
            { host: 'one', port: 6379 },
            { host: 'two', port: 7000 },
          ],
        },
        db: 0,
      },
    ],
    [
      'REDISS+CLUSTER://:pw@clustercfg.corp.euc1.cache.amazonaws.com:6379/0',
      {
        where: {
          kind: 'cluster',
          nodes: [{ host: 'clustercfg.corp.euc1.cache.amazonaws.com', port: 6379 }],
        },
        password: 'pw',
        db: 0,
        tls: {},
      },
    ],
  ])('reads %s into its parts', (url, parts) => {
    expect(configOf({ ...right, REDIS_URL: url }).redis).toEqual(parts);
  });

  test.each([
    'hun/ter2',
    'hun@ter2',
    'hun#ter2',
    'hun?ter2',
    'hun%ter2',
    'hun:ter2',
    '12/hunter2',
    'hun[ter2',
  ])('says how to write the password %s, and does not repeat it', (password) => {
    expect(problemsOf({ ...right, REDIS_URL: `redis://bot:${password}@redis:6379` })).toEqual([
      'REDIS_URL is wrong: percent-encode the password (and the user): / is %2F, @ is %40, # is %23, ? is %3F, % is %25.',
    ]);
  });

  test.each([
    'redis://',
    'redis://redis:0',
    'redis://redis:65536',
    'redis://redis/one',
    'redis://redis?db=1',
    '/tmp/redis.sock',
    'redis://one,two',
    'redis://redis/mymaster/0',
  ])('takes %s for no address of a Redis', (url) => {
    expect(problemsOf({ ...right, REDIS_URL: url })).toEqual([
      expect.stringMatching(/^REDIS_URL is wrong: where /),
    ]);
  });

  test.each([
    ['redis+sentinel://10.0.0.1', 'some of your Sentinels, and '],
    ['redis+sentinel://10.0.0.1/', 'some of your Sentinels, and '],
    ['redis+sentinel://10.0.0.1,/mymaster', 'some of your Sentinels, and '],
    ['redis+sentinel://10.0.0.1/mymaster/one', 'some of your Sentinels, and '],
    ['redis+sentinel://10.0.0.1:65536/mymaster', 'some of your Sentinels, and '],
    ['redis+cluster://', 'some nodes of your Cluster, '],
    ['redis+cluster://one,two:0', 'some nodes of your Cluster, '],
    ['redis+cluster://one/1', 'some nodes of your Cluster, '],
    ['redis+cluster://one/mymaster/0', 'some nodes of your Cluster, '],
    ['redis+socket://one', 'where your Redis '],
  ])('says which part %s lacks', (url, lacks) => {
    const [problem, ...others] = problemsOf({ ...right, REDIS_URL: url });
    expect(problem?.slice(0, `REDIS_URL is wrong: ${lacks}`.length)).toBe(`REDIS_URL is wrong: ${lacks}`);
    expect(others).toEqual([]);
  });

  test.each([
    [{ REDIS_URL: 'rediss://redis' }, {}],
    [{ REDIS_URL: 'rediss://redis', REDIS_CA_FILE: 'cert' }, { tls: { ca: PEM.cert } }],
    [
      { REDIS_URL: 'rediss+cluster://redis', REDIS_CERT_FILE: 'cert', REDIS_KEY_FILE: ' key ' },
      { tls: { cert: PEM.cert, key: PEM.key } },
    ],
    [
      { REDIS_URL: 'redis+sentinel://redis/mymaster', REDIS_SENTINEL_PASSWORD: 'hunter2' },
      { where: { name: 'mymaster', password: 'hunter2' } },
    ],
  ])('takes %j for how Redis is reached', (env, parts) => {
    expect(reachedWith(env)).toMatchObject({ ok: true, config: { redis: parts } });
  });

  test.each([
    [
      { REDIS_CA_FILE: 'cert' },
      'REDIS_CA_FILE is set, and REDIS_URL has no TLS: begin it with rediss instead of redis.',
    ],
    [{ ...TLS, REDIS_CA_FILE: 'none' }, 'REDIS_CA_FILE names a file that cannot be read'],
    [{ ...TLS, REDIS_CA_FILE: 'key' }, 'REDIS_CA_FILE holds no certificate: '],
    [{ ...TLS, REDIS_CERT_FILE: 'cert' }, 'REDIS_KEY_FILE is missing: '],
    [{ ...TLS, REDIS_KEY_FILE: 'key' }, 'REDIS_CERT_FILE is missing: '],
    [
      { ...TLS, REDIS_CERT_FILE: 'cert', REDIS_KEY_FILE: 'another-key' },
      'REDIS_CERT_FILE and REDIS_KEY_FILE do not fit: ',
    ],
    [
      { ...TLS, REDIS_CERT_FILE: 'cert', REDIS_KEY_FILE: 'cert' },
      'REDIS_CERT_FILE and REDIS_KEY_FILE do not fit: ',
    ],
    [
      { ...TLS, REDIS_KEY_FILE: PEM.key, REDIS_CERT_FILE: 'cert' },
      'REDIS_KEY_FILE names a file that cannot be read',
    ],
    [
      { REDIS_SENTINEL_PASSWORD: 'hunter2' },
      'REDIS_SENTINEL_PASSWORD is set, and REDIS_URL names no Sentinels: ',
    ],
  ])('names the mistake in %j', (env, begins) => {
    const read = reachedWith(env);
    const problems = read.ok ? [] : read.problems;
    expect(problems.map((problem) => problem.slice(0, begins.length))).toEqual([begins]);
    expect(problems.join()).not.toMatch(/hunter2|PRIVATE/);
  });

  test.each(['https://proxy/api?to=slack', 'https://bot:hunter2@proxy/api', 'https://proxy/api#slack'])(
    'takes %s for no address of Slack',
    (url) => {
      expect(problemsOf({ ...right, SLACK_API_URL: url })).toEqual([
        'SLACK_API_URL is wrong: it has a host and a path alone: no user, no password, no ? and no #.',
      ]);
    },
  );

  test('warns of secrets that travel in the clear to another machine, and of keys that somebody could guess', () => {
    const counted = Buffer.from(Array.from({ length: 32 }, (_, index) => index)).toString('base64');
    const word = Buffer.from('correct horse correct horse correct horse').toString('base64');
    const { warnings } = configOf({
      ...right,
      REDIS_URL: 'redis://10.0.0.5',
      SLACK_API_URL: 'http://proxy.internal/api/',
      AWS_ENDPOINT_URL_EC2: 'http://ec2.internal',
      SIGNING_KEYS: [key, counted, word, Buffer.alloc(32, 7).toString('base64')].join(','),
    });
    expect(warnings).toEqual([
      expect.stringMatching(/^REDIS_URL starts with redis:\/\/: .* Use rediss:\/\/\.$/),
      expect.stringMatching(/^SLACK_API_URL starts with http:\/\/: .* Use https:\/\/\.$/),
      expect.stringMatching(/^AWS_ENDPOINT_URL_EC2 starts with http:\/\/: .* Use https:\/\/\.$/),
      expect.stringMatching(/^Signing key 2 is not random: /),
      expect.stringMatching(/^Signing key 3 is not random: /),
      expect.stringMatching(/^Signing key 4 is not random: /),
    ]);
    const here = {
      REDIS_URL: 'redis://[::1]:6379',
      SLACK_API_URL: 'http://localhost:4600/api/',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
    };
    expect(configOf({ ...right, ...here }).warnings).toEqual([]);
    expect(configOf({ ...right, REDIS_URL: 'rediss://redis' }).warnings).toEqual([]);
    const guides = { REDIS_URL: 'redis+sentinel://localhost,10.0.0.1/mymaster' };
    expect(configOf({ ...right, ...guides }).warnings).toEqual([
      expect.stringMatching(/^REDIS_URL starts with redis\+sentinel:\/\/: .* Use rediss\+sentinel:\/\/\.$/),
    ]);
  });

  test('warns of mistakes that the policy probably does not mean', () => {
    expect(configOf(right, policy.replace(/\{ people.*\} \} \}/, '{} }')).warnings).toEqual([
      expect.stringMatching(/^policy\.yml:3:16 Nobody has a user name in d-9067f01234, /),
    ]);
  });

  test('asks whether Socket Mode or HTTP is meant where the secrets of both are set', () => {
    expect(problemsOf({ ...right, SLACK_SIGNING_SECRET: '0123456789abcdef0123456789abcdef' })).toEqual([
      'SLACK_APP_TOKEN and SLACK_SIGNING_SECRET are both set: keep the first for Socket Mode (no public address needed) or the second for HTTP.',
    ]);
  });

  test('says why the policy file cannot be read', () => {
    const gone = () => {
      throw new Error("ENOENT: no such file or directory, open 'policy.yml'");
    };
    expect(problemsOf(right, gone)).toEqual([
      `POLICY_FILE is "policy.yml", which cannot be read: ENOENT: no such file or directory, open 'policy.yml'.`,
    ]);
  });
});

describe('the log', () => {
  function lineOf(
    fields: object,
    message: string,
    level: LogLevel = 'info',
    secrets: readonly string[] = [],
  ): string {
    let written = '';
    createLog(level, secrets, {
      write: (line) => {
        written += line;
      },
    }).info(fields, message);
    return written;
  }

  test.each<[LogLevel, boolean]>([
    ['info', true],
    ['warn', false],
    ['error', false],
    ['silent', false],
  ])(
    'at level %s an audit record is written all the same, unless silent; another line: %s',
    (level, other) => {
      expect(lineOf({ audit: { what: 'opened' } }, 'audit', level) !== '').toBe(level !== 'silent');
      expect(lineOf({ id: 'K7QF2' }, 'open', level) !== '').toBe(other);
    },
  );

  test('writes one line of JSON with the level as a word', () => {
    expect(JSON.parse(lineOf({ requestId: 'K7QF2' }, 'open'))).toMatchObject({
      level: 'info',
      requestId: 'K7QF2',
      msg: 'open',
      time: expect.stringMatching(/Z$/),
    });
  });

  test.each([
    ['a field that is called a token', { slack: { botToken: 'hunter2' } }, 'x'],
    ['a Slack token in a text', {}, 'invalid_auth for xoxb-hunter2-hunter2'],
    ['an app token deep in an object', { a: { b: { c: { d: ['xapp-1-hunter2'] } } } }, 'x'],
    ['a password in a URL', { err: new Error('cannot reach rediss://user:hunter2@redis:6379') }, 'x'],
    ['a password in a longer URL', {}, 'cannot reach rediss+sentinel://user:hunter2@one,two/the-primary'],
    [
      'a password in a URL, with an @ that is not encoded',
      {},
      'cannot reach rediss://user:p@hunter2@redis:6379',
    ],
    ['a header of a user with a password', { headers: ['Basic hunter2'] }, 'x'],
    ['a header', { err: Object.assign(new Error('x'), { config: { headers: ['Bearer hunter2'] } }) }, 'x'],
  ])('leaves out %s', (_, fields, message) => {
    const line = lineOf(fields, message);
    expect(line).not.toContain('hunter2');
    expect(() => JSON.parse(line)).not.toThrow();
  });

  test('holds no secret of the environment, in whatever form a fault brings it there', () => {
    const password = 'p"w/ä @#?hunter2';
    const env = {
      ...right,
      SIGNING_KEYS: `${key},${createHash('sha256').update('another').digest('base64')}`,
      SLACK_APP_TOKEN: '',
      SLACK_SIGNING_SECRET: '0123456789abcdef0123456789abcdef',
      REDIS_URL: `rediss+sentinel://bot:${encodeURIComponent(password)}@redis/the-primary`,
      REDIS_SENTINEL_PASSWORD: 'between the Sentinels and us',
      AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
      AWS_SESSION_TOKEN: 'IQoJb3JpZ2luX2VjEXAMPLE//////////wEaCXVzLWVhc3Qt==',
    };
    const { secrets } = configOf(env);
    const hidden = [
      ...env.SIGNING_KEYS.split(','),
      env.SLACK_BOT_TOKEN,
      env.SLACK_SIGNING_SECRET,
      env.REDIS_URL,
      env.REDIS_SENTINEL_PASSWORD,
      env.AWS_SECRET_ACCESS_KEY,
      env.AWS_SESSION_TOKEN,
      password,
    ];
    // A variable of .env.example that is named as a secret is tried here too: its value goes into both lists above.
    const example = readFileSync('.env.example', 'utf8');
    const named = [
      ...example.matchAll(/^(?:# )?(\w*(?:KEY|SECRET|TOKEN|PASSWORD|CREDENTIAL)\w*)(?<!_FILE)=/gm),
    ];
    expect(named.map(([, name = '']) => name).filter((name) => !Object.hasOwn(env, name))).toEqual([]);
    expect(named.length).toBeGreaterThan(3);
    for (const secret of hidden) {
      const fault = Object.assign(new TypeError(`Invalid URL: ${secret}`), {
        input: secret,
        config: {
          sent: [
            `key=${encodeURIComponent(secret)}&`,
            encodeURI(secret),
            { deep: JSON.stringify({ secret }) },
          ],
        },
        cause: new Error(secret),
      });
      const line = lineOf({ err: fault }, `could not start: ${fault.message}`, 'info', secrets);
      for (const form of [
        secret,
        encodeURIComponent(secret),
        encodeURI(secret),
        JSON.stringify(secret).slice(1, -1),
      ]) {
        expect(line).not.toContain(form);
      }
      expect(line).not.toContain('hunter2');
      expect(() => JSON.parse(line)).not.toThrow();
    }
  });

  test('leaves out the whole of a secret that begins with another secret, and stays readable where a secret is a common word', () => {
    const line = lineOf({}, 'for hunter2-and-more', 'info', ['hunter2', 'hunter2-and-more', 'info']);
    expect(JSON.parse(line)).toMatchObject({ level: 'info', msg: 'for [redacted]' });
    const [missing = ''] = problemsOf({ ...right, SLACK_APP_TOKEN: 'x' });
    expect(missing).toContain('Basic Information');
    expect(JSON.parse(lineOf({}, missing))).toMatchObject({ msg: missing });
  });

  test('waits for no reader: lines that are not read in time are lost, and a later line says so', () => {
    const read: string[] = [];
    let readOn = (): void => undefined;
    const stuck = new Writable({
      decodeStrings: false,
      write(line: string, _, done) {
        read.push(line);
        readOn = done;
      },
    });
    const log = createLog('info', [], neverWaiting(stuck, 2_000));
    for (let line = 0; line < 100; line++) log.info({ line }, 'x'.repeat(100));
    const told = () => read.map((line) => JSON.parse(line));
    for (let before = -1; before !== read.length; ) {
      before = read.length;
      readOn();
    }
    log.info({}, 'the last');
    readOn();
    const [{ line: latest }, { lost }, { msg }] = told().slice(-3);
    expect(latest).toBeLessThan(30);
    expect(latest + 1 + lost).toBe(100);
    expect(msg).toBe('the last');
  });
});
