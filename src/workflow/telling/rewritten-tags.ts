/**
 * Tags that a rule lacked and that this process wrote, whoever's end or opening it was about: where a hand had taken
 * them off the admins are told, at a pass of the sweep, so that nothing that opens or ends waits for Slack.
 */

import { isIn } from '../../access/request/request.js';
import type { SeenRule } from '../../access/rules/ingress.js';
import { type RewrittenTags, remember, takeAll } from '../memory.js';
import { attempt } from '../passes.js';
import type { Parts } from '../ports.js';
import { notifyAdmins } from './notify-admins.js';

/**
 * To be told at the sweep's next pass.
 * @param rule as it was seen before
 * @param requestIds whose leases are written
 */
export function rememberRewritten(parts: Parts, rule: SeenRule, requestIds: readonly string[]): void {
  // The installation's tag is missing for all of them.
  const there = rule.leases.map(({ requestId }) => requestId);
  // One whose tag is there and is written all the same has another end: no hand did that.
  const ids = rule.marked ? requestIds.filter((id) => !there.includes(id)) : [...there, ...requestIds];
  if (ids.length === 0) return;
  remember(parts.memory.rewrittenTags, { rule, requestIds: [...new Set(ids)], atMs: parts.now() });
}

/** Tells of those since it was last asked; what AWS does not show yet, and what nobody could be told, stays for later. */
export async function tellRewritten(parts: Parts): Promise<void> {
  for (const one of takeAll(parts.memory.rewrittenTags)) {
    let told = false;
    await attempt(parts, one.rule.ruleId, async () => {
      told = await tellOne(parts, one);
    });
    if (!told) remember(parts.memory.rewrittenTags, one);
  }
}

/** False where it has to be tried again. */
async function tellOne(parts: Parts, { rule, requestIds, atMs }: RewrittenTags): Promise<boolean> {
  const requests = await Promise.all(requestIds.map((id) => parts.store.look(id)));
  const lost = requests.flatMap((request) => {
    if (!request || request === 'newer' || !isIn(request, 'open')) return [];
    // What opened just then had none to lose, and EC2's reads might not have shown what it had.
    return atMs >= request.phase.openedAtMs + parts.times.absentFirstMs ? [request.id] : [];
  });
  if (lost.length === 0) return true;
  const { ruleId, groupId, source } = rule;
  const now = (await parts.firewall.rules(groupId)).find((one) => one.ruleId === ruleId);
  if (!now) return true;
  if (!now.marked || !lost.every((id) => now.leases.some(({ requestId }) => requestId === id))) return false;
  return notifyAdmins(parts, {
    kind: 'changed-tags',
    ruleId,
    groupId,
    source,
    requestIds: lost,
    restored: true,
  });
}
