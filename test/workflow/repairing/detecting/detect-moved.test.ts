/** WorkSpaces of a directory that stop and start while access is open: the card says so, and some changes are news. */
import { expect, test } from '@jest/globals';
import type { DesktopFacts } from '../../../../src/access/request/facts.js';
import { factsOf } from '../../../../src/access/request/request.js';
import type { Parts } from '../../../../src/workflow/ports.js';
import { detectMoved } from '../../../../src/workflow/repairing/detecting/detect-moved.js';
import { fakeParts } from '../../../slack/parts.js';
import { directoryFacts, NOW, need, requestIn } from '../../../slack/requests.js';

const ADDRESS = '198.51.100.9';
const away = 'stopped' as const;
type Known = Partial<DesktopFacts>;

test.each<[string, Known, { state: string; address?: string }, Known, 'news' | 'edited']>([
  ['stops', {}, { state: 'STOPPED' }, { state: 'STOPPED', away }, 'news'],
  ['starts', { state: 'STOPPED', away }, { state: 'STARTING' }, { state: 'STARTING', away }, 'edited'],
  ['did not start', { state: 'STARTING', away }, { state: 'STOPPED' }, { state: 'STOPPED', away }, 'edited'],
  ['runs', { state: 'STARTING', away }, { state: 'AVAILABLE' }, { state: 'AVAILABLE' }, 'edited'],
  ['runs after a reboot', { state: 'REBOOTING' }, { state: 'AVAILABLE' }, { state: 'AVAILABLE' }, 'edited'],
  [
    'runs with another address',
    { state: 'STARTING', away },
    { state: 'AVAILABLE', address: '198.51.100.10' },
    { state: 'AVAILABLE', address: '198.51.100.10' },
    'news',
  ],
])('a WorkSpace of a directory %s', async (_, before, now, after, told) => {
  const { parts, fake } = fakeParts();
  const [first, second] = directoryFacts.desktops.map((one) => ({ ...one, address: ADDRESS }));
  if (!first || !second) throw new Error('the directory has too few WorkSpaces');
  const known: DesktopFacts[] = [{ ...first, ...before }, second];
  const interfaces = known.map(({ interfaceId, vpcId, subnetId, privateAddress }, nth) => {
    const publicAddress = (nth === 0 && now.address) || ADDRESS;
    return { interfaceId, vpcId, subnetId, privateAddress, publicAddress, groups: [] };
  });
  const world: Parts = {
    ...parts,
    now: () => NOW,
    desktops: { ...parts.desktops, byIds: async () => [{ ...first, state: now.state }, second] },
    firewall: { ...parts.firewall, interfacesById: async () => interfaces },
  };
  const phase = {
    state: 'open' as const,
    facts: { ...directoryFacts, desktops: known, reach: 2 },
    need,
    review: { by: 'UMARIA0001', decision: 'approve' as const, atMs: NOW },
    grant: { groupId: 'sg-1', startedAtMs: NOW, openByMs: NOW + 1, endsAtMs: NOW + 3_600_000 },
    openedAtMs: NOW,
    warned: false,
  };
  const request = { ...requestIn(phase, { target: { kind: 'directory', directoryId: 'd-1' } }), phase };
  fake.requests.set(request.id, request);
  await detectMoved(world, [request]);
  const { away: _away, ...rest } = { ...first, ...before };
  const found = fake.requests.get(request.id);
  expect(found && factsOf(found)?.desktops).toEqual([{ ...rest, ...after }, second]);
  expect(found && 'readdressed' in found.phase).toBe(told === 'news');
});
