/**
 * The figures of one replica, in Prometheus' form. They cost no question to Redis, AWS or Slack: calls and audit records are
 * counted as they come, and what a sweep found is remembered. Labels are words of this program and names of calls, so
 * that no person, address or request stands in the figures.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { STEPS } from '../access/request/steps.js';
import type { AdminNotice } from '../workflow/admin-notice.js';
import { DOINGS, FAILURE_CAUSES, type Memory } from '../workflow/memory.js';
import type { Times } from '../workflow/ports.js';
import type { AuditEntry, Store } from '../workflow/ports-store.js';
import { watchedStore } from './watched-store.js';

const OUTCOMES = ['answered', 'refused', 'throttled', 'unanswered'] as const;
/** How a call to AWS or Slack went. `throttled`: refused for its rate. */
export type CallOutcome = (typeof OUTCOMES)[number];

/** The jobs of one queue: how many there are, and how long the oldest that is due has waited. */
export interface QueueDepth {
  queue: string;
  waiting: number;
  later: number;
  running: number;
  oldestMs: number;
}

export interface Metrics {
  /** Wraps the store, so that the metrics hear of all that is recorded. */
  watched(store: Store): Store;
  /** One attempt of a call to AWS, by its operation, such as `RevokeSecurityGroupIngress`. */
  calledAws(operation: string, outcome: CallOutcome): void;
  /** One call to Slack, by its method, such as `chat.postMessage`. */
  calledSlack(method: string, outcome: CallOutcome): void;
  /** A payload of Slack's was acknowledged. `ms` is how long after it came. */
  acknowledged(ms: number): void;
  /** Takes how many jobs the queues held at a look. */
  queued(depths: readonly QueueDepth[]): void;
  /** All figures in Prometheus' text format. */
  text(): Promise<string>;
}

export interface MetricsParts {
  memory: Memory;
  times: Pick<Times, 'sweepMs'>;
  /** Epoch milliseconds. */
  now(): number;
}

const STATES: readonly string[] = [...new Set(Object.values(STEPS).map(({ to }) => to))];
const RULE_CHANGES = ['authorized', 'revoked', 'tagged', 'untagged'];
const NOTICES: Record<AdminNotice['kind'], true> = {
  ...{ 'foreign-rule': true, 'unverified-rule': true, 'stray-rule': true },
  ...{ 'changed-rule': true, 'changed-tags': true, 'aws-refused': true, 'store-lost': true },
  ...{ 'unknown-names': true, 'moved-handle': true, 'refusing-channel': true },
};
const PREFIX = 'workspace_ssh_';

/** @param parts `now` is asked as well for how long ago the last pass of the sweep was done */
export function createMetrics({ memory: { watched }, times, now }: MetricsParts): Metrics {
  const register = new Registry();
  const registers = [register];
  const startedAtMs = now();

  const counter = <Label extends string = never>(name: string, help: string, labelNames: Label[] = []) =>
    new Counter({ name: PREFIX + name, help, labelNames, registers });
  const histogram = (name: string, help: string, buckets: number[]) =>
    new Histogram({ name: PREFIX + name, help, buckets, registers });
  /** Makes a gauge that is set anew each time that somebody asks for the figures. */
  const gauge = <Label extends string = never>(
    name: string,
    help: string,
    labelNames: Label[],
    read: (gauge: Gauge<Label>) => void,
  ) =>
    new Gauge({
      ...{ name: PREFIX + name, help, labelNames, registers },
      collect() {
        this.reset();
        read(this);
      },
    });

  const requests = counter('requests_total', 'Requests that came into a state.', ['state']);
  const lateness = histogram(
    'end_lateness_seconds',
    'How long after its time access was seen closed.',
    [0.5, 1, 2, 5, 10, 30, 60, 120, 300, 900, 3_600],
  );
  const changes = counter('rule_changes_total', 'Changes of rules at AWS.', ['change', 'answered']);
  const notices = counter('admin_notices_total', 'What the admins were told, by its kind.', ['kind']);
  const losses = counter('store_losses_total', 'Losses of what Redis held.');
  const aws = counter('aws_calls_total', 'Attempts of calls to AWS.', ['operation', 'outcome']);
  const slack = counter('slack_calls_total', "Calls to Slack's Web API.", ['method', 'outcome']);
  const acks = histogram(
    'acknowledgement_seconds',
    'How long Slack waited for an acknowledgement; it gives up after 3 s.',
    [0.05, 0.1, 0.25, 0.5, 1, 2, 3],
  );
  // A counter begins at 0: where it first shows up as 1 Prometheus sees no rise.
  for (const state of STATES) requests.inc({ state }, 0);
  for (const change of RULE_CHANGES)
    for (const answered of ['yes', 'no']) changes.inc({ change, answered }, 0);
  for (const kind of Object.keys(NOTICES)) notices.inc({ kind }, 0);
  for (const outcome of OUTCOMES) aws.inc({ operation: 'RevokeSecurityGroupIngress', outcome }, 0);

  gauge('open_grants', 'Open grants whose rule the last sweep saw.', [], (to) =>
    to.set(watched.found?.openGrants ?? 0),
  );
  gauge('rules', 'Rules with a tag of this installation, as the last sweep saw them.', ['kind'], (to) => {
    for (const [kind, count] of Object.entries(watched.found?.rules ?? {})) to.set({ kind }, count);
  });
  gauge('overdue_seconds', 'How long the access that should have ended first is overdue.', [], (to) =>
    to.set((watched.found?.overdueMs ?? 0) / 1_000),
  );
  gauge('sweep_seconds', 'How long the last pass of the sweep took.', ['pass'], (to) => {
    for (const [pass, { tookMs }] of watched.passes) to.set({ pass }, tookMs / 1_000);
  });
  gauge('sweep_age_seconds', 'Since when no pass that closes what is over was done.', [], (to) =>
    to.set((now() - (watched.passes.get('rules')?.doneAtMs ?? startedAtMs)) / 1_000),
  );
  gauge('sweep_interval_seconds', 'How long after a pass of the sweep the next begins.', [], (to) =>
    to.set(times.sweepMs / 1_000),
  );
  new Counter({
    ...{ name: `${PREFIX}failures_total`, help: 'Work that failed, by its cause.', registers },
    labelNames: ['during', 'cause'],
    collect() {
      this.reset();
      for (const during of DOINGS) for (const cause of FAILURE_CAUSES) this.inc({ during, cause }, 0);
      for (const { during, cause, times } of watched.failures) this.inc({ during, cause }, times);
    },
  });
  let depths: readonly QueueDepth[] = [];
  gauge('queue_jobs', 'Jobs in Redis, of all replicas, at the last look.', ['queue', 'state'], (to) => {
    for (const { queue, waiting, later, running } of depths) {
      to.set({ queue, state: 'waiting' }, waiting);
      to.set({ queue, state: 'later' }, later);
      to.set({ queue, state: 'running' }, running);
    }
  });
  gauge(
    'queue_oldest_seconds',
    'How long the oldest due job has waited, at the last look.',
    ['queue'],
    (to) => {
      for (const { queue, oldestMs } of depths) to.set({ queue }, oldestMs / 1_000);
    },
  );

  function recorded({ what }: AuditEntry): void {
    const [, change, unanswered] = /^rule-([a-z]+)(-unanswered)?$/.exec(what) ?? [];
    const [, kind] = /^noticed-([a-z-]+)$/.exec(what) ?? [];
    if (STATES.includes(what)) requests.inc({ state: what });
    else if (change) changes.inc({ change, answered: unanswered ? 'no' : 'yes' });
    else if (kind) notices.inc({ kind });
    else if (what === 'store-lost') losses.inc();
  }

  let isWatchingProcess = false;
  return {
    watched: (store) => watchedStore(store, { recorded, endedLate: (ms) => lateness.observe(ms / 1_000) }),
    calledAws: (operation, outcome) => aws.inc({ operation, outcome }),
    calledSlack: (method, outcome) => slack.inc({ method, outcome }),
    acknowledged: (ms) => acks.observe(ms / 1_000),
    queued(now) {
      depths = now;
    },
    text() {
      // Measuring the event loop's delay and the like is work, so it begins once somebody asks for the figures.
      if (!isWatchingProcess) collectDefaultMetrics({ register });
      isWatchingProcess = true;
      return register.metrics();
    },
  };
}
