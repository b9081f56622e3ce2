/** After the yes: which WorkSpaces are started, for which an opening waits, and what its card says then. */
import { describe, expect, test } from '@jest/globals';
import type { Desktop } from '../../../src/access/connecting/found.js';
import type { Facts } from '../../../src/access/request/facts.js';
import type { Phase } from '../../../src/access/request/request.js';
import { waitForWorkspace } from '../../../src/workflow/opening/wait-for-workspace.js';
import { AwsRefused, AwsUnavailable, type Parts } from '../../../src/workflow/ports.js';
import { fakeParts, policy } from '../../slack/parts.js';
import { directoryFacts, facts, NOW, need, requestIn } from '../../slack/requests.js';

const DIRECTORY = 'd-90670a1b2c';
const [A = '', B = '', C = ''] = directoryFacts.desktops.map(({ workspaceId }) => workspaceId);
const three: Facts = { ...directoryFacts, desktops: directoryFacts.desktops.slice(0, 3), reach: 3 };
const [ONE = ''] = facts.desktops.map(({ workspaceId }) => workspaceId);

interface World {
  of: Facts;
  /** The states that AWS says now; a WorkSpace that is missing here is unknown to AWS. */
  states: string[];
  mayStart: boolean;
  asked?: boolean;
  /** The states that AWS says once it was asked to start some; else the same as before. */
  afterwards?: string[];
  /** The answer of AWS to a start. */
  start?: Parts['desktops']['start'];
}

async function outcomeOf(sample: World) {
  const { of, states, mayStart, asked = false, afterwards = states, start = async () => [] } = sample;
  const { parts, fake } = fakeParts();
  const started: string[] = [];
  const found = (): Desktop[] =>
    of.desktops.flatMap((one, nth) => {
      const state = (started.length > 0 ? afterwards : states)[nth];
      return state ? [{ ...one, state }] : [];
    });
  const directories = { [DIRECTORY]: { startStopped: mayStart } };
  const world: Parts = {
    ...parts,
    policy: { ...policy, directories },
    now: () => NOW,
    desktops: {
      ...parts.desktops,
      byIds: async () => found(),
      start: async (ids) => {
        started.push(...ids);
        return start(ids);
      },
    },
  };
  const phase = {
    state: 'approved' as const,
    facts: of,
    need,
    review: { by: 'UMARIA0001', decision: 'approve' as const, atMs: NOW },
    waitsFor: 'workspace' as const,
    lapsesAtMs: NOW + 60_000,
    startAsked: asked,
  };
  const request = { ...requestIn(phase), phase };
  fake.requests.set(request.id, request);
  const progress = await waitForWorkspace(world, request).catch((fault: Error) => fault.name);
  const now: Phase = fake.requests.get(request.id)?.phase ?? phase;
  const after = 'facts' in now ? now.facts?.desktops.map((desktop) => desktop.state) : [];
  return { progress, now, started, states: after, notices: world.memory.notices };
}

const forbidden: Parts['desktops']['start'] = async () => {
  const [action, code] = ['workspaces:StartWorkspaces', 'AccessDeniedException'];
  throw new AwsRefused({ action, code, message: 'not authorized' });
};

const open = { state: 'approved', waitsFor: 'nothing' };
const waiting = { state: 'approved', waitsFor: 'workspace' };
const [UP, OFF, COMING, BUSY] = ['AVAILABLE', 'STOPPED', 'STARTING', 'REBOOTING'];

describe('after the yes, of the approved WorkSpaces', () => {
  test.each<[string, World, { now: object; started: string[]; states: string[] }]>([
    [
      'the stopped ones are started, and one that runs is enough to open',
      { of: three, states: [UP, OFF, OFF], mayStart: true },
      { now: open, started: [B, C], states: [UP, COMING, COMING] },
    ],
    [
      'one that AWS does not start stays stopped on the card',
      { of: three, states: [OFF, UP, OFF], mayStart: true, start: async () => [C] },
      { now: open, started: [A, C], states: [COMING, UP, OFF] },
    ],
    [
      'one runs, and the policy starts none',
      { of: three, states: [OFF, UP, OFF], mayStart: false },
      { now: open, started: [], states: [OFF, UP, OFF] },
    ],
    [
      'none runs, and AWS starts some',
      { of: three, states: [OFF, OFF, OFF], mayStart: true, start: async () => [C] },
      { now: { ...waiting, startAsked: true }, started: [A, B, C], states: [OFF, OFF, OFF] },
    ],
    [
      'one whose start AWS refuses since it starts already is waited for',
      { of: facts, states: [OFF], afterwards: [COMING], mayStart: true, start: async (ids) => [...ids] },
      { now: { ...waiting, startAsked: true }, started: [ONE], states: [OFF] },
    ],
    [
      'none runs, and AWS was asked to start them before',
      { of: three, states: [OFF, COMING, OFF], mayStart: true, asked: true },
      { now: waiting, started: [], states: [UP, UP, UP] },
    ],
    [
      'one runs since AWS was asked to start them',
      { of: three, states: [OFF, COMING, UP], mayStart: true, asked: true },
      { now: open, started: [], states: [OFF, COMING, UP] },
    ],
    [
      'none runs, the policy starts none, and the card has to say which are stopped',
      { of: three, states: [OFF, BUSY, OFF], mayStart: false },
      { now: { ...waiting, startAsked: false }, started: [], states: [OFF, BUSY, OFF] },
    ],
    [
      'one that reboots is waited for, not started',
      { of: facts, states: [BUSY], mayStart: true },
      { now: { ...waiting, startAsked: false }, started: [], states: [BUSY] },
    ],
    [
      'one is gone and the others run',
      { of: three, states: [UP, UP], mayStart: true },
      { now: open, started: [], states: [UP, UP, 'TERMINATED'] },
    ],
  ])('%s', async (_, world, { now, started, states }) => {
    const outcome = await outcomeOf(world);
    expect(outcome.now).toMatchObject(now);
    expect(outcome.started).toEqual(started);
    expect(outcome.states).toEqual(states);
  });

  test.each<[string, World, string]>([
    ['all are gone', { of: three, states: [], mayStart: true }, 'None of its WorkSpaces exists any more.'],
    ['the only one is gone', { of: facts, states: [], mayStart: true }, `${ONE} no longer exists.`],
    [
      'AWS starts none of them',
      { of: three, states: [OFF, OFF, OFF], mayStart: true, start: async (ids) => [...ids] },
      'AWS refuses to start any of the 3 WorkSpaces. Ask an admin to do it in the AWS console, then ask again.',
    ],
    [
      'AWS lets the bot start none, and none runs',
      { of: three, states: [OFF, OFF, OFF], mayStart: true, start: forbidden },
      'AWS refuses me `workspaces:StartWorkspaces` (`AccessDeniedException`). An admin has to allow it in my IAM policy. Nothing is open.',
    ],
    [
      'AWS does not start the only one',
      { of: facts, states: [OFF], mayStart: true, start: async (ids) => [...ids] },
      `AWS refuses to start ${ONE}. Ask an admin to do it in the AWS console, then ask again.`,
    ],
  ])('the request fails where %s', async (_, world, sentence) =>
    expect((await outcomeOf(world)).now).toMatchObject({ state: 'failed', refusal: { sentence } }),
  );

  test('the running ones open though AWS lets the bot start none, and the admins are told', async () => {
    const outcome = await outcomeOf({ of: three, states: [OFF, UP, OFF], mayStart: true, start: forbidden });
    expect(outcome.now).toMatchObject(open);
    expect(outcome.states).toEqual([OFF, UP, OFF]);
    const [action, code] = ['workspaces:StartWorkspaces', 'AccessDeniedException'];
    expect(outcome.notices).toEqual([{ kind: 'aws-refused', action, code }]);
  });

  test.each<[string, string[], Error]>([
    ['it does not answer', [OFF, OFF, UP], new AwsUnavailable()],
    ['it does not answer, and none runs', [OFF, OFF, OFF], new AwsUnavailable()],
    ['a crash came before its answer', [OFF, OFF, OFF], new Error('killed')],
  ])('AWS is asked again to start them where %s', async (_, states, fault) => {
    const start = async () => Promise.reject(fault);
    const outcome = await outcomeOf({ of: three, states, mayStart: true, start });
    expect(outcome.progress).not.toBe('done');
    expect(outcome.now).toMatchObject({ ...waiting, startAsked: false });
  });
});
