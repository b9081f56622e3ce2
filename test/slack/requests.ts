/** A request in every state, for tables of cases. */
import type { Asked } from '../../src/access/policy/policy.js';
import { askingNobody } from '../../src/access/request/needs.js';
import type { Facts, Need, NeedAsks, Phase, Request, Review } from '../../src/access/request/request.js';

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

/** Every state, in each form in which cards show it differently. */
export function phases(of: Facts = facts, sentence = 'It did not work. Ask again.'): Record<string, Phase> {
  const decided = { facts: of, need, review: yes };
  const refusal = { sentence, retry: true, admins: true };
  const open = { state: 'open' as const, ...decided, grant, openedAtMs: NOW, warned: false };
  const closing = {
    state: 'closing' as const,
    ...decided,
    grant,
    openedAtMs: NOW,
    cause: { kind: 'expired' as const },
    closingAtMs: NOW + 2 * HOUR,
  };
  const ended = {
    state: 'ended' as const,
    ...decided,
    grant,
    openedAtMs: NOW,
    cause: { kind: 'expired' as const },
    endedAtMs: NOW + 2 * HOUR,
    shared: false,
  };
  const approved = { state: 'approved' as const, ...decided, lapsesAtMs: NOW + HOUR, startAsked: true };
  return {
    checking: { state: 'submitted', giveUpAtMs: NOW + 4 * HOUR, waitsForAws: false },
    'waiting for AWS': { state: 'submitted', giveUpAtMs: NOW + 4 * HOUR, waitsForAws: true },
    pending: { state: 'pending', facts: of, need, pendingAtMs: NOW, lapsesAtMs: NOW + 4 * HOUR },
    'half approved': {
      state: 'pending',
      facts: of,
      need: byTwo,
      pendingAtMs: NOW,
      lapsesAtMs: NOW + 4 * HOUR,
    },
    'pending again': {
      state: 'pending',
      facts: { ...of, reach: 41, own: false },
      need: needOf({ kind: 'admins', count: 1 }, TWO),
      pendingAtMs: NOW,
      lapsesAtMs: NOW + 4 * HOUR,
      reachWas: 12,
    },
    'about to open': { ...approved, waitsFor: 'nothing' },
    'late yes': { ...approved, waitsFor: 'confirmation' },
    paused: { ...approved, waitsFor: 'resume' },
    'waiting for the WorkSpace': { ...approved, waitsFor: 'workspace' },
    opening: { state: 'opening', ...decided, grant, waitsForAws: false, attached: 3 },
    'opening without AWS': { state: 'opening', ...decided, grant, waitsForAws: true, attached: 0 },
    open,
    'open by the policy': { ...open, review: { ...yes, by: 'policy' } },
    warning: { ...open, warned: true },
    closing,
    'not closed yet': { ...closing, troubleAtMs: NOW + 3 * HOUR },
    ended,
    'ended late': { ...ended, endedAtMs: NOW + 2 * HOUR + 14 * 60_000 },
    'ended, shared': { ...ended, cause: { kind: 'revoked', by: 'UJANE00001' }, shared: true },
    denied: { state: 'denied', facts: of, need, review: { ...yes, decision: 'deny', reason: sentence } },
    refused: { state: 'refused', refusal, atMs: NOW },
    'taken back': { state: 'cancelled', by: 'UMARIA0001', atMs: NOW, facts: of, need },
    'taken back at once': { state: 'cancelled', by: 'UMARIA0001', atMs: NOW },
    'no answer': { state: 'lapsed', atMs: NOW, facts: of, need },
    'approved, too late': { state: 'lapsed', atMs: NOW, facts: of, need, review: yes },
    failed: { state: 'failed', refusal, atMs: NOW, facts: of, need, review: yes },
    'already open': { state: 'already-open', atMs: NOW, ...decided, groupId: 'sg-2' },
  };
}
