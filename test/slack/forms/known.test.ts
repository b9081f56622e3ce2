/** The form before anything is sent: it knows earlier requests, and says who will be asked. */
import { describe, expect, test } from '@jest/globals';
import { checkView } from '../../../sandbox/slack/block-kit/check.js';
import type { Desktop } from '../../../src/access/connecting/found.js';
import { readSource } from '../../../src/access/reading/source.js';
import { isIn, type Phase, type Request } from '../../../src/access/request/request.js';
import { knownFrom } from '../../../src/slack/forms/known-requests.js';
import { requestForm } from '../../../src/slack/forms/request-form.js';
import { readSourceText, sourceShownAt, withAddress } from '../../../src/slack/forms/source-fields.js';
import { readTime, withTime } from '../../../src/slack/forms/time-fields.js';
import { foreseenWords } from '../../../src/slack/words/foreseen-words.js';
import { checkAsk, type Typed } from '../../../src/workflow/asking/check-ask.js';
import { askToFollow, type Wanted } from '../../../src/workflow/asking/check-follow-up.js';
import { type Draft, foresee, foreseeFollowUp } from '../../../src/workflow/deciding/foresee.js';
import { policyOf } from '../../policy-file/policies.js';
import { fakeParts, policy } from '../parts.js';
import { NOW, phases, requestIn } from '../requests.js';

const HOUR = 3_600_000;
const networks = [
  { name: 'Office', cidr: '198.51.100.0/24' },
  { name: 'VPN', cidr: '10.8.0.0/16' },
];
const withNetworks = { ...policy, limits: { ...policy.limits, networks } };

const phase = (name: string): Phase => phases()[name] ?? fail();
function fail(): never {
  throw new Error('no such phase');
}
function from(cidr: string, of: Phase, ask: Partial<Request['ask']> = {}): Request {
  const { limits } = policy;
  const reading = readSource(cidr, limits.sources);
  if (!reading.ok) throw new Error(reading.sentence);
  return requestIn(of, { source: reading.source, ...ask });
}

describe('of earlier requests the form knows', () => {
  const ended = phase('ended');
  const endedAtMs = NOW + 2 * HOUR;

  test.each([
    [0, 'less than an hour ago'],
    [59 * 60_000, 'less than an hour ago'],
    [HOUR, '1 hour ago'],
    [23.5 * HOUR, '23 hours ago'],
    [47 * HOUR, '1 day ago'],
    [75 * HOUR, '3 days ago'],
  ])('the address that was used last, %d ms later as "%s"', (laterMs, ago) => {
    const known = knownFrom(policy, [from('203.0.113.25', ended)], endedAtMs + laterMs + 1);
    expect(known.address).toEqual({ text: '203.0.113.25', ago });
  });

  test('that an address is in use now, and no address that never opened, that the policy refuses, or that is a whole network', () => {
    const addressOf = (...requests: Request[]) => knownFrom(policy, requests, NOW).address?.text;
    expect(knownFrom(policy, [from('203.0.113.25', phase('open'))], NOW).address?.ago).toBe('now');
    for (const never of ['pending', 'denied', 'refused', 'taken back', 'failed'])
      expect(addressOf(from('203.0.113.26', phase(never)), from('203.0.113.25', ended))).toBe('203.0.113.25');
    const network = { network: { name: 'Office', whole: true } };
    expect(addressOf(from('203.0.113.0/24', phase('open'), network))).toBeUndefined();
    const strict = {
      ...policy,
      limits: { ...policy.limits, sources: { ...policy.limits.sources, widestIpv4: 32 } },
    };
    expect(knownFrom(strict, [from('203.0.113.0/28', ended)], NOW).address).toBeUndefined();
  });

  test('the WorkSpace and the duration of the last request that opened, and chooses them', () => {
    const requests = [
      from('203.0.113.26', phase('denied'), { durationMs: 3 * HOUR }),
      from('203.0.113.25', ended, { target: { kind: 'own' }, durationMs: HOUR }),
    ];
    const known = knownFrom(policy, requests, NOW);
    // The duration of an extension is only the time that was added.
    const follows = { id: 'K7QF2', sinceMs: NOW, endsAtMs: NOW + HOUR };
    const extension = from('203.0.113.25', ended, { durationMs: HOUR / 4, follows });
    expect(knownFrom(policy, [extension, ...requests], NOW)).toMatchObject({ durationMs: HOUR });
    // A move is asked for again from where the person is now.
    const moved = from('203.0.113.99', ended, {
      ...{ durationMs: HOUR / 2, follows: { ...follows, movesFrom: '203.0.113.25/32' } },
    });
    expect(knownFrom(policy, [extension, moved, ...requests], NOW)).toMatchObject({ durationMs: HOUR / 2 });
    expect(known).toMatchObject({ workspaceId: 'ws-janedoe01', durationMs: HOUR });
    const two = { desktops: ['ws-other0001', 'ws-janedoe01'].map(desktop) };
    const text = JSON.stringify(requestForm(policy, {}, two, { known }));
    expect(text).toMatch(/"initial_option":{"text":{[^}]*ws-janedoe01/);
    expect(text).toMatch(/"initial_option":{"text":{[^}]*"1 h"/);
    // A WorkSpace or a duration that somebody named counts before the last one.
    const named = JSON.stringify(
      requestForm(policy, { target: 'ws-tom000001', duration: '2h' }, two, { known }),
    );
    expect(named).not.toMatch(/"initial_option":{"text":{[^}]*ws-janedoe01/);
    expect(named).toMatch(/"initial_option":{"text":{[^}]*"2 h"/);
  });
});

describe('the field for where the requester connects from', () => {
  const known = { address: { text: '203.0.113.25', ago: '1 day ago' } };
  const form = (filled = {}, more = {}) =>
    requestForm(withNetworks, filled, { desktops: [desktop('ws-janedoe01')] }, { known, ...more });
  test('is one choice of the named networks, the address used last, and another address', () => {
    const options = [...JSON.stringify(form()).matchAll(/"text":"([^"]*)"},"value":"([^"]*)"/g)];
    expect(options.slice(0, 4).map(([, text]) => text)).toEqual([
      'Office · 198.51.100.0/24',
      'VPN · 10.8.0.0/16',
      'Last used: 203.0.113.25, 1 day ago',
      'Another address',
    ]);
    expect(form().blocks[0]).toMatchObject({ block_id: 'network', dispatch_action: true });
    expect(JSON.stringify(form().blocks[0])).not.toContain('initial_option');
    expect(JSON.stringify(form())).not.toContain('"optional":true');
  });

  test.each([
    [{}, undefined, false],
    [{ source: 'office' }, 'Office', false],
    [{ source: '203.0.113.25' }, '203.0.113.25', false],
    [{ source: '203.0.113.99' }, '+another', true],
    [{ source: 'my laptop' }, '+another', true],
  ])('opens filled in with %j', (filled, chosen, hasField) => {
    const [choice, field] = form(filled).blocks;
    expect(JSON.stringify(choice).includes('"initial_option"')).toBe(chosen !== undefined);
    if (chosen) expect(JSON.stringify(choice).split('"initial_option"')[1]).toContain(`"value":"${chosen}"`);
    expect(field?.block_id === 'source').toBe(hasField);
  });

  test('is a required text field alone where there is nothing to choose from', () => {
    const [first, second] = requestForm(policy, {}, 'looking').blocks;
    expect([first?.block_id, first && 'optional' in first, second?.type]).toEqual([
      'source',
      false,
      'context',
    ]);
  });

  test('shows and hides its text field for an address, also in a form as Slack sends it back', () => {
    const { blocks } = form();
    const chosen = (value: string) => ({ network: { network: { selected_option: { value } } } });
    const more = withAddress(blocks, chosen('+another'));
    expect(more.map(({ block_id }) => block_id).slice(0, 2)).toEqual(['network', 'source']);
    expect(checkView({ ...form(), blocks: more })).toMatchObject({ ok: true });
    expect(withAddress(more, chosen('+another'))).toEqual(more);
    expect(withAddress(more, chosen('Office'))).toEqual(blocks);
    // Where there is no choice, the field stands alone.
    const alone = requestForm(policy, {}, 'looking').blocks;
    expect(withAddress(alone, {})).toEqual(alone);
  });

  test.each([
    ['a choice', 'Office', '203.0.113.99', 'Office', ['network', 'source']],
    ['another address', '+another', '203.0.113.99', '203.0.113.99', ['source', 'network']],
    ['another address before its field is there', '+another', undefined, undefined, ['source', 'network']],
    ['a field alone', undefined, '203.0.113.99', '203.0.113.99', ['source', 'network']],
  ])('is read from %s', (_, chosen, typed, read, shownAt) => {
    const values = {
      network: { network: { selected_option: chosen ? { value: chosen } : null } },
      source: { source: { value: typed ?? null } },
    };
    expect(readSourceText(values)).toBe(read);
    expect(sourceShownAt(values)).toEqual(shownAt);
  });
});

describe('the field for when access is to open', () => {
  const startsAtMs = NOW + 3 * HOUR;
  const form = (filled = {}, more = {}) =>
    requestForm(policy, filled, { desktops: [desktop('ws-janedoe01')] }, more);
  const fields = (view: ReturnType<typeof form>) => view.blocks.map(({ block_id }) => block_id);

  test('says now, unless the requester chooses a time, for which a second field appears and goes again', () => {
    expect(JSON.stringify(form())).toMatch(/"initial_option":{[^}]*"Now, as soon as it is approved"/);
    expect(fields(form())).not.toContain('starts-at');
    const { blocks } = form();
    const chosen = (value: string) => ({ when: { when: { selected_option: { value } } } });
    const more = withTime(blocks, chosen('later'));
    expect(fields({ ...form(), blocks: more }).slice(-4)).toEqual([
      'when',
      'starts-at',
      'duration',
      'reason',
    ]);
    expect(checkView({ ...form(), blocks: more })).toMatchObject({ ok: true });
    expect(withTime(more, chosen('later'))).toEqual(more);
    expect(withTime(more, chosen('now'))).toEqual(blocks);
    // A choice that nobody touched may be missing from the form that Slack sends.
    expect(withTime(more, {})).toEqual(more);
    // A choice stays while the form is filled in.
    expect(fields(form({}, { timeIs: 'shown' }))).toContain('starts-at');
    expect(fields(form({ startsAtMs }, { timeIs: 'hidden' }))).not.toContain('starts-at');
  });

  test('is filled in where the instant is known, and left to choose where only typed words are known', () => {
    const known = form({ startsAtMs });
    expect(JSON.stringify(known)).toContain(`"initial_date_time":${startsAtMs / 1000}`);
    const typed = form({ start: { time: '22:00' } });
    expect(fields(typed)).toContain('starts-at');
    expect(JSON.stringify(typed)).not.toContain('initial_date_time');
    for (const view of [known, typed]) {
      expect(checkView(view)).toMatchObject({ ok: true });
      expect(JSON.stringify(view)).toMatch(/"initial_option":{[^}]*"At a date and time"/);
    }
  });

  const values = (chosen: string | undefined, seconds?: number | null) => ({
    when: { when: { selected_option: chosen === undefined ? null : { value: chosen } } },
    ...(seconds === undefined ? {} : { 'starts-at': { 'starts-at': { selected_date_time: seconds } } }),
  });
  test.each([
    ['now', values('now'), {}],
    ['now, with a field that is about to go', values('now', 1_800_000_000), {}],
    ['nothing, by a form of a version before', {}, {}],
    ['a time', values('later', 1_800_000_000), { later: { startsAtMs: 1_800_000_000_000 } }],
    ['a time, before its field is there', values('later'), { noTime: true }],
    ['a time, with an empty field', values('later', null), { noTime: true }],
  ])('is read from %s', (_, given, read) => expect(readTime(given)).toEqual(read));

  test.each<[string, Partial<Typed>, string | undefined]>([
    ['in a minute', { later: { startsAtMs: NOW + 60_000 } }, undefined],
    ['in seven days', { later: { startsAtMs: NOW + 168 * HOUR } }, undefined],
    ['at a time that is not known yet', { later: { typed: { time: '22:00' } } }, undefined],
    ['now', { later: { startsAtMs: NOW } }, 'That time has passed. Choose a later one, or now.'],
    [
      'in seven days and a minute',
      { later: { startsAtMs: NOW + 168 * HOUR + 60_000 } },
      'The policy allows at most 7 days ahead. Ask for an earlier time.',
    ],
    ['at no time', { noTime: true }, 'Choose a date and a time, or now.'],
    [
      'in an emergency',
      { later: { startsAtMs }, emergency: true },
      'An emergency opens at once. Leave the time out, or ask without `emergency`.',
    ],
  ])('is checked: %s', (_, typed, sentence) => {
    const asked = { targetText: 'ws-janedoe01', sourceText: '203.0.113.25', reason: 'fixing', ...typed };
    const checked = checkAsk(policy, asked, { requester: 'U0JANE', atMs: NOW });
    if (sentence === undefined) expect(checked).toMatchObject({ ok: true, ask: { later: typed.later } });
    else expect(checked).toEqual({ ok: false, problems: [{ field: 'start', sentence }] });
  });

  test('decides which rules hold: the rules at that time, and not the rules now', () => {
    const hours = policyOf(
      'rules: [{ name: own, target: own, when: { days: mon-fri, hours: 09:00-17:00, time-zone: UTC }, ask: [admins] }]',
    );
    const at = (iso: string) => {
      const asked = { sourceText: '203.0.113.25', reason: 'fixing', later: { startsAtMs: Date.parse(iso) } };
      return checkAsk(hours, asked, { requester: 'U0JANE', atMs: Date.parse('2026-11-29T12:00Z') });
    };
    expect(at('2026-11-30T10:00Z')).toMatchObject({ ok: true });
    expect(at('2026-11-30T20:00Z')).toEqual({
      ok: false,
      problems: [
        {
          field: 'start',
          sentence:
            'The policy does not allow this at that time: mon 20:00 in UTC is outside of mon-fri 09:00-17:00. Ask for another time.',
        },
      ],
    });
  });
});

describe('the form says who will be asked', () => {
  const own = 'target: own';
  const draft: Draft = {
    requester: 'U0JANE',
    of: [desktop('ws-janedoe01')],
    source: undefined,
    durationsMs: [HOUR, 2 * HOUR],
    emergency: false,
  };
  const HOURS = 'when: { days: mon-fri, hours: 09:00-17:00, time-zone: UTC }';
  const OTHER = ' For other choices than these it may be different.';

  test.each<[rules: string, draft: Partial<Draft>, words: string | undefined]>([
    [`{ name: a, ${own}, ask: [manager] }`, {}, '*<@U0MARIA> will be asked*.'],
    [
      `{ name: a, ${own}, ask: [manager, '2 of @security'] }`,
      {},
      '*<@U0MARIA> and 2 of @security will be asked*.',
    ],
    [
      `{ name: a, ${own}, ask: [{ any-of: [U0TOM, U0SAM] }] }`,
      {},
      '*any of <@U0TOM> and <@U0SAM> will be asked*.',
    ],
    [
      `{ name: a, ${own}, ask: [admins], notify: { channel: C0ACCESS } }`,
      {},
      '*admins will be asked* in <#C0ACCESS>.',
    ],
    [
      `{ name: a, ${own}, up-to: 1h, ask: [manager] }, { name: b, ${own}, ask: [admins] }`,
      {},
      `*<@U0MARIA> will be asked*.${OTHER}`,
    ],
    [`{ name: a, ${own}, approve: at-once }`, {}, '*Nobody will be asked*: the policy lets it open.'],
    [`{ name: a, ${own}, refuse: Not on <Mondays>. }`, {}, '*Not allowed*: Not on &lt;Mondays&gt;.'],
    [
      `{ name: a, ${own}, source: private, ask: [manager] }, { name: b, ${own}, ask: [admins] }`,
      {},
      'Who will be asked depends on where you connect from.',
    ],
    [
      `{ name: a, ${own}, source: private, ask: [manager] }, { name: b, ${own}, ask: [admins] }`,
      { source: { cidr: '10.8.0.7/32', isPrivate: true } },
      `*<@U0MARIA> will be asked*.${OTHER}`,
    ],
    [
      `{ name: a, ${own}, ask: [manager], fallback: { after: 1h, ask: [admins] } }`,
      { requester: 'U0NOBODY' },
      '*<@U0ADA> will be asked*.',
    ],
    [
      `{ name: a, ${own}, ask: [manager], fallback: { after: 1h, ask: ['@security'] } }`,
      { requester: 'U0NOBODY' },
      '*Whoever decides instead of a manager will be asked*.',
    ],
    [
      `{ name: a, ${own}, ask: [manager] }`,
      { requester: 'U0NOBODY' },
      '*Not allowed*: I find no manager of yours who may approve. Ask an admin.',
    ],
    // The form says nothing while it is not known who will be asked.
    [`{ name: a, target: { tags: { env: [prod] } }, ask: [manager] }`, {}, undefined],
    [
      `{ name: a, ${own}, ask: [manager] }`,
      { of: { kind: 'workspace', workspaceId: 'ws-tombecker1' } },
      undefined,
    ],
    [`{ name: a, ${own}, ask: [manager] }`, { of: [] }, undefined],
    [
      `{ name: a, target: { is: any, workspace: ws-janedoe01 }, ask: [manager] }, { name: b, target: any, ask: [admins] }`,
      { of: [desktop('ws-janedoe01'), desktop('ws-janedoe02')] },
      undefined,
    ],
    [
      `{ name: a, target: directory, ask: [admins] }`,
      { of: { kind: 'directory', directoryId: 'd-90670a1b2c' } },
      '*admins will be asked*.',
    ],
    [
      `{ name: a, ${own}, ${HOURS}, ask: [manager] }, { name: b, ${own}, ask: [admins] }`,
      { atMs: Date.parse('2026-11-30T10:00Z') },
      `*<@U0MARIA> will be asked*.${OTHER}`,
    ],
    [
      `{ name: a, ${own}, ${HOURS}, ask: [manager] }, { name: b, ${own}, ask: [admins] }`,
      { atMs: Date.parse('2026-11-30T22:00Z') },
      `*admins will be asked*.${OTHER}`,
    ],
  ])('by %s of %j: %s', async (rules, more, words) => {
    const { parts } = fakeParts();
    const { managers, admins } = policy;
    const asked = { ...parts, policy: { ...policyOf(`rules: [${rules}]`), managers, admins } };
    expect(foreseenWords(await foresee(asked, { ...draft, ...more }))).toBe(words);
  });
});

describe('the form for more time or another address says who will be asked:', () => {
  const open = requestIn(phase('open, can be extended'));
  if (!isIn(open, 'open')) throw new Error('not open');
  const asking = (wanted: Wanted) => askToFollow(open, wanted, { atMs: NOW });
  const more = [HOUR, 4 * HOUR].map((durationMs) => asking({ what: 'extends', durationMs }));
  const move = [asking({ what: 'moves', source: open.ask.source })];
  const OTHERWISE = '{ name: b, target: own, ask: [manager] }';

  test.each<[what: string, asks: typeof more, rules: string, words: string]>([
    ['more time', more, OTHERWISE, '*<@UMARIA0001> will be asked*.'],
    [
      'more time, as far as the policy allows it by itself',
      more,
      `{ name: a, target: own, extends: true, up-to: 4h, approve: at-once }, ${OTHERWISE}`,
      '*Nobody will be asked*: the policy lets it open. For other choices than these it may be different.',
    ],
    ['another address', move, OTHERWISE, '*<@UMARIA0001> will be asked*.'],
    [
      'another address, where a rule goes by that',
      move,
      `{ name: a, target: own, moves: true, source: private, approve: at-once }, ${OTHERWISE}`,
      'Who will be asked depends on where you connect from.',
    ],
    [
      'a move that no rule allows',
      move,
      `{ name: a, target: own, moves: true, refuse: Not <here>. }, ${OTHERWISE}`,
      '*Not allowed*: Not &lt;here&gt;.',
    ],
  ])('%s', async (_, asks, rules, words) => {
    const { parts } = fakeParts();
    const inForce = { ...policy, rules: policyOf(`rules: [${rules}]`).rules };
    const foreseen = await foreseeFollowUp({ ...parts, policy: inForce }, asks, open.phase.facts);
    expect(foreseenWords(foreseen)).toBe(words);
  });
});

function desktop(workspaceId: string): Desktop {
  const rest = { state: 'AVAILABLE', operatingSystem: 'UBUNTU_22_04', stopsByItself: false };
  return { workspaceId, directoryId: 'd-90670a1b2c', userName: 'jane', ...rest };
}
