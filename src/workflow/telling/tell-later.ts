/**
 * Notices of events that are over and that no later pass would see again. Admins are told at a pass of the sweep, so that
 * no opening and no end waits for Slack, and again until one of them was reached.
 */
import type { SeenRule } from '../../access/rules/seen-rule.js';
import type { AdminNotice } from '../admin-notice.js';
import { remember, takeAll } from '../memory.js';
import type { Parts } from '../ports.js';
import { notifyAdmins } from './notify-admins.js';

/** Remembers notices, to be told at the sweep's next pass. */
export function tellLater(parts: Parts, ...notices: readonly AdminNotice[]): void {
  remember(parts.memory.notices, ...notices);
}

/** Remembers forged rules that were removed from our access groups. */
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

/** Tells the notices that wait. A notice that reached no admin stays for later. */
export async function tellWaiting(parts: Parts): Promise<void> {
  for (const notice of takeAll(parts.memory.notices)) {
    const told = await notifyAdmins(parts, notice).catch((err: unknown) => {
      parts.log.warn({ err, notice }, 'sweep: the admins are told at the next pass');
      return false;
    });
    if (!told) tellLater(parts, notice);
  }
}
