/** Answers that are looked up once for all callers within a moment. */
import { expect, test } from '@jest/globals';
import { remembering } from '../../../src/workflow/finding/remembering.js';

test('an answer is looked up once for the callers meanwhile and for a while after, and each key has an answer of its own', async () => {
  let nowMs = 0;
  const asked: string[] = [];
  const remembered = remembering<string>(() => nowMs, { forMs: 1_000, most: 10 });
  const find = (key: string) => remembered(key, async () => `${key} ${asked.push(key)}`);
  expect(await Promise.all([find('a'), find('a'), find('b')])).toEqual(['a 1', 'a 1', 'b 2']);
  nowMs = 999;
  expect(await find('a')).toBe('a 1');
  nowMs = 1_001;
  expect(await find('a')).toBe('a 3');
});

test('a failed look-up fails for all callers who wait for it, and the next caller looks again', async () => {
  let failures = 1;
  const remembered = remembering<string>(() => 0, { forMs: 1_000, most: 10 });
  const find = () =>
    remembered('a', async () => {
      if (failures-- > 0) throw new Error('away');
      return 'there';
    });
  const both = await Promise.allSettled([find(), find()]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await find()).toBe('there');
});

test('no more answers are remembered than there is room for', async () => {
  let lookups = 0;
  const remembered = remembering<number>(() => 0, { forMs: 1_000, most: 2 });
  for (const key of ['a', 'b', 'c', 'a']) await remembered(key, async () => ++lookups);
  expect(lookups).toBe(4);
});
