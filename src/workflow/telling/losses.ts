/** That the store lost something: recorded, and told to the admins, by the replica that noticed it. */
import { type Loss, remember, takeAll } from '../memory.js';
import type { Parts } from '../ports.js';
import { StoreUnreachable } from '../ports-store.js';
import { tellLater } from './tell-later.js';

/** Records it, at a later pass where the store does not take that now; the admins are told at the next one. */
export async function noteLoss(parts: Parts, adopted: number): Promise<void> {
  const loss = { atMs: parts.now(), adopted };
  tellLater(parts, { kind: 'store-lost', ...loss });
  remember(parts.memory.losses, loss);
  await recordLosses(parts);
}

/** Records those that the store did not take. */
export async function recordLosses(parts: Parts): Promise<void> {
  for (const loss of takeAll(parts.memory.losses)) {
    await record(parts, loss).catch((err: unknown) => {
      // What it may have taken is not written twice: the log says that this is not known.
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
