/** The instants that follow from the time at which access is to open. */
import { describe, expect, test } from '@jest/globals';
import { answerByMs, fromWhenMs, isAhead } from '../../../src/access/request/later.js';
import { NOW, requestIn } from '../../slack/requests.js';

const HOUR = 3_600_000;
const LATE = HOUR / 2;
const submitted = { state: 'submitted' as const, giveUpAtMs: NOW, waitsForAws: false };
const opens = (inHours: number) => requestIn(submitted, { later: { startsAtMs: NOW + inHours * HOUR } });

test('the time of a request has come at its very instant, and a typed time is not known before its time zone is', () => {
  expect(isAhead(opens(1), NOW + HOUR - 1)).toBe(true);
  expect(isAhead(opens(1), NOW + HOUR)).toBe(false);
  expect(isAhead(requestIn(submitted, { later: { typed: { time: '22:00' } } }), NOW)).toBe(false);
  expect(isAhead(requestIn(submitted), NOW)).toBe(false);
});

describe('a request waits for an answer', () => {
  test.each([
    ['as long as any, where its time is far', opens(24), 4],
    ['until shortly after its time', opens(2), 2.5],
    ['as long as any once its time has come', opens(0), 4],
    ['as long as any where it opens at once', requestIn(submitted), 4],
  ])('%s', (_, { ask }, hours) => expect(answerByMs(ask, NOW, 4 * HOUR, LATE)).toBe(NOW + hours * HOUR));
});

test.each([
  ['said before its time', opens(2), 2],
  ['said after its time', opens(-2), 0],
  ['to a request that opens at once', requestIn(submitted), 0],
])('a yes counts from the instant at which it could open access: %s', (_, { ask }, hours) =>
  expect(fromWhenMs(ask, NOW)).toBe(NOW + hours * HOUR),
);
