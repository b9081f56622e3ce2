/** Orphaned leases become requests again; where their rule has gone already, their holders are told. */
import { isBeforeOpening } from '../../access/request/duties.js';
import type { Lease } from '../../access/rules/lease.js';
import type { SeenRule } from '../../access/rules/seen-rule.js';
import type { Listing } from '../memory.js';
import { attempt, each } from '../passes.js';
import type { Parts } from '../ports.js';
import { rememberClosed, takeClosed } from '../telling/closed-orphans.js';
import { adopt, adoptClosed } from './adopt.js';

/**
 * Adopts the `wanted` leases that no record stands for, or one that went back to before its opening. The leases that end
 * soonest come first, since there may be many.
 * @returns how many were adopted
 */
export async function adoptOrphans(
  parts: Parts,
  { tagged, requests }: Listing,
  wanted: (lease: Lease) => boolean,
): Promise<number> {
  const firstEnd = ({ leases }: SeenRule) => Math.min(...leases.map(({ endsAtMs }) => endsAtMs));
  const rules = tagged.filter(({ plain }) => plain).sort((a, b) => firstEnd(a) - firstEnd(b));
  let adopted = 0;
  await each(rules, async (rule) => {
    // The leases of a rule share its record, so they are adopted one by one.
    for (const { requestId } of rule.leases.filter(wanted)) {
      const record = requests.get(requestId);
      if (!requests.has(requestId) || (record && !isBeforeOpening(record))) continue;
      await attempt(parts, requestId, async () => {
        if (await adopt(parts, rule, requestId, record)) adopted += 1;
      });
    }
  });
  return adopted;
}

/** Tells the holders of expired rules that this process removed while no record knew them: no tag is left to adopt. */
export async function tellClosed(parts: Parts): Promise<void> {
  await each(takeClosed(parts), async (rule) => {
    try {
      for (const lease of rule.leases) await adoptClosed(parts, rule, lease);
    } catch (err) {
      parts.log.warn({ err, ruleId: rule.ruleId }, 'sweep: what was closed is told at the next pass');
      rememberClosed(parts, [rule]);
    }
  });
}
