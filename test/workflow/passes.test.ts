/**
 * How many pieces of a pass run at once, how the others go on when a piece fails or the bot is stopped, and how shares
 * of many follow one another.
 */
import { expect, test } from '@jest/globals';
import { createMemory } from '../../src/workflow/memory.js';
import { attempt, counting, each, nextShare } from '../../src/workflow/passes.js';
import { AwsRefused } from '../../src/workflow/ports.js';
import { fakeParts } from '../slack/parts.js';

const NUMBERS = Array.from({ length: 50 }, (_, n) => n);
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Work whose pieces end when they are told to. */
function heldWork() {
  const begun: number[] = [];
  const ends = new Map<number, (fault?: Error) => void>();
  const work = (item: number) =>
    new Promise<void>((resolve, reject) => {
      begun.push(item);
      ends.set(item, (fault) => (fault ? reject(fault) : resolve()));
    });
  return { begun, work, end: (item: number, fault?: Error) => ends.get(item)?.(fault) };
}

test('twenty pieces of a pass run at a time, and each that ends lets the next one begin', async () => {
  const { begun, work, end } = heldWork();
  const all = each(NUMBERS, work);
  await settled();
  expect(begun).toEqual(NUMBERS.slice(0, 20));
  // A piece that hangs holds up no other.
  for (let item = 1; item < 50; item += 1) {
    end(item);
    await settled();
  }
  expect(begun).toEqual(NUMBERS);
  end(0);
  await all;
});

test('a failure is counted where it stops: a failure of a timer’s work is thrown on, a failure in a pass is not', async () => {
  const { parts } = fakeParts();
  const fails = async () => Promise.reject(new AwsRefused({ action: 'ec2:X', code: 'Denied', message: '' }));
  await expect(counting(parts.memory, 'ends', fails)(undefined)).rejects.toThrow(AwsRefused);
  await attempt(parts, 'rules', fails);
  await attempt(parts, 'rules', fails);
  expect(parts.memory.watched.failures).toEqual([
    { during: 'ends', cause: 'aws-refused', times: 1 },
    { during: 'sweep', cause: 'aws-refused', times: 2 },
  ]);
});

test('all pieces of a pass are done though some fail, and the first failure is thrown at the end', async () => {
  const { begun, work, end } = heldWork();
  let outcome: unknown = 'not over yet';
  const all = each(NUMBERS.slice(0, 30), work).catch((cause: unknown) => {
    outcome = cause;
  });
  await settled();
  end(7, new Error('the first'));
  end(3, new Error('the second'));
  for (let item = 0; item < 29; item += 1) {
    end(item);
    await settled();
  }
  expect(begun).toHaveLength(30);
  expect(outcome).toBe('not over yet');
  end(29);
  await all;
  expect(outcome).toEqual(new Error('the first'));
});

test('no piece of a pass begins once the bot is stopping, and pieces that run are waited for', async () => {
  const { begun, work, end } = heldWork();
  const stopping = new AbortController();
  let isOver = false;
  const all = each(NUMBERS, work, stopping.signal).then(() => {
    isOver = true;
  });
  await settled();
  stopping.abort();
  for (let item = 0; item < 19; item += 1) end(item);
  await settled();
  expect([begun.length, isOver]).toEqual([20, false]);
  end(19);
  await all;
});

const sharesOf = (passes: readonly string[], most: number, weightOf?: (letter: string) => number) => {
  const parts = { memory: createMemory() };
  return passes.map((letters) =>
    nextShare(parts, 'letters', [...letters], (letter) => letter, most, weightOf).join(''),
  );
};

test.each<[string, string[], number, string[]]>([
  ['all of few are looked at by each pass', ['cab', 'cab'], 3, ['abc', 'abc']],
  ['the next of many follow, then the first again', ['abcde', 'abcde', 'abcde'], 2, ['ab', 'cd', 'ea']],
  [
    'one that comes or goes meanwhile keeps no other from its turn',
    ['abcd', 'aabbcd', 'bd'],
    2,
    ['ab', 'cd', 'bd'],
  ],
  ['the share of an empty list is empty', ['', 'ab'], 2, ['', 'ab']],
])('%s', (_, passes, most, shares) => {
  expect(sharesOf(passes, most)).toEqual(shares);
});

test('a share of many weighs at most as much as allowed, and one that is heavier comes alone', () => {
  const weightOf = (letter: string) => (letter === 'b' ? 9 : 2);
  expect(sharesOf(['abcd', 'abcd', 'abcd'], 4, weightOf)).toEqual(['a', 'b', 'cd']);
});
