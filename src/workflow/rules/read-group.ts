/** What a converge knows of its group before it changes anything. */

import type { RuleRecord } from '../../access/rules/rule.js';
import type { SeenRule } from '../../access/rules/seen-rule.js';
import type { Parts } from '../ports.js';
import type { Place } from './revoke-line.js';

/** A group's rules at EC2, and the records that the store had of the group right after. */
export interface GroupRules {
  groupId: string;
  seen: SeenRule[];
  records: RuleRecord[];
}

export interface ReadGroup extends GroupRules {
  /** Left once its revoke is answered. */
  place: Place;
}

/** @param seen the group's rules where they were read just now */
export async function readGroup(
  parts: Parts,
  groupId: string,
  place: Place,
  seen?: SeenRule[],
): Promise<ReadGroup> {
  const rules = seen
    ? { groupId, seen, records: await parts.store.rulesOf(groupId) }
    : await readRules(parts, groupId);
  return { ...rules, place };
}

/** Reads the rules of a group at EC2, and the records of the group right after. */
export async function readRules(parts: Parts, groupId: string): Promise<GroupRules> {
  const seen = await parts.firewall.rules(groupId);
  // EC2 first, which may take its time: each rule that it shows was recorded before, and a newer record protects more.
  const records = await parts.store.rulesOf(groupId);
  return { groupId, seen, records };
}
