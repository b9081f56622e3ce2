/** A loss of the store is recorded, and told to the admins, by the replica that detected it. */
import { type Loss, remember, takeAll } from '../memory.js';
import type { Parts } from '../ports.js';
import { StoreUnreachable } from '../ports-store.js';
import { tellLater } from './tell-later.js';

/**
 * Records a loss, at a later pass where the store does not take the record now. The admins are told at the next pass.
 * @param adopted how many grants were found again by their tags
 */
export async function noteLoss(parts: Parts, adopted: number): Promise<void> {
  const loss = { atMs: parts.now(), adopted };
  tellLater(parts, { kind: 'store-lost', ...loss });
  remember(parts.memory.losses, loss);
  await recordLosses(parts);
}

/** Records the losses that the store has not taken yet. */
export async function recordLosses(parts: Parts): Promise<void> {
  for (const loss of takeAll(parts.memory.losses)) {
    await record(parts, loss).catch((err: unknown) => {
      // A record that the store may have taken is not written twice: the log says that its fate is not known.
      if (err instanceof StoreUnreachable && !err.certain) return;
      parts.log.warn({ err }, 'sweep: a loss of the store is recorded at the next pass');
      remember(parts.memory.losses, loss);
    });
  }
}

function record(parts: Parts, { atMs, adopted }: Loss): Promise<void> {
  const why = `what it held, or the newest of it, is gone; ${adopted} grants were found again by their signed tags`;
  return parts.store.audit([{ atMs, who: 'sweep', what: 'store-lost', why, ids: { adopted } }]);
}
