/** Secrets from files: the bot reads them, and names a mistake without repeating the secret. */
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { readConfig } from '../src/config.js';
import { SECRETS, withSecretsOfFiles } from '../src/secrets.js';

const POLICY = `version: 1
admins: [U0ADMIN]
directories: { d-9067f01234: { people: { table: { U0JANE: jane } } } }
rules: [{ name: all, target: any, ask: [admins] }]
`;
const FILES: Record<string, string> = {
  'policy.yml': POLICY,
  '/run/secrets/keys': `${randomBytes(32).toString('base64')}\n`,
  '/run/secrets/bot': 'xoxb-1-bot\n',
  '/run/secrets/app': '  xapp-1-app',
  '/run/secrets/signing': '0123456789abcdef0123456789abcdef',
  '/run/secrets/redis': 'redis://bot:hunter2@127.0.0.1:6379\n',
  '/run/secrets/empty': ' \n',
};
const readFile = (path: string): Uint8Array => {
  const text = FILES[path];
  if (text !== undefined) return Buffer.from(text);
  if (path === '/run/secrets/latin-1') return Uint8Array.of(0x61, 0xe4, 0x62);
  throw Object.assign(new Error(`ENOENT: no such file or directory, open '${path}'`), { code: 'ENOENT' });
};

const right = {
  INSTALLATION: 'test',
  SIGNING_KEYS_FILE: '/run/secrets/keys',
  SLACK_BOT_TOKEN_FILE: '/run/secrets/bot',
  SLACK_APP_TOKEN_FILE: '/run/secrets/app',
  REDIS_URL_FILE: '/run/secrets/redis',
  AWS_REGION: 'eu-central-1',
  POLICY_FILE: 'policy.yml',
};

test('every secret of the bot may stand in a file, and none of them gets into the log', () => {
  const read = readConfig(right, readFile);
  if (!read.ok) throw new Error(read.problems.join('\n'));
  const { slack, redis, secrets } = read.config;
  expect(slack).toMatchObject({ botToken: 'xoxb-1-bot', mode: { kind: 'socket', appToken: 'xapp-1-app' } });
  expect(redis).toMatchObject({ username: 'bot', password: 'hunter2' });
  const { SLACK_APP_TOKEN_FILE: _, ...rest } = right;
  const http = readConfig({ ...rest, SLACK_SIGNING_SECRET_FILE: '/run/secrets/signing' }, readFile);
  expect(http).toMatchObject({ ok: true, config: { slack: { mode: { kind: 'http' } } } });
  const hidden = Object.entries(FILES).filter(([path]) => /keys|bot|app|redis/.test(path));
  expect(hidden.filter(([, text]) => !secrets.includes(text.trim()))).toEqual([]);
});

test.each(SECRETS)(
  '%s_FILE is read where the environment lacks the secret itself, and both together are refused',
  (name) => {
    const file = { [`${name}_FILE`]: '/run/secrets/bot' };
    expect(withSecretsOfFiles(file, readFile).env[name]).toBe('xoxb-1-bot');
    expect(withSecretsOfFiles({ ...file, [name]: ' ' }, readFile).env[name]).toBe('xoxb-1-bot');
    const { problems } = withSecretsOfFiles({ ...file, [name]: 'x' }, readFile);
    expect([...problems.values()]).toEqual([`${name}_FILE and ${name} are both set: keep one of them.`]);
    expect(withSecretsOfFiles({ [`${name}_FILE`]: '' }, readFile).problems.size).toBe(0);
  },
);

test.each([
  [
    '/run/secrets/none',
    'names a file that cannot be read (ENOENT): write its path, and let the bot read it.',
  ],
  ['/run/secrets/empty', 'names an empty file: write there what it is for, and nothing else.'],
  ['/run/secrets/latin-1', 'names a file that is not UTF-8: save it as plain text.'],
  // Somebody wrote the secret itself: neither it nor the system's sentence, which has it, is repeated.
  ['xoxb-hunter2', 'names a file that cannot be read (ENOENT): write its path, and let the bot read it.'],
])(
  'a secret’s file that cannot be used is the only problem, and its path is not repeated: %s',
  (path, sentence) => {
    const bot = readConfig({ ...right, SLACK_BOT_TOKEN_FILE: path }, readFile);
    expect(bot).toEqual({ ok: false, problems: [`SLACK_BOT_TOKEN_FILE ${sentence}`] });
    const { SLACK_APP_TOKEN_FILE: _, ...rest } = right;
    const http = readConfig({ ...rest, SLACK_SIGNING_SECRET_FILE: path }, readFile);
    expect(http).toEqual({ ok: false, problems: [`SLACK_SIGNING_SECRET_FILE ${sentence}`] });
  },
);

test('no command takes a secret as an argument, where `ps` shows it to everybody on the machine', () => {
  const texts = ['src/commands', 'scripts'].flatMap((folder) =>
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => readFileSync(`${folder}/${name}`, 'utf8')),
  );
  const flags = texts.flatMap((text) =>
    [...text.matchAll(/(?:--|flag: ')([a-z][a-z-]+)/g)].map(([, flag = '']) => flag),
  );
  expect(flags).toEqual(expect.arrayContaining(['expired', 'manager-field', 'foreign-rules-too']));
  expect(flags.filter((flag) => /secret|token|password|key|redis/.test(flag))).toEqual([]);
});
