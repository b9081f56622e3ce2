/** `npm run init`: two files to start from, which the bot's own reading accepts. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { init } from '../../src/commands/init.js';
import { policy } from '../../src/commands/policy.js';
import { readConfig } from '../../src/config.js';
import { runHere } from './run.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wssh-init-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const FLAGS = {
  installation: 'corp',
  region: 'eu-central-1',
  directory: 'd-9067f01234',
  domain: 'example.com',
  admin: 'U012ABCDE',
  'manager-field': 'Xf012ABCDE',
};
const flags = (more: Record<string, string> = {}) =>
  Object.entries({ ...FLAGS, ...more, folder }).map(([name, value]) => `--${name}=${value}`);
const read = (name: string) => readFileSync(join(folder, name), 'utf8');
const isEmpty = () => expect(() => statSync(join(folder, '.env'))).toThrow();

test('init with flags writes a policy of ten lines that the policy command accepts', async () => {
  const { code, out } = await runHere(init, flags());
  expect(code).toBe(0);
  expect(out).toContain('npm run doctor');
  const lines = read('policy.yml').trim().split('\n');
  expect(lines.filter((line) => !line.startsWith('#'))).toHaveLength(10);
  const checked = await runHere(policy, ['check', join(folder, 'policy.yml')]);
  expect(checked).toMatchObject({ code: 0, err: '' });
});

test('the bot would start with the two files of init once the two tokens of Slack are filled in', async () => {
  await runHere(init, flags());
  const env = parseEnv(read('.env'));
  const reading = readConfig({ ...env, SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1' }, () =>
    readFileSync(join(folder, env.POLICY_FILE ?? '')),
  );
  expect(reading).toMatchObject({
    ok: true,
    config: { installation: 'corp', awsRegion: 'eu-central-1', warnings: [] },
  });
  expect(readConfig(env, () => readFileSync(join(folder, 'policy.yml')))).toMatchObject({
    ok: false,
    problems: [expect.stringContaining('SLACK_BOT_TOKEN'), expect.stringContaining('SLACK_APP_TOKEN')],
  });
});

test('each .env that init writes has a signing key of its own, and only its owner may read the file', async () => {
  await runHere(init, flags());
  const first = parseEnv(read('.env')).SIGNING_KEYS ?? '';
  expect(Buffer.from(first, 'base64')).toHaveLength(32);
  if (process.platform !== 'win32') expect(statSync(join(folder, '.env')).mode & 0o077).toBe(0);
  rmSync(join(folder, '.env'));
  rmSync(join(folder, 'policy.yml'));
  await runHere(init, flags());
  expect(parseEnv(read('.env')).SIGNING_KEYS).not.toBe(first);
});

test('init without a field that names managers writes a policy by which the admins approve', async () => {
  await runHere(init, flags({ 'manager-field': 'admins' }));
  expect(read('policy.yml')).toContain('ask: [admins]');
  expect(read('policy.yml')).not.toContain('managers:');
});

test.each(['.env', 'policy.yml'])(
  'init leaves %s that is there already as it is, and writes nothing else',
  async (name) => {
    writeFileSync(join(folder, name), 'mine');
    const { code, err } = await runHere(init, flags());
    expect(code).toBe(2);
    expect(err).toContain(`${name} is there already. Nothing was changed.`);
    expect(read(name)).toBe('mine');
    expect(() => read(name === '.env' ? 'policy.yml' : '.env')).toThrow();
  },
);

test('init at a terminal asks six questions, and asks again after a wrong answer', async () => {
  const answers = ['', 'Frankfurt', 'eu-central-1', 'd-9067f01234', 'example.com', 'U012ABCDE', ''];
  const asked: string[] = [];
  const ask = async (question: string) => {
    asked.push(question);
    return answers.shift() ?? '';
  };
  const { code, err } = await runHere(init, [`--folder=${folder}`], { ask });
  expect(code).toBe(0);
  expect(new Set(asked).size).toBe(6);
  expect(err).toContain('"Frankfurt" is wrong: such as eu-central-1');
  expect(parseEnv(read('.env')).INSTALLATION).toBe('workspace-ssh');
  expect(read('policy.yml')).toContain('ask: [admins]');
});

test('init off a terminal names each answer that no flag gives, and writes nothing', async () => {
  const { code, err } = await runHere(init, [`--folder=${folder}`, '--region=eu-central-1']);
  expect(code).toBe(2);
  expect(err).toContain('Off a terminal say --directory, --domain, --admin. Nothing was made.');
  isEmpty();
});

test.each([
  ['installation', 'Corp'],
  ['region', 'Frankfurt'],
  ['directory', 'corp'],
  ['domain', '@example.com'],
  ['admin', '@jane'],
  ['manager-field', 'Manager'],
])('init names a wrong --%s, and writes nothing', async (name, value) => {
  const { code, err } = await runHere(init, flags({ [name]: value }));
  expect(code).toBe(2);
  expect(err).toContain(`--${name} is "${value}", which is wrong`);
  isEmpty();
});
