/**
 * Three real processes on a real Redis of their own: killed while they open and while they end, and Redis restarted. The
 * tests share a town, and the bot that survives.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { leaseTagKey } from '../../../src/access/rules/lease.js';
import { firstOf } from '../../depth.js';
import { canStartRedis, startRedis, type TestRedis } from '../../redis/redis.js';
import { type BotProcess, startBotProcess } from '../bot-process.js';
import { CLOCK_MS, MOST_READS, type Story, startStory } from '../story.js';

const TIMES = {
  TIME_SWEEP: '1s',
  TIME_STALLED: '1s',
  TIME_AWS: '1s',
  TIME_ABSENT_AGAIN: '300ms',
  TIME_REDIS: '1s',
};
/**
 * Grants last so many times as long as the start of the bots took, so that a busy machine kills and restarts before
 * they end.
 */
const STARTS_A_GRANT = 5;
const SHORTEST_S = 8;
const BOTS = 3;

const there = await canStartRedis();
const onRedis = there ? test : test.skip;
if (!there) console.log('skipped: real processes need redis-server, and there is none here');

let story: Story;
let redis: TestRedis;
const bots: Bot[] = [];
let folder = '';
let duration = '';
const alive = () => bots.filter(({ process }) => process.running);

if (there) {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'wssh-processes-'));
    redis = await startRedis({ dir: folder });
    story = await startStory({ redisUrl: redis.url, env: TIMES, withoutBot: true });
  });
  beforeEach(async () => {
    killing = undefined;
    const startedMs = Date.now();
    await Promise.all(Array.from({ length: BOTS - alive().length }, startBot));
    await story.until('all are connected', () => story.town.slack.connected() === BOTS);
    const tookS = (Date.now() - startedMs) / 1000;
    duration = `${Math.ceil(Math.max(SHORTEST_S, STARTS_A_GRANT * tookS))}s`;
  });
  afterAll(async () => {
    await Promise.all(bots.map((bot) => bot.close()));
    await story.end();
    await redis.stop();
    await rm(folder, { recursive: true, force: true });
  });
}

interface Bot {
  process: BotProcess;
  close(): Promise<void>;
}

/** An action of EC2: the bot that calls it is killed once its call is on its way. */
let killing: { action: string; killed: (bot: Bot) => void } | undefined;

/** A bot that reaches AWS through a line of its own, so that the test knows which bot made a call. */
async function startBot(): Promise<Bot> {
  const sockets = new Set<Socket>();
  const aws = new URL(story.town.aws.url);
  const line = createServer((client) => {
    const target = connect(Number(aws.port), aws.hostname);
    for (const socket of [client, target]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => socket.destroy());
    }
    client.on('data', (data) => {
      target.write(data);
      if (!killing || !data.includes(`Action=${killing.action}&`)) return;
      const { killed } = killing;
      killing = undefined;
      void bot.process
        .stop('SIGKILL')
        .then(forgetLocks)
        .then(() => killed(bot));
    });
    target.on('data', (data) => client.write(data));
  });
  await new Promise<void>((resolve) => line.listen(0, '127.0.0.1', () => resolve()));
  const address = line.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const env = { ...story.town.env, ...TIMES, AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` };
  const bot: Bot = {
    process: await startBotProcess(env),
    async close() {
      await bot.process.stop('SIGKILL');
      for (const socket of sockets) socket.destroy();
      line.close();
    },
  };
  bots.push(bot);
  return bot;
}

/**
 * Takes away the locks of the request that the dead process worked on: they would hold up the others for nine seconds,
 * and on a busy machine a grant of this file has no more time than that.
 */
async function forgetLocks(): Promise<void> {
  const client = new Redis(redis.url);
  const locks = await client.keys('*:lock:*');
  if (locks.length > 0) await client.del(locks);
  client.disconnect();
}

/** Kills the bot that makes this call next, before it hears the answer. */
function killsWhoCalls(action: string): Promise<Bot> {
  return new Promise((resolve) => {
    killing = { action, killed: resolve };
  });
}

interface Approved {
  id: string;
  source: string;
}

async function approved(address: string): Promise<Approved> {
  const id = await story.asks('jane', `ws-janedoe01 ${address} ${duration} fixing the build`);
  await story.presses('maria', id, 'Approve');
  return { id, source: `${address}/32` };
}

async function opened(address: string): Promise<Approved> {
  const grant = await approved(address);
  await story.sees('jane', new RegExp(`(Open until|left).*${grant.id}`));
  return grant;
}

const changes = (kind: 'rule-added' | 'rule-removed', source: string) =>
  story.town.aws.history.filter((change) => change.kind === kind && change.rule.cidr === source);

/** The end that the rule's tag showed, and when the rule was removed: NaN until then. */
function endOf({ id, source }: Approved) {
  const [added] = changes('rule-added', source);
  const tags = added?.kind === 'rule-added' ? added.rule.tags : {};
  const endsAtMs = Number(tags[leaseTagKey(id)]?.split(' ')[1]);
  const removedAtMs = changes('rule-removed', source).at(-1)?.at ?? Number.NaN;
  return { endsAtMs, removedAtMs };
}

/** How often sweeps read the rules between a grant's end and the removal of its rule. */
function readsAfterEnd(grant: Approved): number {
  const { endsAtMs, removedAtMs } = endOf(grant);
  return story.readsBetween(endsAtMs, removedAtMs);
}

onRedis.each(
  firstOf(1, [
    { kept: 'nothing', round: 1 },
    { kept: 'everything', round: 2 },
  ]),
)(
  'one killed opening, one killed ending, Redis restarted with $kept: every grant ends on time',
  async ({ kept, round }) => {
    const opening = killsWhoCalls('AuthorizeSecurityGroupIngress');
    const first = await approved(`203.0.113.${round}1`);
    await opening;
    expect(alive()).toHaveLength(2);
    const second = await opened(`203.0.113.${round}2`);
    const third = await opened(`203.0.113.${round}3`);

    const ending = killsWhoCalls('RevokeSecurityGroupIngress');
    await story.presses('jane', new RegExp(`(Open until|left).*${second.id}`), 'End now');
    await ending;
    expect(alive()).toHaveLength(1);

    await redis.stop();
    if (kept === 'nothing') await emptied(folder);
    redis = await startRedis({ port: redis.port, dir: folder });

    // On a busy machine a grant lasts longer than a test waits for anything.
    const lastMs = Math.max(...[first, third].map((grant) => endOf(grant).endsAtMs));
    await sleep(Math.max(0, lastMs - Date.now()));
    await story.rulesBecome(0);
    for (const grant of [first, third]) {
      const { endsAtMs, removedAtMs } = endOf(grant);
      expect(changes('rule-added', grant.source)).toHaveLength(1);
      expect(removedAtMs).toBeGreaterThanOrEqual(endsAtMs - CLOCK_MS);
      // The survivor's sweeps: the one that was under way at the end, and the next one.
      expect(readsAfterEnd(grant)).toBeLessThanOrEqual(MOST_READS);
    }
    // End now was pressed for this grant: its own time is the latest.
    expect(readsAfterEnd(second)).toBeLessThanOrEqual(MOST_READS);
    expect(alive()).toHaveLength(1);
    for (const { id } of [first, third]) await story.sees('jane', new RegExp(`Ended.*${id}`));
  },
);

/** Removes the files that Redis would read when it starts. */
async function emptied(path: string): Promise<void> {
  await rm(path, { recursive: true });
  await mkdir(path);
}
