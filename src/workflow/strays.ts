/**
 * Rules in our access groups that carried our tag and were not as we make them: somebody copied or wrote it. They are
 * removed, and the admins are told at a pass of the sweep, so that nothing that opens or ends waits for Slack.
 */
import type { SeenRule } from '../access/ingress.js';
import { notifyAdmins } from './notify-admins.js';
import type { Parts } from './ports.js';
import { remembered } from './remembered.js';

const removed = remembered<SeenRule>();

/** To be told at the sweep's next pass. */
export function rememberStrays(parts: Parts, rules: readonly SeenRule[]): void {
  removed.add(parts, rules);
}

/** Tells of those since it was last asked; what nobody could be told stays for later. */
export async function tellStrays(parts: Parts): Promise<void> {
  for (const rule of removed.take(parts)) {
    const { ruleId, groupId, source } = rule;
    const told = await notifyAdmins(parts, { kind: 'stray-rule', ruleId, groupId, source }).catch(
      (err: unknown) => {
        parts.log.warn({ err, ruleId }, 'sweep: what was removed is told at the next pass');
        return false;
      },
    );
    if (!told) rememberStrays(parts, [rule]);
  }
}
