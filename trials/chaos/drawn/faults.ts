/** Draws the faults of a run: at AWS, Slack, Redis, replicas, and single calls. */
import type { FaultKind } from '../../../sandbox/aws/wire/faults.js';
import type { SlackFault } from '../../../sandbox/slack/faults.js';
import type { SlackSettings } from '../../../sandbox/slack/settings.js';
import type { Dice } from './dice.js';

/** All times are in milliseconds. */
export type Fault = { atMs: number } & (
  | { kind: 'aws-calls'; action: string; fault: FaultKind; times: number; ms: number }
  | { kind: 'aws-stale'; staleMs: number }
  | { kind: 'aws-down' | 'aws-throttled'; forMs: number }
  | { kind: 'slack-calls'; method: string; fault: SlackFault['kind']; times: number }
  | { kind: 'slack-down'; how: Exclude<SlackSettings['down'], 'no'>; forMs: number }
  | { kind: 'redis-slow'; latencyMs: number; forMs: number }
  | { kind: 'redis-refused' | 'redis-silent'; forMs: number }
  | { kind: 'redis-cut' | 'redis-fail-over' }
  | { kind: 'redis-falls-back'; lagMs: number }
  | { kind: 'redis-restart'; loses: boolean; forMs: number }
  | { kind: 'replica-dies'; replica: number; signal: 'SIGKILL' | 'SIGTERM'; forMs: number }
  | { kind: 'all-replicas-die'; forMs: number }
  | { kind: 'rolling-restarts'; forMs: number }
);

const FIRST_FAULT_MS = 3_000;
/** When the first restart comes: a few people have access by then. */
const FIRST_RESTART_MS = 3_000;
/** The longest time between two faults that take something down. */
const BETWEEN_OUTAGES_MS = 12_000;
/** The average time between two single calls that fail. */
const BETWEEN_FAULTS_MS = 900;

/** The one fault of a rolling run: the replicas restart for as long as people ask. */
export function restartsOf(lengthMs: number): Fault {
  return {
    atMs: FIRST_RESTART_MS,
    kind: 'rolling-restarts',
    forMs: Math.max(0, lengthMs - FIRST_RESTART_MS),
  };
}

/** Faults that take AWS, Slack, Redis or replicas down: one at a time, with time to recover in between. */
export function outagesOf(dice: Dice, replicas: number, lengthMs: number): Fault[] {
  const faults: Fault[] = [];
  for (let atMs = FIRST_FAULT_MS; atMs < lengthMs + 5_000; ) {
    const fault = outageOf(dice, replicas, atMs);
    faults.push(fault);
    atMs += ('forMs' in fault ? fault.forMs : 0) + dice.between(BETWEEN_OUTAGES_MS / 2, BETWEEN_OUTAGES_MS);
  }
  return faults;
}

function outageOf(dice: Dice, replicas: number, atMs: number): Fault {
  const forMs = dice.between(1_000, 6_000);
  const replica = dice.between(0, replicas - 1);
  const kind = dice.between(1, 21);
  if (kind <= 5) return { atMs, kind: 'replica-dies', replica, signal: 'SIGKILL', forMs };
  if (kind <= 7) return { atMs, kind: 'replica-dies', replica, signal: 'SIGTERM', forMs };
  if (kind === 8) return { atMs, kind: 'all-replicas-die', forMs };
  if (kind <= 10) return { atMs, kind: 'aws-down', forMs };
  if (kind === 11) return { atMs, kind: 'aws-throttled', forMs };
  if (kind <= 13) return { atMs, kind: 'slack-down', how: dice.oneOf(['refused', '500', 'hang']), forMs };
  if (kind === 14) return { atMs, kind: 'redis-slow', latencyMs: dice.between(50, 400), forMs };
  if (kind === 15) return { atMs, kind: 'redis-refused', forMs };
  if (kind === 16) return { atMs, kind: 'redis-silent', forMs };
  if (kind === 17) return { atMs, kind: 'redis-cut' };
  if (kind === 18) return { atMs, kind: 'redis-restart', loses: false, forMs };
  if (kind === 19) return { atMs, kind: 'redis-restart', loses: true, forMs };
  if (kind === 20) return { atMs, kind: 'redis-falls-back', lagMs: dice.between(200, 2_000) };
  return { atMs, kind: 'redis-fail-over' };
}

const AWS_ACTIONS = [
  'AuthorizeSecurityGroupIngress',
  'RevokeSecurityGroupIngress',
  'RevokeSecurityGroupIngress',
  'DescribeSecurityGroupRules',
  'DescribeNetworkInterfaces',
  'DescribeWorkspaces',
  'CreateSecurityGroup',
  'ModifyNetworkInterfaceAttribute',
  'CreateTags',
  'DeleteTags',
];
const AWS_FAULTS: FaultKind[] = ['throttle', '500', 'timeout', 'timeout-after-effect', 'lost-answer', 'slow'];
const SLACK_CALLS = ['chat.postMessage', 'chat.update', 'users.info', 'users.profile.get', 'views.open'];
const SLACK_FAULTS: SlackFault['kind'][] = ['429', '500', 'timeout-after-effect', 'drop'];
const DELIVERIES = ['/workspace-ssh', 'block_actions', 'view_submission'];

/** Single calls that fail, during the whole run. */
export function smallFaultsOf(dice: Dice, lengthMs: number): Fault[] {
  const faults: Fault[] = [];
  for (let atMs = FIRST_FAULT_MS; atMs < lengthMs + 5_000; atMs += dice.between(1, 2 * BETWEEN_FAULTS_MS)) {
    faults.push(smallFaultOf(dice, atMs));
  }
  return faults;
}

function smallFaultOf(dice: Dice, atMs: number): Fault {
  const kind = dice.share();
  if (kind < 0.1) return { atMs, kind: 'aws-stale', staleMs: dice.oneOf([0, 50, 200, 600, 1_500]) };
  if (kind < 0.6) {
    const fault = dice.oneOf(AWS_FAULTS);
    // A fault that costs its caller a time-out strikes one call only.
    const times = fault === 'throttle' || fault === '500' ? dice.between(1, 5) : 1;
    return {
      atMs,
      kind: 'aws-calls',
      action: dice.oneOf(AWS_ACTIONS),
      fault,
      times,
      ms: dice.between(200, 1_500),
    };
  }
  if (kind < 0.8) {
    const [method, fault] = [dice.oneOf(SLACK_CALLS), dice.oneOf(SLACK_FAULTS)];
    return { atMs, kind: 'slack-calls', method, fault, times: dice.between(1, 3) };
  }
  const fault = dice.oneOf(['lost-ack', 'twice'] as const);
  return { atMs, kind: 'slack-calls', method: dice.oneOf(DELIVERIES), fault, times: 1 };
}
