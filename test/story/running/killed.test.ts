/**
 * The compiled bot as a process of its own, killed where it hurts and started again. The tests share a town, and each
 * takes the bot that the test before left.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { leaseTagKey } from '../../../src/access/rules/lease.js';
import { PATIENCE_MS } from '../../patience.js';
import { until } from '../../redis/redis.js';
import { type BotProcess, startBotProcess } from '../bot-process.js';
import { CLOCK_MS, MOST_READS, type Story, startStory } from '../story.js';

const TIMES = { TIME_AWS: '1s', TIME_SWEEP: '500ms', TIME_STALLED: '1s', TIME_ABSENT_AGAIN: '300ms' };
const STARTS_A_GRANT = 5;

let story: Story;
let bot: BotProcess | undefined;
/** The longest start until now, in seconds. */
let startS = 0;
beforeAll(async () => {
  story = await startStory({ env: TIMES, withoutBot: true });
});
beforeEach(async () => {
  if (!bot?.running) await startProcess();
});
afterAll(async () => {
  await kill();
  await story.end();
});

async function startProcess(): Promise<void> {
  const fromMs = Date.now();
  bot = await startBotProcess({ ...story.town.env, ...TIMES });
  await story.town.slack.waitConnected(PATIENCE_MS);
  startS = Math.max(startS, (Date.now() - fromMs) / 1000);
}

/**
 * The length of a grant: so many seconds, or on a busy machine more, since the bot is killed and started before the
 * grant ends.
 */
const lasting = (seconds: number) => `${Math.ceil(Math.max(seconds, STARTS_A_GRANT * startS))}s`;

const kill = async () => bot?.stop('SIGKILL');

/**
 * Waits until nobody works on the request: a process that is killed while it holds a lock keeps others from it for
 * seconds.
 */
async function isIdle(id: string): Promise<void> {
  const redis = new Redis(story.town.env.REDIS_URL ?? '');
  const locks = ['request', 'tell'].map((name) => `{wssh:${story.config.installation}}:lock:${name}:${id}`);
  await until('nobody works on it', async () => (await redis.exists(...locks)) === 0);
  redis.disconnect();
}

/** A grant of a test: no two share an address. */
interface Grant {
  address: string;
  duration: string;
}

async function approved({ address, duration }: Grant): Promise<string> {
  const id = await story.asks('jane', `ws-janedoe01 ${address} ${duration} fixing the build`);
  await story.presses('maria', id, 'Approve');
  return id;
}

/** Kills the process between an authorize and its answer, and answers the request and the end that its tag shows. */
async function killedWhileAuthorizing(grant: Grant): Promise<{ id: string; endsAtMs: number }> {
  const { aws } = story.town;
  aws.faults.add({ action: 'AuthorizeSecurityGroupIngress', times: 1, kind: 'timeout-after-effect' });
  const killed = new Promise<void>((resolve) => {
    const off = aws.onEvent((event) => {
      if (event.kind !== 'change' || event.change.kind !== 'rule-added') return;
      if (event.change.rule.isEgress) return;
      off();
      kill().then(() => resolve());
    });
  });
  const id = await approved(grant);
  await killed;
  return { id, endsAtMs: endOf(id) };
}

function endOf(id: string): number {
  const tags = story.rules()[0]?.tags ?? {};
  const endsAtMs = Number(tags[leaseTagKey(id)]?.split(' ')[1]);
  expect(endsAtMs).toBeGreaterThan(Date.now());
  return endsAtMs;
}

const changes = (kind: 'rule-added' | 'rule-removed', { address }: Grant) =>
  story.town.aws.history.filter((change) => change.kind === kind && change.rule.cidr === `${address}/32`);
const removedAtMs = (grant: Grant) => changes('rule-removed', grant)[0]?.at ?? Number.NaN;

test('a bot that is killed while access is open and started after the end removes the rule, and tells the requester', async () => {
  const grant = { address: '203.0.113.1', duration: lasting(8) };
  const id = await approved(grant);
  await story.sees('jane', new RegExp(`Open until.*${id}`));
  const endsAtMs = endOf(id);
  await isIdle(id);
  await kill();
  await sleep(endsAtMs + 100 - Date.now());
  expect(story.rules()).toHaveLength(1);
  await startProcess();
  await story.rulesBecome(0);
  expect(await story.sees('jane', new RegExp(`Ended.*${id}`))).toMatch(/the rule is gone/i);
  expect(changes('rule-added', grant)).toHaveLength(1);
});

test('a bot that is killed before an authorize is answered adds one rule in all, which opens and ends', async () => {
  const grant = { address: '203.0.113.2', duration: '1h' };
  const { id } = await killedWhileAuthorizing(grant);
  await startProcess();
  await story.sees('jane', new RegExp(`Open until.*${id}`));
  expect(story.rules()).toHaveLength(1);
  await story.presses('jane', new RegExp(`Open until.*${id}`), 'End now');
  await story.rulesBecome(0);
  await story.sees('jane', new RegExp(`Ended.*${id}`));
  expect(changes('rule-added', grant)).toHaveLength(1);
});

test('the rule of a bot that is killed before an authorize is answered is removed on time, though the lock is still held', async () => {
  const grant = { address: '203.0.113.3', duration: lasting(6) };
  const { endsAtMs } = await killedWhileAuthorizing(grant);
  await startProcess();
  // On a busy machine a grant lasts longer than a test waits for anything.
  await sleep(Math.max(0, endsAtMs - Date.now()));
  await story.rulesBecome(0);
  expect(removedAtMs(grant) - endsAtMs).toBeGreaterThanOrEqual(-CLOCK_MS);
  // An end that waited for the lock would come after more reads.
  expect(story.readsBetween(endsAtMs, removedAtMs(grant))).toBeLessThanOrEqual(MOST_READS);
  expect(changes('rule-added', grant)).toHaveLength(1);
});
