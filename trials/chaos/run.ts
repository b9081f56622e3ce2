/** Runs one chaos trial from the seed to the verdict: the town, the replicas, the schedule, and the witness. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startTown, type Town } from '../../sandbox/town.js';
import type { Spread } from '../witness/lateness.js';
import { LAG_MS, watch } from '../witness/witness.js';
import { type Schedule, scheduleFor } from './drawn/schedule.js';
import { startHttpProxy } from './machines/http-proxy.js';
import { startRedisProxy } from './machines/redis-proxy.js';
import { startRedis } from './machines/redis-server.js';
import { createReplica, type Replica } from './machines/replicas.js';
import { createManualChanges } from './manual-changes.js';
import { keepPace } from './pace.js';
import { createPeople, type People } from './people.js';
import { announce, boundsFor, report, SWEEP_MS } from './report.js';
import { openTrace, traceTown } from './trace.js';
import { clearUp, type Parts, strike } from './weather.js';
import { companyOf, RAISED_AWS, RAISED_SLACK } from './world.js';

export interface ChaosOptions {
  seed: number;
  grants: number;
  replicas: number;
  /** Whether replicas are restarted one after the other instead of faults: no request may be lost by that. */
  rolling: boolean;
  /** Whether Slack sends over signed HTTP, to a proxy before the replicas, instead of over Socket Mode. */
  http: boolean;
  /** Where Redis' data, the policy and the bots' logs go. */
  folder: string;
  traceFile: string;
  print(line: string): void;
}

/** The bot's times in a run: so short that a run takes seconds for everything that takes minutes in production. */
const TIMES = {
  TIME_SWEEP: `${SWEEP_MS}ms`,
  TIME_STALLED: '5s',
  TIME_AWS: '2s',
  TIME_ABSENT_FIRST: '3s',
  TIME_ABSENT_AGAIN: '1s',
  TIME_ALERT: '10s',
  TIME_DRAIN: '5s',
};

/** The embedded Redis is so much slower that the bots must wait longer before they give up a call. */
const TIMES_EMBEDDED = { TIME_REDIS: '6s', TIME_STALLED: '15s' };

/** How long people wait for bots that start on a slow machine, before they ask all the same. */
const LONGEST_START_MS = 30_000;

/** How long a run may go on after its last ask, and how long nothing may happen before a run counts as over. */
const LONGEST_TAIL_MS = 120_000;
const QUIET_MS = SWEEP_MS + 3_000;
/**
 * When a request lapses that nobody answers, seconds. Without faults only a lost request may lapse that somebody answers, and
 * on a slow machine a card may take half a minute.
 */
const UNANSWERED_S = { withFaults: 20, withoutFaults: 60 };
/**
 * The share of asks that must lead to a rule: with many faults few asks do, but a run with hardly any rule shows
 * nothing.
 */
const FEWEST_OPENED = 0.1;

export interface Outcome {
  violations: string[];
  lateness: Spread;
}

/** Runs one trial. Processes, ports and connections are gone when the promise resolves; the folder stays. */
export async function runChaos(options: ChaosOptions): Promise<Outcome> {
  const { seed, grants, replicas: count, rolling, http, folder, print } = options;
  const schedule = scheduleFor({ seed, grants, replicas: count, rolling });
  const unansweredS = UNANSWERED_S[rolling ? 'withoutFaults' : 'withFaults'];
  const company = companyOf(schedule.people, schedule.firewall, `${unansweredS}s`);
  const policyFile = join(folder, 'policy.yml');
  writeFileSync(policyFile, company.policy);
  const redis = await startRedis(folder);
  const proxy = await startRedisProxy(redis.port);
  const town = await startTown({
    http,
    installation: 'chaos',
    redisUrl: proxy.url,
    policyFile,
    world: company.aws,
    slackWorld: company.slack,
    aws: { buckets: RAISED_AWS, staleSeed: seed, latencyMs: 5 },
  });
  Object.assign(town.slack.settings, { rates: RAISED_SLACK, ownMessageEvents: false });
  announce(schedule, redis.name, print);

  const trace = openTrace(options.traceFile, Date.now());
  trace.note('schedule', { hash: schedule.hash, seed, grants, shiftsMs: schedule.shiftsMs });
  traceTown(town, trace);
  const bounds = boundsFor();
  const mostOpen = countOpen(town);
  const witness = watch(town, bounds);
  const crashes: string[] = [];
  const times = redis.durable ? TIMES : { ...TIMES, ...TIMES_EMBEDDED };
  const replicas = await createReplicas(
    schedule.shiftsMs,
    // RAISED_AWS refills so much faster. Its buckets hold less, so that AWS refuses some calls all the same.
    { ...town.env, ...times, EC2_RATE: '40' },
    folder,
    (name, code) => {
      crashes.push(`${name} ended by itself, exit code ${code}`);
      trace.note('replica-crashed', { replica: name, code });
    },
  );
  const taking = () => replicas.filter(({ answers }) => answers);
  const front = await startHttpProxy(() => taking().map(({ port }) => port));
  if (http) town.slack.deliverTo(`${front.url}/slack/events`);
  const parts: Parts = {
    town,
    redis,
    proxy,
    replicas,
    trace,
    awayByPlan: new Set(),
    isReachable: () => (http ? taking().length : town.slack.connected()) > 0,
    outage(what, fromMs, toMs) {
      witness.outage(fromMs, toMs);
      trace.note('outage', { of: what, fromMs, toMs });
    },
    async beforeLoss(what, sinceMs = Date.now() - LAG_MS) {
      await witness.lookAtAudit();
      witness.redisLost(what, sinceMs);
      trace.note('redis-loses', { kind: what });
    },
  };
  const pace = keepPace();
  const people = createPeople(town, {
    company,
    witness,
    pace,
    manualChanges: createManualChanges(town, witness, trace),
    trace,
  });
  try {
    await startAll(parts, http);
    // Faults keep cards away as well, and asks go on meanwhile: only where there are none are asks held back for cards.
    const holdMs = () => pace.holdMs(rolling ? people.unseen() : 0);
    await play(schedule, people, parts, holdMs);
    const isQuiet = await untilQuiet(town, people, QUIET_MS + (rolling ? unansweredS * 1_000 : 0));
    people.stop();
    Object.assign(bounds, boundsFor(pace.slowness(), mostOpen()));
    const seen = await witness.finish(true);
    const empty = isQuiet ? [] : ['it did not become quiet in time'];
    if (seen.added < schedule.asks.length * FEWEST_OPENED)
      empty.push(`only ${seen.added} rules were opened: too few to show anything`);
    const lost = rolling ? people.lost(seen.requests) : [];
    const verdict = { ...seen, violations: [...crashes, ...empty, ...lost, ...seen.violations] };
    report({ verdict, people, pace, bounds, replicas, folder, trace }, print);
    return { violations: verdict.violations, lateness: verdict.lateness };
  } finally {
    people.stop();
    witness.close();
    pace.stop();
    await Promise.all(replicas.map((replica) => replica.stop('SIGKILL')));
    await Promise.all([town.close(), trace.close()]);
    await Promise.all([front.close(), proxy.close()]);
    await redis.close();
  }
}

function createReplicas(
  shiftsMs: readonly number[],
  env: Readonly<Record<string, string>>,
  folder: string,
  crashed: (name: string, code: number | null) => void,
): Promise<Replica[]> {
  return Promise.all(
    shiftsMs.map((shiftMs, index) => {
      const name = `replica-${index + 1}`;
      return createReplica({ name, env, shiftMs, folder, onCrash: (code) => crashed(name, code) });
    }),
  );
}

async function startAll({ town, replicas }: Parts, http: boolean): Promise<void> {
  for (const replica of replicas) replica.start();
  await Promise.all(replicas.map((replica) => replica.works()));
  // Over HTTP there is no connection to wait for: a replica that works listens already.
  if (http) return;
  await town.slack.until(() => town.slack.connected() >= replicas.length, 20_000, 'every replica in Slack');
}

/** Starts each ask and each fault at its instant, without waiting for the one before. */
async function play(schedule: Schedule, people: People, parts: Parts, holdMs: () => number): Promise<void> {
  let startMs = Date.now();
  const under: Promise<void>[] = [];
  const steps = [
    ...schedule.asks.map((ask) => ({ atMs: ask.atMs, isAsk: true, act: () => people.ask(ask) })),
    ...schedule.faults.map((fault) => ({ atMs: fault.atMs, isAsk: false, act: () => strike(parts, fault) })),
  ].sort((a, b) => a.atMs - b.atMs);
  for (const { atMs, isAsk, act } of steps) {
    if (isAsk) startMs += holdMs() + (await untilReachable(parts));
    const leftMs = startMs + atMs - Date.now();
    if (leftMs > 0) await sleep(leftMs);
    under.push(act());
  }
  await Promise.all(under);
  clearUp(parts);
}

/** Waits while a slow machine is still starting the bots. @returns how long that took, milliseconds */
async function untilReachable({ isReachable, awayByPlan }: Parts): Promise<number> {
  const fromMs = Date.now();
  while (!isReachable() && awayByPlan.size === 0 && Date.now() - fromMs < LONGEST_START_MS) await sleep(20);
  return Date.now() - fromMs;
}

/**
 * Waits until, for a while, the bot has no rule and nobody saw or did anything.
 * @returns false if that takes too long
 */
async function untilQuiet({ aws }: Town, people: People, quietMs: number): Promise<boolean> {
  const deadlineMs = Date.now() + LONGEST_TAIL_MS + quietMs;
  const openNow = () => aws.rules().some(({ tags, isEgress }) => !isEgress && Object.keys(tags).length > 0);
  let openMs = Date.now();
  while (Date.now() < deadlineMs) {
    if (openNow()) openMs = Date.now();
    // People read of an end only after the rule is gone.
    if (Date.now() - Math.max(openMs, people.lastMs()) > quietMs) return true;
    await sleep(500);
  }
  return false;
}

/** @returns a function that says how many ingress rules were there at once, at most */
function countOpen({ aws }: Town): () => number {
  let open = 0;
  let most = 0;
  aws.onEvent((event) => {
    if (event.kind !== 'change' || !('rule' in event.change) || event.change.rule.isEgress) return;
    if (event.change.kind === 'rule-added') open += 1;
    if (event.change.kind === 'rule-removed') open -= 1;
    most = Math.max(most, open);
  });
  return () => most;
}
