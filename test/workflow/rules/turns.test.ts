import { expect, test } from '@jest/globals';
import { createTurns } from '../../../src/workflow/memory.js';
import { inTurn } from '../../../src/workflow/rules/turns.js';

/** Work that ends when the test says so, and records its callers' requests. */
function heldWork() {
  const runs: { asked: readonly string[]; end(result?: Error): void }[] = [];
  const work = (asked: readonly string[]) =>
    new Promise<string>((resolve, reject) => {
      runs.push({ asked, end: (fault) => (fault ? reject(fault) : resolve(asked.join())) });
    });
  return { runs, work };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('calls at one moment share one turn, with everything that they ask for', async () => {
  const { runs, work } = heldWork();
  const turns = createTurns<string>();
  const results = [
    inTurn(turns, 'sg-1', ['A'], work),
    inTurn(turns, 'sg-1', ['B'], work),
    inTurn(turns, 'sg-1', [], work),
  ];
  await settled();
  expect(runs.map(({ asked }) => asked)).toEqual([['A', 'B']]);
  runs[0]?.end();
  expect(await Promise.all(results)).toEqual(['A,B', 'A,B', 'A,B']);
});

test('calls that come while a turn runs share the next turn, which begins after it', async () => {
  const { runs, work } = heldWork();
  const turns = createTurns<string>();
  const first = inTurn(turns, 'sg-1', ['A'], work);
  await settled();
  const later = [inTurn(turns, 'sg-1', ['B'], work), inTurn(turns, 'sg-1', ['C'], work)];
  await settled();
  expect(runs).toHaveLength(1);
  runs[0]?.end();
  await first;
  await settled();
  expect(runs[1]?.asked).toEqual(['B', 'C']);
  runs[1]?.end();
  expect(await Promise.all(later)).toEqual(['B,C', 'B,C']);
});

test('a turn that fails fails for all calls that share it, and the next turn begins all the same', async () => {
  const { runs, work } = heldWork();
  const turns = createTurns<string>();
  const first = inTurn(turns, 'sg-1', ['A'], work);
  await settled();
  const next = inTurn(turns, 'sg-1', ['B'], work);
  runs[0]?.end(new Error('throttled'));
  await expect(first).rejects.toThrow('throttled');
  await settled();
  runs[1]?.end();
  expect(await next).toBe('B');
});

test('work for another name does not wait for a turn', async () => {
  const { runs, work } = heldWork();
  const turns = createTurns<string>();
  inTurn(turns, 'sg-1', ['A'], work).catch(() => undefined);
  inTurn(turns, 'sg-2', ['B'], work).catch(() => undefined);
  await settled();
  expect(runs.map(({ asked }) => asked)).toEqual([['A'], ['B']]);
});
