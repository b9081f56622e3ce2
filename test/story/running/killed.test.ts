/** The compiled bot as a process of its own, killed where it hurts and started again. */

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { afterEach, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { fileOf } from '../../../sandbox/town.js';
import { leaseTagKey } from '../../../src/access/rules/lease.js';
import { until } from '../../redis/redis.js';
import { CLOCK_MS, MOST_READS, SOURCE, type Story, startStory } from '../story.js';

const MAIN = fileOf('dist/bundled/bot.js');
const TIMES = { TIME_AWS: '1s', TIME_SWEEP: '500ms', TIME_STALLED: '1s', TIME_ABSENT_AGAIN: '300ms' };

let story: Story;
let bot: ChildProcess | undefined;
afterEach(async () => {
  await kill();
  await story.end();
});

/** The story's own bot leaves at once: the process takes over its town. */
async function startTown(): Promise<void> {
  if (!existsSync(MAIN)) throw new Error('dist is missing: npm run build');
  story = await startStory({ env: TIMES });
  await story.stopBot();
  await startProcess();
}

async function startProcess(): Promise<void> {
  const env = { PATH: process.env.PATH ?? '', ...story.town.env, ...TIMES, LOG_LEVEL: 'silent' };
  bot = spawn(process.execPath, [MAIN], { env, stdio: 'ignore' });
  const url = `http://127.0.0.1:${story.config.port}/healthz`;
  const deadline = Date.now() + 60_000;
  while (!(await fetch(url).catch(() => undefined))?.ok) {
    if (Date.now() > deadline) throw new Error('the process is not healthy');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  await story.town.slack.waitConnected(30_000);
}

async function kill(): Promise<void> {
  const child = bot;
  bot = undefined;
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}

/** Waits until nobody works on the request: a process that is killed while it holds a lock keeps others from it for 30 s. */
async function isIdle(id: string): Promise<void> {
  const redis = new Redis(story.config.redisUrl);
  const locks = ['request', 'tell'].map((name) => `{wssh:${story.config.installation}}:lock:${name}:${id}`);
  await until('nobody works on it', async () => (await redis.exists(...locks)) === 0);
  redis.disconnect();
}

async function approved(duration: string): Promise<string> {
  const id = await story.asks('jane', `ws-janedoe01 203.0.113.25 ${duration} fixing the build`);
  await story.presses('maria', id, 'Approve');
  return id;
}

/** Kills the process between an authorize and its answer, and answers the request and the end that its tag shows. */
async function killedWhileAuthorizing(duration: string): Promise<{ id: string; endsAtMs: number }> {
  const { aws } = story.town;
  aws.faults.add({ action: 'AuthorizeSecurityGroupIngress', times: 1, kind: 'timeout-after-effect' });
  const killed = new Promise<void>((resolve) => {
    const off = aws.onEvent((event) => {
      if (event.kind !== 'change' || event.change.kind !== 'rule-added') return;
      if (event.change.rule.isEgress) return;
      off();
      kill().then(resolve);
    });
  });
  const id = await approved(duration);
  await killed;
  return { id, endsAtMs: endOf(id) };
}

function endOf(id: string): number {
  const tags = story.rules()[0]?.tags ?? {};
  const endsAtMs = Number(tags[leaseTagKey(id)]?.split(' ')[1]);
  expect(endsAtMs).toBeGreaterThan(Date.now());
  return endsAtMs;
}

const changes = (kind: 'rule-added' | 'rule-removed') =>
  story.town.aws.history.filter((change) => change.kind === kind && change.rule.cidr === SOURCE);
const readsUntilGone = (endsAtMs: number) =>
  story.readsBetween(endsAtMs, changes('rule-removed')[0]?.at ?? Number.NaN);
const lateMs = (endsAtMs: number) => (changes('rule-removed')[0]?.at ?? Number.NaN) - endsAtMs;

test('a bot that is killed while access is open and started after its end removes the rule, and tells', async () => {
  await startTown();
  const id = await approved('12s');
  await story.sees('jane', new RegExp(`Open until.*${id}`));
  const endsAtMs = endOf(id);
  await isIdle(id);
  await kill();
  await story.until('the end passes without a bot', () => Date.now() > endsAtMs + 100);
  expect(story.rules()).toHaveLength(1);
  await startProcess();
  await story.rulesBecome(0);
  expect(await story.sees('jane', new RegExp(`Ended.*${id}`))).toContain('the rule is gone');
  expect(changes('rule-added')).toHaveLength(1);
});

test('the rule of a bot that is killed before an authorize is answered goes on time, though the lock is still held', async () => {
  await startTown();
  const { endsAtMs } = await killedWhileAuthorizing('6s');
  await startProcess();
  await story.rulesBecome(0);
  expect(lateMs(endsAtMs)).toBeGreaterThanOrEqual(-CLOCK_MS);
  // An end that waited for the lock would come after more reads.
  expect(readsUntilGone(endsAtMs)).toBeLessThanOrEqual(MOST_READS);
  expect(changes('rule-added')).toHaveLength(1);
});

test('a bot that is killed before an authorize is answered adds one rule in all, which opens and ends', async () => {
  await startTown();
  const { id } = await killedWhileAuthorizing('1h');
  await startProcess();
  await story.sees('jane', new RegExp(`Open until.*${id}`));
  expect(story.rules()).toHaveLength(1);
  await story.presses('jane', new RegExp(`Open until.*${id}`), 'End now');
  await story.rulesBecome(0);
  await story.sees('jane', new RegExp(`Ended.*${id}`));
  expect(changes('rule-added')).toHaveLength(1);
});
