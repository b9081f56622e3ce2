/** Access that is to open later: before its time, at its time, and where the yes comes or counts. */
import { describe, expect, test } from '@jest/globals';
import type { Desktop, NetworkInterface } from '../../../src/access/connecting/found.js';
import type { Policy } from '../../../src/access/policy/policy.js';
import type { Facts } from '../../../src/access/request/facts.js';
import { isIn, type Phase, type Request, type RequestIn } from '../../../src/access/request/request.js';
import { isMany } from '../../../src/access/request/target.js';
import { decideRequest } from '../../../src/workflow/deciding/decide-request.js';
import { reviewRequest } from '../../../src/workflow/deciding/review-request.js';
import { stopRequest } from '../../../src/workflow/ending/end-access.js';
import { startOpening } from '../../../src/workflow/opening/open-access.js';
import { AwsRefused, AwsUnavailable, type Parts } from '../../../src/workflow/ports.js';
import { policyOf } from '../../policy-file/policies.js';
import { fakeParts } from '../../slack/parts.js';
import { directoryFacts, facts as known, NOW, need, phases, requestIn } from '../../slack/requests.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const STARTS = NOW + 5 * HOUR;
const [JANE, MARIA, ADA] = ['U0JANE', 'U0MARIA', 'U0ADA'];

const DESKTOP: Desktop = {
  workspaceId: 'ws-janedoe01',
  directoryId: 'd-90670a1b2c',
  userName: 'jane',
  state: 'AVAILABLE',
  operatingSystem: 'UBUNTU_22_04',
  stopsByItself: true,
  subnetId: 'subnet-1',
  privateAddress: '10.0.0.7',
};
const AT: NetworkInterface = {
  interfaceId: 'eni-1',
  subnetId: 'subnet-1',
  vpcId: 'vpc-1',
  privateAddress: '10.0.0.7',
  publicAddress: '198.51.100.7',
  groups: [],
};

interface World {
  desktops?: Desktop[];
  at?: NetworkInterface;
  aws?: Error;
  slack?: Error;
  rules?: string;
  limits?: Partial<Policy['limits']>;
  people?: Record<string, string>;
}

/** A request that Maria approved, an hour after it was asked for, for {@link STARTS}. */
function waiting(ask: Partial<Request['ask']> = {}, facts: Partial<Facts> = {}) {
  const { parts: fakes, fake } = fakeParts();
  const world: World = {};
  let nowMs = NOW;
  const asks = {
    ...need.asks,
    approvers: [MARIA],
    parts: [{ asked: { kind: 'manager' as const }, people: [MARIA] }],
  };
  const yes = { by: MARIA, decision: 'approve' as const, atMs: NOW };
  const request = requestIn(
    {
      state: 'approved',
      facts: { ...known, ...facts },
      need: { ...need, asks: { ...asks, reviews: [yes] } },
      review: yes,
      waitsFor: 'time',
      lapsesAtMs: STARTS + HOUR / 2,
      startAsked: false,
    },
    { requester: JANE, later: { startsAtMs: STARTS }, ...ask },
  );
  fake.requests.set(request.id, request);
  const aws = async <T>(found: T): Promise<T> => {
    if (world.aws) throw world.aws;
    return found;
  };
  const own = 'rules: [{ name: own, target: own, ask: [manager] }]';
  const tables = { managers: { table: { [JANE]: MARIA } } };
  const parts = (): Parts => {
    const policy = policyOf(world.rules ?? own);
    const people = { table: { [JANE]: 'jane', ...world.people } };
    const directories = { 'd-90670a1b2c': { people, startStopped: false } };
    return {
      ...fakes,
      policy: {
        ...policy,
        ...tables,
        directories,
        limits: { ...policy.limits, ...limitsOf(policy), ...world.limits },
      },
      people: {
        ...fakes.people,
        async person(id) {
          if (world.slack) throw world.slack;
          return fakes.people.person(id);
        },
      },
      desktops: {
        ...fakes.desktops,
        byIds: () => aws(world.desktops ?? [DESKTOP]),
        inDirectory: () => aws(world.desktops ?? [DESKTOP]),
      },
      firewall: {
        ...fakes.firewall,
        interfaceAt: () => aws(world.at ?? AT),
        carriersOf: async () => ({ reach: 3, interfaces: [] }),
      },
      now: () => nowMs,
    };
  };
  return {
    id: request.id,
    world,
    fake,
    parts,
    /** Advances the request at an instant, and answers how it stands then. */
    async at(ms: number): Promise<Phase> {
      nowMs = ms;
      const found = fake.requests.get(request.id);
      if (!found || !isIn(found, 'approved')) throw new Error(`it is ${found?.phase.state}`);
      await startOpening(parts(), found);
      return this.now();
    },
    /** Begins to open the request, at an AWS that goes no further. */
    async begins(ms: number): Promise<Phase> {
      await this.at(ms).catch(() => undefined);
      return this.now();
    },
    now(): Phase {
      const found = fake.requests.get(request.id);
      if (!found) throw new Error('it is gone');
      return found.phase;
    },
  };
}

function limitsOf({ limits }: Policy): Partial<Policy['limits']> {
  return { sources: { ...limits.sources, allowDocumentation: true } };
}

describe('before its time, an approved request that is to open later', () => {
  test.each([
    ['long before', STARTS - 4 * HOUR],
    ['a millisecond before its reminder', STARTS - 15 * MINUTE - 1],
  ])('does nothing (%s)', async (_, ms) => {
    const later = waiting();
    const before = later.now();
    expect(await later.at(ms)).toBe(before);
  });

  test('reminds its requester once, a quarter of an hour before', async () => {
    const later = waiting();
    const reminded = await later.at(STARTS - 15 * MINUTE);
    expect(reminded).toMatchObject({ state: 'approved', waitsFor: 'time', reminded: true });
    expect(await later.at(STARTS - 2)).toBe(reminded);
  });

  // A replica whose clock is 2 s slow gets the job of one whose clock is right.
  test.each([-2_000, -1])('opens nothing by a clock that is %i ms early', async (ms) => {
    const later = waiting();
    expect(await later.at(STARTS + ms)).toMatchObject({ waitsFor: 'time' });
  });

  test('is changed neither by a pause nor by an AWS that is away', async () => {
    const later = waiting();
    later.fake.pause = { version: 1, paused: true, by: ADA, atMs: NOW };
    later.world.aws = new AwsUnavailable('down');
    expect(await later.at(STARTS - 16 * MINUTE)).toMatchObject({ waitsFor: 'time' });
  });

  test('can be taken back', async () => {
    const later = waiting();
    const answer = await stopRequest(later.parts(), { id: later.id, by: JANE });
    expect(answer.ok).toBe(true);
    expect(later.now()).toMatchObject({ state: 'cancelled', by: JANE });
  });
});

describe('at its time, an approved request', () => {
  test('has everything looked at again, and its end counts from its opening', async () => {
    const later = waiting();
    const moved = { ...AT, interfaceId: 'eni-2', publicAddress: '198.51.100.8' };
    Object.assign(later.world, { at: moved });
    const come = await later.at(STARTS);
    expect(come).toMatchObject({ state: 'approved', waitsFor: 'nothing', lapsesAtMs: STARTS + HOUR / 2 });
    // A WorkSpace that was rebuilt since is found where it is now.
    expect(come).toMatchObject({ facts: { address: '198.51.100.8', desktops: [{ interfaceId: 'eni-2' }] } });
    expect(await later.begins(STARTS + 3_000)).toMatchObject({
      state: 'opening',
      grant: { startedAtMs: STARTS + 3_000, endsAtMs: STARTS + 3_000 + 2 * HOUR },
    });
  });

  test.each(['STOPPED', 'STARTING', 'REBOOTING'])('waits for a WorkSpace that is %s', async (state) => {
    const later = waiting();
    later.world.desktops = [{ ...DESKTOP, state }];
    expect(await later.at(STARTS)).toMatchObject({ waitsFor: 'workspace', facts: { desktops: [{ state }] } });
    later.world.desktops = [DESKTOP];
    expect(await later.at(STARTS + MINUTE)).toMatchObject({ waitsFor: 'nothing' });
  });

  test('is held by a pause, and has everything looked at once the pause is over', async () => {
    const later = waiting();
    later.fake.pause = { version: 1, paused: true, by: ADA, atMs: NOW };
    expect(await later.at(STARTS)).toMatchObject({ waitsFor: 'resume', lapsesAtMs: STARTS + HOUR / 2 });
    later.fake.pause = { version: 2, paused: false, by: ADA, atMs: NOW };
    expect(await later.at(STARTS + MINUTE)).toMatchObject({ waitsFor: 'time' });
    later.world.desktops = [{ ...DESKTOP, state: 'STOPPED' }];
    expect(await later.at(STARTS + MINUTE)).toMatchObject({ waitsFor: 'workspace' });
  });

  test('waits for an AWS that does not answer, says so once, and lapses half an hour after its time', async () => {
    const later = waiting();
    later.world.aws = new AwsUnavailable('down');
    const stalled = await later.at(STARTS);
    expect(stalled).toMatchObject({ waitsFor: 'time', waitsForAws: true });
    expect(await later.at(STARTS + MINUTE)).toBe(stalled);
    expect(await later.at(STARTS + HOUR / 2)).toMatchObject({ state: 'lapsed', review: { by: MARIA } });
  });

  test('waits for a Slack that does not answer, since nobody’s status is guessed', async () => {
    const later = waiting();
    later.world.slack = new Error('Slack is down');
    await expect(later.at(STARTS)).rejects.toThrow('Slack is down');
    delete later.world.slack;
    expect(await later.at(STARTS + MINUTE)).toMatchObject({ waitsFor: 'nothing' });
  });

  test.each<[string, World, string]>([
    [
      'its WorkSpace is gone',
      { desktops: [] },
      'I find no WorkSpace ws-janedoe01. Check the id with an admin.',
    ],
    [
      'its WorkSpace is being terminated',
      { desktops: [{ ...DESKTOP, state: 'TERMINATING' }] },
      'ws-janedoe01 is TERMINATING. Ask again when it is available.',
    ],
    [
      'AWS refuses a call',
      { aws: new AwsRefused({ action: 'ec2:DescribeX', code: 'AccessDenied', message: 'no' }) },
      'AWS refuses me',
    ],
  ])('fails where %s', async (_, world, sentence) => {
    const later = waiting();
    Object.assign(later.world, world);
    const phase = await later.at(STARTS);
    expect(phase).toMatchObject({ state: 'failed' });
    expect(JSON.stringify(phase)).toContain(sentence);
  });

  test.each<[string, World, string]>([
    [
      'refuses by now',
      { rules: 'rules: [{ name: own, target: own, refuse: Not at night. }]' },
      'Not at night.',
    ],
    [
      'allows less time by now',
      {
        rules:
          'limits: { durations: { choices: [1h], longest: 1h } }\nrules: [{ name: own, target: own, ask: [manager] }]',
      },
      '2 hours is longer than the policy allows.',
    ],
    [
      'allows nothing so far ahead by now',
      { limits: { laterMs: HOUR } },
      'The policy allows at most 1 hour ahead. Ask for an earlier time.',
    ],
  ])('is refused where the policy %s', async (_, world, sentence) => {
    const later = waiting();
    Object.assign(later.world, world);
    expect(await later.at(STARTS)).toMatchObject({
      state: 'refused',
      refusal: { sentence: expect.stringContaining(sentence) },
    });
  });

  const anew = async (later: ReturnType<typeof waiting>) => {
    const phase = await later.at(STARTS);
    if (phase.state !== 'pending') throw new Error(`it is ${phase.state}`);
    return phase;
  };

  test('is asked for again where the policy needs other approvers by now, and then opens without waiting for its time', async () => {
    const later = waiting();
    later.world.rules = 'rules: [{ name: own, target: own, ask: [admins] }]\nadmins: [U0ADA]';
    const asked = await anew(later);
    expect(asked).toMatchObject({
      changed: { anew: true, what: expect.stringContaining('the policy now needs') },
      lapsesAtMs: STARTS + 4 * HOUR,
    });
    expect(asked.need.asks.approvers).not.toContain(MARIA);
  });

  test.each<[string, Partial<Request['ask']>, Partial<Facts>, World, { what: string; reachWas?: number }]>([
    [
      'it would open more WorkSpaces',
      { target: { kind: 'directory', directoryId: 'd-90670a1b2c' } },
      { ...directoryFacts, reach: 1 },
      {
        desktops: [DESKTOP, { ...DESKTOP, workspaceId: 'ws-janedoe02' }],
        rules: 'rules: [{ name: all, target: everything, ask: [admins] }]',
      },
      { what: 'it would open 2 WorkSpaces now, not 1', reachWas: 1 },
    ],
    [
      'as many WorkSpaces would open, and others',
      { target: { kind: 'directory', directoryId: 'd-90670a1b2c' } },
      { ...directoryFacts },
      {
        desktops: directoryFacts.desktops.map((_, nth) => ({ ...DESKTOP, workspaceId: `ws-newcomer${nth}` })),
        rules: 'rules: [{ name: all, target: everything, ask: [admins] }]',
      },
      { what: 'it would open 40 WorkSpaces now that were not among those approved' },
    ],
    [
      'its group is shared with more WorkSpaces',
      {},
      { group: { kind: 'existing', groupId: 'sg-0abc1234' } },
      {
        at: { ...AT, groups: [{ groupId: 'sg-0abc1234', name: 'shared' }] },
        rules:
          'rules: [{ name: all, target: any, ask: [manager] }]\nfirewall: { existing-group: [sg-0abc1234] }',
      },
      { what: 'it would open 3 WorkSpaces now, not 1', reachWas: 1 },
    ],
    [
      'its WorkSpace is somebody else’s by now',
      { target: { kind: 'own' } },
      {},
      {
        desktops: [{ ...DESKTOP, userName: 'tom' }],
        rules: 'rules: [{ name: all, target: any, ask: [manager] }]',
      },
      { what: 'the WorkSpace is not the requester’s own any more' },
    ],
  ])('is asked for again where %s', async (_, ask, facts, world, { what, reachWas }) => {
    const later = waiting(ask, facts);
    Object.assign(later.world, world);
    const request = later.fake.requests.get(later.id);
    if (!request || !isIn(request, 'approved')) throw new Error('not approved');
    const { need: before, review } = request.phase;
    const [part] = before.asks.parts;
    // Whole directories are approved by admins.
    const byAdmin = { asked: { kind: 'admins' as const, count: 1 }, people: [ADA] };
    const parts = isMany(request.ask.target) ? [byAdmin] : part ? [part] : [];
    const by = parts[0]?.people[0] ?? '';
    const asks = { ...before.asks, parts, approvers: [by], reviews: [{ ...review, by }] };
    const phase = { ...request.phase, need: { ...before, rule: 'all', asks }, review: { ...review, by } };
    later.fake.requests.set(later.id, { ...request, phase });
    const asked = await anew(later);
    expect(asked.changed).toMatchObject({ what, anew: true });
    expect(asked.reachWas).toBe(reachWas);
    expect(asked.need.asks.reviews).toEqual([]);
  });
});

test('a requester who owns another WorkSpace by now does not get that one, since the approved WorkSpace is looked up by its id', async () => {
  const later = waiting({ target: { kind: 'own' } });
  const asked: (readonly string[])[] = [];
  const { desktops } = later.parts();
  const parts = later.parts();
  parts.desktops = {
    ...desktops,
    byOwner: async () => [{ ...DESKTOP, workspaceId: 'ws-another01' }],
    byIds: async (ids) => {
      asked.push(ids);
      return [DESKTOP];
    },
  };
  const request = later.fake.requests.get(later.id);
  if (!request || !isIn(request, 'approved')) throw new Error('not approved');
  await startOpening({ ...parts, now: () => STARTS }, request);
  expect(asked).toEqual([['ws-janedoe01']]);
});

describe('a yes to a request that is to open later', () => {
  const pending = (askedMs: number): RequestIn<'pending'> => {
    const phase = phases().pending;
    if (phase?.state !== 'pending') throw new Error('no pending');
    const asks = {
      ...need.asks,
      approvers: [MARIA],
      parts: [{ asked: { kind: 'manager' as const }, people: [MARIA] }],
    };
    const request = requestIn(phase, { requester: JANE, later: { startsAtMs: STARTS } });
    return {
      ...request,
      phase: { ...phase, need: { ...need, asks }, pendingAtMs: askedMs, lapsesAtMs: STARTS + HOUR },
    };
  };

  test.each([
    ['hours after it was asked for, and before its time', NOW + 4 * HOUR, 'time', STARTS + HOUR / 2],
    ['shortly after its time', STARTS + 20 * MINUTE, 'time', STARTS + 50 * MINUTE],
    [
      'long after its time, so that its requester says whether it still opens',
      STARTS + 40 * MINUTE,
      'confirmation',
      STARTS + 70 * MINUTE,
    ],
  ])('comes %s', async (_, ms, waitsFor, lapsesAtMs) => {
    const later = waiting();
    const request = pending(NOW);
    later.fake.requests.set(request.id, request);
    const parts = { ...later.parts(), now: () => ms };
    const answer = await reviewRequest(parts, {
      id: request.id,
      by: MARIA,
      version: 99,
      decision: 'approve',
    });
    expect(answer).toMatchObject({
      ok: true,
      request: { phase: { state: 'approved', waitsFor, lapsesAtMs } },
    });
  });
});

describe('the typed time of a request', () => {
  /** Asked for at 14:45 UTC. */
  const decidedAt = async (ms: number): Promise<Request | undefined> => {
    const later = waiting();
    const submitted = { state: 'submitted' as const, giveUpAtMs: NOW + 24 * HOUR, waitsForAws: true };
    const request = {
      ...requestIn(submitted, { requester: JANE, askedAtMs: NOW, later: { typed: { time: '19:45' } } }),
      phase: submitted,
    };
    later.fake.requests.set(request.id, request);
    await decideRequest({ ...later.parts(), now: () => ms }, request);
    return later.fake.requests.get(request.id);
  };

  test('counts from the asking, however long it takes to look everything up', async () => {
    expect(await decidedAt(STARTS + 20 * MINUTE)).toMatchObject({
      ask: { later: { startsAtMs: STARTS } },
      phase: { state: 'pending' },
    });
  });

  test('opens nothing once it has long passed, and nobody is asked', async () => {
    expect(await decidedAt(STARTS + 30 * MINUTE)).toMatchObject({
      phase: { state: 'failed', refusal: { sentence: expect.stringContaining('so nobody was asked') } },
    });
  });
});
