/** The calls that make a rule's tags say what its record says. */

import type { Lease } from '../../access/rules/lease.js';
import type { SeenRule } from '../../access/rules/seen-rule.js';
import type { Parts } from '../ports.js';
import { called, type Emit } from './rule-events.js';

/** Leases that were written to a rule's tags, or taken off them. */
export interface Retagged {
  ruleId: string;
  requestIds: string[];
  isThere: boolean;
}

/** Writes leases, and with them the installation's tag, to a rule that lacks them. */
export async function writeTags(
  parts: Parts,
  rule: SeenRule,
  leases: readonly Lease[],
  emit: Emit,
): Promise<Retagged> {
  const { ruleId, groupId, source } = rule;
  const requestIds = leases.map(({ requestId }) => requestId);
  const rules = [{ ruleId, groupId, source, requestIds }];
  // Before the call, since it may take effect although its answer is lost.
  await emit({ kind: 'tagging', seen: rule, requestIds });
  await called(
    parts,
    emit,
    (why) => [{ kind: 'unanswered', change: 'tagged', rules, why }],
    () => parts.firewall.tag(ruleId, groupId, source, [...leases]),
  );
  await emit({ kind: 'tagged', rules });
  return { ruleId, requestIds, isThere: true };
}

/** Takes leases off a rule that their record does not know; undefined where none has to come off. */
export async function takeTagsOff(
  parts: Parts,
  rule: SeenRule,
  extra: readonly string[],
  ending: readonly string[],
  emit: Emit,
): Promise<Retagged | undefined> {
  const { ruleId, groupId, source } = rule;
  const requestIds = await withoutOrphans(parts, rule, extra, ending);
  if (requestIds.length === 0) return undefined;
  const rules = [{ ruleId, groupId, source, requestIds }];
  await called(
    parts,
    emit,
    (why) => [{ kind: 'unanswered', change: 'untagged', rules, why }],
    () => parts.firewall.untag(ruleId, requestIds),
  );
  await emit({ kind: 'untagged', rules });
  return { ruleId, requestIds, isThere: false };
}

/**
 * Picks the leases to take off, of those that a rule carries and its record lacks. A lease that runs and whose request
 * the store does not know was lost with the request: the sweep adopts it.
 */
async function withoutOrphans(
  parts: Parts,
  rule: SeenRule,
  requestIds: readonly string[],
  ending: readonly string[],
): Promise<string[]> {
  const nowMs = parts.now();
  const isOrphan = async ({ requestId, endsAtMs }: Lease): Promise<boolean> =>
    endsAtMs > nowMs && !ending.includes(requestId) && (await parts.store.look(requestId)) === undefined;
  const found = rule.leases.filter(({ requestId }) => requestIds.includes(requestId));
  const kept = await Promise.all(
    found.map(async (lease) => ((await isOrphan(lease)) ? [] : [lease.requestId])),
  );
  return kept.flat();
}
