import { describe, expect, test } from '@jest/globals';
import { checkMessageBlocks } from '../../../sandbox/slack/block-kit/check.js';
import { pings } from '../../../sandbox/slack/reading/plain.js';
import type { Facts } from '../../../src/access/request/facts.js';
import { askingNobody } from '../../../src/access/request/needs.js';
import type { Request } from '../../../src/access/request/request.js';
import { stoppedReply } from '../../../src/slack/answering/commands/end.js';
import { BUTTONS } from '../../../src/slack/answering/table.js';
import { render } from '../../../src/slack/connection/messenger.js';
import { foldedCard, type Rendered } from '../../../src/slack/words/blocks.js';
import { ACTION } from '../../../src/slack/words/ids.js';
import { summary } from '../../../src/slack/words/states.js';
import type { Card } from '../../../src/workflow/ports.js';
import { directoryFacts, facts, HOSTILE, manyId, NOW, need, phases, requestIn } from '../requests.js';

const besides = {
  shown: [
    { id: 'M3XYZ', of: 'ws-janedoe01', source: '203.0.113.7/32', same: true, endsAtMs: NOW + 3_600_000 },
    { id: 'Q2QQQ', of: 'ws-janedoe01', source: '203.0.113.8/32', same: true },
  ],
  more: 2,
};

function fail(): never {
  throw new Error('no such phase');
}

const SURFACES: Card['surface'][] = ['access', 'approval', 'alert', 'owner'];
const FOLDED: Partial<Record<Card['surface'], string>> = {
  approval: "<@UJANE00001>'s request",
  owner: '<@UJANE00001> and your WorkSpace',
};
const PEOPLE = ['UJANE00001', 'UMARIA0001', 'UTOM000001'];

const DIRECTORY = { kind: 'directory' as const, directoryId: 'd-90670a1b2c' };
/** A directory of mixed operating systems with public addresses. Two more of its WorkSpaces could not be reached. */
const opened: Facts = {
  ...directoryFacts,
  skipped: 2,
  desktops: directoryFacts.desktops.map((desktop, n) => ({
    ...desktop,
    address: `198.51.100.${n}`,
    ...(n < 2 ? { operatingSystem: 'UBUNTU_22_04', stopsByItself: true } : {}),
  })),
};

function rendered(surface: Card['surface'], name: string, of: Facts, ask: Partial<Request['ask']> = {}) {
  const phase = phases(of)[name];
  if (!phase) throw new Error(`no phase ${name}`);
  return render({ surface, request: requestIn(phase, ask), folded: false, viewer: 'UMARIA0001' });
}

const card = (surface: Card['surface'], phase: string, ask: Partial<Request['ask']> = {}) =>
  rendered(surface, phase, facts, ask);

const directoryCard = (surface: Card['surface'], phase: string, of: Facts) =>
  rendered(surface, phase, of, { target: DIRECTORY });

const ofAnother = (surface: Card['surface'], phase: string) =>
  rendered(surface, phase, { ...facts, own: false });

const said = (rendered: Rendered): string =>
  JSON.stringify(rendered.blocks).replaceAll('\\\\', '\\').replaceAll('\\"', '"');

/** Every action_id in a message, at any depth. */
function actionIds(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(actionIds);
  if (typeof node !== 'object' || node === null) return [];
  const own = 'action_id' in node && typeof node.action_id === 'string' ? [node.action_id] : [];
  return [...own, ...Object.values(node).flatMap(actionIds)];
}

const LONG = `${HOSTILE} ${'&<> '.repeat(750)}`.slice(0, 3000);
const asks = {
  'one WorkSpace': [facts, {}],
  'a directory': [directoryFacts, { target: DIRECTORY }],
  'part of a directory, under a name that no shell takes': [
    { ...opened, loginName: 'o`neil & <co>' },
    { target: DIRECTORY },
  ],
  'a name that no shell takes': [{ ...facts, loginName: 'o`neil & <co>' }, {}],
  'a hostile reason': [facts, { reason: HOSTILE }],
  'a reason of 3,000 characters': [facts, { reason: LONG }],
} satisfies Record<string, [Facts, Partial<Request['ask']>]>;

describe.each(Object.entries(asks))('the cards for %s', (_, [of, ask]) => {
  describe.each(Object.entries(phases(of, HOSTILE)))('%s', (_name, phase) => {
    test.each(SURFACES.flatMap((surface) => [[surface, false] as const, [surface, true] as const]))(
      'Slack takes the %s card (folded: %s), the card calls no channel, and each of its buttons has a function',
      (surface, folded) => {
        const rendered = render({ surface, request: requestIn(phase, ask), folded, viewer: 'UMARIA0001' });
        const checked = checkMessageBlocks(rendered.blocks);
        expect(checked).toMatchObject({ ok: true });
        if (!checked.ok) return;
        const named = pings({ text: rendered.text, blocks: checked.value });
        // The workflow's own sentences may mention people; no sentence or reason may call a channel.
        expect(named.filter((who) => !PEOPLE.includes(who) && who !== 'U0000000099')).toEqual([]);
        expect(rendered.text).not.toMatch(/ssh "|CORP\\|198\.51\.100\.7/);
        expect(rendered.text.length).toBeLessThanOrEqual(300);
        expect(actionIds(rendered.blocks).filter((id) => !Object.hasOwn(BUTTONS, id))).toEqual([]);
        // Nobody edits a folded card again: it claims nothing that could stop being true.
        if (folded) expect(rendered).toEqual(foldedCard('K7QF2', FOLDED[surface]));
      },
    );
  });
});

test.each(['closing, continued', 'ended: continued'])(
  'no card of access that goes on as another request says that access ended: %s',
  (phase) => {
    for (const surface of ['owner', 'approval'] as const) {
      const words = said(ofAnother(surface, phase));
      expect(words).toMatch(/(goes on|continued) as M3XYZ/);
      expect(words).not.toMatch(/ended|clos(ed|ing)/);
    }
    expect(summary(requestIn(phases(facts)[phase] ?? fail()))).toContain('Continued as M3XYZ');
  },
);

test('a requester who takes back a request for more time reads that the access goes on, and not that nothing was opened', () => {
  const follows = { id: 'A2AAA', sinceMs: NOW, endsAtMs: NOW + 3_600_000 };
  const taken = requestIn(phases(facts)['taken back'] ?? fail(), { follows });
  expect(stoppedReply(taken, taken.ask.requester).text).toBe(
    `*Taken back* · ${taken.id}. No time was added.`,
  );
});

test('a requester who takes back a move, or whose move came to nothing, reads which address holds', () => {
  const follows = { id: 'A2AAA', sinceMs: NOW, endsAtMs: NOW + 3_600_000, movesFrom: '203.0.113.7/32' };
  const taken = requestIn(phases(facts)['taken back'] ?? fail(), { follows });
  expect(stoppedReply(taken, taken.ask.requester).text).toBe(
    `*Taken back* · ${taken.id}. Nothing was moved.`,
  );
  expect(said(card('access', 'denied', { follows }))).toContain(
    'Nothing was moved: A2AAA keeps its address, 203.0.113.7.',
  );
  expect(said(card('access', 'already open', { follows }))).toContain(
    'A2AAA keeps its address, 203.0.113.7.',
  );
  // Unanswered until the access ended there is no address to keep.
  const untilThen = { ...follows, endsAtMs: NOW };
  expect(said(card('access', 'no answer', { follows }))).toContain('A2AAA keeps its address, 203.0.113.7.');
  expect(said(card('access', 'no answer', { follows: untilThen }))).toContain(
    'Nothing was moved: A2AAA has ended.',
  );
});

test.each([
  ['more time', {}, 'access.extend-form'],
  ['a move', { movesFrom: '203.0.113.7/32' }, 'access.move'],
])(
  '%s that came to nothing is offered again for the access that is open, and not as new access beside it',
  (_, more, form) => {
    const follows = { id: 'A2AAA', sinceMs: NOW, endsAtMs: NOW + 3_600_000, ...more };
    for (const phase of ['denied', 'no answer', 'taken back', 'refused']) {
      const shown = said(card('access', phase, { follows }));
      expect(shown).toContain(`"action_id":"${form}"`);
      expect(shown).toContain('"value":"{"id":"A2AAA"');
      // Of access that has ended there is nothing to extend or to move.
      const over = { ...follows, endsAtMs: NOW };
      expect(said(card('access', phase, { follows: over }))).not.toContain(form);
    }
    for (const phase of ['refused', 'failed'])
      expect(said(card('access', phase, { follows }))).toContain('This changed nothing about A2AAA.');
  },
);

test('the approver’s card names the rule of the policy that approved at once', () =>
  expect(said(card('approval', 'open by the policy'))).toContain('Approved by the policy (rule `own`)'));

test('an approver who said yes reads why the access is not open yet', () => {
  const stopped = { ...facts, desktops: facts.desktops.map((one) => ({ ...one, state: 'STOPPED' })) };
  const waiting = said(rendered('approval', 'waiting for the WorkSpace', stopped));
  expect(waiting).toContain('not open yet: the WorkSpace is stopped');
});

test('an approver of more time reads that its address is the one that is open', () => {
  const follows = { id: 'A2AAA', sinceMs: NOW, endsAtMs: NOW + 3_600_000 };
  expect(said(card('approval', 'pending', { follows }))).toContain('(one address, as before)');
  const moved = { follows: { ...follows, movesFrom: '203.0.113.7/32' } };
  expect(said(card('approval', 'pending', moved))).toContain('(one address, typed by hand)');
});

test('a card offers to extend or to move access that was open already, instead of one more request', () => {
  const shownWith = (offer: object) => {
    const shown = besides.shown.map((one) => (one.id === 'M3XYZ' ? { ...one, ...offer } : one));
    return said(rendered('access', 'pending', { ...facts, besides: { ...besides, shown } }));
  };
  expect(shownWith({ stepMs: 3_600_000 })).toContain('Extend M3XYZ instead');
  expect(shownWith({ movable: true })).toContain('Move M3XYZ instead');
  expect(shownWith({})).not.toContain('instead"');
});

describe('the requester’s card', () => {
  test('shows the ssh line, the limits and End now once access is open', () => {
    const open = said(card('access', 'open'));
    expect(open).toContain('`ssh "CORP\\jane@198.51.100.7"`');
    expect(open).toMatch(/ssh "CORP.*Only from 203\.0\.113\.25, only to ws-janedoe01\..*OpenSSH 10\.6/);
    expect(open).toMatch(/Only from .*PuTTY: host name/);
    expect(open).not.toContain('domain admins');
    expect(open).toContain('HostKeyAlias ws-janedoe01');
    expect(open).toContain('Amazon may stop this WorkSpace');
    expect(open).toContain(ACTION.end);
  });

  test('shows the ssh line in the warning too, since the warning folds the earlier card', () => {
    expect(said(card('access', 'warning'))).toContain('`ssh "CORP\\jane@198.51.100.7"`');
    const many = said(directoryCard('access', 'warning', opened));
    expect(many).toContain('reaches each of 40 WorkSpaces.');
    expect(many).toContain(`\`198.51.100.39\` ${manyId(39)}`);
  });

  test('shows every address of a directory, with all that a card for one WorkSpace shows', () => {
    const open = said(directoryCard('access', 'open', opened));
    expect(open).toContain(
      '`ssh "CORP\\jane@&lt;address of the WorkSpace&gt;"` reaches each of 40 WorkSpaces.',
    );
    for (const n of opened.desktops.keys()) expect(open).toContain(`\`198.51.100.${n}\` ${manyId(n)}`);
    expect(open).not.toContain('10.0.1.');
    expect(open).toContain('PuTTY: host name `CORP\\jane@&lt;address of the WorkSpace&gt;`');
    expect(open).toContain('Password: your Active Directory one. Where Ubuntu refuses it');
    expect(open.match(/Where Rocky Linux refuses it/g)).toHaveLength(1);
    expect(open).toContain('Amazon may stop 2 of these WorkSpaces');
    expect(open).toContain('only to 40 of 42 Linux WorkSpaces of d-90670a1b2c; 2 cannot be reached');
  });

  test('shows the private address where an older version of the bot recorded no other', () => {
    expect(said(directoryCard('access', 'open', directoryFacts))).toContain('`10.0.1.39` ws-many00039');
  });

  test('shows at most a hundred addresses', () => {
    const desktops = Array.from({ length: 35 }, () => directoryFacts.desktops).flat();
    const many = directoryCard('access', 'open', { ...directoryFacts, desktops, reach: 1400 });
    expect(checkMessageBlocks(many.blocks)).toMatchObject({ ok: true });
    expect(said(many)).toContain('and 1,300 more');
  });

  test('says how much of a directory is prepared, once a part of it is', () => {
    expect(said(directoryCard('access', 'opening', opened))).toContain('3 of 40 prepared');
    const phase = phases(opened).opening;
    if (phase?.state !== 'opening') throw new Error('not opening');
    const request = requestIn({ ...phase, attached: 0 }, { target: DIRECTORY });
    const first = render({ surface: 'access', request, folded: false, viewer: 'UJANE00001' });
    expect(said(first)).not.toContain('prepared');
  });

  test.each(['pending', 'open', 'already open'])('says that an open port is no login: %s', (phase) => {
    const words = said(ofAnother('access', phase));
    expect(words).toContain('only its owner and domain admins may log in');
    expect(said(card('access', phase))).not.toContain('domain admins');
  });

  test.each([
    ['open', 'approved by <@UMARIA0001>, who made it 2 h; you asked for 4 h', 'UMARIA0001'],
    ['open', 'approved by <@UMARIA0001>; <@UTOM000001> made it 2 h; you asked for 4 h', 'UTOM000001'],
    ['opening', 'who made it 2 h; you asked for 4 h', 'UMARIA0001'],
    ['late yes', 'Asked for 4 hours; <@UMARIA0001> made it 2 hours.', 'UMARIA0001'],
  ])('says of a request that is %s: %s', (phase, words, by) => {
    expect(said(card('access', phase, { shortened: { fromMs: 4 * 3_600_000, by } }))).toContain(words);
  });

  test.each([
    [
      'pending',
      '*Open already when you asked*',
      'that is enough, take this back. `/workspace-ssh list` shows how',
    ],
    ['open', 'You had asked for the same before', 'one is enough, end the others.'],
  ])('says of a second request for the same WorkSpace: %s', (phase, begins, way) => {
    const words = said(rendered('access', phase, { ...facts, besides: { ...besides, moreSame: 3 } }));
    expect(words.replaceAll(/<!date[^>]*>/g, 'T')).toContain(
      `${begins}: M3XYZ was open, from 203.0.113.7, until T; Q2QQQ was waiting, from 203.0.113.8; and 3 more. If ${way}`,
    );
    const other = { shown: besides.shown.map((one) => ({ ...one, same: false })), more: 0 };
    expect(said(rendered('access', phase, { ...facts, besides: other }))).not.toContain('before');
  });

  test('says that a shared rule still lets the source in', () => {
    const shared = said(card('access', 'ended, shared'));
    expect(shared).toContain('the rule of another request still lets');
    expect(shared).not.toContain('the rule is gone');
  });

  test('says that an open session may go on', () => {
    expect(said(card('access', 'ended'))).toContain('Close any SSH session that is still open');
    expect(said(card('access', 'warning'))).toContain('A session that is open may go on');
    // No session goes on to a WorkSpace that no longer exists.
    expect(said(card('access', 'ended: terminated'))).not.toContain('session');
  });

  test.each([
    ['ended late', '14 minutes late'],
    ['late yes', 'It lasts 2 hours from when you open it.'],
    ['warning', '10 minutes left'],
    ['not closed yet', 'I retry until it is gone'],
    ['closing, not opened', 'It did not work. Ask again.'],
    ['ended', 'I checked: the rule is gone, new connections from 203.0.113.25 are blocked.'],
    ['ended, unread', 'Whether another rule lets 203.0.113.25 in I could not read.'],
    ['ended, another rule', '`sgr-0123456789abcdef0` in `sg-0123456789abcdef0` lets 203.0.113.25 in as well'],
    [
      'ended, other rules',
      '5 other rules let 203.0.113.25 in as well: `sgr-0123456789abcdef0` in `sg-0123456789abcdef0`, `sgr-2` in `sg-2` (another request’s) and 3 more.',
    ],
    ['ended, part', 'lets some of 203.0.113.25 in as well'],
    ['ended, shared', 'the rule of another request still lets 203.0.113.25 in'],
    ['late yes', 'Open now from 203.0.113.25?'],
    ['waiting for AWS', 'AWS does not answer or asks me to slow down'],
    ['opening without AWS', 'AWS does not answer or asks me to slow down'],
    ['waiting for AWS', 'nothing is open and nobody is asked yet'],
    ['already open', 'I will not close it either'],
    [
      'its time has come, without AWS',
      'and its time has come, but AWS does not answer or asks me to slow down',
    ],
  ])('says of a request that is %s: %s', (phase, words) =>
    expect(said(card('access', phase))).toContain(words),
  );

  test('says of a move that waits for AWS which access stays open, and not that nothing is open', () => {
    const follows = { id: 'K7QF2', sinceMs: NOW, endsAtMs: NOW + 3_600_000, movesFrom: '203.0.113.7/32' };
    const words = said(card('access', 'waiting for AWS', { follows }));
    expect(words).toContain('K7QF2 stays open from 203.0.113.7 alone unless somebody says yes.');
    expect(words).not.toContain('nothing is open');
  });

  test('shows which addresses of a directory hold, and which of its WorkSpaces have none', () => {
    const [one, two, ...rest] = directoryFacts.desktops;
    if (!one || !two) throw new Error('the directory has too few WorkSpaces');
    const desktops = [{ ...one, away: 'stopped' as const }, { ...two, away: 'no-address' as const }, ...rest];
    const words = said(directoryCard('access', 'open', { ...directoryFacts, desktops }));
    expect(words).toContain(`stopped: ${one.workspaceId}`);
    expect(words).toContain(`without an address now: ${two.workspaceId}`);
  });

  test('speaks of removing a rule only where a grant ends, not where nothing could be opened', () => {
    expect(said(card('access', 'closing'))).toContain('I am removing the rule');
    expect(said(card('access', 'closing, not opened'))).not.toContain('removing');
  });

  test('has a counterpart for the admins that names the call which AWS refuses while a rule stays', () => {
    expect(said(card('alert', 'not closed yet, refused'))).toContain('`ec2:RevokeSecurityGroupIngress`');
  });

  test.each([
    ['checking', [ACTION.takeBack]],
    ['pending', [ACTION.takeBack, ACTION.nudge]],
    ['late yes', [ACTION.openNow, ACTION.notAnyMore]],
    ['opens later', [ACTION.takeBack]],
    ['opens soon', [ACTION.takeBack]],
    ['open', [ACTION.end]],
    ['warning', [ACTION.end]],
    ['closing', []],
    ['ended', [ACTION.form]],
    ['denied', [ACTION.form]],
  ])('of a request that is %s offers the buttons %j', (phase, ids) =>
    expect(actionIds(card('access', phase).blocks)).toEqual(ids),
  );
});

describe('the cards of access that is to open later', () => {
  const startsAtMs = NOW + 7 * 3_600_000;
  const words = (surface: Card['surface'], phase: string, later: Request['ask']['later'] = { startsAtMs }) =>
    said(card(surface, phase, { later })).replaceAll(/<!date\^(\d+)\^([^|]*)\|[^>]*>/g, (_, seconds, form) =>
      Number(seconds) * 1000 === startsAtMs ? `THEN(${form})` : 'T',
    );
  const THEN = 'THEN({date_short_pretty} at {time})';

  test.each<[Card['surface'], string, string]>([
    ['access', 'checking', `for 2 hours, to open ${THEN}`],
    ['access', 'pending', `for 2 hours, to open ${THEN}`],
    ['access', 'opens later', `*Opens ${THEN}* · approved by <@UMARIA0001> · K7QF2`],
    [
      'access',
      'opens later',
      'For 2 hours from 203.0.113.25, to ws-janedoe01. I look at everything again then.',
    ],
    ['access', 'opens soon', `*Soon*: opens ${THEN} · K7QF2`],
    ['approval', 'pending', `asks for SSH to their WorkSpace for 2 hours*, to open ${THEN} · K7QF2`],
    ['approval', 'opens later', `· opens ${THEN}`],
    ['approval', 'opens soon', `· opens ${THEN}`],
    ['approval', 'its time has come, without AWS', 'not open yet: AWS does not answer'],
  ])('the %s card of a request that is "%s" says: %s', (surface, phase, sentence) =>
    expect(words(surface, phase)).toContain(sentence),
  );

  test('a list names the time of a request, and the announcement on a phone does not', () => {
    const request = requestIn(phases()['opens later'] ?? fail(), { later: { startsAtMs } });
    expect(summary(request)).toMatch(/^K7QF2 · Opens <!date\^[^>]*> · ws-janedoe01 from 203\.0\.113\.25$/);
    const asked = requestIn(phases().pending ?? fail(), { later: { startsAtMs } });
    expect(summary(asked)).toMatch(/ from 203\.0\.113\.25, to open <!date\^[^>]*>$/);
    const announced = ['pending', 'opens later', 'opens soon'].map(
      (phase) => card(phase === 'pending' ? 'approval' : 'access', phase, { later: { startsAtMs } }).text,
    );
    expect(announced).toEqual([
      '<@UJANE00001> asks for SSH, 2 h, later: fixing the build, OPS-412',
      'Approved, opens later · K7QF2',
      'SSH opens soon · K7QF2',
    ]);
  });

  test('the approver’s card names no fallback that would be asked only after the request has closed', () => {
    const fallback = { atMs: NOW + 3_600_000, done: false, ask: [{ kind: 'admins' as const, count: 1 }] };
    const asks = (lapsesInMs: number) =>
      said(
        render({
          surface: 'approval',
          request: requestIn({
            state: 'pending',
            facts,
            need: { ...need, due: { fallback } },
            pendingAtMs: NOW,
            lapsesAtMs: NOW + lapsesInMs,
          }),
          folded: false,
          viewer: 'UMARIA0001',
        }),
      );
    expect(asks(3_600_001)).toContain('I ask admins too');
    expect(asks(3_600_000)).not.toContain('admins too');
    expect(asks(3_600_000)).toContain('It closes unanswered');
  });

  test('the requester reads the typed time while their time zone is not known, and which of two instants was taken', () => {
    expect(words('access', 'checking', { typed: { time: '22:00' } })).toContain('2 hours, to open at 22:00');
    expect(words('access', 'checking', { typed: { date: '2026-12-01', time: '07:30' } })).toContain(
      '2 hours, to open 2026-12-01 at 07:30',
    );
    const note = 'Clocks go back that night and show this time twice. I took the first one.';
    for (const phase of ['pending', 'opens later']) {
      expect(words('access', phase, { startsAtMs, twice: 'first' })).toContain(note);
      expect(words('access', phase)).not.toContain('Clocks');
    }
  });
});

test('no card says that new connections are blocked before the bot has looked', () => {
  for (const phase of Object.values(phases()))
    for (const surface of SURFACES) {
      const words = said(render({ surface, request: requestIn(phase), folded: false, viewer: 'UMARIA0001' }));
      const claims = words.replaceAll('whether new connections are blocked', '').includes('blocked');
      expect(claims).toBe(words.includes('I checked: the rule is gone, new connections from'));
    }
});

describe('a time whose token names the day', () => {
  const days = { askedAtMs: NOW - 48 * 3_600_000 };
  const fallback = { atMs: NOW + 3_600_000, done: false, ask: [{ kind: 'admins' as const, count: 1 }] };
  const waits = {
    state: 'pending' as const,
    facts,
    need: { ...need, due: { ...need.due, fallback } },
    pendingAtMs: NOW,
    lapsesAtMs: NOW + 4 * 3_600_000,
  };

  test('has no "at" before it on any card, since Slack shows "tomorrow at 18:26"', () => {
    for (const phase of [...Object.values(phases()), waits])
      for (const surface of SURFACES)
        expect(
          said(render({ surface, request: requestIn(phase, days), folded: false, viewer: 'UMARIA0001' })),
        ).not.toMatch(/\bat <!date\^\d+\^\{date/i);
  });

  test('stands in the same place as a time of today, which has an "at"', () => {
    const words = (ask: Partial<Request['ask']>) =>
      said(
        render({ surface: 'access', request: requestIn(waits, ask), folded: false, viewer: 'UJANE00001' }),
      ).replace(/<!date\^\d+\^([^|]*)\|[^>]*>/g, '$1');
    expect(words({})).toContain('I ask admins too at {time}; it closes unanswered at {time}.');
    const day = '{date_short_pretty} at {time}';
    expect(words(days)).toContain(`I ask admins too ${day}; it closes unanswered ${day}.`);
  });
});

describe('the approver’s card', () => {
  test('says who asks, whose WorkSpace it is, from where, why, how far the access reaches and until when', () => {
    const pending = card('approval', 'pending');
    const words = said(pending);
    expect(words).toContain('<@UJANE00001> asks for SSH to their WorkSpace for 2 hours');
    expect(words).toContain('"fixing the build, OPS-412"');
    expect(words).toContain(
      'From 203.0.113.25 (one address, typed by hand) · reaches 1 WorkSpace: ws-janedoe01, Ubuntu 22.04',
    );
    expect(words).toContain("You are asked as <@UJANE00001>'s manager.");
    expect(words).toContain('It closes unanswered at');
    expect(words).not.toContain('"confirm"');
    expect(pending.text).toBe('<@UJANE00001> asks for SSH, 2 h: fixing the build, OPS-412');
  });

  test('asks for a confirmation only where something is worth a second look', () => {
    const source = { cidr: '203.0.113.0/24', addresses: '256', isSingle: false };
    const wide = {
      ...requestIn({ state: 'refused', refusal: { sentence: '' }, atMs: 0 }).ask.source,
      ...source,
    };
    const words = said(card('approval', 'pending again', { source: wide }));
    expect(words).toContain('approved for 12 WorkSpaces, but would open 41 now');
    expect(words).toContain('Not <@UJANE00001>');
    expect(words).toContain('256 addresses');
    expect(words).toContain('"confirm"');
  });

  const ALL = [ACTION.approve, ACTION.deny, ACTION.approveShorter];
  test.each([
    ['whose yes is missing', 'UMARIA0001', ALL, 'You are asked because: rule *own*, 2 of @security'],
    ['who said yes', 'UTOM000001', [ACTION.deny], 'You said yes. It waits for <@UMARIA0001>.'],
    ['who may not decide any more', 'UADA000001', [], 'It waits for <@UMARIA0001>.'],
    ['in a channel, for everybody', 'C0ACCESS', ALL, '1 of 2: approved by <@UTOM000001>'],
  ])('offers only the decisions that would count, to somebody %s', (_, viewer, buttons, words) => {
    const request = requestIn(phases()['half approved'] ?? fail());
    const half = render({ surface: 'approval', request, folded: false, viewer });
    expect(actionIds(half.blocks)).toEqual(buttons);
    expect(said(half)).toContain(words);
  });

  test('offers every shorter time, in a select where an overflow menu has too little room, and asks with the whole warnings', () => {
    const shorterMs = Array.from({ length: 7 }, (_, n) => (n + 1) * 600_000);
    const group = { kind: 'existing' as const, groupId: `sg-${'0'.repeat(200)}` };
    const of = { ...facts, own: false, reach: 14, group };
    const phase = {
      state: 'pending' as const,
      facts: of,
      need: { ...need, asks: { ...need.asks, shorterMs } },
    };
    const request = requestIn({ ...phase, pendingAtMs: 0, lapsesAtMs: 1, reachWas: 2 });
    const { blocks } = render({ surface: 'approval', request, folded: false, viewer: 'UMARIA0001' });
    expect(checkMessageBlocks(blocks)).toMatchObject({ ok: true });
    const words = said({ text: '', blocks });
    for (const label of ['Approve 10 min', 'Approve 1 h 10 min']) expect(words).toContain(label);
    expect(words.match(/It was approved for 2 WorkSpaces[^"]*and 2 more, on the card/g)).toHaveLength(2);
    expect(words).toContain(":warning: Not <@UJANE00001>'s own WorkSpace (it is `jane`'s).");
  });

  test.each(['access', 'approval'] as const)(
    'says why approved access needs another yes (%s card)',
    (surface) => {
      const why = 'It was approved, but <@UTOM000001> may not decide any more: it needs a new yes.';
      expect(said(card(surface, 'pending once more'))).toContain(why);
      expect(said(card(surface, 'pending'))).not.toContain('needs a new yes');
    },
  );

  test('says which access the requester had open already, and until when', () => {
    const words = said(rendered('approval', 'pending', { ...facts, besides }));
    expect(words).toMatch(
      /<@UJANE00001> had access already when asking: ws-janedoe01 from 203\.0\.113\.7, until <!date[^>]*15:45 UTC> · M3XYZ; and 2 more/,
    );
    expect(words).not.toContain('Q2QQQ');
    expect(said(card('approval', 'pending'))).not.toContain('had access already');
  });

  test('names the owner of a WorkSpace, and says that perhaps nobody else can log in', () => {
    const words = said(ofAnother('approval', 'pending'));
    expect(words).toContain("to `jane`'s WorkSpace, ws-janedoe01, for 2 hours");
    const known = rendered('approval', 'pending', { ...facts, own: false, owner: 'UTOM000001' });
    expect(said(known)).toContain("to <@UTOM000001>'s WorkSpace, ws-janedoe01, for 2 hours");
    expect(words).toContain('only its owner and domain admins may log in');
    expect(said(card('approval', 'pending'))).not.toContain('domain admins');
  });

  test.each([
    ['about to open', ': it opens without asking.'],
    ['opening', ': it opens without asking.'],
    ['open', ': opened without asking. Press End access if it should not be.'],
    ['ended', ': opened without asking.'],
    ['pending again', ''],
    ['failed', ''],
    ['already open', ''],
  ])('says of an emergency that is %s: "%s"', (phase, words) => {
    const heading = said(card('approval', phase, { emergency: true }));
    expect(heading).toContain(`:rotating_light: *Emergency* <@UMARIA0001>${words}\\n*<@UJANE00001> asks`);
  });

  test('mentions in a channel everybody who is waited for, since only a mention notifies there', () => {
    const people = Array.from({ length: 7 }, (_, n) => `USEC00000${n}`);
    const asked = { kind: 'group' as const, group: '@security', count: 1 };
    const need = askingNobody('r');
    const reminded = {
      ...need,
      asks: { ...need.asks, approvers: people, parts: [{ asked, people }] },
      due: { remind: { atMs: 0, done: true } },
      hears: { ...need.hears, channel: 'C0ACCESS' },
    };
    const phase = { state: 'pending' as const, facts, need: reminded, pendingAtMs: 0, lapsesAtMs: 1 };
    const mentioned = (viewer: string) => {
      const words = said(render({ surface: 'approval', request: requestIn(phase), folded: false, viewer }));
      return people.filter((id) => words.includes(`<@${id}>`));
    };
    expect(mentioned('C0ACCESS')).toEqual(people);
    expect(mentioned('USEC000000')).toEqual(people.slice(0, 5));
  });

  test('says how many WorkSpaces of a directory would open', () => {
    const some = '40 of 42 Linux WorkSpaces of d-90670a1b2c';
    const words = said(directoryCard('approval', 'pending', opened));
    expect(words).toContain(`asks for SSH to ${some} for 2 hours`);
    expect(words).toContain(`Opens ${some}; 2 cannot be reached from 203.0.113.25 now.`);
    expect(said(directoryCard('approval', 'pending', directoryFacts))).toContain(
      'Opens all 40 Linux WorkSpaces of d-90670a1b2c.',
    );
  });

  test('says who decided and when, and offers to end the access while it is open', () => {
    const open = card('approval', 'open');
    expect(said(open)).toContain('Approved by <@UMARIA0001>');
    expect(actionIds(open.blocks)).toEqual([ACTION.endOther]);
    expect(actionIds(card('approval', 'denied').blocks)).toEqual([]);
  });
});
