/** Holds that a seed names a run, so that a violation can be looked for again with the seed that showed it. */
import { describe, expect, test } from '@jest/globals';
import { diceFor } from '../../trials/chaos/drawn/dice.js';
import type { Fault } from '../../trials/chaos/drawn/faults.js';
import { scheduleFor } from '../../trials/chaos/drawn/schedule.js';
import { companyOf } from '../../trials/chaos/world.js';
import { MODES } from '../../trials/firewall.js';
import { rounds } from '../depth.js';

const RUN = { seed: 42, grants: 300, replicas: 3 };

test('the same seed gives the same schedule, and its hash says so', () => {
  const [one, again] = [scheduleFor(RUN), scheduleFor(RUN)];
  expect(again).toEqual(one);
  expect(one.hash).toMatch(/^[0-9a-f]{64}$/);
});

test.each([
  ['seed', { ...RUN, seed: 43 }],
  ['number of grants', { ...RUN, grants: 301 }],
  ['number of replicas', { ...RUN, replicas: 2 }],
])('another %s gives another schedule and another hash', (_what, run) => {
  expect(scheduleFor(run).hash).not.toBe(scheduleFor(RUN).hash);
});

test('a schedule has as many asks as grants, in the order of their instants', () => {
  const { asks } = scheduleFor(RUN);
  expect(asks.map(({ n }) => n)).toEqual(asks.map((_ask, index) => index));
  const instants = asks.map(({ atMs }) => atMs);
  expect(instants).toEqual(instants.toSorted((a, b) => a - b));
});

test('the clocks of a schedule are wrong by at most two seconds', () => {
  const { shiftsMs } = scheduleFor({ ...RUN, replicas: 8 });
  expect(shiftsMs).toHaveLength(8);
  expect(Math.max(...shiftsMs.map(Math.abs))).toBeLessThanOrEqual(2_000);
});

test('faults of a schedule that last do not overlap', () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const lasting = scheduleFor({ ...RUN, seed }).faults.filter((fault) => 'forMs' in fault);
    const ends = lasting.map((fault) => fault.atMs + ('forMs' in fault ? fault.forMs : 0));
    expect(lasting.length).toBeGreaterThan(1);
    for (const [index, fault] of lasting.slice(1).entries())
      expect(fault.atMs).toBeGreaterThan(ends[index] ?? 0);
  }
});

test('a rolling schedule has the same asks as a schedule with faults, and replicas that restart for as long as people ask', () => {
  const { asks, faults, hash } = scheduleFor(RUN);
  const rolling = scheduleFor({ ...RUN, rolling: true });
  expect(rolling.asks).toEqual(asks);
  expect(rolling.hash).not.toBe(hash);
  expect(faults.map(({ kind }) => kind)).not.toContain('rolling-restarts');
  const [restarts, ...others] = rolling.faults;
  if (restarts?.kind !== 'rolling-restarts') throw new Error('nothing restarts');
  expect(others).toEqual([]);
  const last = asks.at(-1)?.atMs ?? 0;
  expect(restarts.atMs).toBeLessThan(last / 2);
  expect(restarts.atMs + restarts.forMs).toBeGreaterThanOrEqual(last);
});

const SEEDS = rounds(8, 20);

test(`${SEEDS} seeds draw every kind of fault and of action`, () => {
  const runs = Array.from({ length: SEEDS }, (_, seed) => scheduleFor({ ...RUN, grants: 2_000, seed }));
  const kinds: Record<Exclude<Fault['kind'], 'rolling-restarts'>, true> = {
    'aws-calls': true,
    'aws-stale': true,
    'aws-down': true,
    'aws-throttled': true,
    'slack-calls': true,
    'slack-down': true,
    'redis-slow': true,
    'redis-refused': true,
    'redis-silent': true,
    'redis-cut': true,
    'redis-fail-over': true,
    'redis-falls-back': true,
    'redis-restart': true,
    'replica-dies': true,
    'all-replicas-die': true,
  };
  const drawn = new Set(runs.flatMap(({ faults }) => faults.map(({ kind }) => kind)));
  expect([...drawn].sort()).toEqual(Object.keys(kinds).sort());
  const asks = runs.flatMap((run) => run.asks);
  const seen = (of: string[]) => [...new Set(of)].sort();
  expect(seen(asks.map(({ target }) => target.kind))).toEqual(['directory', 'other', 'own']);
  expect(seen(asks.map(({ answer }) => answer.kind))).toEqual(['approve', 'deny', 'nothing']);
  expect(seen(asks.map(({ later }) => later.kind))).toEqual([
    'end',
    'end-by-approver',
    'extend',
    'move',
    'nothing',
    'take-back',
  ]);
  expect(seen(asks.map(({ manual }) => manual.kind))).toEqual(['nothing', 'remove', 'twin']);
  expect(new Set(runs.map(({ firewall }) => firewall))).toEqual(new Set(MODES));
});

test('some access of a schedule is asked for at a later time, and opens within the run', () => {
  const starts = scheduleFor(RUN).asks.flatMap(({ startsInMs }) => startsInMs ?? []);
  expect(starts.length).toBeGreaterThan(10);
  expect(Math.max(...starts)).toBeLessThanOrEqual(20_000);
});

test('nobody in a schedule asks twice from one address where access is to open later, since their cards could be mistaken for each other', () => {
  const twice = Array.from(
    { length: SEEDS },
    (_, seed) => scheduleFor({ ...RUN, grants: 2_000, seed }).asks,
  ).flatMap((asks) =>
    asks.flatMap((ask, n) => {
      const before = asks[n - 1];
      const isSame = before?.requester === ask.requester && before.source === ask.source;
      return before && isSame ? [{ before, ask }] : [];
    }),
  );
  expect(twice.length).toBeGreaterThan(0);
  expect(twice.filter(({ before, ask }) => before.startsInMs ?? ask.startsInMs)).toEqual([]);
});

test('some people in a schedule ask for the same WorkSpace from the same address, so that rules carry several leases', () => {
  const { asks } = scheduleFor(RUN);
  const places = asks.map(({ requester, target, source }) => {
    const owner = target.kind === 'other' ? target.owner : requester;
    return target.kind === 'directory' ? '' : `${owner} ${source}`;
  });
  const repeated = places.filter((place, index) => place && places.indexOf(place) < index);
  expect(repeated.length).toBeGreaterThan(10);
});

describe('the dice of a schedule', () => {
  test('fall the same way for the same seed', () => {
    const throws = (seed: number) => {
      const dice = diceFor(seed);
      return Array.from({ length: 50 }, () => dice.between(1, 6));
    };
    expect(throws(7)).toEqual(throws(7));
    expect(throws(7)).not.toEqual(throws(8));
    expect([...new Set(throws(7))].sort()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('throw where a list has nothing to draw from', () => {
    expect(() => diceFor(1).oneOf([])).toThrow(RangeError);
  });
});

test.each(MODES)('the company has a WorkSpace for everybody who asks (firewall mode %s)', (mode) => {
  const { requesters, aws, policy } = companyOf(60, mode, '20s');
  const ids = aws.workspaces.map(({ id }) => id);
  expect(requesters.every(({ workspaceId }) => ids.includes(workspaceId))).toBe(true);
  expect(new Set(requesters.map(({ userId }) => userId)).size).toBe(60);
  expect(policy).toMatch(new RegExp(`^firewall: .*${mode}`, 'm'));
});
