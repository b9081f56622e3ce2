/** Follow-ups: their place in a chain, how they see the access that they follow, and how a chain counts. */
import { describe, expect, test } from '@jest/globals';
import {
  endOf,
  type Followed,
  firstOfEachChain,
  following,
  followUpOf,
  isOneChain,
  lapseOf,
  notTakenOver,
  onItsOwn,
  standingOf,
  wholeMs,
  whyNotFollowed,
} from '../../../../src/access/request/others/follows.js';
import { isIn, type Phase, type Request, type RequestIn } from '../../../../src/access/request/request.js';
import { NOW, phases, requestIn } from '../../../slack/requests.js';

const HOUR = 3_600_000;
const known = phases();

function inPhase(name: string, change: object = {}, ask: Partial<Request['ask']> = {}): Request {
  const phase = known[name];
  if (!phase) throw new Error(`no ${name}`);
  const changed: Phase = { ...phase, ...change };
  return requestIn(changed, ask);
}

function openUntil(endsAtMs: number, ask: Partial<Request['ask']> = {}): RequestIn<'open'> {
  const grant = { groupId: 'sg-1', startedAtMs: NOW - HOUR, openByMs: NOW, endsAtMs };
  const request = inPhase('open', { grant }, ask);
  if (!isIn(request, 'open')) throw new Error('not open');
  return request;
}

describe('a follow-up', () => {
  const first = openUntil(NOW + HOUR);
  const second = openUntil(NOW + 2 * HOUR, { follows: following(first), durationMs: HOUR });

  test('lasts from the first opening of its chain to the end that is asked for', () => {
    expect(following(first)).toEqual({ id: first.id, sinceMs: NOW - HOUR, endsAtMs: NOW + HOUR });
    expect(wholeMs(second.ask)).toBe(3 * HOUR);
    expect(following(second)).toMatchObject({ sinceMs: NOW - HOUR, endsAtMs: NOW + 2 * HOUR });
    expect(wholeMs(first.ask)).toBe(first.ask.durationMs);
  });

  test('knows that an approver shortened the access that it follows, or an earlier one of its chain', () => {
    const shortened = { fromMs: 2 * HOUR, by: 'U0MARIA' };
    const made = following(openUntil(NOW + HOUR, { shortened }));
    expect(made).toMatchObject({ shortened: true });
    expect(following(openUntil(NOW + HOUR, { follows: made }))).toMatchObject({ shortened: true });
  });

  test('begins a chain of its own once it stands alone', () => {
    const alone = onItsOwn({
      ...second,
      phase: { ...second.phase, grant: { ...second.phase.grant, startedAtMs: NOW } },
    });
    expect(following(alone)).toMatchObject({ sinceMs: NOW });
  });
});

const [id] = [openUntil(NOW).id];
test.each<[string, Request | undefined, Followed['now']]>([
  ['is open', openUntil(NOW + 1), 'open'],
  ['is open, and its time is over', openUntil(NOW), 'over'],
  ['closes since its time is over', inPhase('closing'), 'over'],
  ['has ended by its time', inPhase('ended'), 'over'],
  ['was ended by somebody', inPhase('ended: revoked'), 'ended'],
  ['was removed at AWS', inPhase('ended: removed-outside'), 'ended'],
  ['lost its WorkSpace', inPhase('ended: terminated'), 'ended'],
  ['moved', inPhase('ended: moved'), 'ended'],
  ['lost its requester', inPhase('ended: deactivated'), 'ended'],
  ['was continued by another one', inPhase('ended: continued'), 'ended'],
  ['went back to before its opening', inPhase('pending'), 'lost'],
  ['is not in the store', undefined, 'lost'],
])('how a follow-up sees the access that it follows and that %s', (_, followed, now) => {
  expect(standingOf(followed, NOW).now).toBe(now);
});

test('a move keeps the end of the access that it moves, lapses at that end, and adds no time', () => {
  const first = openUntil(NOW + HOUR);
  const follows = following(first, 'moves');
  const { ask } = openUntil(NOW + HOUR, { follows });
  expect(follows).toMatchObject({ id: first.id, endsAtMs: NOW + HOUR, movesFrom: '203.0.113.25/32' });
  expect(wholeMs(ask)).toBe(NOW + HOUR - follows.sinceMs);
  expect(endOf(ask, NOW)).toBe(NOW + HOUR);
  expect([lapseOf(ask, NOW + 4 * HOUR), lapseOf(ask, NOW)]).toEqual([NOW + HOUR, NOW]);
  expect([followUpOf(ask), followUpOf(first.ask)]).toEqual(['moves', undefined]);
});

test('access can be moved to another address, and not to the address that it has', () => {
  const open = openUntil(NOW + HOUR);
  const to = (source: string) => whyNotFollowed(open, open.ask.requester, { what: 'moves', source });
  expect(to('203.0.113.26/32')).toBeUndefined();
  expect(to('203.0.113.25/32')).toBe(`${open.id} is open from 203.0.113.25 already.`);
});

test('the requests of a chain count as one', () => {
  const first = { ...openUntil(NOW + HOUR), id: 'A2222' };
  const second = { ...openUntil(NOW + 2 * HOUR, { follows: following(first) }), id: 'B2222' };
  const other = { ...openUntil(NOW + HOUR), id: 'C2222' };
  expect(firstOfEachChain([first, second, other]).map((one) => one.id)).toEqual(['A2222', 'C2222']);
  expect(firstOfEachChain([second, other])).toHaveLength(2);
  expect(firstOfEachChain([first, onItsOwn(second)])).toHaveLength(2);
  expect(notTakenOver([first, second, other]).map((one) => one.id)).toEqual(['B2222', 'C2222']);
  const waits = { ...inPhase('pending', {}, { follows: following(first) }), id: 'B2222' };
  expect(notTakenOver([first, waits])).toHaveLength(2);
  expect([isOneChain(first, second), isOneChain(second, first), isOneChain(first, other)]).toEqual([
    true,
    true,
    false,
  ]);
});

test.each<[string, Request, RegExp | undefined]>([
  ['is open', openUntil(NOW + HOUR), undefined],
  ['waits for an answer', inPhase('pending'), /is not open yet, so there is nothing to extend\.$/],
  ['is opening', inPhase('opening'), /is still opening\. Extend it once it is open\.$/],
  ['closes', inPhase('closing'), /is over\. Ask for new access instead\.$/],
  ['has ended', inPhase('ended'), /is over\. Ask for new access instead\.$/],
  ['goes on as another one', inPhase('ended: continued'), /goes on as M3XYZ\. Extend that one\.$/],
  ['closes, and goes on as another one', inPhase('closing, continued'), /goes on as M3XYZ\./],
  ['was adopted', inPhase('open', { adopted: true }), /after my storage was lost, so I can’t extend it\./],
])('whether a request that %s can be extended', (_, request, sentence) => {
  const said = whyNotFollowed(request, request.ask.requester, { what: 'extends' });
  if (sentence) expect(said).toMatch(sentence);
  else expect(said).toBeUndefined();
  expect(whyNotFollowed(request, 'U0OTHER', { what: 'extends' })).toBe(
    `Only <@${request.ask.requester}> can ask for more time for ${id}.`,
  );
});
