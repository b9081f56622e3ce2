/** Forged rules in groups of somebody else: they carry a tag of ours that somebody wrote there or copied. */

import { isOwned, type SeenRule } from '../../access/rules/ingress.js';
import type { Parts } from '../ports.js';

/** The rules outside of our access groups whose tag has no signature that verifies or is a copy. They are told, never obeyed. */
export async function forgedRules(parts: Parts, tagged: readonly SeenRule[]): Promise<SeenRule[]> {
  const forged: SeenRule[] = [];
  for (const rule of tagged) {
    if (rule.inAccessGroup || isOwned(rule)) continue;
    const records = await parts.store.rulesOf(rule.groupId);
    const isOurs = records.some(({ source, stage }) =>
      stage.state === 'newer' ? source === rule.source : 'ruleId' in stage && stage.ruleId === rule.ruleId,
    );
    if (!isOurs) forged.push(rule);
  }
  return forged;
}
