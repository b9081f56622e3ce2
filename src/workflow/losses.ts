/**
 * That the store lost something: recorded, and told to the admins, by the replica that noticed it, at a pass of the
 * sweep, so that no rule waits for Slack.
 */
import { attempt } from './attempt.js';
import { notifyAdmins } from './notify-admins.js';
import type { Parts } from './ports.js';
import { remembered } from './remembered.js';

interface Loss {
  atMs: number;
  /** How many grants were found again. */
  adopted: number;
  recorded: boolean;
}

const losses = remembered<Loss>();

/** To be told at the sweep's next pass. */
export function rememberLoss(parts: Parts, adopted: number): void {
  losses.add(parts, [{ atMs: parts.now(), adopted, recorded: false }]);
}

/** Tells of those since it was last asked; what could not be recorded, or told to nobody, stays for later. */
export async function tellLosses(parts: Parts): Promise<void> {
  for (const loss of losses.take(parts)) {
    let told = false;
    await attempt(parts, 'loss', async () => {
      if (!loss.recorded) await record(parts, loss);
      loss.recorded = true;
      told = await notifyAdmins(parts, { kind: 'store-lost', atMs: loss.atMs, adopted: loss.adopted });
    });
    if (!told) losses.add(parts, [loss]);
  }
}

function record(parts: Parts, { atMs, adopted }: Loss): Promise<void> {
  const why = `what it held, or the newest of it, is gone; ${adopted} grants were found again by their signed tags`;
  return parts.store.audit([{ atMs, who: 'sweep', what: 'store-lost', why, ids: { adopted } }]);
}
