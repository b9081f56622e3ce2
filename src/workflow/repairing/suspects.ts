/**
 * Which groups have to be read one by one: those whose rules are not as the records call for, judged by the one list of all
 * tagged rules and the numbers of rules that our groups show. What is found here is only a suspicion; `detectDrift` looks again.
 */
import type { RuleRecord } from '../../access/rules/rule.js';
import type { Listing, OpenGrant } from '../memory.js';
import { noteFailure } from '../passes.js';
import type { Parts } from '../ports.js';
import type { OwnGroup } from '../ports-firewall.js';
import { inShort } from './read-tagged.js';

const AT_ONCE = 200;

/** @param staying the tagged rules that seem to be as they were made, read before the grants */
export async function suspectGroups(
  parts: Parts,
  staying: Listing['staying'],
  open: readonly OpenGrant[],
): Promise<Set<string>> {
  const suspects = new Set<string>();
  const asRecorded = new Map<string, Set<string>>();
  for (let at = 0; at < open.length; at += AT_ONCE) {
    for (const record of await parts.store.rulesAt(open.slice(at, at + AT_ONCE))) {
      if (record?.stage.state !== 'open') continue;
      const { groupId, stage } = record;
      if (!isAsRecorded(record, staying)) suspects.add(groupId);
      else asRecorded.set(groupId, (asRecorded.get(groupId) ?? new Set()).add(stage.ruleId));
    }
  }
  const own = await ownGroups(parts);
  // Any other rule in a group of ours opens the WorkSpaces that carry the group, also where no grant uses it.
  for (const { groupId, ingress } of own)
    if (ingress !== (asRecorded.get(groupId)?.size ?? 0)) suspects.add(groupId);
  const numbered = new Set(own.map(({ groupId }) => groupId));
  for (const { hasAccessGroup, groupId } of open)
    if (hasAccessGroup && !numbered.has(groupId)) suspects.add(groupId);
  return suspects;
}

function isAsRecorded(record: RuleRecord, staying: Listing['staying']): boolean {
  const { stage } = record;
  if (stage.state !== 'open' || stage.absentSinceMs !== undefined) return false;
  return staying.get(stage.ruleId) === inShort(record);
}

/** None where AWS does not say: every access group of a grant is read then. */
async function ownGroups(parts: Parts): Promise<OwnGroup[]> {
  try {
    return await parts.firewall.ownGroups();
  } catch (err) {
    parts.log.warn({ err }, 'sweep: the groups that no grant uses wait for the next pass');
    noteFailure(parts, 'sweep', err);
    return [];
  }
}
