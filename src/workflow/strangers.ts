/** Rules that carry our tag and are not ours: somebody wrote it there, or copied it. */
import type { Parts, SeenRule } from './ports.js';

/** Rules with a tag of ours that is no claim on them: without a signature, or copied. Reported, never obeyed. */
export async function strangers(parts: Parts, tagged: readonly SeenRule[]): Promise<SeenRule[]> {
  const strange: SeenRule[] = [];
  for (const rule of tagged) {
    if (rule.inAccessGroup || (rule.leases.length > 0 && !rule.changed)) continue;
    const records = await parts.store.rulesOf(rule.groupId);
    const isOurs = records.some((record) => 'ruleId' in record.rule && record.rule.ruleId === rule.ruleId);
    const isElsewhere = records.some(
      (record) => record.source === rule.source && record.rule.state === 'open',
    );
    if (!isOurs && (rule.leases.length === 0 || isElsewhere)) strange.push(rule);
  }
  return strange;
}
