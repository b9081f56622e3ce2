/** The instants at which a request has to be looked at again: its timers and the index of owed work come from these. */
import { expect, test } from '@jest/globals';
import { duties, lifeOf } from '../../../src/access/request/duties.js';
import type { Ask } from '../../../src/access/request/request.js';
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
  // Each pass looks at a request that can go on at once, so that neither its lapse nor the end of its opening needs a
  // timer.
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
])('a request that is "%s" is looked at again after these minutes', (name, expected) => {
  const phase = phases()[name];
  if (!phase) throw new Error(`no phase ${name}`);
  const found = duties(requestIn(phase));
  expect(found.map(({ queue, atMs }) => `${queue} ${(atMs - NOW) / MINUTE_MS}`)).toEqual(expected);
});

test.each<[string, string, Partial<Ask>, string[]]>([
  ['opens later', 'in an hour', { later: { startsAtMs: NOW + 60 * MINUTE_MS } }, ['45', '60', '90']],
  ['opens later', 'in ten minutes', { later: { startsAtMs: NOW + 10 * MINUTE_MS } }, ['10', '40']],
  ['opens soon', 'in an hour', { later: { startsAtMs: NOW + 60 * MINUTE_MS } }, ['60', '90']],
  ['opens later', 'now', { later: { startsAtMs: NOW - 1 } }, ['-0', '30']],
])(
  'a request that "%s", %s, owes a reminder, its time and its lapse: in minutes',
  (name, _, ask, expected) => {
    const phase = phases()[name];
    if (phase?.state !== 'approved') throw new Error(`no phase ${name}`);
    const startsAtMs = ask.later && 'startsAtMs' in ask.later ? ask.later.startsAtMs : NOW;
    const request = requestIn({ ...phase, lapsesAtMs: startsAtMs + 30 * MINUTE_MS }, ask);
    const found = duties(request);
    expect(found.map(({ atMs }) => ((atMs - NOW) / MINUTE_MS).toFixed(0))).toEqual(expected);
    expect(new Set(found.map(({ queue }) => queue))).toEqual(new Set(['work']));
  },
);
