/** Calls wait for their turn at EC2's documented rates, so that EC2 has none to refuse. */
import { setImmediate as immediate } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { DEFAULTS } from '../../sandbox/aws/settings.js';
import { throttle } from '../../sandbox/aws/wire/throttle.js';
import { createPacer, Paced, type Pacer, type TakeShared } from '../../src/aws/pacer.js';

const REVOKE = 'RevokeSecurityGroupIngress';
const READ = 'DescribeSecurityGroupRules';

/** A clock that a sleep moves on at once. */
function clock() {
  let nowMs = 1_000_000;
  const sleepers: { atMs: number; wake: () => void }[] = [];
  return {
    now: () => nowMs,
    sleep: (ms: number) =>
      new Promise<void>((wake) => {
        sleepers.push({ atMs: nowMs + ms, wake });
        sleepers.sort((one, other) => one.atMs - other.atMs);
      }),
    set: (ms: number) => {
      nowMs = ms;
    },
    /** Lets time pass until the work is done. */
    async until<T>(work: Promise<T>): Promise<T> {
      let isDone = false;
      const done = () => {
        isDone = true;
      };
      work.then(done, done);
      for (;;) {
        await immediate();
        if (isDone) return work;
        const next = sleepers.shift();
        if (!next) throw new Error('nobody sleeps, and the work is not done');
        nowMs = Math.max(nowMs, next.atMs);
        next.wake();
      }
    },
  };
}

/** EC2's bucket, from which another program may take calls too, and how often EC2 answered yes and no. */
function ec2(time: ReturnType<typeof clock>) {
  const bucket = throttle(structuredClone(DEFAULTS), time.now);
  const answered = { yes: 0, no: 0 };
  return {
    answered,
    takes: (action: string) => bucket.takes('ec2', action),
    /** Calls until EC2 takes the call. */
    async calls(pacer: Pacer, action: string): Promise<void> {
      for (let isFirst = false; ; isFirst = true) {
        await pacer.turn(action, { isFirst });
        const isTaken = await pacer
          .watch(action, async () => {
            await time.sleep(20);
            if (!bucket.takes('ec2', action))
              throw Object.assign(new Error('slow down'), { name: 'RequestLimitExceeded' });
          })
          .then(
            () => true,
            () => false,
          );
        answered[isTaken ? 'yes' : 'no'] += 1;
        if (isTaken) return;
      }
    },
  };
}

const many = <T>(count: number, one: (n: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => one(n));

test('of 1,000 ends at one moment EC2 refuses no call, and the last goes as soon as the documented bucket lets it', async () => {
  const time = clock();
  const aws = ec2(time);
  const pacer = createPacer({ time });
  const beganMs = time.now();
  await time.until(Promise.all(many(1_000, () => aws.calls(pacer, REVOKE))));
  expect(aws.answered).toEqual({ yes: 1_000, no: 0 });
  expect(time.now() - beganMs).toBeLessThan(((1_000 - 50) / 5) * 1_000 * 1.05);
});

test('EC2 refuses few calls where another program empties the bucket too', async () => {
  const time = clock();
  const aws = ec2(time);
  const pacer = createPacer({ time });
  let isOver = false;
  const other = (async () => {
    for (; !isOver; await time.sleep(400)) aws.takes(REVOKE);
  })();
  const ends = Promise.all(many(200, () => aws.calls(pacer, REVOKE)));
  await time.until(ends);
  isOver = true;
  await time.until(other);
  // The other program takes about half of the calls that come back into the bucket.
  expect(aws.answered.no).toBeLessThan(100);
});

test('calls that were on their way when EC2 refused one of them slow the pace once', async () => {
  const time = clock();
  const aws = ec2(time);
  const pacer = createPacer({ time });
  for (let n = 0; n < 50; n += 1) aws.takes(REVOKE);
  const beganMs = time.now();
  await time.until(Promise.all(many(20, () => aws.calls(pacer, REVOKE))));
  expect(aws.answered).toEqual({ yes: 20, no: 20 });
  expect(time.now() - beganMs).toBeLessThan(6_000);
});

test('a call that EC2 refused has its next turn before all calls that wait', async () => {
  const time = clock();
  const pacer = createPacer({ time });
  const order: string[] = [];
  const turns = many(60, (n) => pacer.turn(REVOKE).then(() => order.push(`waiting ${n}`)));
  turns.push(pacer.turn(REVOKE, { isFirst: true }).then(() => order.push('refused before')));
  await time.until(Promise.all(turns));
  expect(order.indexOf('refused before')).toBeLessThan(50);
});

test('a call whose turn comes too late is not made, and takes no turn of another', async () => {
  const time = clock();
  const pacer = createPacer({ time });
  await time.until(Promise.all(many(49, () => pacer.turn(REVOKE))));
  await expect(pacer.turn(REVOKE, { withinMs: 150 })).rejects.toThrow(Paced);
  const beganMs = time.now();
  await time.until(pacer.turn(REVOKE, { withinMs: 250 }));
  expect(time.now() - beganMs).toBe(200);
});

test('a caller whose call has to wait for its turn is told so', async () => {
  const time = clock();
  const pacer = createPacer({ time });
  let told = 0;
  const heldUp = () => {
    told += 1;
  };
  await time.until(Promise.all(many(49, () => pacer.turn(REVOKE, { heldUp }))));
  expect(told).toBe(0);
  await time.until(pacer.turn(REVOKE, { heldUp }));
  expect(told).toBeGreaterThan(0);
});

test('a bot that stops lets no call wait, and makes the calls that the bucket has left', async () => {
  const time = clock();
  const pacer = createPacer({ time });
  await time.until(Promise.all(many(49, () => pacer.turn(REVOKE))));
  const waiting = pacer.turn(REVOKE);
  pacer.stop();
  await expect(time.until(waiting)).rejects.toThrow(Paced);
  await expect(pacer.turn(REVOKE)).rejects.toThrow(Paced);
  await time.until(pacer.turn(READ));
});

test('a read that is not urgent leaves half of the bucket to other calls', async () => {
  const time = clock();
  const pacer = createPacer({ time });
  const beganMs = time.now();
  await time.until(pacer.spare(READ));
  expect(time.now()).toBe(beganMs);
  await time.until(Promise.all(many(90, () => pacer.turn(READ))));
  await time.until(pacer.spare(READ));
  expect(time.now() - beganMs).toBeGreaterThan(1_900);
});

test('an account with three times the rate is called three times as fast', async () => {
  const time = clock();
  const pacer = createPacer({ time, rate: 3 });
  const beganMs = time.now();
  await time.until(Promise.all(many(150 + 15, () => pacer.turn(REVOKE))));
  expect(Math.round((time.now() - beganMs) / 100) / 10).toBeCloseTo(1.1, 1);
});

test('no end waits for an hour because a clock was set back by an hour', async () => {
  const time = clock();
  const pacer = createPacer({ time });
  await time.until(Promise.all(many(49, () => pacer.turn(REVOKE))));
  time.set(time.now() - 3_600_000);
  const beganMs = time.now();
  await time.until(pacer.turn(REVOKE));
  expect(time.now() - beganMs).toBeLessThan(1_000);
});

test('a process asks the shared bucket once it has used a fifth of it, says what it used before, and obeys the answer', async () => {
  const time = clock();
  const asked: number[] = [];
  /** Other replicas have emptied the bucket, and its next call goes to one of them as well. */
  const takeShared: TakeShared = async (_action, { before, size, callMs }) => {
    asked.push(before);
    return { taken: asked.length === 3, fullInMs: size * callMs };
  };
  const pacer = createPacer({ time, takeShared });
  await time.until(Promise.all(many(10, () => pacer.turn(REVOKE))));
  expect(asked).toEqual([]);
  const beganMs = time.now();
  await time.until(pacer.turn(REVOKE));
  expect(asked).toEqual([10, 0, 0]);
  expect(time.now() - beganMs).toBe(400);
});

test('no end waits for ever because somebody writes into the store that all calls are used up', async () => {
  const time = clock();
  let asked = 0;
  const takeShared: TakeShared = async (_action, { size, callMs }) => {
    asked += 1;
    return { taken: asked > 1_000, fullInMs: 2 * size * callMs };
  };
  const pacer = createPacer({ time, takeShared });
  const beganMs = time.now();
  await time.until(Promise.all(many(50, () => pacer.turn(REVOKE))));
  expect(asked).toBeGreaterThan(1);
  expect(time.now() - beganMs).toBeLessThan(60_000);
});

test('other replicas learn that EC2 refused a call', async () => {
  const time = clock();
  const told: (number | undefined)[] = [];
  const takeShared: TakeShared = async (_action, { emptyForMs }) => {
    told.push(emptyForMs);
    return { taken: true, fullInMs: 0 };
  };
  const pacer = createPacer({ time, takeShared });
  const slowDown = Object.assign(new Error('slow down'), { name: 'RequestLimitExceeded' });
  await expect(pacer.watch(REVOKE, () => Promise.reject(slowDown))).rejects.toBe(slowDown);
  await time.until(pacer.turn(REVOKE));
  expect(told).toEqual([300]);
});

test.each([
  ['is away', () => Promise.reject(new Error('no connection'))],
  ['does not answer', () => new Promise<never>(() => {})],
])('where the store %s each process goes by its own bucket', async (_what, takeShared: TakeShared) => {
  const time = clock();
  const pacer = createPacer({ time, takeShared });
  const beganMs = time.now();
  await time.until(Promise.all(many(100, () => pacer.turn(REVOKE))));
  expect(time.now() - beganMs).toBeLessThan(((100 - 50) / 5) * 1_000 + 1_000);
});
