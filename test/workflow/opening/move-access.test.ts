/**
 * Access that moves to another address: the rules that open and close at AWS, and ways in which a move ends or may not
 * open.
 */
import { describe, expect, test } from '@jest/globals';
import type { Policy } from '../../../src/access/policy/policy.js';
import { readSource } from '../../../src/access/reading/source.js';
import { wasWarned } from '../../../src/access/request/duties.js';
import type { Facts } from '../../../src/access/request/facts.js';
import { askingNobody } from '../../../src/access/request/needs.js';
import { type EndCause, isIn, type Request, type RequestIn } from '../../../src/access/request/request.js';
import { tagOf } from '../../../src/access/request/target.js';
import { LEASES_PER_RULE, leaseIdOfTag } from '../../../src/access/rules/lease.js';
import { advance } from '../../../src/workflow/advance.js';
import { askFollowUp } from '../../../src/workflow/asking/ask-follow-up.js';
import { reviewRequest } from '../../../src/workflow/deciding/review-request.js';
import { beginClosing } from '../../../src/workflow/ending/begin-closing.js';
import { stopRequest } from '../../../src/workflow/ending/end-access.js';
import { endMany } from '../../../src/workflow/ending/end-many.js';
import { raise } from '../../../src/workflow/ending/finish-closing.js';
import { pauseOpenings, resumeOpenings } from '../../../src/workflow/opening/pausing.js';
import { AwsUnavailable, type Parts } from '../../../src/workflow/ports.js';
import { adopt } from '../../../src/workflow/repairing/adopt.js';
import { detectLeavers } from '../../../src/workflow/repairing/detecting/detect-leavers.js';
import { calls, DIRECTORY, MEMBERS, SHARED, VPC, WORKSPACE } from '../../aws/town.js';
import { fakeParts, policy } from '../../slack/parts.js';
import { factsOfDesktop, sharedTown } from '../replicas.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const [MARIA, ADA] = ['U0MARIA', 'U0ADA'];
const STOPPED = 'ws-000000002';

const here = sharedTown();
let made = 0;

interface Mode {
  ask: Partial<Request['ask']>;
  facts(): Partial<Facts>;
}

const accessGroup = (of: string): Facts['group'] => ({
  kind: 'access',
  name: `workspace-ssh-${here.replicas.installation}-${of}`,
  vpcId: VPC,
});
const ACCESS_GROUP: Mode = { ask: {}, facts: () => ({ group: accessGroup(WORKSPACE) }) };
const MODES: Record<string, Mode> = {
  'access group': ACCESS_GROUP,
  'existing group': {
    ask: {},
    facts() {
      here.town.setGroups(here.town.interfaceOf(WORKSPACE)?.id ?? '', [MEMBERS, SHARED]);
      return { group: { kind: 'existing', groupId: SHARED } };
    },
  },
  directory: {
    ask: { target: { kind: 'directory', directoryId: DIRECTORY } },
    facts: () => ({
      desktops: [WORKSPACE, STOPPED].map((id) => factsOfDesktop(here.town, id)),
      group: accessGroup(DIRECTORY),
      reach: 2,
      own: false,
    }),
  },
};

/** The rules for whatever is asked for: a directory, too. */
const EVERYTHING = policy.rules.map((rule) => ({
  ...rule,
  target: { ...rule.target, kind: 'everything' as const },
}));
const SEQUENCES = Object.entries(MODES).map(([name, mode]) => ({ name, mode, rules: EVERYTHING }));

function sourceAt(text: string): Request['ask']['source'] {
  const read = readSource(text, policy.limits.sources);
  if (!read.ok) throw new Error(read.sentence);
  return read.source;
}

/** The groups that the first opening of their name has made and attached. */
const groups = new Map<string, string>();

/** Opens the access, in a group that is known as the bot leaves it: many tests begin with access that is open. */
async function openIn(parts: Parts, approved: RequestIn<'approved'>): Promise<Opening> {
  const { id, ask, phase } = approved;
  const { facts, need, review } = phase;
  const known = facts.group.kind === 'existing' ? facts.group.groupId : groups.get(facts.group.name);
  if (known === undefined) {
    await parts.store.change({ request: approved, audit: [] });
    for (let n = 0; n < 20 && (await advance(parts, id)) !== 'done'; n++);
    const open = await parts.store.load(id);
    if (!open || !isIn(open, 'open')) throw new Error(JSON.stringify(open));
    const { groupId, endsAtMs } = open.phase.grant;
    if (facts.group.kind === 'access') groups.set(facts.group.name, groupId);
    return { groupId, endsAtMs };
  }
  // The rules of earlier tests would be read with each of these tests.
  for (const { ruleId, isEgress } of here.town.rules(known)) if (!isEgress) here.town.removeRule(ruleId);
  // Another change in between may have set the groups of a WorkSpace anew.
  for (const { workspaceId, interfaceId } of facts.desktops) {
    const carried = here.town.interfaceOf(workspaceId)?.groups ?? [];
    if (!carried.includes(known)) here.town.setGroups(interfaceId, [...carried, known]);
  }
  const [nowMs, source] = [parts.now(), ask.source.cidr];
  const { ruleId } = here.town.addRule(known, { cidr: source });
  const endsAtMs = nowMs + ask.durationMs;
  const target = tagOf(ask.target, facts);
  const leases = [{ requestId: id, endsAtMs, openedAtMs: nowMs, user: ask.requester, target }];
  await parts.firewall.tag(ruleId, known, source, leases);
  const grant = { groupId: known, startedAtMs: nowMs, endsAtMs, openByMs: nowMs + 20 * MINUTE };
  const open: RequestIn<'open'> = {
    ...approved,
    phase: {
      ...{ state: 'open', facts, need, review, grant, openedAtMs: nowMs, warned: false },
      ...{ stepMs: HOUR, movable: true },
    },
  };
  const rule = { groupId: known, source, version: 1, stage: { state: 'open' as const, ruleId }, leases };
  await parts.store.change({ request: open, rule, audit: [] });
  return { groupId: known, endsAtMs };
}

interface Opening {
  groupId: string;
  endsAtMs: number;
}

/** Access of a person without other access, open for an hour more. */
async function opened({
  mode = ACCESS_GROUP,
  rules = policy.rules,
  limits = {},
  ask: more = {},
}: {
  mode?: Mode;
  rules?: Policy['rules'];
  limits?: Partial<Policy['limits']>;
  ask?: Partial<Request['ask']>;
} = {}) {
  made += 1;
  const plain = await here.replicas.parts();
  const clock = { aheadMs: 0 };
  const requester = `U0JANE${made}`;
  const parts: Parts = {
    ...plain,
    policy: {
      ...policy,
      rules,
      managers: { table: { [requester]: MARIA } },
      directories: { [DIRECTORY]: { startStopped: false } },
      limits: { ...policy.limits, ...limits },
    },
    times: { ...plain.times, openByMs: 20 * MINUTE },
    // The ends that one test holds up would keep the openings of the next waiting.
    store: { ...plain.store, hold: async () => undefined },
    now: () => Date.now() + clock.aheadMs,
    newId: () => `M${String(Math.random()).slice(2, 6).replaceAll('0', '2').replaceAll('1', '3')}`,
  };
  const [from, to] = [`203.0.113.${made}`, `192.0.2.${made}`];
  const nowMs = parts.now();
  const desktop = factsOfDesktop(here.town, WORKSPACE);
  const facts: Facts = {
    ...{
      desktops: [desktop],
      directoryId: DIRECTORY,
      netbios: 'CORP',
      loginName: 'jane',
      own: true,
      reach: 1,
    },
    ...{ address: desktop.address ?? '', group: accessGroup(WORKSPACE) },
    ...mode.facts(),
  };
  const approved: RequestIn<'approved'> = {
    id: `A${made + 1000}`,
    version: 1,
    ask: {
      ...{ requester, command: '/ssh-here', target: { kind: 'workspace', workspaceId: WORKSPACE } },
      ...{ source: sourceAt(from), durationMs: HOUR, reason: 'the build', askedAtMs: nowMs },
      ...mode.ask,
      ...more,
    },
    phase: {
      ...{ state: 'approved', waitsFor: 'nothing', startAsked: false, lapsesAtMs: nowMs + HOUR, facts },
      need: askingNobody('own'),
      review: { by: MARIA, decision: 'approve', atMs: nowMs },
    },
  };
  const { id } = approved;
  const { groupId, endsAtMs } = await openIn(parts, approved);
  const now = async (which: string): Promise<Request['phase']> => {
    const found = await parts.store.load(which);
    if (!found) throw new Error(`no ${which}`);
    return found.phase;
  };
  const ruleFrom = (address: string) => here.town.rules(groupId).find(({ cidr }) => cidr === `${address}/32`);
  return {
    ...{ parts, id, requester, from, to, groupId, endsAtMs, now },
    /** The addresses that may connect, and whose leases let them in. */
    lets: () =>
      Object.fromEntries(
        [from, to].flatMap((address) => {
          const rule = ruleFrom(address);
          const leases = Object.keys(rule?.tags ?? {}).flatMap((key) => leaseIdOfTag(key) ?? []);
          return rule ? [[address, leases]] : [];
        }),
      ),
    passes(ms: number) {
      clock.aheadMs += ms;
    },
    moves: (by = requester, address = to) =>
      askFollowUp(parts, { id, by, wanted: { what: 'moves', source: sourceAt(address) } }),
    async ask(address = to): Promise<string> {
      const asked = await this.moves(requester, address);
      if (!asked.ok) throw new Error(JSON.stringify(asked));
      await advance(parts, asked.request.id);
      return asked.request.id;
    },
    async approve(which: string): Promise<void> {
      const answer = await reviewRequest(parts, { id: which, by: MARIA, version: 99, decision: 'approve' });
      if (!answer.ok) throw new Error(answer.sentence);
    },
  };
}

type Opened = Awaited<ReturnType<typeof opened>>;

/** Advances each request until nothing changes any more. */
async function settle({ parts, passes }: Opened, ...ids: string[]): Promise<void> {
  for (const id of [...ids, ...ids, ...ids]) {
    await advance(parts, id);
    // Longer than a call to AWS may take effect.
    passes(2_000);
  }
}

/** A move that was approved, and whose rule AWS does not add yet. */
async function opening(access: Opened): Promise<string> {
  const move = await access.ask();
  await access.approve(move);
  const { parts } = access;
  const authorize = () => Promise.reject(new AwsUnavailable('EC2 throttles'));
  const throttled = { ...parts, firewall: { ...parts.firewall, authorize } };
  // Another test may still hold the turn of the WorkSpace's interface.
  for (let n = 0; n < 20 && !(await isJoined()); n++) await advance(throttled, move);
  expect(await access.now(move)).toMatchObject({ state: 'opening', grant: { groupId: access.groupId } });
  return move;

  async function isJoined(): Promise<boolean> {
    const phase = await access.now(move);
    return phase.state === 'opening' && phase.grant.groupId !== undefined;
  }
}

/** The store as a crash or an older version of the bot leaves it, where one step was left out. */
async function endedAlone({ parts, id }: Opened, cause: EndCause): Promise<void> {
  const before = await parts.store.load(id);
  if (!before || !isIn(before, 'open')) throw new Error('not open');
  const { followedBy: _, moving: __, ...phase } = before.phase;
  await beginClosing(parts, { ...before, phase }, cause, { who: 'old' });
}

test.each(Object.entries(MODES))(
  'a move opens a rule of its own with the same end, and then the earlier rule is removed: %s',
  async (_, mode) => {
    const access = await opened({ mode, rules: EVERYTHING, ask: { emergency: true } });
    const from = here.town.journal.length;
    const move = await access.ask();
    expect(access.lets()).toEqual({ [access.from]: [access.id] });
    access.passes(10 * MINUTE);
    await access.approve(move);
    await settle(access, move);
    expect(await access.now(move)).toMatchObject({
      state: 'open',
      grant: { groupId: access.groupId, endsAtMs: access.endsAtMs },
    });
    await settle(access, access.id);
    expect(await access.now(access.id)).toMatchObject({
      state: 'ended',
      cause: { kind: 'continued', as: move, to: `${access.to}/32` },
    });
    expect(access.lets()).toEqual({ [access.to]: [move] });
    const changed = here.town.journal.slice(from).filter(({ action }) => !action.startsWith('Describe'));
    expect(changed.map(({ action }) => action)).toEqual([
      'AuthorizeSecurityGroupIngress',
      'RevokeSecurityGroupIngress',
    ]);
    const { ask } = (await access.parts.store.load(move)) ?? {};
    // An emergency is not inherited.
    expect(ask?.emergency).toBeUndefined();
    expect(ask?.reason).toBe('the build');
  },
);

test('a move to IPv6 shows the IPv6 address of the same WorkSpace', async () => {
  const access = await opened();
  const move = await access.ask('2001:db8:77::9');
  await access.approve(move);
  await settle(access, move);
  expect(await access.now(move)).toMatchObject({ state: 'open', facts: { address: '2001:db8:1::a' } });
});

test('a move to an address family that the WorkSpace does not have is refused, with the next step', async () => {
  const access = await opened();
  const address = here.town.interfaceOf(WORKSPACE)?.publicIp;
  here.town.setPublicIp(WORKSPACE, undefined);
  const move = await access.ask();
  here.town.setPublicIp(WORKSPACE, address);
  expect(await access.now(move)).toMatchObject({
    state: 'refused',
    refusal: {
      sentence: `${WORKSPACE} has no public IPv4 address, so ${access.to} can't reach it. Ask again with your IPv6 address: \`curl -6 https://checkip.global.api.aws\`.`,
      retry: true,
    },
  });
  // The button is back.
  expect(await access.now(access.id)).not.toHaveProperty('followedBy');
});

describe.each(SEQUENCES)('$name', (of) => {
  test.each<[string, (access: Opened, move: string) => Promise<unknown>, EndCause['kind']]>([
    [
      'its requester ends the access',
      ({ parts, id, requester: by }) => stopRequest(parts, { id, by }),
      'revoked',
    ],
    [
      'its requester ends the move',
      ({ parts, requester: by }, move) => stopRequest(parts, { id: move, by }),
      'revoked',
    ],
    [
      'an admin ends her access',
      ({ parts, requester: userId }) => endMany(parts, ADA, { userId }),
      'revoked',
    ],
    ...(['removed-outside', 'terminated'] as const).map(
      (kind): [string, (access: Opened) => Promise<unknown>, EndCause['kind']] => [
        `the sweep ends the access: ${kind}`,
        async ({ parts, id }) => {
          const found = await parts.store.load(id);
          if (found && isIn(found, 'open')) await beginClosing(parts, found, { kind }, { who: 'sweep' });
        },
        kind,
      ],
    ),
  ])('while the move opens and AWS throttles, both end where %s', async (_, end, kind) => {
    const access = await opened(of);
    const move = await opening(access);
    await end(access, move);
    expect(await access.now(access.id)).toMatchObject({ state: 'closing', cause: { kind } });
    expect(await access.now(move)).toMatchObject({ state: 'closing', cause: { kind } });
    const from = calls(here.town, 'AuthorizeSecurityGroupIngress').length;
    await settle(access, move, access.id);
    expect(access.lets()).toEqual({});
    expect(calls(here.town, 'AuthorizeSecurityGroupIngress')).toHaveLength(from);
    expect(await access.now(move)).toMatchObject({ state: 'ended', cause: { kind } });
  });
});

test.each<[string, (access: Opened) => Promise<unknown>]>([
  ['its requester ends the access', ({ parts, id, requester: by }) => stopRequest(parts, { id, by })],
  [
    'she was deactivated in Slack',
    async ({ parts, id, requester }) => {
      const gone: Parts['people']['person'] = async (userId) => ({
        ...{ id: userId, name: userId, human: true, guest: false, foreign: false, timeZone: 'UTC' },
        active: false,
      });
      await detectLeavers(
        { ...parts, people: { ...parts.people, person: gone } },
        new Map([[requester, [id]]]),
      );
    },
  ],
])('a move that waits for an answer is taken back where %s', async (_, end) => {
  const access = await opened();
  const move = await access.ask();
  await end(access);
  expect(await access.now(move)).toMatchObject({ state: 'cancelled' });
  await settle(access, access.id, move);
  expect(access.lets()).toEqual({});
});

test.each<[string, (access: Opened, move: string) => Promise<unknown>]>([
  ['before it authorizes', async (access, move) => settle(access, move)],
  [
    'after its rule was added and before it takes over',
    async (access, move) => {
      const { store } = access.parts;
      let isEnded = false;
      const load: typeof store.load = async (id) => {
        // The end comes between the last look and the step that takes over.
        if (id === access.id && access.lets()[access.to] && !isEnded) {
          isEnded = true;
          await endedAlone(access, { kind: 'removed-outside' });
        }
        return store.load(id);
      };
      await settle({ ...access, parts: { ...access.parts, store: { ...store, load } } }, move);
      expect(isEnded).toBe(true);
      await settle(access, move);
    },
  ],
])(
  'a move looks at the access that it moves %s, and closes itself with the cause of an end found there',
  async (when, look) => {
    const access = await opened();
    const move = await opening(access);
    if (when.startsWith('before')) await endedAlone(access, { kind: 'removed-outside' });
    await look(access, move);
    await settle(access, move, access.id);
    expect(await access.now(move)).toMatchObject({ state: 'ended', cause: { kind: 'removed-outside' } });
    expect(access.lets()).toEqual({});
  },
);

test('an admin who ends a person’s access reads how many requests of a chain ended and were taken back', async () => {
  const access = await opened();
  await access.ask();
  const ended = await endMany(access.parts, ADA, { userId: access.requester });
  expect(ended).toMatchObject({ ok: true, ended: { ending: 1, takenBack: 1, over: 0 } });
  const other = await opened();
  await opening(other);
  const both = await endMany(other.parts, ADA, { userId: other.requester });
  expect(both).toMatchObject({ ok: true, ended: { ending: 2, takenBack: 0, over: 0 } });
});

test('a move that is taken back while it waits leaves the access alone, which can be moved again', async () => {
  const access = await opened();
  const move = await access.ask();
  expect(await access.now(access.id)).toMatchObject({ followedBy: move, moving: true });
  await stopRequest(access.parts, { id: move, by: access.requester });
  const open = await access.now(access.id);
  expect(open).toMatchObject({ state: 'open', movable: true });
  expect(open).not.toHaveProperty('followedBy');
  expect(open).not.toHaveProperty('moving');
  await access.ask();
});

test('a move that nobody answers lapses with the access, and a later yes opens nothing', async () => {
  const access = await opened();
  const move = await access.ask();
  expect(await access.now(move)).toMatchObject({ state: 'pending', lapsesAtMs: access.endsAtMs });
  access.passes(HOUR + 1);
  await expect(access.approve(move)).rejects.toThrow('closed unanswered');
  await settle(access, access.id, move);
  expect(await access.now(move)).toMatchObject({ state: 'lapsed' });
  expect(await access.now(access.id)).toMatchObject({ state: 'ended', cause: { kind: 'expired' } });
  expect(access.lets()).toEqual({});
});

test('a move of access whose time came while it was checked is refused, with the form for new access', async () => {
  const access = await opened();
  const asked = await access.moves();
  if (!asked.ok) throw new Error('not asked');
  access.passes(HOUR + 1);
  await advance(access.parts, asked.request.id);
  expect(await access.now(asked.request.id)).toMatchObject({
    state: 'refused',
    refusal: {
      sentence: `${access.id} has ended, so there is nothing to move. Ask for new access.`,
      retry: true,
    },
  });
});

test('a move that is still opening when the time of the access comes opens nothing', async () => {
  const access = await opened();
  access.passes(HOUR - MINUTE);
  const move = await opening(access);
  access.passes(2 * MINUTE);
  await settle(access, access.id, move);
  expect(await access.now(move)).toMatchObject({ state: 'failed' });
  expect(access.lets()).toEqual({});
});

test('a rule that approves moves at once asks nobody, also of access that an approver made shorter', async () => {
  const rules = policy.rules.flatMap((rule) => [
    { ...rule, name: 'moves', moves: true, outcome: 'approve' as const },
    rule,
  ]);
  const shortened = { fromMs: 2 * HOUR, by: MARIA };
  const access = await opened({ rules, ask: { shortened } });
  const move = await access.ask();
  await settle(access, move);
  expect(await access.now(move)).toMatchObject({ state: 'open', review: { by: 'policy' } });
});

test('during a pause no access is moved, and an approved move goes on once the pause is over', async () => {
  const access = await opened();
  const move = await access.ask();
  await access.approve(move);
  await pauseOpenings(access.parts, ADA);
  await advance(access.parts, move);
  expect(await access.now(move)).toMatchObject({ state: 'approved', waitsFor: 'resume' });
  expect(access.lets()).toEqual({ [access.from]: [access.id] });
  await resumeOpenings(access.parts, ADA);
  await settle(access, move);
  expect(await access.now(move)).toMatchObject({ state: 'open', grant: { endsAtMs: access.endsAtMs } });
});

test('a move that had to wait is judged again, and refused where the policy refuses by now', async () => {
  const access = await opened();
  const move = await access.ask();
  await access.approve(move);
  access.passes(2 * MINUTE);
  const rules = policy.rules.map((rule) => ({ ...rule, outcome: { refuse: 'Not this week.' } }));
  const parts = { ...access.parts, policy: { ...access.parts.policy, rules } };
  for (let n = 0; n < 3; n++) await advance(parts, move);
  expect(await access.now(move)).toMatchObject({
    state: 'failed',
    refusal: { sentence: 'Not allowed any more: Not this week.' },
  });
  expect(access.lets()).toEqual({ [access.from]: [access.id] });
});

test('no move opens a WorkSpace that was rebuilt between the yes and the opening', async () => {
  const access = await opened();
  const move = await access.ask();
  await access.approve(move);
  const byIds: Parts['desktops']['byIds'] = async (ids) =>
    (await access.parts.desktops.byIds(ids)).map((one) => ({ ...one, privateAddress: '10.1.0.250' }));
  const parts = { ...access.parts, desktops: { ...access.parts.desktops, byIds } };
  for (let n = 0; n < 3; n++) await advance(parts, move);
  expect(await access.now(move)).toMatchObject({ state: 'failed' });
  expect(access.lets()).toEqual({ [access.from]: [access.id] });
});

const removed = (ruleId: string) => here.town.removeRule(ruleId);
const changed = (ruleId: string) => here.town.changeRule(ruleId, { cidr: '198.51.100.0/24' });
const takenOff = () => {
  for (const id of [WORKSPACE, STOPPED]) here.town.setGroups(here.town.interfaceOf(id)?.id ?? '', [MEMBERS]);
};
test.each<[string, keyof typeof MODES, (ruleId: string) => void]>([
  ['its rule was removed', 'access group', removed],
  ['its rule was removed', 'existing group', removed],
  ['its rule was removed', 'directory', removed],
  ['its rule was changed', 'access group', changed],
  ['its rule was changed', 'existing group', changed],
  ['its group was taken off', 'access group', takenOff],
  ['its group was taken off', 'directory', takenOff],
])('access that a manual change has shut out is not moved: %s, %s', async (_, name, drift) => {
  const access = await opened({ mode: MODES[name] ?? ACCESS_GROUP, rules: EVERYTHING });
  const move = await access.ask();
  await access.approve(move);
  const rule = here.town.rules(access.groupId).find(({ cidr }) => cidr === `${access.from}/32`);
  const before = here.town.interfaceOf(WORKSPACE)?.groups ?? [];
  drift(rule?.ruleId ?? '');
  await settle(access, move);
  expect(access.lets()).not.toHaveProperty([access.to]);
  expect(await access.now(move)).toMatchObject({ state: 'opening' });
  here.town.setGroups(here.town.interfaceOf(WORKSPACE)?.id ?? '', before);
  // The sweep ends the access for it.
  const found = await access.parts.store.load(access.id);
  if (!found || !isIn(found, 'open')) throw new Error('not open');
  await beginClosing(access.parts, found, { kind: 'removed-outside' }, { who: 'sweep' });
  expect(await access.now(move)).toMatchObject({ state: 'closing', cause: { kind: 'removed-outside' } });
});

test('a move that waits for AWS opens nothing in an existing group that the WorkSpace no longer carries', async () => {
  const access = await opened({ mode: MODES['existing group'] ?? ACCESS_GROUP });
  const move = await opening(access);
  const at = here.town.interfaceOf(WORKSPACE);
  takenOff();
  await settle(access, move);
  here.town.setGroups(at?.id ?? '', at?.groups ?? []);
  expect(await access.now(move)).toMatchObject({
    state: 'failed',
    refusal: { sentence: expect.stringContaining(`${WORKSPACE} no longer carries ${SHARED}`) },
  });
  expect(access.lets()).toEqual({ [access.from]: [access.id] });
});

test('a move whose last step Redis has lost opens, since its rule is there and the earlier rule is gone', async () => {
  const access = await opened();
  const move = await opening(access);
  const [from, to] = [`${access.from}/32`, `${access.to}/32`];
  const leases = (await access.parts.store.ruleOf(access.groupId, to))?.leases ?? [];
  const { ruleId } = here.town.addRule(access.groupId, { cidr: to });
  await access.parts.firewall.tag(ruleId, access.groupId, to, leases);
  const left = here.town.rules(access.groupId).find(({ cidr }) => cidr === from);
  here.town.removeRule(left?.ruleId ?? '');
  await settle(access, move);
  expect(await access.now(move)).toMatchObject({ state: 'open' });
  expect(await access.now(access.id)).toMatchObject({ cause: { kind: 'continued' } });
  expect(access.lets()).toEqual({ [access.to]: [move] });
});

test('a move whose rule is at AWS already attaches no group that somebody took off', async () => {
  const access = await opened();
  const move = await opening(access);
  const to = `${access.to}/32`;
  const leases = (await access.parts.store.ruleOf(access.groupId, to))?.leases ?? [];
  const { ruleId } = here.town.addRule(access.groupId, { cidr: to });
  await access.parts.firewall.tag(ruleId, access.groupId, to, leases);
  const before = here.town.interfaceOf(WORKSPACE)?.groups ?? [];
  takenOff();
  await settle(access, move);
  expect(here.town.interfaceOf(WORKSPACE)?.groups).toEqual([MEMBERS]);
  expect(await access.now(move)).toMatchObject({ state: 'opening' });
  here.town.setGroups(here.town.interfaceOf(WORKSPACE)?.id ?? '', before);
});

test('the card of access that is moved near its end does not say that more time is left', async () => {
  const access = await opened();
  const move = await access.ask();
  access.passes(HOUR - 5 * MINUTE);
  await access.approve(move);
  await settle(access, move);
  const open = await access.parts.store.load(move);
  if (!open || !isIn(open, 'open')) throw new Error('not open');
  expect(wasWarned(open)).toBe(false);
});

test('a move onto a rule with 40 leases fails, and the access stays as it is', async () => {
  const access = await opened();
  const move = await access.ask();
  await access.approve(move);
  const lease = { endsAtMs: access.endsAtMs, openedAtMs: Date.now(), user: 'U0TOM', target: WORKSPACE };
  const leases = Array.from({ length: LEASES_PER_RULE }, (_, n) => ({ ...lease, requestId: `X${n + 1000}` }));
  const { ruleId } = here.town.addRule(access.groupId, { cidr: `${access.to}/32` });
  const stage = { state: 'open' as const, ruleId };
  const rule = { groupId: access.groupId, source: `${access.to}/32`, version: 1, stage, leases };
  await access.parts.store.change({ rule, audit: [] });
  await settle(access, move);
  expect(await access.now(move)).toMatchObject({
    state: 'failed',
    refusal: {
      sentence: `40 requests share the rule for ${access.to} already, and it takes no more. Nothing was moved. Ask again when one of them is over, or from another address.`,
    },
  });
  expect(await access.now(access.id)).toMatchObject({ state: 'open' });
});

test('where a foreign rule lets the new address in already, nothing is moved and the access stays', async () => {
  const access = await opened({ mode: MODES['existing group'] ?? ACCESS_GROUP });
  const move = await access.ask();
  here.town.addRule(access.groupId, { cidr: `${access.to}/32` });
  await access.approve(move);
  await settle(access, move);
  expect(await access.now(move)).toMatchObject({ state: 'already-open' });
  expect(await access.now(access.id)).toMatchObject({ state: 'open' });
  expect(await access.now(access.id)).not.toHaveProperty('followedBy');
});

test('access and its move count as one where a person may have one access open', async () => {
  const access = await opened({ limits: { perPerson: { open: 1, waiting: 1 } } });
  const move = await access.ask();
  await access.approve(move);
  await settle(access, move, access.id);
  expect(await access.now(move)).toMatchObject({ state: 'open' });
});

test('an earlier rule that AWS does not remove after a move is told to the admins, as any rule that stays is', async () => {
  const access = await opened();
  const move = await access.ask();
  await access.approve(move);
  await settle(access, move);
  access.passes(MINUTE);
  const closing = await access.parts.store.load(access.id);
  if (!closing || !isIn(closing, 'closing')) throw new Error('not closing');
  await raise(access.parts, closing);
  expect(await access.now(access.id)).toMatchObject({ state: 'closing', troubleAtMs: expect.any(Number) });
  await settle(access, access.id);
  expect(access.lets()).toEqual({ [access.to]: [move] });
});

test('access that was extended is moved, access that was moved is extended, and the whole chain ends together', async () => {
  const access = await opened();
  const { parts, requester: by } = access;
  const extend = (id: string) =>
    askFollowUp(parts, { id, by, wanted: { what: 'extends', durationMs: HOUR } }).then(async (asked) => {
      if (!asked.ok) throw new Error(JSON.stringify(asked));
      await advance(parts, asked.request.id);
      await access.approve(asked.request.id);
      await settle(access, asked.request.id, id);
      return asked.request.id;
    });
  const more = await extend(access.id);
  const asked = await askFollowUp(parts, {
    ...{ id: more, by },
    wanted: { what: 'moves', source: sourceAt(access.to) },
  });
  if (!asked.ok) throw new Error('not asked');
  const move = asked.request.id;
  await advance(parts, move);
  await access.approve(move);
  await settle(access, move, more);
  expect(await access.now(move)).toMatchObject({
    state: 'open',
    grant: { endsAtMs: access.endsAtMs + HOUR },
  });
  const last = await extend(move);
  expect(await access.now(last)).toMatchObject({ grant: { endsAtMs: access.endsAtMs + 2 * HOUR } });
  expect(access.lets()).toEqual({ [access.to]: [last] });
  const approved = await parts.store.load(last);
  expect(approved?.ask.follows).toMatchObject({ sinceMs: access.endsAtMs - HOUR });
  await stopRequest(parts, { id: last, by });
  await settle(access, last);
  expect(access.lets()).toEqual({});
});

/** The parts of a bot whose Redis has lost these records. */
function withoutRecords(parts: Parts, ...ids: string[]): Parts {
  const { store } = parts;
  const isLost = (id: string) => ids.includes(id);
  return {
    ...parts,
    store: {
      ...store,
      load: async (id) => (isLost(id) ? undefined : store.load(id)),
      look: async (id) => (isLost(id) ? undefined : store.look(id)),
      lookAll: async (all) => new Map([...(await store.lookAll(all))].filter(([id]) => !isLost(id))),
    },
  };
}

test('a move whose followed request Redis has lost opens nothing', async () => {
  const access = await opened();
  const move = await opening(access);
  await settle({ ...access, parts: withoutRecords(access.parts, access.id) }, move);
  expect(await access.now(move)).toMatchObject({
    state: 'failed',
    refusal: { sentence: `${access.id} was lost with my storage. Nothing was moved. Ask for new access.` },
  });
  expect(access.lets()).toEqual({ [access.from]: [access.id] });
});

test('access whose move Redis has lost can be moved again, and its end leaves no rule', async () => {
  const access = await opened();
  const move = await access.ask();
  const parts = withoutRecords(access.parts, move);
  // Another move can be asked for: the lost move waits no more.
  const asked = await askFollowUp(parts, {
    ...{ id: access.id, by: access.requester },
    wanted: { what: 'moves', source: sourceAt('192.0.2.250') },
  });
  expect(asked).toMatchObject({ ok: true });
  expect(await stopRequest(parts, { id: access.id, by: access.requester })).toMatchObject({ ok: true });
  await settle(access, access.id);
  expect(access.lets()).toEqual({});
});

test('the rule of a move that alone is lost from Redis is adopted by its tag, and ends with the access that it moves', async () => {
  const access = await opened();
  const move = await opening(access);
  const before = await access.parts.store.load(access.id);
  // The rule is added, and the store loses the request before the bot records it.
  await settle(access, move);
  const seen = (await access.parts.firewall.rules(access.groupId)).find(
    ({ source }) => source === `${access.to}/32`,
  );
  if (!before || !seen) throw new Error('no rule');
  const { parts: kept, fake } = fakeParts();
  const lost = { ...access.parts, store: kept.store };
  fake.requests.set(access.id, before);
  expect(await adopt(lost, seen, move)).toBe(true);
  expect(fake.requests.get(move)?.phase).toMatchObject({
    ...{ state: 'open', adopted: true },
    grant: { endsAtMs: access.endsAtMs },
  });
  await stopRequest(lost, { id: access.id, by: access.requester });
  for (const id of [access.id, move])
    expect(fake.requests.get(id)?.phase).toMatchObject({ state: 'closing', cause: { kind: 'revoked' } });
});

test('after a loss of all of Redis both rules are adopted by their tags, and neither can be moved', async () => {
  const access = await opened();
  const move = await access.ask();
  await access.approve(move);
  await settle(access, move);
  const lost = { ...access.parts, store: fakeParts().parts.store };
  const seen = await access.parts.firewall.rules(access.groupId);
  for (const [id, address] of [
    [access.id, access.from],
    [move, access.to],
  ]) {
    const rule = seen.find(({ source }) => source === `${address}/32`);
    if (!rule || !id) throw new Error(`no rule for ${address}`);
    expect(await adopt(lost, rule, id)).toBe(true);
    const adopted = await lost.store.load(id);
    expect(adopted).toMatchObject({
      phase: { state: 'open', adopted: true, grant: { endsAtMs: access.endsAtMs } },
    });
    const again = await askFollowUp(lost, {
      ...{ id, by: access.requester },
      wanted: { what: 'moves', source: sourceAt('192.0.2.251') },
    });
    expect(again).toMatchObject({ ok: false, sentence: expect.stringContaining('so I can’t move it') });
  }
});

test.each<[string, (access: Opened) => Promise<unknown>, RegExp]>([
  [
    'by somebody else',
    ({ moves }) => moves(MARIA),
    /^Only <@U0JANE\d+> can ask for another address for A\d+\.$/,
  ],
  [
    'to the same address',
    ({ moves, from }) => moves(undefined, from),
    /is open from 203\.0\.113\.\d+ already\.$/,
  ],
  [
    'for access that is over',
    async ({ parts, id, requester: by, moves }) => {
      await stopRequest(parts, { id, by });
      return moves();
    },
    /is over. Ask for new access instead\.$/,
  ],
  [
    'while another move waits',
    async (access) => {
      await access.ask();
      return access.moves();
    },
    /asks for another address for A\d+ already and still waits/,
  ],
  [
    'while more time is asked for',
    async ({ parts, id, requester: by, moves }) => {
      await askFollowUp(parts, { id, by, wanted: { what: 'extends', durationMs: HOUR } });
      return moves();
    },
    /asks for more time for A\d+ already and still waits/,
  ],
  [
    'for access that no rule lets be moved',
    ({ parts, id, requester: by, to }) =>
      askFollowUp(
        {
          ...parts,
          policy: { ...parts.policy, rules: parts.policy.rules.map((rule) => ({ ...rule, moves: false })) },
        },
        { id, by, wanted: { what: 'moves', source: sourceAt(to) } },
      ),
    /does not let this be moved to another address/,
  ],
])('a move is refused with a sentence where it is asked for %s', async (_, ask, sentence) => {
  expect(await ask(await opened())).toMatchObject({ ok: false, sentence: expect.stringMatching(sentence) });
});
