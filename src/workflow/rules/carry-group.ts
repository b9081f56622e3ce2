/**
 * The one way in which a group comes onto an interface and goes from it: one replica at a time. EC2 replaces the
 * whole list of an interface's groups, so two that read, change and write at once would lose one another's.
 */
import type { Parts, Witness } from '../ports.js';

/** How often, and how long after one another, an opening asks for its turn: one takes half a second. */
const ASKS = 8;
const ASK_AGAIN_MS = 200;

/** `busy`: others are at this interface all the time, or the store does not say whether they are; try again. */
export async function attachInTurn(
  parts: Parts,
  interfaceId: string,
  groupId: string,
  witness: Witness,
): Promise<'attached' | 'gone' | 'quota' | 'busy'> {
  for (let ask = 1; ; ask += 1) {
    const attach = () => parts.firewall.attach(interfaceId, groupId, witness);
    const turn = await parts.store.exclusively(lockOf(interfaceId), attach, true);
    if (turn.ran) return turn.result;
    if (ask === ASKS) return 'busy';
    await parts.sleep(ASK_AGAIN_MS);
  }
}

/** Asks `may` between the read and the write, while nobody else can attach the group. */
export async function detachInTurn(
  parts: Parts,
  interfaceId: string,
  groupId: string,
  options: { may: () => Promise<boolean>; witness: Witness },
): Promise<'detached' | 'gone' | 'kept' | 'only' | 'busy'> {
  const detach = () => parts.firewall.detach(interfaceId, groupId, options);
  const turn = await parts.store.exclusively(lockOf(interfaceId), detach, true);
  return turn.ran ? turn.result : 'busy';
}

function lockOf(interfaceId: string): string {
  return `interface:${interfaceId}`;
}
