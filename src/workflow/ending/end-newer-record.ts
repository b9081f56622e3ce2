/**
 * Ends access whose record this version cannot read: removes the rule once the signed tag of its lease says that its
 * time is over. The record stays as it is.
 */
import { isOwned, nothingKeeps } from '../../access/rules/seen-rule.js';
import type { Progress } from '../outcomes.js';
import type { Parts } from '../ports.js';
import { converge } from '../rules/converge.js';
import { inTurn } from '../rules/turns.js';

/** Closes what is over. `again`: AWS still shows it; `newer`: the rest is for a replica of the newer version. */
export async function endNewer(parts: Parts, id: string): Promise<Progress> {
  // Many ends fall on one moment: one read is for all of them.
  const tagged = await inTurn(parts.memory.taggedReads, 'all', [], () => parts.firewall.tagged());
  const nowMs = parts.now();
  const over = tagged.filter(({ leases }) =>
    leases.some(({ requestId, endsAtMs }) => requestId === id && endsAtMs <= nowMs),
  );
  let isLeft = false;
  for (const groupId of new Set(over.map((rule) => rule.groupId))) {
    const { seen } = await converge(parts, groupId);
    isLeft ||= seen.some((rule) => isOwned(rule) && nothingKeeps(rule, nowMs));
  }
  return isLeft ? 'again' : 'newer';
}
