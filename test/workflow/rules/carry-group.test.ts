/** Two replicas change the groups of one interface, and nobody's group is lost. */
import { afterEach, expect, test } from '@jest/globals';
import type { AwsTown } from '../../../sandbox/aws/aws-town.js';
import type { Parts } from '../../../src/workflow/ports.js';
import { attachInTurn, detachInTurn } from '../../../src/workflow/rules/carry-group.js';
import { closeTowns, desktop, MEMBERS, SHARED, startTown } from '../../aws/town.js';
import { rounds } from '../../depth.js';
import { type Replicas, startReplicas } from '../replicas.js';

const ROUNDS = rounds(3, 8);
const DESKTOPS = [1, 11, 12, 13].map((n) => `ws-${String(n).padStart(9, '0')}`);

let replicas: Replicas;
afterEach(async () => {
  await replicas.close();
  await closeTowns();
});

const witness = async () => {};
const may = async () => true;

async function untilItsTurn<T>(work: () => Promise<T | 'busy'>): Promise<T> {
  for (let tries = 0; tries < 2_000; tries++) {
    const outcome = await work().catch(() => 'busy' as const);
    if (outcome !== 'busy') return outcome;
    await new Promise((resolve) => setTimeout(resolve, 10 + 20 * Math.random()));
  }
  throw new Error('it never came to its turn');
}

/** Attaches and detaches one group, over and over, and answers each time that somebody undid a change. */
async function toggles(town: AwsTown, parts: Parts, workspaceId: string, groupId: string): Promise<string[]> {
  const interfaceId = town.interfaceOf(workspaceId)?.id ?? '';
  const carries = () => town.interfaceOf(workspaceId)?.groups.includes(groupId);
  const lost: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    await untilItsTurn(() => attachInTurn(parts, interfaceId, groupId, witness));
    // Other groups are changed meanwhile: a group that was said to be attached has to stay.
    for (let look = 0; look < 20; look++) {
      if (!carries()) lost.push(`${groupId} from ${workspaceId}, round ${round}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    await untilItsTurn(() => detachInTurn(parts, interfaceId, groupId, { may, witness }));
    if (carries()) lost.push(`${groupId} is on ${workspaceId} again, round ${round}`);
  }
  return lost;
}

test('two replicas that attach and detach different groups at once lose none, with slow writes, lost answers and reads that lag', async () => {
  const more = [11, 12, 13].map((n) => desktop(n));
  const town = await startTown({ staleMs: 120, staleSeed: 5, latencyMs: 3 }, more);
  replicas = await startReplicas(town);
  const both = await Promise.all([replicas.parts(), replicas.parts()]);
  const slow = { action: 'ModifyNetworkInterfaceAttribute', times: 1, kind: 'slow', ms: 600 } as const;
  const lost = { action: 'ModifyNetworkInterfaceAttribute', times: 1, kind: 'lost-answer' } as const;
  let writes = 0;
  town.onEvent((event) => {
    if (event.kind !== 'call' || event.call.action !== slow.action) return;
    writes += 1;
    if (writes % 4 === 1) town.faults.add(slow);
    if (writes % 9 === 2) town.faults.add(lost);
  });
  const outcomes = await Promise.all(
    DESKTOPS.flatMap((id) => both.map((parts, index) => toggles(town, parts, id, `sg-000000a${index}`))),
  );
  expect(outcomes.flat()).toEqual([]);
  expect(DESKTOPS.map((id) => town.interfaceOf(id)?.groups)).toEqual(DESKTOPS.map(() => [MEMBERS]));
  expect(writes).toBeGreaterThanOrEqual(DESKTOPS.length * 2 * ROUNDS * 2);
});

test('an interface is left alone where the store does not say which replica works on it', async () => {
  const town = await startTown({ staleMs: 0 });
  replicas = await startReplicas(town);
  const plain = await replicas.parts();
  const parts: Parts = {
    ...plain,
    sleep: async () => undefined,
    store: {
      ...plain.store,
      // A store that cannot say who holds a lock.
      exclusively: async (_, work, unsure) =>
        unsure === 'leave' ? { ran: false } : { ran: true, result: await work() },
    },
  };
  const { id = '', groups = [] } = town.interfaceOf(DESKTOPS[0] ?? '') ?? {};
  expect(await attachInTurn(parts, id, SHARED, witness)).toBe('busy');
  expect(await detachInTurn(parts, id, MEMBERS, { may, witness })).toBe('busy');
  expect(town.interfaceOf(DESKTOPS[0] ?? '')?.groups).toEqual(groups);
});
