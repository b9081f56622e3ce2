/** The instants at which a request has to be looked at again: its timers and the index of what is owed come from these. */
import { expect, test } from '@jest/globals';
import { duties, lifeOf } from '../../../src/access/request/duties.js';
import { NOW, phases, requestIn } from '../../slack/requests.js';

const MINUTE_MS = 60_000;

test('a request that is not over owes something, or nothing would go on with it or end it', () => {
  const forgotten = Object.entries(phases())
    .map(([name, phase]) => ({ name, request: requestIn(phase) }))
    .filter(({ request }) => lifeOf(request) !== 'over' && duties(request).length === 0);
  expect(forgotten.map(({ name }) => name)).toEqual([]);
});

test.each<[string, string[]]>([
  ['checking', ['work -1']],
  ['pending', ['work 240']],
  // Each pass looks at what can go on at once, so that neither its lapse nor the end of its opening wakes anybody.
  ['about to open', ['work 0']],
  ['waiting for the WorkSpace', ['work 0', 'work 60']],
  ['paused', ['work 0', 'work 60']],
  ['late yes', ['work 60']],
  ['opening', ['work 0', 'ends 120']],
  ['opening without AWS', ['work 0', 'ends 20', 'ends 120']],
  ['open', ['work 110', 'ends 120']],
  ['warning', ['ends 120']],
  ['closing', ['ends 120']],
  ['ended: expired', []],
])('of a request that is "%s", in minutes', (name, expected) => {
  const phase = phases()[name];
  if (!phase) throw new Error(`no phase ${name}`);
  const found = duties(requestIn(phase));
  expect(found.map(({ queue, atMs }) => `${queue} ${(atMs - NOW) / MINUTE_MS}`)).toEqual(expected);
});
