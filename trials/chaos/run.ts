/** One run from the seed to the verdict: the town, the replicas, the schedule, and the witness that watches. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { startTown, type Town } from '../../sandbox/town.js';
import type { Spread } from '../witness/lateness.js';
import { type Bounds, type Verdict, watch } from '../witness/witness.js';
import { createHands } from './hands.js';
import { createPeople, type People } from './people.js';
import { startRedisProxy } from './redis-proxy.js';
import { startRedis } from './redis-server.js';
import { createReplica, type Replica } from './replicas.js';
import { type Schedule, scheduleFor } from './schedule.js';
import { openTrace, type Trace } from './trace.js';
import { clearUp, type Parts, strike } from './weather.js';
import { companyOf, RAISED_AWS, RAISED_SLACK } from './world.js';

export interface ChaosOptions {
  seed: number;
  grants: number;
  replicas: number;
  /** For Redis' data, the policy and the bots' logs. */
  folder: string;
  traceFile: string;
  print(line: string): void;
}

const wroteShape = z.object({ channel: z.string(), ts: z.string(), text: z.string() }).partial();
const isEmpty = (fields: object) => Object.keys(fields).length === 0;

const SWEEP_MS = 5_000;
const SLACKNESS_MS = 5_000;

/** The bot's times in a run: short enough that what takes minutes elsewhere is seen in it. */
const TIMES = {
  TIME_SWEEP: `${SWEEP_MS}ms`,
  TIME_STALLED: '5s',
  TIME_AWS: '2s',
  TIME_ABSENT_FIRST: '3s',
  TIME_ABSENT_AGAIN: '1s',
  TIME_ALERT: '10s',
  TIME_DRAIN: '5s',
};

const BOUNDS: Required<Bounds> = {
  lateMs: SLACKNESS_MS,
  lateAfterOutageMs: SWEEP_MS + SLACKNESS_MS,
  earlyMs: 100,
  onItsWayMs: 3_000,
  noticeMs: 30_000,
};

/** How long a run may go on after its last ask, and how long nothing must happen for it to be over. */
const LONGEST_TAIL_MS = 120_000;
const QUIET_MS = SWEEP_MS + 3_000;

export interface Outcome {
  violations: string[];
  lateness: Spread;
}

/** Runs one. Processes, ports and connections are gone when this resolves; the folder stays. */
export async function runChaos(options: ChaosOptions): Promise<Outcome> {
  const { seed, grants, replicas: count, folder, print } = options;
  const schedule = scheduleFor({ seed, grants, replicas: count });
  const company = companyOf(schedule.people, schedule.existingGroups);
  const policyFile = join(folder, 'policy.yml');
  writeFileSync(policyFile, company.policy);
  const redis = await startRedis(folder);
  const proxy = await startRedisProxy(redis.port);
  const town = await startTown({
    installation: 'chaos',
    redisUrl: proxy.url,
    policyFile,
    world: company.aws,
    slackWorld: company.slack,
    aws: { buckets: RAISED_AWS, staleSeed: seed, latencyMs: 5 },
  });
  Object.assign(town.slack.settings, { rates: RAISED_SLACK, ownMessageEvents: false });
  announce(schedule, options, redis.name);

  const trace = openTrace(options.traceFile, Date.now());
  trace.note('schedule', { hash: schedule.hash, seed, grants, shiftsMs: schedule.shiftsMs });
  traceTown(town, trace);
  const witness = watch(town, BOUNDS);
  const replicas = await createReplicas(schedule, town, folder, trace);
  const parts: Parts = {
    town,
    redis,
    proxy,
    replicas,
    trace,
    outage(what, fromMs, toMs) {
      witness.outage(fromMs, toMs);
      trace.note('outage', { of: what, fromMs, toMs });
    },
    async beforeLoss() {
      await witness.lookAtAudit();
      witness.redisLost();
      trace.note('redis-loses-everything');
    },
  };
  const people = createPeople(town, {
    schedule,
    company,
    witness,
    hands: createHands(town, witness, trace),
    trace,
  });
  try {
    await startAll(parts);
    await play(schedule, people, parts);
    await untilQuiet(town, people, print);
    people.stop();
    const verdict = await witness.finish(true);
    report(verdict, { people, folder, trace, print });
    return { violations: verdict.violations, lateness: verdict.lateness };
  } finally {
    people.stop();
    witness.close();
    await Promise.all(replicas.map((replica) => replica.stop('SIGKILL')));
    await Promise.all([town.close(), trace.close()]);
    await proxy.close();
    await redis.close();
  }
}

function announce(schedule: Schedule, { seed, grants, print }: ChaosOptions, redis: string): void {
  const { faults, hash, people, existingGroups, shiftsMs } = schedule;
  const { mutate, describe } = RAISED_AWS;
  print(
    `Chaos, seed ${seed}: ${grants} asks by ${people} people, ${faults.length} faults, schedule ${hash.slice(0, 16)}`,
  );
  print(
    `  ${shiftsMs.length} replicas, clocks wrong by ${shiftsMs.join(', ')} ms; ${redis}; rules in ${existingGroups ? 'groups that are there' : 'access groups'}`,
  );
  print(
    `  Rates raised: EC2 changes ${mutate.size}, then ${mutate.refillPerSecond}/s (documented: 50, then 5/s), reads ${describe.size}, then ${describe.refillPerSecond}/s (100, then 20/s); Slack ${RAISED_SLACK.postPerSecond} posts a second and channel (1)`,
  );
  print(
    `  Bounds: a rule goes at most ${BOUNDS.earlyMs} ms early and ${BOUNDS.lateMs} ms late, ${BOUNDS.lateAfterOutageMs} ms after an outage (one sweep of ${SWEEP_MS} ms more)`,
  );
}

function traceTown(town: Town, trace: Trace): void {
  town.slack.onEvent((event) => {
    if (event.type !== 'journal' || event.entry.kind !== 'api') return;
    const { at, method, request, response, ms } = event.entry;
    const said = wroteShape.safeParse(request).data;
    const failed = typeof response === 'object' ? {} : { failed: response };
    if (said?.text || !isEmpty(failed)) trace.note('slack-call', { at, method, ms, ...said, ...failed });
  });
  town.aws.onEvent((event) => {
    if (event.kind === 'call') {
      const { call } = event;
      if (call.code !== 'OK') trace.note('aws-call', { action: call.action, code: call.code, at: call.at });
      return;
    }
    const { change } = event;
    if (!('rule' in change)) {
      trace.note(change.kind);
      return;
    }
    const { ruleId, groupId, cidr, tags, isEgress } = change.rule;
    if (!isEgress) trace.note(change.kind, { ruleId, groupId, cidr, tags });
  });
}

function createReplicas(schedule: Schedule, town: Town, folder: string, trace: Trace): Promise<Replica[]> {
  const env = { ...town.env, ...TIMES };
  return Promise.all(
    schedule.shiftsMs.map((shiftMs, index) => {
      const name = `replica-${index + 1}`;
      const onCrash = (code: number | null) => trace.note('replica-crashed', { replica: name, code });
      return createReplica({ name, env, shiftMs, folder, onCrash });
    }),
  );
}

async function startAll({ town, replicas }: Parts): Promise<void> {
  for (const replica of replicas) replica.start();
  await Promise.all(replicas.map((replica) => replica.works()));
  await town.slack.until(() => town.slack.connected() >= replicas.length, 20_000, 'every replica in Slack');
}

/** Everything at its instant. Faults that take something down come one after another by the schedule itself. */
async function play(schedule: Schedule, people: People, parts: Parts): Promise<void> {
  const startMs = Date.now();
  const under: Promise<void>[] = [];
  const steps = [
    ...schedule.asks.map((ask) => ({ atMs: ask.atMs, act: () => people.ask(ask) })),
    ...schedule.faults.map((fault) => ({ atMs: fault.atMs, act: () => strike(parts, fault) })),
  ].sort((a, b) => a.atMs - b.atMs);
  for (const { atMs, act } of steps) {
    const leftMs = startMs + atMs - Date.now();
    if (leftMs > 0) await wait(leftMs);
    under.push(act());
  }
  await Promise.all(under);
  clearUp(parts);
}

/** Until no rule of the bot's is left and nobody saw or did anything for a while. */
async function untilQuiet({ aws }: Town, people: People, print: (line: string) => void): Promise<void> {
  const deadlineMs = Date.now() + LONGEST_TAIL_MS;
  const openNow = () => aws.rules().some(({ tags, isEgress }) => !isEgress && Object.keys(tags).length > 0);
  while (Date.now() < deadlineMs) {
    if (Date.now() - people.lastMs() > QUIET_MS && !openNow()) return;
    await wait(500);
  }
  print('  It did not become quiet in time.');
}

function report(
  verdict: Verdict,
  {
    people,
    folder,
    trace,
    print,
  }: { people: People; folder: string; trace: Trace; print(line: string): void },
): void {
  const { added, removed, outside, after, violations } = verdict;
  const { asked, sent, givenUp, clicks } = people.counts;
  const late = ({ p50, p99, max }: Spread) => `p50 ${p50} ms, p99 ${p99} ms, max ${max} ms`;
  print(`  People: ${asked} asked, ${sent} were answered, ${clicks} clicks, ${givenUp} gave up`);
  print(`  Rules: ${added} opened, ${removed} closed`);
  print(`  Late outside outages: ${late(outside)}`);
  print(`  Late after outages:   ${late(after)}`);
  print(`  Trace ${trace.file}; logs in ${folder}`);
  for (const violation of violations) print(`  ✗ ${violation}`);
  print(violations.length === 0 ? '  ✓ nothing broken' : `  ✗ ${violations.length} violations`);
}
