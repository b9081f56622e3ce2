/**
 * Runs two replicas of the bot on one kind of Redis: the doctor finds nothing wrong, and names each mistake; access is
 * asked for, opened and closed while one failure after another happens to Redis. The witness judges once all is over.
 */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startBot } from '../../sandbox/bot.js';
import { freePort } from '../../sandbox/free-port.js';
import { answerTo } from '../../sandbox/slack/people/answer.js';
import { plain } from '../../sandbox/slack/reading/plain.js';
import { startTown, type Town } from '../../sandbox/town.js';
import { people } from '../../sandbox/world.js';
import { peopleOf, type Wish } from '../crash/people.js';
import { policyFor } from '../crash/policy.js';
import { dueAtMs } from '../witness/lateness.js';
import { type Witness, watch } from '../witness/witness.js';
import { diagnose } from './diagnose.js';
import type { Failure } from './kinds/servers.js';
import { KINDS, type Kind } from './kinds.js';
import { until } from './machine.js';

export interface Ran {
  /** Each failure, and for how long the bot could not work with Redis, milliseconds. */
  away: { name: string; ms: number }[];
  /** How long after its end each rule went, milliseconds, also where its end came while Redis was away. */
  lateMs: number[];
  violations: string[];
  /** For a report: the log of the bot, and the messages that people read. */
  log: string[];
}

const SWEEP_MS = 5_000;
/** The bounds of `npm run chaos`: how late a rule may go, and by one sweep more after an outage. */
const LATE_MS = 5_000;
const BOUNDS = {
  earlyMs: 250,
  lateMs: LATE_MS,
  lateAfterOutageMs: SWEEP_MS + LATE_MS,
  recoveryMs: SWEEP_MS + LATE_MS,
  onItsWayMs: 3_000,
};
/** How long to wait for the bot to start, for one failure with all asks meanwhile, and for Redis to be back. */
const START_MS = 60_000;
const FAILURE_MS = 120_000;
const BACK_MS = 60_000;
/** A failure may lose only the writes of so many milliseconds before it. */
const LAG_MS = 1_000;

/** @param folder where the servers keep their data, settings and certificates */
export async function run(kind: Kind, folder: string): Promise<Ran> {
  const installation = `servers-${randomBytes(6).toString('hex')}`;
  const servers = await KINDS[kind](folder, installation);
  const policyFile = join(folder, `${kind}.yml`);
  writeFileSync(policyFile, policyFor('access-group'));
  const town = await startTown({
    installation,
    redisUrl: servers.env.REDIS_URL ?? '',
    policyFile,
    aws: { staleMs: 20 },
  });
  town.slack.settings.rates.enabled = false;
  const env = {
    ...town.env,
    ...servers.env,
    TIME_SWEEP: `${SWEEP_MS}ms`,
    LOG_LEVEL: 'warn',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
  const violations = await diagnose(servers, env);
  const plainly = { REDIS_URL: '' };
  const find = async () => {
    const [{ port }] = await servers.holders();
    plainly.REDIS_URL = `redis://127.0.0.1:${port}`;
  };
  await find();
  // The witness reads Redis by a connection of its own, and not by the bot's.
  const seen = {
    slack: town.slack,
    aws: town.aws,
    env: Object.assign(plainly, { INSTALLATION: installation }),
  };
  const witness = watch(seen, BOUNDS);
  // Two replicas, each of which finds its own way to the primary.
  const ports = [`${await freePort()}`, `${await freePort()}`];
  const bots = ports.map((PORT) => startBot({ ...env, PORT }));
  for (const bot of bots)
    bot.onCrash((code) => violations.push(`a bot ended by itself with exit code ${code}`));
  const away: Ran['away'] = [];
  const deadline = { atMs: Date.now() + START_MS };
  const everybody = peopleOf(town, deadline);
  const story = { town, witness, everybody, find, ports };
  try {
    await town.slack.until(() => town.slack.connected() === bots.length, START_MS, 'both replicas in Slack');
    for (const [n, failure] of servers.failures.entries()) {
      deadline.atMs = Date.now() + FAILURE_MS;
      const ms = await amid(failure, n + 1, story, violations);
      away.push({ name: failure.name, ms });
    }
  } catch (fault) {
    violations.push(fault instanceof Error ? fault.message : String(fault));
  } finally {
    await Promise.all(bots.map((bot) => bot.stop('SIGKILL')));
  }
  await find();
  const verdict = await witness.finish(true);
  witness.close();
  const lateMs = verdict.measured.flatMap(({ life }) =>
    life.removedAtMs === undefined ? [] : [Math.max(0, life.removedAtMs - dueAtMs(life))],
  );
  const reads = (['jane', 'tom', 'maria', 'sam', 'ada'] as const).flatMap((name) =>
    everybody.reads(name).map((text) => `${name} reads: ${text}`),
  );
  await Promise.all([town.close(), servers.close()]);
  return {
    away,
    lateMs,
    violations: [...violations, ...verdict.violations],
    log: [...bots.flatMap(({ log }) => log), ...reads],
  };
}

interface Story {
  town: Town;
  witness: Witness;
  everybody: ReturnType<typeof peopleOf>;
  /** Leads the witness to the primary. */
  find(): Promise<void>;
  /** The ports of the replicas. */
  ports: readonly string[];
}

/**
 * One failure, with a grant whose end comes while Redis is away, one whose end comes later, a request that waits for an
 * answer before, and one that is asked for meanwhile.
 * @returns how long the bot could not work with Redis, milliseconds
 */
async function amid(failure: Failure, n: number, story: Story, violations: string[]): Promise<number> {
  const { town, witness, everybody, find } = story;
  const own = (host: number, seconds: number, why: string): Wish => ({
    requester: 'jane',
    approver: 'maria',
    text: `203.0.113.${10 * n + host} ${seconds}s ${why}`,
  });
  const others = (host: number, why: string): Wish => ({
    requester: 'tom',
    approver: 'sam',
    text: `ws-janedoe01 203.0.113.${10 * n + host} 3s ${why}`,
  });
  const sourceOf = ({ text }: Wish) => `${/203[.\d]+/.exec(text)?.[0]}/32`;
  const approve = async (wish: Wish, id: string): Promise<void> => {
    await everybody.approve(wish, id, () => witness.approved(id, sourceOf(wish)));
    if (!everybody.isLost(wish.approver, id)) await everybody.opens(wish, id);
    else if (!failure.loses) violations.push(`${failure.name}: ${id} was lost`);
  };
  const over = async (wish: Wish, id: string): Promise<void> => {
    if (!everybody.isLost(wish.approver, id)) await everybody.waitsForTheEnd(wish, id);
  };

  const soon = own(1, 5, 'whose end comes amid the failure');
  const soonId = await everybody.ask(soon);
  await approve(soon, soonId);
  const lagsFromMs = failure.prepare ? Date.now() : undefined;
  await failure.prepare?.();
  const later = own(2, 20, 'whose end comes after the failure');
  const laterId = await everybody.ask(later);
  await approve(later, laterId);
  const before = others(3, 'asked before the failure');
  const beforeId = await everybody.ask(before);
  await everybody.isAsked(before, beforeId);

  await witness.lookAtAudit();
  const fromMs = Date.now();
  const health = watchHealth(story.ports);
  await failure.strike();
  const amidst = others(4, 'asked amid the failure');
  const [answer] = await Promise.all([
    told(town, amidst),
    until('Redis is back', () => areHealthy(story.ports), BACK_MS),
  ]);
  const awayMs = await health.stop();
  witness.outage(fromMs, Date.now());
  if (failure.loses) witness.redisLost('newest', lagsFromMs ?? fromMs - LAG_MS);
  if (answer === '') violations.push(`${failure.name}: ${amidst.text} got no answer`);

  const mended = failure.mend();
  await approve(before, beforeId);
  await over(before, beforeId);
  const amidstId = /\b[2-9A-HJ-NP-Z]{5}\b/.exec(answer)?.[0];
  if (amidstId !== undefined) {
    await approve(amidst, amidstId);
    await over(amidst, amidstId);
  }
  await over(soon, soonId);
  await over(later, laterId);
  await mended;
  await find();
  return awayMs;
}

/** The answer that a person reads to a command; empty where neither the bot nor Slack answers. */
async function told({ slack }: Town, { requester, text }: Wish): Promise<string> {
  const answer = await answerTo(slack, people[requester], text, 10_000).catch(() => undefined);
  return answer && answer.delivery.failure === undefined
    ? plain(answer.message, slack.world, people[requester])
    : '';
}

/**
 * Asks both replicas over and over whether they work with Redis. `stop` answers the milliseconds from the first no to
 * the last; 0 without a no.
 */
function watchHealth(ports: readonly string[]): { stop(): Promise<number> } {
  let goesOn = true;
  let firstMs: number | undefined;
  let lastMs = 0;
  const watching = (async () => {
    while (goesOn) {
      const askedMs = Date.now();
      if (await areHealthy(ports).catch(() => false)) await sleep(25);
      else [firstMs, lastMs] = [firstMs ?? askedMs, Date.now()];
    }
  })();
  return {
    async stop() {
      goesOn = false;
      await watching;
      return firstMs === undefined ? 0 : lastMs - firstMs;
    },
  };
}

async function areHealthy(ports: readonly string[]): Promise<boolean> {
  const answers = await Promise.all(ports.map((port) => fetch(`http://127.0.0.1:${port}/healthz`)));
  return answers.every(({ ok }) => ok);
}
