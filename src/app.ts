/** The only wiring: every room of the house built from the configuration, and started and stopped in order. */
import { setTimeout as sleep } from 'node:timers/promises';
import { customAlphabet } from 'nanoid';
import { newRequestId } from './access/reading/request-id.js';
import type { RequestId } from './access/request/request.js';
import { type AwsPlace, createAwsClients } from './aws/clients.js';
import { createFirewall } from './aws/security-groups.js';
import { createDesktops } from './aws/workspaces.js';
import type { Config } from './config.js';
import { createLog } from './log.js';
import { createMetrics, type Metrics } from './metrics/metrics.js';
import { connectRecords, takesWrites } from './redis/connections.js';
import { createTimers, type WorkedTimers } from './redis/queues/timers.js';
import { createCallBuckets } from './redis/replicas/call-buckets.js';
import { createSharedClock } from './redis/replicas/clock.js';
import { createStore } from './redis/request-store.js';
import { registerListeners } from './slack/answering/listeners.js';
import { createSlack, type Slack } from './slack/connection/app.js';
import { createMessenger } from './slack/connection/messenger.js';
import { createPeople } from './slack/connection/people.js';
import { type Health, startWeb, type Web } from './web/server.js';
import { advance, advanceHeld } from './workflow/advance.js';
import { endDue } from './workflow/ending/end-due.js';
import { createMemory } from './workflow/memory.js';
import { counting } from './workflow/passes.js';
import type { Parts } from './workflow/ports.js';
import { detectUnknownNames } from './workflow/repairing/detecting/detect-unknown-names.js';
import { sweepIsFresh, sweepOnAndOn } from './workflow/sweep.js';
import { tell } from './workflow/telling/tell.js';

/** A bot that can be started once and stopped once. */
export interface App {
  /** Resolves once the bot works on what is due; Slack and Redis may still be away. */
  start(): Promise<void>;
  /** Takes nothing new, lets what runs finish, and closes every connection. */
  stop(): Promise<void>;
}

/** The parts of the story, and the rooms that have to be started and stopped. Tests wrap `parts`. */
export interface Rooms {
  parts: Parts;
  timers: WorkedTimers;
  slack: Slack;
  metrics: Metrics;
  /** Sets the clock that all replicas share. False where it is not certain enough yet. */
  adjustClock(): Promise<boolean>;
  storeTakesWrites(): Promise<boolean>;
  /** Ends all waiting for AWS' rate: another replica, or the next start, does that work. */
  stopWaiting(): void;
  close(): Promise<void>;
}

/** How often the clock is compared with Redis', milliseconds: a machine's clock drifts by less than one of them meanwhile. */
const CLOCK_MS = 10_000;
/** How often until the clock is certain: access would end early by as much as this machine's clock is wrong. */
const CLOCK_AGAIN_MS = 500;
/** How often the bot looks whether people can use it, until they can. */
const READY_AGAIN_MS = 100;

/** Without 0, O, 1 and I, which people confuse when they read an id aloud. */
const drawId = customAlphabet('23456789ABCDEFGHJKLMNPQRSTUVWXYZ', 5);

/** How the world is reached where the configuration does not say it. Tests hand in their own. */
export interface Outside {
  clockOf?: typeof createSharedClock;
  /** Where AWS is and who asks; else the SDK's own environment variables say so. */
  aws?: AwsPlace;
}

/** The real world for a configuration. Connects in the background; waits for nobody. */
export function realRooms(config: Config, { clockOf = createSharedClock, aws = {} }: Outside = {}): Rooms {
  const { installation, signingKeys, times, policy } = config;
  const log = createLog(config.logLevel, config.secrets);
  const address = { server: config.redis, timeoutMs: times.redisMs, installation };
  const redis = connectRecords(address, log);
  const clock = clockOf(redis, log);
  const { now } = clock;
  const memory = createMemory();
  const metrics = createMetrics({ memory, times, now });
  const store = metrics.watched(createStore({ redis, installation, keys: signingKeys, log, now }));
  const { stalledMs, drainMs } = times;
  const timers = createTimers({ ...address, stalledMs, drainMs, log, now });
  const clients = createAwsClients({
    ...{ region: config.awsRegion, awsTimeoutMs: times.awsMs, rate: config.ec2Rate },
    takeShared: createCallBuckets(redis, installation),
    called: metrics.calledAws,
    ...aws,
  });
  const { mode, botToken, apiUrl } = config.slack;
  const slack = createSlack({
    ...{ botToken, mode, drainMs, beside: memory.beside, log, ...(apiUrl ? { apiUrl } : {}) },
    ...{ called: metrics.calledSlack, acknowledged: metrics.acknowledged },
  });
  const parts: Parts = {
    installation,
    command: config.slack.command,
    policy,
    times,
    store,
    timers,
    people: createPeople(slack.client, now),
    desktops: createDesktops(clients),
    firewall: createFirewall({ clients, installation, keys: signingKeys }),
    messenger: createMessenger({ client: slack.client, log }),
    log,
    memory,
    now,
    sleep: (ms) => sleep(ms),
    newId: () => newRequestId(drawId),
  };
  return {
    parts,
    timers,
    slack,
    metrics,
    adjustClock: clock.adjust,
    storeTakesWrites: () => takesWrites(redis, installation),
    stopWaiting: clients.stopWaiting,
    async close() {
      redis.disconnect();
      clients.close();
    },
  };
}

/** Puts the rooms together. Ends come first: workers and sweep start before anybody can ask for more. */
export function createApp(config: Config, rooms: Rooms = realRooms(config)): App {
  const { parts, timers, slack, metrics } = rooms;
  const { log } = parts;
  const stopping = new AbortController();
  let sweeping: Promise<void> = Promise.resolve();
  const webs: Web[] = [];
  registerListeners(slack.app, parts);

  async function keepTime(): Promise<void> {
    let certain = false;
    while (!stopping.signal.aborted) {
      await interval(certain ? CLOCK_MS : CLOCK_AGAIN_MS);
      certain = await rooms.adjustClock();
    }
  }

  /** An abort ends the interval, so that stopping the bot does not wait for it. */
  async function interval(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: stopping.signal }).catch(() => undefined);
  }

  /**
   * Until the store takes writes, but not for long: where it is down, rules are closed by their tags meanwhile.
   * @returns whether the store takes writes
   */
  async function storeHadItsChance(): Promise<boolean> {
    const deadline = Date.now() + config.times.redisMs;
    for (;;) {
      if (await rooms.storeTakesWrites()) return true;
      if (Date.now() >= deadline) return false;
      await sleep(20);
    }
  }

  /** One line, once people can ask: the store takes writes, and Slack and the bot reach each other. */
  async function sayReady(storeIsReady: boolean): Promise<void> {
    while (!stopping.signal.aborted) {
      if (slack.connected() && (storeIsReady || (await rooms.storeTakesWrites()))) {
        parts.log.info({ command: parts.command }, `ready: ${parts.command} is answered`);
        return;
      }
      await interval(READY_AGAIN_MS);
    }
  }

  /** Looks at the queues as often as the sweep runs, so that asking for the metrics costs Redis nothing. */
  async function lookAtQueues(): Promise<void> {
    while (!stopping.signal.aborted) {
      // While Redis is away the figures of the last look stay.
      await timers.depths().then(metrics.queued, () => undefined);
      await interval(config.times.sweepMs);
    }
  }

  async function health(): Promise<Health> {
    const redis = (await rooms.storeTakesWrites()) && timers.hasRights();
    return { ok: redis, details: { redis, slack: slack.connected() } };
  }

  async function readiness(): Promise<Health> {
    const { details } = await health();
    const sweep = sweepIsFresh(parts);
    return { ok: details.redis && details.slack && sweep, details: { ...details, sweep } };
  }

  async function openDoors(): Promise<void> {
    const { host, port, metrics: watching } = config;
    const { requestListener: slackListener } = slack;
    const checks = { '/healthz': health, '/readyz': readiness };
    webs.push(await startWeb({ host, port, checks, log, ...(slackListener ? { slackListener } : {}) }));
    if (!watching) return;
    webs.push(await startWeb({ ...watching, setting: 'METRICS', metrics: metrics.text, log }));
    void lookAtQueues();
  }

  /** Looks up the names in the policy, again and again until Slack has answered. */
  async function lookUpNames(): Promise<void> {
    while (!stopping.signal.aborted) {
      const done = await detectUnknownNames(parts).then(
        () => true,
        (err: unknown) => {
          parts.log.warn({ err }, 'the names in the policy were not looked up; tried again');
          return false;
        },
      );
      if (done) return;
      await interval(config.times.sweepMs);
    }
  }

  return {
    async start() {
      // The first sweep needs the store, and nobody should be told "not sent" while it is just being connected to.
      const storeIsReady = await storeHadItsChance();
      await rooms.adjustClock();
      void keepTime();
      timers.work({
        advance: counting(parts.memory, 'work', (id: RequestId) => advance(parts, id)),
        end: counting(parts.memory, 'ends', (id: RequestId) => endDue(parts, id, advanceHeld)),
        tell: counting(parts.memory, 'tell', (id: RequestId) => tell(parts, id)),
      });
      sweeping = sweepOnAndOn(parts, stopping.signal, interval);
      await openDoors();
      slack.start();
      void lookUpNames();
      void sayReady(storeIsReady);
    },
    async stop() {
      stopping.abort();
      rooms.stopWaiting();
      // All at once: none of them takes anything new while it waits for another. What runs may still set timers, so
      // the connections are closed last.
      const drained = Promise.all([
        slack.stop(),
        ...webs.map((web) => web.close()),
        timers.drain(),
        sweeping,
      ]);
      const inTime = new AbortController();
      await Promise.race([drained, sleep(config.times.drainMs, undefined, inTime)]);
      inTime.abort();
      await timers.close();
      await rooms.close();
    },
  };
}
