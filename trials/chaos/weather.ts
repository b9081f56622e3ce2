/** Brings the schedule's faults over the town, lifts them again, and reports each outage to the witness. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Town } from '../../sandbox/town.js';
import type { Fault } from './drawn/faults.js';
import type { RedisProxy } from './machines/redis-proxy.js';
import type { RedisUnderTrial } from './machines/redis-server.js';
import type { Replica } from './machines/replicas.js';
import type { Trace } from './trace.js';
import { RAISED_AWS } from './world.js';

export interface Parts {
  town: Town;
  redis: RedisUnderTrial;
  proxy: RedisProxy;
  replicas: Replica[];
  trace: Trace;
  /** The faults that now keep people from the bot by plan: without one, only a slow machine explains the silence. */
  awayByPlan: Set<Fault>;
  /** Whether a replica takes what people do in Slack. */
  isReachable(): boolean;
  /** Reports an outage of AWS, Redis or the bot, which all are needed to end access. */
  outage(what: string, fromMs: number, toMs: number): void;
  /** Reports that Redis is about to lose all of its data, or all that is newer than `sinceMs` (epoch milliseconds). */
  beforeLoss(what: 'all' | 'newest', sinceMs?: number): Promise<void>;
}

const NOTHING = { size: 0, refillPerSecond: 0 };

/** Brings one fault. Resolves once the fault is over and everything that it took down runs again. */
export async function strike(parts: Parts, fault: Fault): Promise<void> {
  const { trace } = parts;
  trace.note('fault', fault);
  await bring(parts, fault);
  if ('forMs' in fault) trace.note('over', { kind: fault.kind });
}

async function bring(parts: Parts, fault: Fault): Promise<void> {
  const { aws, slack } = parts.town;
  switch (fault.kind) {
    case 'aws-calls':
      aws.faults.add({ action: fault.action, kind: fault.fault, times: fault.times, ms: fault.ms });
      return;
    case 'aws-stale':
      aws.settings.staleMs = fault.staleMs;
      return;
    case 'aws-down':
      return away(parts, 'aws', fault.forMs, (isAway) => {
        aws.down = isAway;
      });
    case 'aws-throttled':
      return away(parts, 'aws', fault.forMs, (isAway) => {
        const none = {
          on: true,
          mutate: NOTHING,
          modifyInterface: NOTHING,
          describe: NOTHING,
          workspaces: NOTHING,
        };
        aws.settings.buckets = isAway ? none : RAISED_AWS;
      });
    case 'slack-calls':
      slack.settings.faults.push({ method: fault.method, kind: fault.fault, times: fault.times });
      return;
    case 'slack-down':
      // No outage is reported: ends do not wait for Slack, so its absence excuses no late end.
      slack.settings.down = fault.how;
      await planned(parts, fault, fault.forMs);
      slack.settings.down = 'no';
      return;
    case 'redis-slow':
      return away(parts, 'redis', fault.forMs, (isAway) => {
        parts.proxy.latencyMs = isAway ? fault.latencyMs : 0;
      });
    case 'redis-refused':
    case 'redis-silent':
      return away(parts, 'redis', fault.forMs, (isAway) => {
        parts.proxy.weather = isAway ? (fault.kind === 'redis-refused' ? 'refused' : 'silent') : 'open';
      });
    case 'redis-cut':
      return away(parts, 'redis', 0, (isAway) => {
        if (isAway) parts.proxy.cut();
      });
    case 'redis-restart':
      return restartRedis(parts, fault.loses, fault.forMs);
    case 'redis-fail-over':
      return failOver(parts, 'all', (cut) => cut().then(() => parts.redis.failOver()));
    case 'redis-falls-back':
      return failOver(parts, parts.redis.durable ? 'newest' : 'all', (cut) =>
        parts.redis.fallBack(fault.lagMs, cut),
      );
    case 'replica-dies':
      return replicaDies(parts, fault);
    case 'all-replicas-die':
      return allDie(parts, fault);
    case 'rolling-restarts':
      return restartInTurn(parts, fault.forMs);
  }
}

async function away(parts: Parts, what: string, ms: number, set: (isAway: boolean) => void): Promise<void> {
  const fromMs = Date.now();
  set(true);
  if (ms > 0) await sleep(ms);
  set(false);
  parts.outage(what, fromMs, Date.now());
}

async function restartRedis(parts: Parts, loses: boolean, ms: number): Promise<void> {
  const { redis, proxy } = parts;
  const fromMs = Date.now();
  const forgets = loses || !redis.durable;
  if (forgets) await parts.beforeLoss('all');
  proxy.weather = 'refused';
  await redis.stop(loses);
  await sleep(ms);
  await redis.start();
  proxy.target = redis.port;
  proxy.weather = 'open';
  parts.outage('redis', fromMs, Date.now());
}

async function failOver(
  parts: Parts,
  loses: 'all' | 'newest',
  go: (cut: (sinceMs?: number) => Promise<void>) => Promise<void>,
): Promise<void> {
  const { redis, proxy } = parts;
  let fromMs = Date.now();
  await go(async (sinceMs) => {
    fromMs = Date.now();
    await parts.beforeLoss(loses, sinceMs);
    proxy.weather = 'refused';
  });
  proxy.target = redis.port;
  proxy.weather = 'open';
  parts.outage('redis', fromMs, Date.now());
}

async function planned(parts: Parts, fault: Fault, ms: number): Promise<void> {
  parts.awayByPlan.add(fault);
  await sleep(ms);
  parts.awayByPlan.delete(fault);
}

type Dying = Extract<Fault, { kind: 'replica-dies' | 'all-replicas-die' }>;

async function replicaDies(parts: Parts, fault: Extract<Dying, { signal: string }>): Promise<void> {
  const { signal, forMs } = fault;
  const replica = parts.replicas[fault.replica];
  if (!replica) return;
  const fromMs = Date.now();
  await replica.stop(signal);
  const alone = parts.replicas.every(({ running }) => !running);
  parts.trace.note('replica-gone', { replica: replica.name, signal });
  // Another replica takes the work over at once, or as soon as the jobs count as stalled.
  if (!alone) parts.outage(replica.name, fromMs, Date.now());
  await planned(parts, fault, forMs);
  await begin(parts, [replica]);
  if (alone) parts.outage('replicas', fromMs, Date.now());
}

async function allDie(parts: Parts, fault: Dying): Promise<void> {
  const fromMs = Date.now();
  await Promise.all(parts.replicas.map((replica) => replica.stop('SIGKILL')));
  await planned(parts, fault, fault.forMs);
  await begin(parts, parts.replicas);
  parts.outage('replicas', fromMs, Date.now());
}

/**
 * Restarts one replica after the other, each once the one before is ready, and begins anew until the time is over. Every
 * replica is restarted at least once. No outage is reported, since restarts excuse no late end.
 */
async function restartInTurn({ replicas, trace }: Parts, ms: number): Promise<void> {
  const untilMs = Date.now() + ms;
  do {
    for (const replica of replicas) {
      await replica.stop('SIGTERM');
      trace.note('replica-gone', { replica: replica.name, signal: 'SIGTERM' });
      replica.start();
      await replica.ready();
      trace.note('replica-ready', { replica: replica.name });
    }
  } while (Date.now() < untilMs);
}

/** Starts replicas. Resolves once the first of them works on jobs that are due. */
async function begin(parts: Parts, replicas: Replica[]): Promise<void> {
  for (const replica of replicas) {
    parts.trace.note('replica-starts', { replica: replica.name });
    replica.start();
  }
  await Promise.race(replicas.map((replica) => replica.works()));
}

/** Lifts every fault that is still in place when a schedule ends. */
export function clearUp({ town: { aws, slack }, proxy }: Parts): void {
  aws.down = false;
  aws.faults.clear();
  aws.settings.buckets = RAISED_AWS;
  aws.settings.staleMs = 100;
  slack.settings.down = 'no';
  slack.settings.faults.length = 0;
  proxy.weather = 'open';
  proxy.latencyMs = 0;
}
