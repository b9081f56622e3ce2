/** Draws what happens in a run, and when, from the seed alone: the same seed gives the same schedule. */
import { createHash } from 'node:crypto';
import type { FaultKind } from '../../sandbox/aws/wire/faults.js';
import type { SlackFault } from '../../sandbox/slack/faults.js';
import type { SlackSettings } from '../../sandbox/slack/settings.js';
import type { Mode } from '../firewall.js';
import { type Dice, diceFor } from './dice.js';

/** One ask and how people react. Waits count from the card that somebody answers. All times are milliseconds. */
export interface Ask {
  n: number;
  atMs: number;
  /** The index of the person who asks. */
  requester: number;
  /**
   * `own` is the requester's WorkSpace, `other` somebody else's, by its owner's index; or the whole small directory.
   */
  target: { kind: 'own' } | { kind: 'other'; owner: number } | { kind: 'directory' };
  source: string;
  durationMs: number;
  /** How long after the asking access is to open, where that is not at once; the form is used then. */
  startsInMs?: number;
  answer: { kind: 'approve' | 'deny' | 'nothing'; afterMs: number };
  /** What the requester or the approver does once access is open, or while the request waits. */
  later:
    | { kind: 'nothing' }
    | { kind: 'end' | 'end-by-approver' | 'take-back' | 'extend'; afterMs: number }
    | { kind: 'move'; afterMs: number; to: string };
  /** What somebody changes at AWS beside the bot. */
  manual: { kind: 'nothing' } | { kind: 'remove'; afterMs: number } | { kind: 'twin' };
}

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

export interface Schedule {
  seed: number;
  /** How many people ask, one WorkSpace each. */
  people: number;
  /** Where the bot writes rules: into access groups of its own, or into groups that WorkSpaces carry already. */
  firewall: Mode;
  /** How far each replica's clock is ahead, milliseconds; negative where it is behind. */
  shiftsMs: number[];
  /** In the order of their instants. */
  asks: Ask[];
  faults: Fault[];
  /** SHA-256 over all of the above. */
  hash: string;
}

/** The average number of asks in a second. */
const ASKS_PER_SECOND = 10;
const FIRST_FAULT_MS = 3_000;
/** By then a few people have access. */
const FIRST_RESTART_MS = 3_000;
/** The longest time between two faults that take something down. */
const BETWEEN_OUTAGES_MS = 12_000;
/** The average time between two single calls that fail. */
const BETWEEN_FAULTS_MS = 900;

/**
 * @param replicas at least one
 * @param rolling instead of faults: replicas that are restarted one after the other, as by an upgrade
 */
export function scheduleFor(options: {
  seed: number;
  grants: number;
  replicas: number;
  rolling?: boolean;
}): Schedule {
  const { seed, grants, replicas, rolling = false } = options;
  const dice = diceFor(seed);
  const people = Math.max(12, Math.ceil(grants / 5));
  const lengthMs = Math.ceil((grants / ASKS_PER_SECOND) * 1000);
  const firewall: Mode = dice.chance(0.25) ? 'existing-group' : 'access-group';
  const drawn = {
    seed,
    people,
    firewall,
    shiftsMs: Array.from({ length: replicas }, () => dice.between(-2_000, 2_000)),
    asks: asksOf(dice, { grants, people, lengthMs }),
    faults: rolling
      ? [restartsOf(lengthMs)]
      : [...outagesOf(dice, replicas, lengthMs), ...smallFaultsOf(dice, lengthMs)].sort(byTime),
  };
  const hash = createHash('sha256').update(JSON.stringify(drawn)).digest('hex');
  return { ...drawn, hash };
}

const byTime = (a: { atMs: number }, b: { atMs: number }) => a.atMs - b.atMs;

function asksOf(dice: Dice, run: { grants: number; people: number; lengthMs: number }): Ask[] {
  const asks: Ask[] = [];
  const instants = Array.from({ length: run.grants }, () => dice.between(0, run.lengthMs)).sort(
    (a, b) => a - b,
  );
  for (const [n, atMs] of instants.entries()) {
    const before = asks.at(-1);
    const ask = askOf(dice, n, atMs, run.people);
    // Some asks repeat the one before: the same WorkSpace from the same address is one rule with two leases.
    if (before && before.target.kind !== 'directory' && dice.chance(0.15) && !isTimedOfOne(before, ask)) {
      const owner = before.target.kind === 'own' ? before.requester : before.target.owner;
      const target = owner === ask.requester ? { kind: 'own' as const } : { kind: 'other' as const, owner };
      asks.push({ ...ask, target, source: before.source });
    } else asks.push(ask);
  }
  return asks;
}

/** A card that names no ask is known by its person and address, and must not lead to the time of another ask of theirs. */
function isTimedOfOne(one: Ask, other: Ask): boolean {
  const isTimed = one.startsInMs !== undefined || other.startsInMs !== undefined;
  return isTimed && one.requester === other.requester;
}

function askOf(dice: Dice, n: number, atMs: number, people: number): Ask {
  const kind = dice.share();
  const target: Ask['target'] =
    kind < 0.65
      ? { kind: 'own' }
      : kind < 0.98
        ? { kind: 'other', owner: dice.between(0, people - 1) }
        : { kind: 'directory' };
  const answer = dice.share();
  return {
    n,
    atMs,
    requester: dice.between(0, people - 1),
    target,
    source: sourceOf(dice),
    ...(dice.chance(0.1) ? { startsInMs: dice.between(6_000, 20_000) } : {}),
    durationMs: 1000 * (dice.chance(0.1) ? dice.between(25, 45) : dice.between(8, 25)),
    answer: {
      kind: answer < 0.88 ? 'approve' : answer < 0.96 ? 'deny' : 'nothing',
      afterMs: dice.between(200, 3_000),
    },
    later: laterOf(dice),
    manual: manualOf(dice),
  };
}

function sourceOf(dice: Dice): string {
  const byte = () => dice.between(1, 254);
  if (dice.chance(0.03)) return `10.${byte()}.${byte()}.0/24`;
  return dice.chance(0.2) ? `203.0.113.${byte()}` : `10.${byte()}.${byte()}.${byte()}`;
}

function laterOf(dice: Dice): Ask['later'] {
  const kind = dice.share();
  const afterMs = dice.between(300, 5_000);
  if (kind < 0.15) return { kind: 'end', afterMs };
  if (kind < 0.2) return { kind: 'end-by-approver', afterMs };
  if (kind < 0.24) return { kind: 'take-back', afterMs: Math.min(afterMs, 1_500) };
  if (kind < 0.36) return { kind: 'extend', afterMs };
  if (kind < 0.46) return { kind: 'move', afterMs, to: sourceOf(dice) };
  return { kind: 'nothing' };
}

function manualOf(dice: Dice): Ask['manual'] {
  const kind = dice.share();
  if (kind < 0.03) return { kind: 'remove', afterMs: dice.between(200, 4_000) };
  return kind < 0.06 ? { kind: 'twin' } : { kind: 'nothing' };
}

/** For as long as people ask. */
function restartsOf(lengthMs: number): Fault {
  return {
    atMs: FIRST_RESTART_MS,
    kind: 'rolling-restarts',
    forMs: Math.max(0, lengthMs - FIRST_RESTART_MS),
  };
}

/** Faults that take AWS, Slack, Redis or replicas down: one at a time, with time to recover in between. */
function outagesOf(dice: Dice, replicas: number, lengthMs: number): Fault[] {
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
function smallFaultsOf(dice: Dice, lengthMs: number): Fault[] {
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
