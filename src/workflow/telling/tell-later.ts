/**
 * What the admins have to know of something that is over and that no later pass would see again. It is told at a pass
 * of the sweep, so that nothing that opens or ends waits for Slack, and again until somebody was reached.
 */
import type { SeenRule } from '../../access/rules/ingress.js';
import type { AdminNotice } from '../admin-notice.js';
import { remember, takeAll } from '../memory.js';
import type { Parts } from '../ports.js';
import { notifyAdmins } from './notify-admins.js';

/** To be told at the sweep's next pass. */
export function tellLater(parts: Parts, ...notices: readonly AdminNotice[]): void {
  remember(parts.memory.notices, ...notices);
}

/** Rules in our access groups that carried our tag and were not as we make them: somebody copied or wrote it. */
export function tellForgedLater(parts: Parts, removed: readonly SeenRule[]): void {
  tellLater(
    parts,
    ...removed.map(({ ruleId, groupId, source }) => ({
      kind: 'stray-rule' as const,
      ruleId,
      groupId,
      source,
    })),
  );
}

/** Tells what waits; what nobody could be told stays for later. */
export async function tellWaiting(parts: Parts): Promise<void> {
  for (const notice of takeAll(parts.memory.notices)) {
    const told = await notifyAdmins(parts, notice).catch((err: unknown) => {
      parts.log.warn({ err, notice }, 'sweep: the admins are told at the next pass');
      return false;
    });
    if (!told) tellLater(parts, notice);
  }
}
