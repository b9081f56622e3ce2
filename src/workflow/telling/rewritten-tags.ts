/**
 * Tags that this process wrote to a rule that lacked them. Where somebody had taken them off, the admins are told at a
 * pass of the sweep: no opening and no end waits for Slack.
 */

import { isIn } from '../../access/request/request.js';
import type { SeenRule } from '../../access/rules/seen-rule.js';
import { type RewrittenTags, remember, takeAll } from '../memory.js';
import { attempt } from '../passes.js';
import type { Parts } from '../ports.js';
import { notifyAdmins } from './notify-admins.js';

/**
 * Remembers tags that are about to be written, to be told at the sweep's next pass.
 * @param rule as seen before
 * @param requestIds the requests whose leases are written
 */
export function rememberRewritten(parts: Parts, rule: SeenRule, requestIds: readonly string[]): void {
  const there = rule.leases.map(({ requestId }) => requestId);
  // A lease that is there and is written all the same has another end now: nobody took it off. Where the installation's
  // tag is missing, all leases count as taken off.
  const ids = rule.marked ? requestIds.filter((id) => !there.includes(id)) : [...there, ...requestIds];
  if (ids.length === 0) return;
  remember(parts.memory.rewrittenTags, { rule, requestIds: [...new Set(ids)], atMs: parts.now() });
}

/** Tells of the tags that were remembered. Tags that AWS does not show yet, or that no admin could be told of, stay for later. */
export async function tellRewritten(parts: Parts): Promise<void> {
  for (const one of takeAll(parts.memory.rewrittenTags)) {
    let told = false;
    await attempt(parts, one.rule.ruleId, async () => {
      told = await tellOne(parts, one);
    });
    if (!told) remember(parts.memory.rewrittenTags, one);
  }
}

/** False where the telling has to be tried again. */
async function tellOne(parts: Parts, { rule, requestIds, atMs }: RewrittenTags): Promise<boolean> {
  const requests = await Promise.all(requestIds.map((id) => parts.store.look(id)));
  const lost = requests.flatMap((request) => {
    if (!request || request === 'newer' || !isIn(request, 'open')) return [];
    // Access that had just opened may have had its tags: EC2's reads lag.
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
