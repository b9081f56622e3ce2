import { describe, expect, test } from '@jest/globals';
import { besidesOf } from '../../../../src/access/request/others/besides.js';
import type { Phase, Request } from '../../../../src/access/request/request.js';
import { facts, NOW, phases, requestIn } from '../../../slack/requests.js';

const ASKED = { ...requestIn({ state: 'submitted', giveUpAtMs: 0, waitsForAws: false }), id: 'AAAAA' };
const request = { ...ASKED, workspaceIds: ['ws-janedoe01'] };
const OTHER = { ...facts, desktops: facts.desktops.map((one) => ({ ...one, workspaceId: 'ws-other' })) };

function other(phase: string, of = facts, ask: Partial<Request['ask']> = {}): Request {
  const found: Phase | undefined = phases(of)[phase];
  if (!found) throw new Error(`no phase ${phase}`);
  return requestIn(found, { target: { kind: 'own' }, ...ask });
}

describe('what a request keeps of the requester’s other requests:', () => {
  const beside = { id: 'K7QF2', of: 'ws-janedoe01', source: '203.0.113.25/32', same: true };
  const endsAtMs = NOW + 2 * 3_600_000;
  test.each<[string, Request, object | undefined]>([
    ['open access to the same WorkSpace', other('open'), { ...beside, endsAtMs }],
    [
      'open access to another WorkSpace',
      other('open', OTHER),
      { ...beside, of: 'ws-other', same: false, endsAtMs },
    ],
    [
      'open access from the same address that can be extended',
      other('open, can be extended'),
      { ...beside, endsAtMs, stepMs: 3_600_000 },
    ],
    [
      'open access from the same address that can be moved',
      other('open, can be moved'),
      { ...beside, endsAtMs },
    ],
    [
      'open access from another address that can be moved',
      other('open, can be moved', facts, { source: { ...ASKED.ask.source, cidr: '203.0.113.7/32' } }),
      { ...beside, source: '203.0.113.7/32', endsAtMs, movable: true },
    ],
    [
      'open access that is asked for more time already',
      other('open, more time is asked for'),
      { ...beside, endsAtMs },
    ],
    ['an opening', other('opening'), { ...beside, endsAtMs }],
    ['a request for the same WorkSpace that waits', other('pending'), beside],
    ['a request for the same WorkSpace by its id, not looked up yet', named('checking'), beside],
    ['a request for another WorkSpace that waits', other('pending', OTHER), undefined],
    ['a request that ended', other('ended'), undefined],
    ['a request that came later', other('open', facts, { askedAtMs: NOW }), undefined],
    ['the request itself', { ...other('open'), id: 'AAAAA' }, undefined],
  ])('%s', (_, one, expected) => {
    expect(besidesOf(request, [one])?.shown[0]).toEqual(expected);
  });

  test.each([
    ['has ended by that time', 0, undefined],
    ['is still open at that time', -1, { ...beside, endsAtMs }],
  ])('a request that is to open later, beside access that %s', (_, startsInMs, expected) => {
    const later = { startsAtMs: endsAtMs + startsInMs };
    const asked = { ...request, ask: { ...request.ask, later } };
    expect(besidesOf(asked, [other('open')])?.shown[0]).toEqual(expected);
  });

  test('ten of many: those for the same WorkSpace first, then the access that ends last, and how many more there were', () => {
    const withId = (id: string, one: Request) => ({ ...one, id });
    const many = Array.from({ length: 7 }, (_, n) => withId(`N${n}`, other('open', OTHER)));
    const same = Array.from({ length: 6 }, (_, n) => withId(`W${n}`, other('pending')));
    const all = besidesOf(request, [...same, ...many, withId('SAME1', other('open'))]);
    const shown = ['SAME1', 'N0', 'N1', 'N2', 'N3', 'W0', 'W1', 'W2', 'W3', 'W4'];
    expect(all?.shown.map(({ id }) => id)).toEqual(shown);
    expect(all).toMatchObject({ more: 3, moreSame: 1 });
  });
});

function named(phase: string): Request {
  return other(phase, facts, { target: { kind: 'workspace', workspaceId: 'ws-janedoe01' } });
}
