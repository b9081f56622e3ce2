import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { fileOf } from '../../sandbox/town.js';

const folder = mkdtempSync(join(tmpdir(), 'policy-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** Runs the command with an environment that has neither AWS, Slack nor Redis. */
function policy(...args: string[]) {
  return new Promise<{ code: number; out: string; err: string }>((resolve) => {
    const env = { PATH: process.env.PATH ?? '' };
    execFile(process.execPath, [fileOf('scripts/policy.mjs'), ...args], { env }, (failure, out, err) =>
      resolve({ code: typeof failure?.code === 'number' ? failure.code : 0, out, err }),
    );
  });
}

test('check says that a file is right, and its hash', async () => {
  const { code, out } = await policy('check', 'policy.example.yml');
  expect(out).toMatch(/^policy\.example\.yml is right: \d+ rules, hash [0-9a-f]{64}\.\n$/);
  expect(code).toBe(0);
});

test('check lists every problem at once, with line and column', async () => {
  const path = file('wrong.yml', 'version: 1\nadmins: [jane]\ndirectories: { d-1: {} }\nrule: []\n');
  const { code, out, err } = await policy('check', path);
  expect(err.split('\n')).toEqual([
    `${path}:1:1 "rules" is missing. Write it like this: rules: [{ name: own WorkSpace, target: own, ask: [manager] }]`,
    `${path}:2:10 "jane" is not a Slack user id (U…). Copy it from the person's profile in Slack.`,
    `${path}:4:1 "rule" is not a key here. Did you mean "rules"?`,
    '',
  ]);
  expect([code, out]).toEqual([1, '']);
});

test.each([[[]], [['check']], [['chek', 'policy.example.yml']], [['check', 'a.yml', 'b.yml']]])(
  'wrong usage is answered with the usage: %j',
  async (args) => {
    const { code, err } = await policy(...args);
    expect(err).toContain('npm run policy -- check FILE');
    expect(code).toBe(2);
  },
);

test('a file that is not there is named', async () => {
  const { code, err } = await policy('check', 'nowhere.yml');
  expect(err).toContain('nowhere.yml cannot be read');
  expect(code).toBe(2);
});
