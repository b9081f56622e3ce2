/** Rules that carry our tag and are not ours: somebody wrote it there, or copied it. */

import { isOwned, type SeenRule } from '../../access/rules/ingress.js';
import type { Parts } from '../ports.js';

/** Rules with a tag of ours that is no claim on them: without a signature, or copied. Reported, never obeyed. */
export async function forgedRules(parts: Parts, tagged: readonly SeenRule[]): Promise<SeenRule[]> {
  const strange: SeenRule[] = [];
  for (const rule of tagged) {
    if (rule.inAccessGroup || isOwned(rule)) continue;
    const records = await parts.store.rulesOf(rule.groupId);
    const isOurs = records.some(({ source, stage }) =>
      stage.state === 'newer' ? source === rule.source : 'ruleId' in stage && stage.ruleId === rule.ruleId,
    );
    if (!isOurs) strange.push(rule);
  }
  return strange;
}
