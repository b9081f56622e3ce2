import { describe, expect, test } from '@jest/globals';
import { checkMessageBlocks, checkView } from '../../../sandbox/slack/block-kit/check.js';
import type { Facts } from '../../../src/access/request/facts.js';
import type { Phase, Request, Target } from '../../../src/access/request/request.js';
import { stoppedReply, whichToEndReply } from '../../../src/slack/answering/commands/end.js';
import { listReply } from '../../../src/slack/answering/commands/list.js';
import { unclearReply } from '../../../src/slack/answering/commands/replies.js';
import { problemsReply } from '../../../src/slack/answering/commands/request.js';
import { render } from '../../../src/slack/connection/messenger.js';
import { directoryFacts, facts, HOSTILE, homeWith, phases, requestIn } from '../../slack/requests.js';

/** A text that is longer than any limit of a card, and that grows when it is escaped. */
const LONG = `${HOSTILE}&<>\u{1F600}`.repeat(60);
const MANY = Array.from({ length: 200 }, (_, n) => `U${String(n).padStart(9, '0')}`);

const longFacts: Facts = {
  ...directoryFacts,
  desktops: Array.from({ length: 500 }, (_, n) => ({
    ...(facts.desktops[0] ?? fail()),
    workspaceId: `ws-${'x'.repeat(60)}${n}`,
    userName: LONG,
    operatingSystem: LONG.toUpperCase(),
  })),
  netbios: LONG,
  loginName: LONG,
  reach: 1_000_000,
  group: { kind: 'existing', groupId: LONG },
};

function fail(): never {
  throw new Error('the fixture has no WorkSpace');
}

/** A request in each state, with every text and list in it as long as the world can make them. */
function stretched(phase: Phase): Phase {
  if (!('need' in phase) || !phase.need) return phase;
  const asked = { kind: 'any-of' as const, users: MANY, count: 2 };
  const parts = [{ asked, people: MANY }];
  const asks = { ...phase.need.asks, approvers: MANY, parts };
  const need = { ...phase.need, rule: LONG, asks };
  return { ...phase, need };
}

const targets: Target[] = [
  { kind: 'directory', directoryId: `d-${'0'.repeat(60)}` },
  { kind: 'workspace', workspaceId: `ws-${'0'.repeat(60)}` },
];
const states = targets.flatMap((target) =>
  Object.entries(phases(longFacts, LONG)).map(([name, phase]) => ({ name, phase, target })),
);
const requests = states.map(({ name, phase, target }): [string, Request] => [
  `${name}, ${target.kind}`,
  requestIn(stretched(phase), {
    reason: LONG,
    command: `/${'c'.repeat(30)}`,
    target,
  }),
]);
const pause = { kind: 'by' as const, by: 'UADA000001', sinceMs: 0 };
const every = requests.map(([, request]) => request);
const crowd = [...every, ...every, ...every, ...every];

describe('with the longest texts that the world can make, Slack takes', () => {
  test.each(requests)('every card: %s', (_, request) => {
    for (const surface of ['access', 'approval', 'alert', 'owner'] as const) {
      for (const folded of [false, true]) {
        const { text, blocks } = render({ surface, request, folded, viewer: 'UMARIA0001' });
        expect(checkMessageBlocks(blocks)).toMatchObject({ ok: true });
        expect(text.length).toBeLessThanOrEqual(300);
        expect(text.trim()).not.toBe('');
      }
    }
  });

  test.each(requests)('Home and the answer to end: %s', (_, request) => {
    expect(checkView(homeWith([request], { userId: 'UMARIA0001' }))).toMatchObject({ ok: true });
    expect(checkMessageBlocks(stoppedReply(request, request.ask.requester).blocks)).toMatchObject({
      ok: true,
    });
  });

  test.each([
    ['a list', listReply('/c', crowd)],
    ['a list for admins', listReply('/c', crowd, { others: { requests: crowd, total: 3_000 } })],
    ['the question which request to end', whichToEndReply('/c', crowd)],
    ['a sentence about a typed command', unclearReply('/c', LONG, LONG.repeat(30))],
    [
      'problems',
      problemsReply(
        [{ field: 'reason', sentence: LONG }],
        { command: '/c', target: LONG, source: LONG, duration: LONG, reason: LONG },
        LONG.repeat(10),
      ),
    ],
  ])('%s', (_, { text, blocks }) => {
    expect(checkMessageBlocks(blocks)).toMatchObject({ ok: true });
    expect(text.length).toBeLessThanOrEqual(3000);
  });

  test.each([0, 1, 7, 10_000])('Home with hundreds of requests in each list, on page %i', (page) => {
    const hundreds = Array.from({ length: 8 }, () => crowd).flat();
    const pages = { waits: page, own: page, others: page };
    const home = homeWith(hundreds, { userId: 'UMARIA0001', pages }, { unread: 2_000, pause });
    expect(hundreds.length).toBeGreaterThan(500);
    expect(checkView(home)).toMatchObject({ ok: true });
    // Slack answers `view_too_large` above that.
    expect(Buffer.byteLength(JSON.stringify(home))).toBeLessThan(250_000);
  });
});
