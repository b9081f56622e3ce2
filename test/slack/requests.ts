/** A request in every state, for tables of cases, and Home with them. */
import type { Asked } from '../../src/access/policy/policy.js';
import type { Facts } from '../../src/access/request/facts.js';
import type { Need, NeedAsks, Review } from '../../src/access/request/need.js';
import { askingNobody } from '../../src/access/request/needs.js';
import {
  type EndCause,
  isIn,
  type Phase,
  type PhaseIn,
  type Request,
  type State,
} from '../../src/access/request/request.js';
import { type HomeViewer, homeView } from '../../src/slack/cards/home.js';
import { FIRST_PAGES } from '../../src/slack/words/values.js';
import type { HomeLists } from '../../src/workflow/listing/home.js';

export const NOW = Date.UTC(2026, 10, 23, 14, 45);
const HOUR = 3_600_000;

/** A text over several lines with everything that Slack would take for markup. */
export const HOSTILE =
  '<!channel> <@U0000000099> *bold* `code` & <https://evil.example|click>\n*Approved by Maria*';

export const facts: Facts = {
  desktops: [
    {
      workspaceId: 'ws-janedoe01',
      directoryId: 'd-90670a1b2c',
      userName: 'jane',
      operatingSystem: 'UBUNTU_22_04',
      state: 'AVAILABLE',
      stopsByItself: true,
      interfaceId: 'eni-1',
      subnetId: 'subnet-1',
      vpcId: 'vpc-1',
      privateAddress: '10.0.0.7',
    },
  ],
  directoryId: 'd-90670a1b2c',
  netbios: 'CORP',
  loginName: 'jane',
  own: true,
  address: '198.51.100.7',
  reach: 1,
  group: { kind: 'access', name: 'workspace-ssh-ws-janedoe01', vpcId: 'vpc-1' },
};

/** An id as AWS gives them, for the n-th WorkSpace of a directory. */
export const manyId = (n: number): string => `ws-many${String(n).padStart(5, '0')}`;

export const directoryFacts: Facts = {
  desktops: Array.from({ length: 40 }, (_, n) => ({
    workspaceId: manyId(n),
    directoryId: 'd-90670a1b2c',
    userName: `user${n}`,
    operatingSystem: 'ROCKY_8',
    state: 'AVAILABLE',
    stopsByItself: false,
    interfaceId: `eni-${n}`,
    subnetId: 'subnet-1',
    vpcId: 'vpc-1',
    privateAddress: `10.0.1.${n}`,
  })),
  directoryId: 'd-90670a1b2c',
  netbios: 'CORP',
  loginName: 'jane',
  own: false,
  reach: 40,
  group: { kind: 'access', name: 'workspace-ssh-d-90670a1b2c', vpcId: 'vpc-1' },
};

/** A need that asks these people for one thing; `asks` overrides the rest of what is asked. */
function needOf(asked: Asked, people: string[], asks: Partial<NeedAsks> = {}): Need {
  const need = askingNobody('own');
  const parts = [{ asked, people }];
  const shorterMs = [HOUR / 2, HOUR];
  return { ...need, asks: { ...need.asks, parts, approvers: people, shorterMs, ...asks } };
}
export const need = needOf({ kind: 'manager' }, ['UMARIA0001']);
const TWO = ['UMARIA0001', 'UTOM000001'];
const byTwo = needOf({ kind: 'group', group: '@security', count: 2 }, TWO, {
  reviews: [{ by: 'UTOM000001', decision: 'approve', atMs: 0 }],
});
const yes: Review = { by: 'UMARIA0001', decision: 'approve', atMs: NOW };
const grant = { groupId: 'sg-1', endsAtMs: NOW + 2 * HOUR, openByMs: NOW + HOUR / 3, startedAtMs: NOW };

/** @param ask overrides parts of what was asked */
export function requestIn(phase: Phase, ask: Partial<Request['ask']> = {}): Request {
  return {
    id: 'K7QF2',
    version: 3,
    ask: {
      requester: 'UJANE00001',
      command: '/workspace-ssh',
      target: { kind: 'workspace', workspaceId: 'ws-janedoe01' },
      source: {
        cidr: '203.0.113.25/32',
        family: 4,
        addresses: '1',
        isSingle: true,
        isPrivate: false,
        clearedHostBits: false,
      },
      durationMs: 2 * HOUR,
      reason: 'fixing the build, OPS-412',
      askedAtMs: NOW - 60_000,
      ...ask,
    },
    phase,
  };
}

/** Every reason for an end. The compiler asks for a new one. */
const CAUSES: { [K in EndCause['kind']]: Extract<EndCause, { kind: K }> } = {
  expired: { kind: 'expired' },
  revoked: { kind: 'revoked', by: 'UJANE00001' },
  'removed-outside': { kind: 'removed-outside' },
  moved: { kind: 'moved' },
  terminated: { kind: 'terminated' },
  deactivated: { kind: 'deactivated' },
  adoption: { kind: 'adoption' },
  continued: { kind: 'continued', as: 'M3XYZ' },
  'not-opened': { kind: 'not-opened', refusal: { sentence: 'It did not work. Ask again.', retry: true } },
};

/** A request with another source took over. */
const MOVED_TO: EndCause = { ...CAUSES.continued, to: '198.51.100.9/32' };

const OTHER_RULE = { ruleId: 'sgr-0123456789abcdef0', groupId: 'sg-0123456789abcdef0' };

/** Every state, in each form in which cards show it differently. */
export function phases(of: Facts = facts, sentence = 'It did not work. Ask again.'): Record<string, Phase> {
  return Object.fromEntries(Object.values(phasesByState(of, sentence)).flatMap(Object.entries<Phase>));
}

/** The forms of each state, by their names in tests. The compiler asks for a new state. */
function phasesByState(of: Facts, sentence: string): { [S in State]: Record<string, PhaseIn<S>> } {
  const decided = { facts: of, need, review: yes };
  const refusal = { sentence, retry: true, admins: true };
  const open: PhaseIn<'open'> = { state: 'open', ...decided, grant, openedAtMs: NOW, warned: false };
  const closing: PhaseIn<'closing'> = {
    state: 'closing',
    ...decided,
    grant,
    openedAtMs: NOW,
    cause: CAUSES.expired,
    closingAtMs: NOW + 2 * HOUR,
  };
  const ended: PhaseIn<'ended'> = {
    state: 'ended',
    ...decided,
    grant,
    openedAtMs: NOW,
    cause: CAUSES.expired,
    endedAtMs: NOW + 2 * HOUR,
    shared: false,
    around: { read: true, rules: [] },
  };
  const endedBy = Object.entries<EndCause>(CAUSES).map(([kind, cause]) => [
    `ended: ${kind}`,
    { ...ended, cause },
  ]);
  const approved = { state: 'approved' as const, ...decided, lapsesAtMs: NOW + HOUR, startAsked: true };
  const pending = {
    state: 'pending' as const,
    facts: of,
    need,
    pendingAtMs: NOW,
    lapsesAtMs: NOW + 4 * HOUR,
  };
  const submitted = { state: 'submitted' as const, giveUpAtMs: NOW + 4 * HOUR };
  const cancelled = { state: 'cancelled' as const, by: 'UMARIA0001', atMs: NOW };
  const lapsed = { state: 'lapsed' as const, atMs: NOW, facts: of, need };
  return {
    submitted: {
      checking: { ...submitted, waitsForAws: false },
      'waiting for AWS': { ...submitted, waitsForAws: true },
    },
    pending: {
      pending,
      'half approved': { ...pending, need: byTwo },
      'handed over': {
        ...pending,
        need: { ...pending.need, hears: { ...pending.need.hears, handedOver: ['UTOM000001'] } },
      },
      'pending again': {
        ...pending,
        facts: { ...of, reach: 41, own: false },
        need: needOf({ kind: 'admins', count: 1 }, TWO),
        reachWas: 12,
      },
      'pending once more': {
        ...pending,
        changed: { version: 3, what: '<@UTOM000001> may not decide any more', anew: true },
      },
    },
    approved: {
      'about to open': { ...approved, waitsFor: 'nothing' },
      'late yes': { ...approved, waitsFor: 'confirmation' },
      paused: { ...approved, waitsFor: 'resume' },
      'waiting for the WorkSpace': { ...approved, waitsFor: 'workspace' },
      'opens later': { ...approved, waitsFor: 'time' },
      'opens soon': { ...approved, waitsFor: 'time', reminded: true },
      'its time has come, without AWS': { ...approved, waitsFor: 'time', waitsForAws: true },
    },
    opening: {
      opening: { state: 'opening', ...decided, grant, waitsForAws: false, attached: 3 },
      'opening without AWS': { state: 'opening', ...decided, grant, waitsForAws: true, attached: 0 },
    },
    open: {
      open,
      'open by the policy': { ...open, review: { ...yes, by: 'policy' } },
      warning: { ...open, warned: true },
      'open, can be extended': { ...open, stepMs: HOUR },
      'open, more time is asked for': { ...open, stepMs: HOUR, followedBy: 'M3XYZ' },
      'warning, can be extended': { ...open, warned: true, stepMs: HOUR },
      'open, can be moved': { ...open, movable: true },
      'open, another address is asked for': { ...open, movable: true, followedBy: 'M3XYZ', moving: true },
    },
    closing: {
      closing,
      'closing, continued': { ...closing, cause: CAUSES.continued },
      'closing, moved to another address': { ...closing, cause: MOVED_TO },
      'not closed yet, moved': { ...closing, cause: MOVED_TO, troubleAtMs: NOW + 3 * HOUR },
      'closing, not opened': { ...closing, cause: CAUSES['not-opened'] },
      'not closed yet': { ...closing, troubleAtMs: NOW + 3 * HOUR },
      'not closed yet, refused': {
        ...closing,
        troubleAtMs: NOW + 3 * HOUR,
        refused: 'AWS refuses me `ec2:RevokeSecurityGroupIngress` (`UnauthorizedOperation`).',
      },
    },
    ended: {
      ended,
      'ended late': { ...ended, endedAtMs: NOW + 2 * HOUR + 14 * 60_000 },
      'ended, shared': { ...ended, cause: CAUSES.revoked, shared: true },
      'ended, with a reason': { ...ended, cause: { kind: 'revoked', by: 'UMARIA0001', reason: sentence } },
      'ended, unread': { ...ended, around: { read: false, rules: [] } },
      'ended, another rule': { ...ended, around: { read: true, rules: [OTHER_RULE] } },
      'ended, other rules': {
        ...ended,
        around: {
          read: true,
          rules: [OTHER_RULE, { ruleId: 'sgr-2', groupId: 'sg-2', ours: true }],
          more: 3,
        },
      },
      'ended, part': { ...ended, around: { read: true, rules: [{ ...OTHER_RULE, part: true }] } },
      'ended, moved to another address': { ...ended, cause: MOVED_TO, around: { read: true, rules: [] } },
      'ended, changed outside': { ...ended, cause: { kind: 'removed-outside', changed: true } },
      ...Object.fromEntries(endedBy),
    },
    denied: {
      denied: { state: 'denied', facts: of, need, review: { ...yes, decision: 'deny', reason: sentence } },
    },
    refused: { refused: { state: 'refused', refusal, atMs: NOW } },
    cancelled: {
      'taken back': { ...cancelled, facts: of, need },
      'taken back at once': cancelled,
      'taken back, with a reason': { ...cancelled, reason: sentence },
    },
    lapsed: { 'no answer': lapsed, 'approved, too late': { ...lapsed, review: yes } },
    failed: { failed: { state: 'failed', refusal, atMs: NOW, facts: of, need, review: yes } },
    'already-open': { 'already open': { state: 'already-open', atMs: NOW, ...decided, groupId: 'sg-2' } },
  };
}

/** Home of an admin with these requests in each list that can hold them. */
export function homeWith(
  requests: Request[],
  viewer: Partial<HomeViewer> = {},
  more: Partial<HomeLists> = {},
) {
  const lists: HomeLists = {
    own: { requests, newer: [] },
    waits: requests.flatMap((request) => (isIn(request, 'pending') ? [request] : [])),
    others: requests.flatMap((request) => (isIn(request, 'opening', 'open', 'closing') ? [request] : [])),
    newer: [],
    unread: 0,
    pause: undefined,
    ...more,
  };
  const ada = { userId: 'UADA000001', isAdmin: true, command: '/c', atMs: NOW, pages: FIRST_PAGES };
  return homeView({ ...ada, ...viewer }, lists);
}
