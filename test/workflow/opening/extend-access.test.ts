/**
 * More time for open access: ways in which the extension ends or may not join, and the calls that it never makes at
 * AWS.
 */
import { describe, expect, test } from '@jest/globals';
import type { Policy } from '../../../src/access/policy/policy.js';
import type { Facts } from '../../../src/access/request/facts.js';
import { type EndCause, isIn, type Request, type RequestIn } from '../../../src/access/request/request.js';
import { readdress } from '../../../src/access/request/transitions/ending.js';
import {
  INSTALLATION_TAG,
  LEASES_PER_RULE,
  type Lease,
  leaseIdOfTag,
} from '../../../src/access/rules/lease.js';
import { advance } from '../../../src/workflow/advance.js';
import { askFollowUp } from '../../../src/workflow/asking/ask-follow-up.js';
import { change } from '../../../src/workflow/change.js';
import { confirmOpening, reviewRequest } from '../../../src/workflow/deciding/review-request.js';
import { beginClosing } from '../../../src/workflow/ending/begin-closing.js';
import { stopRequest } from '../../../src/workflow/ending/end-access.js';
import { endMany } from '../../../src/workflow/ending/end-many.js';
import { pauseOpenings, resumeOpenings } from '../../../src/workflow/opening/pausing.js';
import { endsWithFollowed } from '../../../src/workflow/opening/take-over.js';
import type { Parts } from '../../../src/workflow/ports.js';
import { adopt } from '../../../src/workflow/repairing/adopt.js';
import { detectLeavers } from '../../../src/workflow/repairing/detecting/detect-leavers.js';
import { detectLostApprovers } from '../../../src/workflow/repairing/detecting/detect-lost-approvers.js';
import { converge } from '../../../src/workflow/rules/converge.js';
import { calls, SHARED, VPC, WORKSPACE } from '../../aws/town.js';
import { fakeParts, policy } from '../../slack/parts.js';
import { facts as known } from '../../slack/requests.js';
import { factsOfDesktop, sharedTown, storeOpening } from '../replicas.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const [MARIA, ADA] = ['U0MARIA', 'U0ADA'];
const STOPPED = 'ws-000000002';

const ACCESS_GROUP = { kind: 'access' as const, name: 'an access group', vpcId: VPC };
interface Mode {
  facts: Pick<Facts, 'group'> & Partial<Facts>;
  ask: Partial<Request['ask']>;
}
const EXISTING: Mode = { facts: { group: { kind: 'existing', groupId: SHARED } }, ask: {} };
const MODES: Record<string, Mode> = {
  'existing group': EXISTING,
  'access group': { facts: { group: ACCESS_GROUP }, ask: {} },
  directory: {
    facts: { group: ACCESS_GROUP, reach: 41, own: false },
    ask: { target: { kind: 'directory', directoryId: 'd-90670a1b2c' } },
  },
};

const here = sharedTown();
let made = 0;

/** The rules for whatever is asked for: a directory, too. */
const EVERYTHING = policy.rules.map((rule) => ({
  ...rule,
  target: { ...rule.target, kind: 'everything' as const },
}));
const SEQUENCES = Object.entries(MODES).map(([name, mode]) => ({ name, mode, rules: EVERYTHING }));

function askMore(
  parts: Parts,
  { id, by, durationMs }: { id: string; by: string; durationMs: number },
): ReturnType<typeof askFollowUp> {
  return askFollowUp(parts, { id, by, wanted: { what: 'extends', durationMs } });
}

/** Access of a person without other access, open for an hour more, on a rule of its own or a rule with other leases. */
async function opened({
  others = 0,
  limits = {},
  rules = policy.rules,
  mode = EXISTING,
}: {
  others?: number;
  limits?: Partial<Policy['limits']>;
  rules?: Policy['rules'];
  mode?: Mode;
} = {}) {
  made += 1;
  const plain = await here.replicas.parts();
  const clock = { aheadMs: 0 };
  const requester = `U0JANE${made}`;
  const managers = { table: { [requester]: MARIA } };
  const parts: Parts = {
    ...plain,
    policy: { ...policy, rules, managers, limits: { ...policy.limits, ...limits } },
    times: { ...plain.times, openByMs: 20 * MINUTE },
    now: () => Date.now() + clock.aheadMs,
    newId: () => `M${String(Math.random()).slice(2, 6).replaceAll('0', '2').replaceAll('1', '3')}`,
  };
  const source = `203.0.113.${made}/32`;
  const opening = await storeOpening(parts, `A${String(made + 1000)}`, 'any');
  const { ruleId } = here.town.addRule(SHARED, { cidr: source });
  const { grant, ...phase } = opening.phase;
  const request: RequestIn<'open'> = {
    ...opening,
    version: 2,
    ask: {
      ...opening.ask,
      ...mode.ask,
      requester,
      source: { ...opening.ask.source, cidr: source },
      emergency: true,
      later: { startsAtMs: grant.startedAtMs },
    },
    phase: {
      ...phase,
      ...{ state: 'open', openedAtMs: grant.startedAtMs, warned: false, stepMs: HOUR },
      facts: {
        ...phase.facts,
        directoryId: 'd-90670a1b2c',
        ...mode.facts,
      },
      grant: { ...grant, groupId: SHARED },
    },
  };
  const leaseOf = (requestId: string): Lease => ({
    ...{ requestId, endsAtMs: request.phase.grant.endsAtMs, openedAtMs: grant.startedAtMs },
    ...{ user: requester, target: 'ws-000000001' },
  });
  const leases = [request.id, ...Array.from({ length: others }, (_, n) => `X${n + 1000}`)].map(leaseOf);
  await parts.firewall.tag(ruleId, SHARED, source, leases);
  const rule = { groupId: SHARED, source, version: 1, stage: { state: 'open' as const, ruleId }, leases };
  await parts.store.change({ request, rule, audit: [] });
  const tags = () => here.town.rules(SHARED).find((one) => one.ruleId === ruleId)?.tags;
  return {
    parts,
    id: request.id,
    requester,
    ruleId,
    source,
    isThere: () => tags() !== undefined,
    tagged: () => Object.keys(tags() ?? {}).flatMap((key) => leaseIdOfTag(key) ?? []),
    passes(ms: number) {
      clock.aheadMs += ms;
    },
    async ask(durationMs = HOUR): Promise<string> {
      const asked = await askMore(parts, { id: request.id, by: requester, durationMs });
      if (!asked.ok) throw new Error(JSON.stringify(asked));
      await advance(parts, asked.request.id);
      return asked.request.id;
    },
    async approve(more: string): Promise<void> {
      const answer = await reviewRequest(parts, { id: more, by: MARIA, version: 99, decision: 'approve' });
      if (!answer.ok) throw new Error(answer.sentence);
    },
    async now(which: string): Promise<Request['phase']> {
      const found = await parts.store.load(which);
      if (!found) throw new Error(`no ${which}`);
      return found.phase;
    },
  };
}

type Opened = Awaited<ReturnType<typeof opened>>;

/** More time that was approved, and whose tag AWS does not take yet. */
async function opening(access: Opened): Promise<string> {
  const more = await access.ask();
  await access.approve(more);
  here.town.faults.add({ action: 'CreateTags', times: 'always', kind: 'throttle' });
  expect(await advance(access.parts, more)).toBe('again');
  here.town.faults.clear();
  expect(await access.now(more)).toMatchObject({ state: 'opening' });
  return more;
}

/** Advances the access and its extension until nothing changes any more. */
async function settle({ parts }: Opened, ...ids: string[]): Promise<void> {
  for (const id of [...ids, ...ids]) await advance(parts, id);
}

async function sweepEnds({ parts }: Opened, cause: EndCause, id: string): Promise<void> {
  const request = await parts.store.load(id);
  if (request && isIn(request, 'open')) await beginClosing(parts, request, cause, { who: 'sweep' });
}

test.each(Object.entries(MODES))(
  'an extension joins the rule that is there, takes over, and changes nothing else at AWS: %s',
  async (_, mode) => {
    const access = await opened({ mode, rules: EVERYTHING });
    const from = here.town.journal.length;
    const more = await access.ask();
    await access.approve(more);
    const approved = here.town.journal.length;
    await settle(access, more, access.id);
    const looks = here.town.journal.slice(approved).map(({ action }) => action);
    expect(looks.filter((action) => action === 'DescribeNetworkInterfaces')).toHaveLength(1);
    const { endsAtMs } = (await access.parts.store
      .load(access.id)
      .then((one) => (one && 'grant' in one.phase ? one.phase.grant : undefined))) ?? { endsAtMs: 0 };
    expect(await access.now(more)).toMatchObject({
      state: 'open',
      grant: { groupId: SHARED, endsAtMs: endsAtMs + HOUR },
    });
    expect(await access.now(access.id)).toMatchObject({
      state: 'ended',
      cause: { kind: 'continued', as: more },
    });
    expect(access.tagged()).toEqual([more]);
    const changed = here.town.journal.slice(from).filter(({ action }) => !action.startsWith('Describe'));
    expect(changed.map(({ action }) => action)).toEqual(['CreateTags', 'DeleteTags']);
    const record = await access.parts.store.ruleOf(SHARED, access.source);
    expect(record?.leases.map(({ requestId }) => requestId)).toEqual([more]);
    // Neither an emergency nor a time to open at is inherited.
    const { ask } = (await access.parts.store.load(more)) ?? {};
    expect([ask?.emergency, ask?.later]).toEqual([undefined, undefined]);
  },
);

describe.each(SEQUENCES)('$name', (of) => {
  test.each<[string, (access: Opened, more: string) => Promise<unknown>, EndCause['kind']]>([
    [
      'its requester ends the access',
      ({ parts, id, requester: by }) => stopRequest(parts, { id, by }),
      'revoked',
    ],
    [
      'its requester ends the extension',
      ({ parts, requester: by }, more) => stopRequest(parts, { id: more, by }),
      'revoked',
    ],
    [
      'an admin ends her access',
      ({ parts, requester: userId }) => endMany(parts, ADA, { userId }),
      'revoked',
    ],
    [
      'somebody removed the rule',
      (access) => sweepEnds(access, { kind: 'removed-outside' }, access.id),
      'removed-outside',
    ],
    ['the WorkSpace has moved', (access) => sweepEnds(access, { kind: 'moved' }, access.id), 'moved'],
  ])('while the extension opens and AWS throttles, both end where %s', async (_, end, kind) => {
    const access = await opened(of);
    const more = await opening(access);
    await end(access, more);
    expect(await access.now(access.id)).toMatchObject({ state: 'closing', cause: { kind } });
    expect(await access.now(more)).toMatchObject({ state: 'closing', cause: { kind } });
    await settle(access, access.id, more);
    expect(access.isThere()).toBe(false);
    expect(await access.now(more)).toMatchObject({ state: 'ended', cause: { kind } });
  });
});

test.each<[string, (access: Opened) => Promise<unknown>]>([
  ['its requester ends the access', ({ parts, id, requester: by }) => stopRequest(parts, { id, by })],
  ['an admin ends her access', ({ parts, requester: userId }) => endMany(parts, ADA, { userId })],
  ['the rule was removed by hand', (access) => sweepEnds(access, { kind: 'removed-outside' }, access.id)],
  [
    'she was deactivated in Slack',
    async ({ parts, id, requester }) => {
      const gone: Parts['people']['person'] = async (userId) => ({
        ...{ id: userId, name: userId, human: true, guest: false, foreign: false, timeZone: 'UTC' },
        active: false,
      });
      const people = { ...parts.people, person: gone };
      await detectLeavers({ ...parts, people }, new Map([[requester, [id]]]));
    },
  ],
])('more time that waits for an answer is taken back where %s', async (_, end) => {
  const access = await opened();
  const more = await access.ask();
  await end(access);
  expect(await access.now(more)).toMatchObject({ state: 'cancelled' });
  const late = await reviewRequest(access.parts, { id: more, by: MARIA, version: 99, decision: 'approve' });
  expect(late).toEqual({ ok: false, sentence: `${more} was taken back.` });
  await settle(access, access.id, more);
  expect(access.isThere()).toBe(false);
});

test('a rule that approves more time at once extends access without asking anybody, and not access that an approver made shorter', async () => {
  const rules = policy.rules.flatMap((rule) => [
    { ...rule, name: 'more time', extends: true, outcome: 'approve' as const },
    rule,
  ]);
  const access = await opened({ rules });
  const more = await access.ask();
  await settle(access, more);
  expect(await access.now(more)).toMatchObject({ state: 'open', review: { by: 'policy' } });
  const shortened = { fromMs: 2 * HOUR, by: MARIA };
  const other = await opened({ rules, mode: { ...EXISTING, ask: { shortened } } });
  expect(await other.now(await other.ask())).toMatchObject({ state: 'pending' });
});

test('a request for more time that is taken back leaves the access alone, which can be extended again', async () => {
  const access = await opened();
  const more = await access.ask();
  expect(await access.now(access.id)).toMatchObject({ followedBy: more });
  await stopRequest(access.parts, { id: more, by: access.requester });
  expect(await access.now(access.id)).toMatchObject({ state: 'open', stepMs: HOUR });
  expect(await access.now(access.id)).not.toHaveProperty('followedBy');
  await access.ask();
});

test('only one extension of a request waits at a time, also where two are asked for at once', async () => {
  const { parts, id, requester: by } = await opened();
  const ask = () => askMore(parts, { id, by, durationMs: HOUR });
  const answers = await Promise.all([ask(), ask(), ask()]);
  expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
  for (const answer of answers)
    if (!answer.ok)
      expect(answer).toMatchObject({
        sentence: expect.stringMatching(/asks for more time for .* already and still waits/),
      });
});

test('a rule that was removed by hand before the extension joined stays removed', async () => {
  const access = await opened();
  const more = await access.ask();
  await access.approve(more);
  here.town.removeRule(access.ruleId);
  const from = calls(here.town, 'AuthorizeSecurityGroupIngress').length;
  expect(await advance(access.parts, more)).toBe('again');
  access.passes(20 * MINUTE);
  await settle(access, more);
  expect(await access.now(more)).toMatchObject({ state: 'failed' });
  expect(access.isThere()).toBe(false);
  expect(calls(here.town, 'AuthorizeSecurityGroupIngress')).toHaveLength(from);
  expect(await access.now(access.id)).toMatchObject({ state: 'open' });
});

/** Attaches or detaches the shared group. */
function carry(carries: boolean): void {
  for (const desktop of [WORKSPACE, STOPPED]) {
    const { id = '', groups = [] } = here.town.interfaceOf(desktop) ?? {};
    const others = groups.filter((one) => one !== SHARED);
    here.town.setGroups(id, carries ? [...others, SHARED] : others);
  }
}
/** Access through the shared group, as if the bot had made the group, to these WorkSpaces. */
function openedAt(name: string, desktops: readonly string[]): Promise<Opened> {
  carry(true);
  const { facts = EXISTING.facts, ask = {} } = MODES[name] ?? {};
  const known = desktops.map((id) => factsOfDesktop(here.town, id));
  return opened({ mode: { facts: { reach: 41, ...facts, desktops: known }, ask }, rules: EVERYTHING });
}
const changesRule = ({ ruleId }: Opened) => here.town.changeRule(ruleId, { cidr: '198.51.100.0/24' });
const takesGroupOff = () => carry(false);

test.each<[string, keyof typeof MODES, readonly string[], (access: Opened) => void]>([
  ['its rule was changed', 'access group', [WORKSPACE], changesRule],
  ['its group was taken off', 'access group', [WORKSPACE], takesGroupOff],
  ['its rule was changed', 'directory', [WORKSPACE, STOPPED], changesRule],
  ['its group was taken off', 'directory', [WORKSPACE, STOPPED], takesGroupOff],
])('access that a manual change has shut out is not extended: %s, %s', async (_, name, desktops, drift) => {
  const access = await openedAt(name, desktops);
  const more = await access.ask();
  await access.approve(more);
  drift(access);
  await settle(access, more);
  expect(await access.now(more)).toMatchObject({ state: 'opening' });
  expect(access.tagged()).toEqual([access.id]);
  // The next opening in the group writes the lease that the extension has taken in the rule's record.
  await converge(access.parts, SHARED);
  await settle(access, more);
  expect(await access.now(more)).toMatchObject({ state: 'opening' });
  // The sweep ends the access for it.
  await sweepEnds(access, { kind: 'removed-outside' }, access.id);
  expect(await access.now(more)).toMatchObject({ state: 'closing', cause: { kind: 'removed-outside' } });
  carry(true);
});

test('an extension in a directory whose group was taken off fails once the access has ended on time', async () => {
  const access = await openedAt('directory', [WORKSPACE, STOPPED]);
  access.passes(50 * MINUTE);
  const more = await access.ask();
  await access.approve(more);
  takesGroupOff();
  await settle(access, more);
  access.passes(15 * MINUTE);
  await settle(access, more);
  carry(true);
  const sentence = `${WORKSPACE} no longer carries ${SHARED}, the group through which it would have been opened. No time was added. Ask for new access.`;
  expect(await access.now(more)).toMatchObject({ state: 'failed', refusal: { sentence } });
});

test('access to a directory is extended while one WorkSpace carries its group', async () => {
  const access = await openedAt('directory', [WORKSPACE, STOPPED]);
  const { id = '', groups = [] } = here.town.interfaceOf(STOPPED) ?? {};
  const more = await access.ask();
  await access.approve(more);
  here.town.setGroups(
    id,
    groups.filter((one) => one !== SHARED),
  );
  await settle(access, more);
  carry(true);
  expect(await access.now(more)).toMatchObject({ state: 'open' });
});

test('access is not extended in an existing group that the WorkSpace no longer carries, where the rule opens only other WorkSpaces', async () => {
  const at = here.town.interfaceOf(WORKSPACE);
  if (!at) throw new Error('no interface');
  const { groups } = at;
  here.town.setGroups(at.id, [...groups.filter((one) => one !== SHARED), SHARED]);
  const desktops = [factsOfDesktop(here.town, WORKSPACE)];
  const access = await opened({ mode: { ...EXISTING, facts: { ...EXISTING.facts, desktops } } });
  const more = await access.ask();
  await access.approve(more);
  here.town.setGroups(
    at.id,
    groups.filter((one) => one !== SHARED),
  );
  await settle(access, more);
  here.town.setGroups(at.id, groups);
  const sentence = `${WORKSPACE} no longer carries ${SHARED}, the group through which it would have been opened. No time was added. Ask for new access.`;
  expect(await access.now(more)).toMatchObject({ state: 'failed', refusal: { sentence } });
  expect(access.tagged()).toEqual([access.id]);
});

test('an extension fails where the lease of the access is off the rule’s record', async () => {
  const access = await opened({ others: 1 });
  const more = await access.ask();
  await access.approve(more);
  const rule = await access.parts.store.ruleOf(SHARED, access.source);
  if (!rule) throw new Error('no rule');
  const leases = rule.leases.filter(({ requestId }) => requestId !== access.id);
  await access.parts.store.change({ rule: { ...rule, version: rule.version + 1, leases }, audit: [] });
  await advance(access.parts, more);
  const sentence = `The rule of ${access.id} is gone, so there was nothing to extend. Ask for new access.`;
  expect(await access.now(more)).toMatchObject({ state: 'failed', refusal: { sentence } });
});

test('an extension of one of 40 leases joins as the 41st, until it has taken over', async () => {
  const access = await opened({ others: LEASES_PER_RULE - 1 });
  const more = await opening(access);
  const record = () => access.parts.store.ruleOf(SHARED, access.source);
  expect((await record())?.leases).toHaveLength(LEASES_PER_RULE + 1);
  await settle(access, more);
  expect(await access.now(more)).toMatchObject({ state: 'open' });
  expect((await record())?.leases).toHaveLength(LEASES_PER_RULE);
  expect(
    Object.keys(here.town.rules(SHARED).find(({ ruleId }) => ruleId === access.ruleId)?.tags ?? {}),
  ).toContain(INSTALLATION_TAG);
});

test('a yes to more time looks at no WorkSpace and no group ahead, since the extension joins the rule that is there', async () => {
  const group = { ...ACCESS_GROUP, carriedAs: SHARED };
  const access = await opened({ mode: { facts: { group, desktops: known.desktops }, ask: {} } });
  const more = await access.ask();
  await access.approve(more);
  expect(access.parts.memory.ahead.has(more)).toBe(false);
});

test('access and its extension count as one where a person may have one access open', async () => {
  const access = await opened({ limits: { perPerson: { open: 1, waiting: 1 } } });
  const more = await access.ask();
  await access.approve(more);
  await settle(access, more, access.id);
  expect(await access.now(more)).toMatchObject({ state: 'open' });
});

test('a yes to more time after the end of the access opens ordinary access once the requester confirms it', async () => {
  const access = await opened();
  const more = await access.ask();
  access.passes(HOUR + MINUTE);
  await settle(access, access.id);
  expect(await access.now(access.id)).toMatchObject({ state: 'ended', cause: { kind: 'expired' } });
  await access.approve(more);
  expect(await access.now(more)).toMatchObject({ state: 'approved', waitsFor: 'confirmation' });
  expect(await advance(access.parts, more)).toBe('done');
  expect(access.isThere()).toBe(false);
  await confirmOpening(access.parts, { id: more, by: access.requester, open: true });
  expect(await access.now(more)).toMatchObject({ state: 'approved', waitsFor: 'nothing' });
});

test('a yes to more time right before the end of the access waits for the requester where that end comes first', async () => {
  const access = await opened();
  access.passes(HOUR - MINUTE);
  const more = await access.ask();
  await access.approve(more);
  access.passes(2 * MINUTE);
  await advance(access.parts, more);
  expect(await access.now(more)).toMatchObject({ state: 'approved', waitsFor: 'confirmation' });
  expect(await access.now(access.id)).toMatchObject({ state: 'open' });
});

test('an extension that has joined outlives the end of the access, which comes while AWS throttles', async () => {
  const access = await opened();
  access.passes(HOUR - MINUTE);
  const more = await opening(access);
  access.passes(2 * MINUTE);
  await settle(access, access.id);
  expect(await access.now(access.id)).toMatchObject({ state: 'ended', cause: { kind: 'expired' } });
  expect(access.isThere()).toBe(true);
  await settle(access, more);
  expect(await access.now(more)).toMatchObject({ state: 'open' });
  expect(access.tagged()).toEqual([more]);
});

test('the last lease tag stays on a rule until AWS takes the tag of the extension, since a rule without any tag would be nobody’s', async () => {
  const access = await opened();
  access.passes(HOUR - MINUTE);
  const more = await opening(access);
  access.passes(2 * MINUTE);
  here.town.faults.add({ action: 'CreateTags', times: 'always', kind: 'throttle' });
  await settle(access, access.id);
  here.town.faults.clear();
  expect(access.tagged()).toEqual([access.id]);
  expect(await access.now(access.id)).toMatchObject({ state: 'closing', cause: { kind: 'expired' } });
  await settle(access, access.id, more);
  expect(access.tagged()).toEqual([more]);
  expect(await access.now(access.id)).toMatchObject({ state: 'ended' });
  expect(await access.now(more)).toMatchObject({ state: 'open' });
});

test('a drifted rule is kept open by no extension, also after the end of the access', async () => {
  const access = await opened();
  access.passes(HOUR - MINUTE);
  const more = await opening(access);
  access.passes(2 * MINUTE);
  await settle(access, access.id);
  const { firewall } = access.parts;
  const rules: Parts['firewall']['rules'] = async (groupId) =>
    (await firewall.rules(groupId)).map((one) =>
      one.ruleId === access.ruleId ? { ...one, plain: false } : one,
    );
  await advance({ ...access.parts, firewall: { ...firewall, rules } }, more);
  expect(await access.now(more)).toMatchObject({ state: 'failed' });
  expect(access.isThere()).toBe(false);
});

test.each([false, true])(
  'an extension that opens shows the address that holds by then (the access has ended: %s)',
  async (isOver) => {
    const access = await opened();
    access.passes(HOUR - MINUTE);
    const more = await opening(access);
    const before = await access.parts.store.load(access.id);
    if (!before || !isIn(before, 'open')) throw new Error('not open');
    const facts = { ...before.phase.facts, address: '198.51.100.7' };
    const readdressed = { atMs: access.parts.now(), was: '198.51.100.6' };
    await change(access.parts, before, readdress(before, facts, readdressed), { who: 'sweep' });
    if (isOver) {
      access.passes(2 * MINUTE);
      await settle(access, access.id);
    }
    await settle(access, more);
    const shown = isOver ? {} : { readdressed };
    expect(await access.now(more)).toMatchObject({
      state: 'open',
      facts: { address: '198.51.100.7' },
      ...shown,
    });
  },
);

test('an approver of access may end the extension that somebody else approved, and nobody else may', async () => {
  const access = await opened();
  const before = await access.parts.store.load(access.id);
  if (!before || !isIn(before, 'open')) throw new Error('not open');
  const TOM = 'U0TOM';
  const byTom = { ...before.phase, review: { by: TOM, decision: 'approve' as const, atMs: Date.now() } };
  await change(access.parts, before, byTom, { who: TOM });
  const more = await access.ask();
  await access.approve(more);
  await settle(access, more, access.id);
  const end = (by: string) => stopRequest(access.parts, { id: more, by });
  expect(await end('U0OTHER')).toMatchObject({ ok: false, sentence: expect.stringContaining('can end') });
  expect(await end(TOM)).toMatchObject({ ok: true });
  await settle(access, more);
  expect(access.isThere()).toBe(false);
});

test('an end of access that was extended a moment ago ends the extension as which it goes on', async () => {
  const access = await opened();
  const more = await access.ask();
  await access.approve(more);
  here.town.faults.add({ action: 'DeleteTags', times: 'always', kind: 'throttle' });
  await settle(access, more);
  const ended = await stopRequest(access.parts, { id: access.id, by: access.requester });
  here.town.faults.clear();
  expect(ended).toMatchObject({ ok: true, request: { id: more } });
  await settle(access, more, access.id);
  expect(access.isThere()).toBe(false);
});

test('an end of access at the moment when an extension takes over ends the extension', async () => {
  const access = await opened();
  const more = await access.ask();
  await access.approve(more);
  const { store } = access.parts;
  let seen = await store.load(access.id);
  await settle(access, more, access.id);
  expect(await access.now(access.id)).toMatchObject({ cause: { kind: 'continued', as: more } });
  // The access was open when it was read, and goes on as the extension before its end is stored.
  const load: typeof store.load = async (id) => {
    const before = seen;
    seen = undefined;
    return before ?? store.load(id);
  };
  const parts = { ...access.parts, store: { ...store, load } };
  expect(await stopRequest(parts, { id: access.id, by: access.requester })).toMatchObject({
    ok: true,
    request: { id: more },
  });
  await settle(access, more);
  expect(access.isThere()).toBe(false);
});

test('an extension that was read before it took over does not take its own taking over for an end of the access', async () => {
  const access = await opened();
  const more = await access.ask();
  await access.approve(more);
  here.town.faults.add({ action: 'CreateTags', times: 'always', kind: 'throttle' });
  await advance(access.parts, more).catch(() => undefined);
  const before = await access.parts.store.load(more);
  if (!before || !isIn(before, 'opening')) throw new Error('not opening');
  here.town.faults.clear();
  await settle(access, more, access.id);
  expect(await access.now(more)).toMatchObject({ state: 'open' });
  expect(await endsWithFollowed(access.parts, before)).toBe('again');
  expect(await access.now(more)).toMatchObject({ state: 'open' });
  expect(access.isThere()).toBe(true);
});

test('during a pause no access is extended, and an approved extension goes on once the pause is over', async () => {
  const access = await opened();
  const more = await access.ask();
  await access.approve(more);
  await pauseOpenings(access.parts, ADA);
  await advance(access.parts, more);
  expect(await access.now(more)).toMatchObject({ state: 'approved', waitsFor: 'resume' });
  const other = await opened();
  const asked = await askMore(other.parts, { id: other.id, by: other.requester, durationMs: HOUR });
  expect(asked).toMatchObject({ ok: false, pause: { by: ADA } });
  await resumeOpenings(access.parts, ADA);
  await settle(access, more);
  expect(await access.now(more)).toMatchObject({ state: 'open' });
});

test.each<[string, Policy['rules'][number]['outcome'], object]>([
  [
    'refuses by now',
    { refuse: 'Not this week.' },
    { state: 'refused', refusal: { sentence: 'Not this week.' } },
  ],
  [
    'asks somebody else by now',
    { ask: [{ kind: 'admins', count: 1 }] },
    { state: 'pending', changed: { anew: true } },
  ],
])('an extension that had to wait is judged again where the policy %s', async (_, outcome, phase) => {
  const access = await opened();
  const more = await access.ask();
  await access.approve(more);
  access.passes(2 * MINUTE);
  const rules = policy.rules.map((rule) => ({ ...rule, outcome }));
  await advance({ ...access.parts, policy: { ...access.parts.policy, rules } }, more);
  expect(await access.now(more)).toMatchObject(phase);
  expect(access.tagged()).toEqual([access.id]);
});

test('an extension whose access an older version of the bot ended alone ends at the next look', async () => {
  for (const joins of [false, true]) {
    const access = await opened();
    const more = joins ? await opening(access) : await access.ask();
    const { followedBy: _, ...phase } = { followedBy: '', ...(await access.now(access.id)) };
    const before = await access.parts.store.load(access.id);
    if (!before || !isIn(before, 'open') || phase.state !== 'open') throw new Error('not open');
    await beginClosing(
      access.parts,
      { ...before, phase },
      { kind: 'revoked', by: access.requester },
      { who: 'old' },
    );
    if (!joins) await access.approve(more).catch(() => undefined);
    // The extension looks by itself, before the end of the access comes to it.
    if (joins) expect(await advance(access.parts, more)).toBe('done');
    await settle(access, more, access.id);
    expect(await access.now(more)).toMatchObject({ state: joins ? 'ended' : 'cancelled' });
    expect(access.isThere()).toBe(false);
  }
});

test('an extension that waits for an answer is taken back at a sweep once an older version has ended its access', async () => {
  const access = await opened();
  const more = await access.ask();
  const before = await access.parts.store.load(access.id);
  if (!before || !isIn(before, 'open')) throw new Error('not open');
  const { followedBy: _, ...phase } = before.phase;
  const by = { kind: 'revoked', by: access.requester } as const;
  await detectLostApprovers(access.parts, [{ id: more, approvers: 1 }]);
  expect(await access.now(more)).toMatchObject({ state: 'pending' });
  await beginClosing(access.parts, { ...before, phase }, by, { who: 'old' });
  // Nobody answers, and its own time to lapse is hours away.
  await detectLostApprovers(access.parts, [{ id: more, approvers: 1 }]);
  expect(await access.now(more)).toMatchObject({ state: 'cancelled' });
});

test('after a loss of the store the access and its extension are adopted by their tags, end on time, and cannot be extended', async () => {
  const access = await opened();
  const more = await opening(access);
  // The tag is written, and the store loses everything before the bot records it.
  const record = await access.parts.store.ruleOf(SHARED, access.source);
  await access.parts.firewall.tag(access.ruleId, SHARED, access.source, record?.leases ?? []);
  const carriersOf: Parts['firewall']['carriersOf'] = async () => ({ reach: 1, interfaces: [] });
  const firewall = { ...access.parts.firewall, carriersOf };
  const lost = { ...access.parts, firewall, store: fakeParts().parts.store };
  const seen = (await access.parts.firewall.rules(SHARED)).find(({ ruleId }) => ruleId === access.ruleId);
  if (!seen) throw new Error('no rule');
  for (const id of [access.id, more]) expect(await adopt(lost, seen, id)).toBe(true);
  const adopted = await lost.store.load(more);
  expect(adopted).toMatchObject({ phase: { state: 'open', adopted: true } });
  expect(adopted?.ask.follows).toBeUndefined();
  const asked = await askMore(lost, { id: more, by: access.requester, durationMs: HOUR });
  expect(asked).toMatchObject({ ok: false, sentence: expect.stringContaining('after my storage was lost') });
});

test('an extension that alone is lost from Redis is adopted by its tag, and ends with the access that it followed', async () => {
  const access = await opened();
  const more = await opening(access);
  const record = await access.parts.store.ruleOf(SHARED, access.source);
  await access.parts.firewall.tag(access.ruleId, SHARED, access.source, record?.leases ?? []);
  const carriersOf: Parts['firewall']['carriersOf'] = async () => ({ reach: 1, interfaces: [] });
  const { parts: kept, fake } = fakeParts();
  const lost = {
    ...access.parts,
    firewall: { ...access.parts.firewall, carriersOf },
    store: kept.store,
  };
  const before = await access.parts.store.load(access.id);
  const seen = (await access.parts.firewall.rules(SHARED)).find(({ ruleId }) => ruleId === access.ruleId);
  if (!before || !isIn(before, 'open') || !seen) throw new Error('not open');
  fake.requests.set(access.id, before);
  expect(await adopt(lost, seen, more)).toBe(true);
  expect(fake.requests.get(more)?.phase).toMatchObject({
    ...{ state: 'open', adopted: true },
    grant: { endsAtMs: before.phase.grant.endsAtMs + HOUR },
  });
  await stopRequest(lost, { id: access.id, by: access.requester });
  for (const id of [access.id, more])
    expect(fake.requests.get(id)?.phase).toMatchObject({ state: 'closing', cause: { kind: 'revoked' } });
});

test.each<[string, (access: Opened) => Promise<unknown>, RegExp]>([
  [
    'by somebody else',
    ({ parts, id }) => askMore(parts, { id, by: MARIA, durationMs: HOUR }),
    /^Only <@U0JANE\d+> can/,
  ],
  [
    'for more than the policy allows',
    ({ parts, id, requester: by }) => askMore(parts, { id, by, durationMs: 7.5 * HOUR }),
    /at most 8 hours in all. Ask for `7h` more, or less\.$/,
  ],
  [
    'for access that is over',
    async ({ parts, id, requester: by }) => {
      await stopRequest(parts, { id, by });
      return askMore(parts, { id, by, durationMs: HOUR });
    },
    /is over. Ask for new access instead/,
  ],
  [
    'for a request that does not exist',
    ({ parts }) => askMore(parts, { id: 'ZZZZZ', by: MARIA, durationMs: HOUR }),
    /^I know no request ZZZZZ/,
  ],
])('more time is refused with a sentence where it is asked for %s', async (_, ask, sentence) => {
  expect(await ask(await opened())).toMatchObject({ ok: false, sentence: expect.stringMatching(sentence) });
});
