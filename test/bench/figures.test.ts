/** Figures of several rounds become one result each, judged by the goal for its ratio. */
import { expect, test } from '@jest/globals';
import { type Figure, resultsOf, shareOf } from '../../bench/figures.js';

const figure = (ours: number, floor: number, goal?: Figure['goal']): Figure => ({
  figure: 'rule gone',
  unit: 'ms',
  ours,
  floor,
  ...(goal ? { goal } : {}),
});

test('one slow round of a benchmark changes no result: the medians of all rounds are compared', () => {
  const rounds = [[figure(30, 20)], [figure(900, 25)], [figure(36, 24)]];
  expect(resultsOf('ends', rounds)).toEqual([
    { bench: 'ends', figure: 'rule gone', unit: 'ms', ours: 36, floor: 24, ratio: 1.5 },
  ]);
});

test.each([
  ['<=', 1.5, true],
  ['<=', 1.4, false],
  ['>=', 1.5, true],
  ['>=', 1.6, false],
] as const)('a ratio of 1.5 is judged by the goal %s %d', (op, value, met) => {
  const [result] = resultsOf('ends', [[figure(30, 20, { op, value })]]);
  expect(result).toMatchObject({ ratio: 1.5, met });
});

test('a goal may be for the figure of the bot alone, whatever the floor is', () => {
  const [result] = resultsOf('sweep', [[figure(30, 20, { op: '<=', value: 30, of: 'ours' })]]);
  expect(result).toMatchObject({ ratio: 1.5, met: true });
});

test('a round that lacks a figure of the other rounds is an error, since the median of that figure would be of fewer rounds', () => {
  expect(() => resultsOf('ends', [[figure(30, 20)], []])).toThrow('ends: a round lacks the figure rule gone');
});

test.each([
  [[4, 1, 3, 2], 0.5, 3],
  [[4, 1, 3, 2], 0.99, 4],
  [[7], 0.5, 7],
  [[], 0.5, Number.NaN],
])('of the values %p the share %d does not exceed %d', (values, share, expected) => {
  expect(shareOf(values, share)).toBe(expected);
});
