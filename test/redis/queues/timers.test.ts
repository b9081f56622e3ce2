import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort } from '../../../sandbox/free-port.js';
import type { Due } from '../../../src/access/request/duties.js';
import { connectRecords, keyPrefix } from '../../../src/redis/connections.js';
import { createAtOnce } from '../../../src/redis/queues/at-once.js';
import { createTimers, type WorkedTimers } from '../../../src/redis/queues/timers.js';
import type { Handlers, WorkersParts } from '../../../src/redis/queues/workers.js';
import { StoreUnreachable } from '../../../src/workflow/ports-store.js';
import { firstOf } from '../../depth.js';
import { gate, PATIENCE_MS } from '../../patience.js';
import {
  anyRedis,
  at,
  canStartRedis,
  isReady,
  type KeptLog,
  keptLog,
  newInstallation,
  startProxy,
  startRedis,
  type TestRedis,
  until,
} from '../redis.js';

let server: TestRedis;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  server = await anyRedis();
});
afterAll(async () => {
  await server.stop();
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Opened {
  timers: WorkedTimers;
  /** The calls of the handlers, with their instants. */
  calls: { verb: 'advance' | 'end' | 'tell'; id: string; atMs: number }[];
  handlers: Handlers;
  log: KeptLog;
  installation: string;
}

/** Timers whose handlers answer `done` unless told otherwise; closed after the test. */
function open(changes: Partial<WorkersParts> = {}, answers: Partial<Handlers> = {}): Opened {
  const log = keptLog();
  const installation = changes.installation ?? newInstallation();
  const calls: Opened['calls'] = [];
  const note = (verb: 'advance' | 'end' | 'tell') => (id: string) => {
    calls.push({ verb, id, atMs: Date.now() });
    return answers[verb]?.(id) ?? Promise.resolve('done' as const);
  };
  const timers = createTimers({
    ...at(server.url),
    installation,
    timeoutMs: 1_500,
    stalledMs: 30_000,
    drainMs: 500,
    log,
    now: Date.now,
    ...changes,
  });
  closing.push(() => timers.close());
  return {
    timers,
    calls,
    handlers: { advance: note('advance'), end: note('end'), tell: note('tell') },
    log,
    installation,
  };
}

/** Does the work as soon as the connection is there. */
async function whenConnected(timers: WorkedTimers, add: () => Promise<void>): Promise<void> {
  await until('the connection', () =>
    timers.set('K7QF9', [anEnd()]).then(
      () => true,
      (error: unknown) => {
        if (error instanceof StoreUnreachable) return false;
        throw error;
      },
    ),
  );
  await add();
}

describe('when Redis goes away', () => {
  // The first test of all: BullMQ keeps the process for up to 6 s after it, by its watchdog of a blocked command.
  test('for good, the timers crash nothing, and closing does not wait for Redis', async () => {
    const proxy = await startProxy(server.port);
    const { timers, calls, handlers } = open({ server: at(proxy.url).server });
    timers.work(handlers);
    await whenConnected(timers, () => timers.tell('K7QF2'));
    await until('the telling', () => calls.length === 1);
    await proxy.stop();
    await until('the connection to be noticed as gone', () =>
      timers.set('K7QF2', [anEnd()]).then(
        () => false,
        () => true,
      ),
    );
    await timers.close();
  });

  test('setting a timer fails, and the error says whether the timer may be there', async () => {
    const proxy = await startProxy(server.port);
    closing.push(() => proxy.stop());
    const { timers } = open({ server: at(proxy.url).server, timeoutMs: 500 });
    await whenConnected(timers, () => timers.tell('K7QF2'));
    proxy.mode = 'no-answers';
    await expect(timers.tell('K7QF2')).rejects.toMatchObject({ certain: false });
    await proxy.stop();
    await until('the connection to be noticed as gone', () =>
      timers.tell('K7QF2').then(
        () => false,
        (error: unknown) => error instanceof StoreUnreachable && error.certain,
      ),
    );
  });

  test('and comes back, the workers go on by themselves', async () => {
    if (!(await canStartRedis())) return;
    const dir = await mkdtemp(join(tmpdir(), 'wssh-redis-'));
    closing.push(() => rm(dir, { recursive: true }));
    const port = await freePort();
    const first = await startRedis({ port, dir });
    const { timers, calls, handlers, log } = open({ server: at(first.url).server });
    timers.work(handlers);
    await whenConnected(timers, () => timers.set('K7QF2', [{ queue: 'ends', atMs: Date.now() + 1_500 }]));
    await first.stop();
    await expect(whileAway(timers)).rejects.toThrow(StoreUnreachable);
    const second = await startRedis({ port, dir });
    closing.unshift(() => second.stop());
    await until('the end that was set before', () => calls.some(({ verb }) => verb === 'end'));
    await whenConnected(timers, () => timers.tell('K7QF2'));
    await until('the telling', () => calls.some(({ verb }) => verb === 'tell'));
    expect(log.lines.map(({ message }) => message)).toContain('Redis is back');
  });
});

describe('a Redis that refuses', () => {
  test('INFO to the bot runs timers all the same, and one that refuses writes is asked again only after a while', async () => {
    if (!(await canStartRedis())) return;
    const own = await startRedis();
    closing.push(() => own.stop());
    const admin = await isReady(connectRecords({ ...at(own.url), timeoutMs: 10_000 }, keptLog()));
    closing.push(() => admin.disconnect());
    await admin.acl('SETUSER', 'bot', 'on', '>secret', '~*', '+@all', '-@dangerous');
    const url = own.url.replace('//', '//bot:secret@');
    const first = open(at(url));
    first.timers.work(first.handlers);
    await whenConnected(first.timers, () => first.timers.tell('K7QF2'));
    await until('the telling', () => first.calls.length === 1);
    await first.timers.close();

    await admin.config('SET', 'min-replicas-to-write', '1');
    const second = open(at(url));
    second.timers.work(second.handlers);
    const refusals = async () =>
      Number(/errorstat_NOREPLICAS:count=(\d+)/.exec(await admin.info('errorstats'))?.[1] ?? 0);
    await until('a refusal', async () => (await refusals()) > 0);
    const before = await refusals();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await refusals()) - before).toBeLessThan(50);
  });
});

describe('a timer', () => {
  test('counts in the depth of its queue: later, waiting for how long, or running', async () => {
    const { opened, open: release } = gate();
    closing.push(release);
    const { timers, handlers, calls } = open({}, { end: () => opened.then(() => 'done' as const) });
    const ends = async () => (await timers.depths()).find(({ queue }) => queue === 'ends');
    await whenConnected(timers, () =>
      timers.set('K7QF2', [
        { queue: 'ends', atMs: Date.now() - 5_000 },
        { queue: 'ends', atMs: Date.now() + 3_600_000 },
      ]),
    );
    const before = await ends();
    expect(before).toMatchObject({ waiting: 1, later: 2, running: 0 });
    expect(before?.oldestMs).toBeGreaterThanOrEqual(5_000);
    timers.work(handlers);
    await until('the end to begin', () => calls.length > 0);
    expect(await ends()).toMatchObject({ waiting: 0, later: 2, running: 1, oldestMs: 0 });
  });

  test('wakes the request at each of its instants, now for those in the past', async () => {
    const { timers, calls, handlers } = open();
    timers.work(handlers);
    const startedAtMs = Date.now();
    await whenConnected(timers, () =>
      timers.set('K7QF2', [
        { queue: 'work', atMs: startedAtMs - 60_000 },
        { queue: 'work', atMs: startedAtMs + 2_000 },
        { queue: 'ends', atMs: startedAtMs + 2_400 },
      ]),
    );
    await until('three calls', () => calls.length >= 3);
    const delays = (verb: 'advance' | 'end') =>
      calls.filter((call) => call.verb === verb).map(({ atMs }) => atMs - startedAtMs);
    // The two queues promise no order between each other.
    const [atOnce, later, ...more] = delays('advance');
    // A timer for an instant 60 s ago does not come 60 s from now.
    expect(atOnce).toBeLessThan(60_000);
    expect(later).toBeGreaterThanOrEqual(2_000);
    const [end] = delays('end');
    expect(end).toBeGreaterThanOrEqual(2_400);
    expect({ more, calls: calls.length, ids: new Set(calls.map(({ id }) => id)) }).toEqual({
      more: [],
      calls: 3,
      ids: new Set(['K7QF2']),
    });
  });

  test('to tell a request is answered by telling, once where the timer is set again meanwhile', async () => {
    const { timers, calls, handlers } = open();
    timers.work(handlers);
    await whenConnected(timers, () => timers.tell('K7QF2', 60_000));
    await timers.tell('K7QF2', 60_000);
    await timers.tell('K7QF2', 20);
    await timers.tell('K7QF2', 60_000);
    await until('the telling', () => calls.length > 0);
    await timers.tell('K7QF3');
    await until('the next telling', () => calls.length > 1);
    expect(calls.map(({ verb, id }) => `${verb} ${id}`)).toEqual(['tell K7QF2', 'tell K7QF3']);
  });

  test('of access that was extended comes at the later end too', async () => {
    const { timers, calls, handlers } = open();
    timers.work(handlers);
    const startedAtMs = Date.now();
    await whenConnected(timers, () => timers.set('K7QF2', [{ queue: 'ends', atMs: startedAtMs + 300 }]));
    await timers.set('K7QF2', [{ queue: 'ends', atMs: startedAtMs + 700 }]);
    await until('both ends', () => calls.length >= 2);
    expect((calls[1]?.atMs ?? 0) - startedAtMs).toBeGreaterThanOrEqual(700);
  });

  test('for now comes although the same timer is just running', async () => {
    let finishFirst: () => void = () => {};
    const first = new Promise<void>((resolve) => {
      finishFirst = resolve;
    });
    const { timers, calls, handlers } = open({}, { advance: () => first.then(() => 'done' as const) });
    timers.work(handlers);
    const atMs = Date.now();
    await whenConnected(timers, () => timers.set('K7QF2', [{ queue: 'work', atMs }]));
    await until('the first call', () => calls.length === 1);
    await timers.set('K7QF2', [{ queue: 'work', atMs }]);
    finishFirst();
    await until('the second call', () => calls.length === 2);
  });

  test('that is set again while the queue takes it, or on its last try, comes once more', async () => {
    const [given, tried] = [gate(), gate()];
    let failures = 10;
    const calls: string[] = [];
    const atOnce = createAtOnce({
      handlers: {
        async work(id) {
          calls.push(`work ${id}`);
          return 'done';
        },
        async tell(id) {
          calls.push(`tell ${id}`);
          if (--failures > 0) throw Object.assign(new Error('429'), { retryAfterMs: 0 });
          if (failures < 0) return 'done';
          await tried.opened;
          throw Object.assign(new Error('429'), { retryAfterMs: 0 });
        },
      },
      most: { work: 0, tell: 1 },
      mostInLine: { work: 0, tell: 0 },
      async handOver(queue, id) {
        calls.push(`gives ${queue} ${id}`);
        await given.opened;
      },
      log: keptLog(),
    });
    closing.push(() => atOnce.drain(0));
    atOnce.take('work', 'K7QF2', 0);
    await until('the first to be given', () => calls.length === 1);
    atOnce.take('work', 'K7QF2', 0);
    given.open();
    await until('the second to be given', () => calls.length === 2);
    atOnce.take('tell', 'K7QF3', 0);
    await until('the tenth try', () => calls.length === 12);
    atOnce.take('tell', 'K7QF3', 0);
    tried.open();
    await until('the eleventh try', () => calls.length === 13);
  });

  test('to tell waits for room without a job where many requests are told of, and the queue gets the rest at a stop', async () => {
    const gates = new Map<string, ReturnType<typeof gate>>();
    const calls: string[] = [];
    const atOnce = createAtOnce({
      handlers: {
        work: async () => 'done',
        async tell(id) {
          calls.push(id);
          const opens = gate();
          gates.set(id, opens);
          await opens.opened;
          return 'done';
        },
      },
      most: { work: 1, tell: 2 },
      mostInLine: { work: 0, tell: 10 },
      handOver: async (queue, id) => void calls.push(`gives ${queue} ${id}`),
      log: keptLog(),
    });
    for (const id of ['A', 'B', 'C', 'D', 'E', 'C']) expect(atOnce.take('tell', id, 0)).toBe(true);
    // The caller may have a click to acknowledge before the telling begins.
    await Promise.resolve();
    expect(calls).toEqual([]);
    await until('two', () => calls.length === 2);
    gates.get('B')?.open();
    await until('the third', () => calls.length === 3);
    gates.get('A')?.open();
    await until('the fourth', () => calls.length === 4);
    expect(calls).toEqual(['A', 'B', 'C', 'D']);
    const drained = atOnce.drain(PATIENCE_MS);
    gates.get('C')?.open();
    gates.get('D')?.open();
    await drained;
    expect(calls).toEqual(['A', 'B', 'C', 'D', 'gives tell E']);
  });

  /** Work at once, one of a kind, which lasts until it is let go, in the order in which it was begun or given away. */
  function oneAtOnce(mostInLine: number) {
    const calls: string[] = [];
    const going = new Map<string, () => void>();
    const handle = (queue: string) => async (id: string) => {
      calls.push(`${queue} ${id}`);
      await new Promise<void>((resolve) => going.set(`${queue} ${id}`, resolve));
      return 'done' as const;
    };
    const atOnce = createAtOnce({
      handlers: { work: handle('work'), tell: handle('tell') },
      most: { work: 1, tell: 1 },
      mostInLine: { work: mostInLine, tell: mostInLine },
      handOver: async (queue, id) => void calls.push(`gives ${queue} ${id}`),
      log: keptLog(),
    });
    closing.push(() => atOnce.drain(0));
    const letGo = (what: string) => {
      going.get(what)?.();
      going.delete(what);
    };
    return { atOnce, calls, letGo };
  }

  test('and has no room waits in line, the queue takes the work that the line has no room for, and a stop gives the queue the line', async () => {
    const { atOnce, calls, letGo } = oneAtOnce(2);
    for (const id of ['A', 'B', 'C', 'D']) atOnce.take('work', id, 0);
    await until('the one that is too much', () => calls.includes('gives work D'));
    expect(calls).toEqual(['work A', 'gives work D']);
    atOnce.take('work', 'B', 0);
    letGo('work A');
    await until('the next in line', () => calls.length === 3);
    expect(calls.slice(2)).toEqual(['work B']);
    await atOnce.drain(0);
    expect(calls.slice(3)).toEqual(['gives work C']);
    letGo('work B');
  });

  test('a request is not told of while work that changes it waits in line', async () => {
    const { atOnce, calls, letGo } = oneAtOnce(2);
    for (const id of ['A', 'B']) atOnce.take('work', id, 0);
    await until('the first', () => calls.length === 1);
    for (const id of ['B', 'C']) atOnce.take('tell', id, 0);
    await until('the other to be told of', () => calls.includes('tell C'));
    letGo('work A');
    await until('the second', () => calls.includes('work B'));
    // The work that changes the request asks for the telling anew.
    atOnce.take('tell', 'B', 0);
    letGo('tell C');
    await until('the telling', () => calls.includes('tell B'));
    expect(calls).toEqual(['work A', 'tell C', 'work B', 'tell B']);
    for (const what of ['work B', 'tell B']) letGo(what);
  });

  test('that comes early waits for its time, so that the end of access is not lost', async () => {
    // This worker's clock is 2 s behind the clock of the replica which set the timer, so the job comes too early.
    const behindMs = 2_000;
    const { timers, installation } = open();
    const slow = open({ installation, now: () => Date.now() - behindMs });
    slow.timers.work(slow.handlers);
    const endsAtMs = Date.now() + 200;
    await whenConnected(timers, () => timers.set('K7QF2', [{ queue: 'ends', atMs: endsAtMs }]));
    await until('the end', () => slow.calls.length > 0);
    expect(slow.calls[0]?.atMs).toBeGreaterThanOrEqual(endsAtMs + behindMs);
    await slow.timers.close();
    expect(slow.calls).toHaveLength(1);
  });

  test('of an ended job leaves nothing behind', async () => {
    const { timers, calls, handlers, installation, log } = open();
    timers.work(handlers);
    await whenConnected(timers, () => timers.set('K7QF2', [{ queue: 'ends', atMs: Date.now() }]));
    await until('the end', () => calls.length > 0);
    const redis = await isReady(connectRecords({ ...at(server.url), timeoutMs: 10_000 }, log));
    closing.push(() => redis.disconnect());
    const prefix = keyPrefix(installation);
    await until('the job to go', async () => (await redis.keys(`${prefix}:ends:K7QF2*`)).length === 0);
    expect(await redis.exists(`${prefix}:ends:completed`, `${prefix}:ends:failed`)).toBe(0);
  });
});

describe('a handler', () => {
  test('that answers "again" or throws is called again, after longer and longer waits', async () => {
    let calls = 0;
    const opened = open(
      {},
      {
        async advance() {
          calls++;
          if (calls === 1) return 'again';
          if (calls === 2) throw new Error('AWS said no');
          return 'done';
        },
      },
    );
    opened.timers.work(opened.handlers);
    await whenConnected(opened.timers, () =>
      opened.timers.set('K7QF2', [{ queue: 'work', atMs: Date.now() }]),
    );
    await until('the third call', () => opened.calls.length === 3);
    const [first = 0, second = 0, third = 0] = opened.calls.map(({ atMs }) => atMs);
    expect(second - first).toBeGreaterThanOrEqual(125);
    expect(third - second).toBeGreaterThanOrEqual(250);
    const failed = opened.log.lines.filter(({ message }) => message.startsWith('a job failed'));
    expect(failed).toHaveLength(1);
  });

  test('that says when to come back is called again just then', async () => {
    let calls = 0;
    const opened = open(
      {},
      {
        async tell() {
          calls++;
          if (calls === 1) throw Object.assign(new Error('429'), { retryAfterMs: 1_200 });
          return 'done';
        },
      },
    );
    opened.timers.work(opened.handlers);
    await whenConnected(opened.timers, () => opened.timers.tell('K7QF2'));
    await until('the second call', () => opened.calls.length === 2);
    const [first = 0, second = 0] = opened.calls.map(({ atMs }) => atMs);
    expect(second - first).toBeGreaterThanOrEqual(1_200);
  });

  test('that never succeeds is left to the sweep, and its cause stays out of Redis', async () => {
    const opened = open(
      {},
      {
        async tell() {
          throw Object.assign(new Error('secret'), { retryAfterMs: 10 });
        },
      },
    );
    opened.timers.work(opened.handlers);
    await whenConnected(opened.timers, () => opened.timers.tell('K7QF2'));
    await until('the last attempt', () =>
      opened.log.lines.some(({ message }) => message === 'left to the sweep'),
    );
    expect(opened.calls).toHaveLength(10);
    const redis = await isReady(connectRecords({ ...at(server.url), timeoutMs: 10_000 }, opened.log));
    closing.push(() => redis.disconnect());
    const events = await redis.xrange(`${keyPrefix(opened.installation)}:tell:events`, '-', '+');
    expect(JSON.stringify(events)).not.toContain('secret');
  });
});

describe('closing', () => {
  test('waits for a handler that is running', async () => {
    let finish: () => void = () => {};
    let done = false;
    const running = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const { timers, calls, handlers } = open(
      { drainMs: 5_000 },
      {
        async advance() {
          await running;
          done = true;
          return 'done';
        },
      },
    );
    timers.work(handlers);
    await whenConnected(timers, () => timers.set('K7QF2', [{ queue: 'work', atMs: Date.now() }]));
    await until('the call', () => calls.length === 1);
    const closed = timers.close();
    finish();
    await closed;
    expect(done).toBe(true);
  });

  test('gives the queue the work that waits in this process, and the work that fails meanwhile', async () => {
    let fail: () => void = () => {};
    const failing = new Promise<void>((resolve) => {
      fail = resolve;
    });
    const first = open(
      { drainMs: 5_000 },
      {
        async advance() {
          await failing;
          return 'again';
        },
      },
    );
    first.timers.work(first.handlers);
    await whenConnected(first.timers, () => first.timers.tell('K7QF2', 60_000));
    await first.timers.set('K7QF3', [{ queue: 'work', atMs: Date.now() }]);
    await until('the call', () => first.calls.length === 1);
    const closed = first.timers.close();
    fail();
    await closed;
    const { installation } = first;
    const next = open({ installation });
    next.timers.work(next.handlers);
    // The queue of the first process may still hand out the telling.
    const told = () => [...first.calls, ...next.calls].filter(({ verb }) => verb === 'tell');
    await until('both', () => next.calls.some(({ verb }) => verb === 'advance') && told().length > 0);
    expect(told()).toHaveLength(1);
  });

  test('at any millisecond of the first sixty leaves no job between fetched and begun', async () => {
    const { log } = open();
    const redis = await isReady(connectRecords({ ...at(server.url), timeoutMs: 10_000 }, log));
    closing.push(() => redis.disconnect());
    const queues = ['work', 'ends', 'tell'];
    async function strandedAt(ms: number): Promise<string[]> {
      const { timers, handlers, installation, calls } = open({ drainMs: 10_000 });
      timers.work(handlers);
      await whenConnected(timers, () => timers.tell('K7QF0'));
      await until('the first telling', () => calls.length > 0);
      const atMs = Date.now();
      const set = [
        timers.set('K7QF1', [{ queue: 'work', atMs }]),
        timers.set('K7QF2', [{ queue: 'ends', atMs }]),
        timers.tell('K7QF3'),
      ];
      await new Promise((resolve) => setTimeout(resolve, ms));
      await timers.close();
      await Promise.allSettled(set);
      const active = await Promise.all(
        queues.map((name) => redis.lrange(`${keyPrefix(installation)}:${name}:active`, 0, -1)),
      );
      return active.flat().map((jobId) => `${jobId} after ${ms} ms`);
    }
    const instants = firstOf(
      10,
      Array.from({ length: 60 }, (_, n) => (n * 7) % 60),
    );
    const stranded: string[] = [];
    for (let first = 0; first < instants.length; first += 10) {
      const some = instants.slice(first, first + 10);
      stranded.push(...(await Promise.all(some.map(strandedAt))).flat());
    }
    expect(stranded).toEqual([]);
  });

  test('waits for a slow Redis, whose answer is a job, so that the job is not left to the sweep', async () => {
    const proxy = await startProxy(server.port);
    closing.push(() => proxy.stop());
    const slow = open({ server: at(proxy.url).server, timeoutMs: 60_000, drainMs: 60_000 });
    slow.timers.work(slow.handlers);
    await whenConnected(slow.timers, () => slow.timers.tell('K7QF0'));
    await until('the first telling', () => slow.calls.length > 0);
    const { installation } = slow;
    const redis = await isReady(connectRecords({ ...at(server.url), timeoutMs: 10_000 }, slow.log));
    closing.push(() => redis.disconnect());
    const active = () => redis.lrange(`${keyPrefix(installation)}:ends:active`, 0, -1);
    proxy.lateMs = 1_500;
    const other = open({ installation });
    await whenConnected(other.timers, () => other.timers.set('K7QF1', [{ queue: 'ends', atMs: Date.now() }]));
    await until('the job to be fetched', async () => (await active()).length > 0);
    await slow.timers.close();
    expect({ ended: slow.calls.map(({ id }) => id), active: await active() }).toEqual({
      ended: ['K7QF0', 'K7QF1'],
      active: [],
    });
  });

  test('does not wait for ever for a handler', async () => {
    let finish: () => void = () => {};
    const endless = new Promise<void>((resolve) => {
      finish = resolve;
    });
    closing.push(() => finish());
    const { timers, calls, handlers, log } = open(
      { drainMs: 200 },
      { advance: () => endless.then(() => 'done' as const) },
    );
    timers.work(handlers);
    await whenConnected(timers, () => timers.set('K7QF2', [{ queue: 'work', atMs: Date.now() }]));
    await until('the call', () => calls.length === 1);
    await timers.close();
    expect(log.lines.map(({ message }) => message)).toContain('stopping while handlers are still running');
  });

  test('works where Redis was never there', async () => {
    const { timers, handlers } = open(at(`redis://127.0.0.1:${await freePort()}`));
    timers.work(handlers);
    await expect(timers.set('K7QF2', [anEnd()])).rejects.toThrow(StoreUnreachable);
    await timers.close();
  });
});

/** Sets a timer over and over until it fails. */
async function whileAway(timers: WorkedTimers): Promise<void> {
  for (;;) await timers.set('K7QF2', [anEnd()]);
}

/** An end that does not come while the tests run. */
function anEnd(): Due {
  return { queue: 'ends', atMs: Date.now() + 86_400_000 };
}
