/**
 * The one way in which a group comes onto an interface and goes from it: one replica at a time. EC2 replaces the
 * whole list of an interface's groups, so two replicas that read, change and write at once would undo one another.
 */
import type { Parts } from '../ports.js';
import type { Witness } from '../ports-firewall.js';

/** How often an opening asks for its turn, and how long after one another: a turn takes half a second. */
const ASKS = 8;
const ASK_AGAIN_MS = 200;

/** `busy`: other replicas had the turn each time, or the store does not say whether they had; try again. */
export async function attachInTurn(
  parts: Parts,
  interfaceId: string,
  groupId: string,
  witness: Witness,
): Promise<'attached' | 'gone' | 'quota' | 'busy'> {
  return inTurnAt(parts, interfaceId, () => parts.firewall.attach(interfaceId, groupId, { witness }));
}

/** Work that reads which groups an interface carries, and may attach one: nobody takes one off meanwhile. */
export async function inTurnAt<T>(
  parts: Parts,
  interfaceId: string,
  work: () => Promise<T>,
): Promise<T | 'busy'> {
  for (let ask = 1; ; ask += 1) {
    const turn = await parts.store.exclusively(lockOf(interfaceId), work, 'leave');
    if (turn.ran) return turn.result;
    if (ask === ASKS) return 'busy';
    await parts.sleep(ASK_AGAIN_MS);
  }
}

/** Takes the group off where `may` agrees, which is asked between the read and the write, while nobody can attach it. */
export async function detachInTurn(
  parts: Parts,
  interfaceId: string,
  groupId: string,
  options: { may: () => Promise<boolean>; witness: Witness },
): Promise<'detached' | 'gone' | 'kept' | 'only' | 'busy'> {
  const detach = () => parts.firewall.detach(interfaceId, groupId, options);
  const turn = await parts.store.exclusively(lockOf(interfaceId), detach, 'leave');
  return turn.ran ? turn.result : 'busy';
}

function lockOf(interfaceId: string): string {
  return `interface:${interfaceId}`;
}
