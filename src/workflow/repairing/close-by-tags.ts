/**
 * Removes rules by their tags alone, where the store is away or unreadable: only those on which every lease has
 * passed, since a tag never shows a later end than the record.
 */
import { isForged, nothingKeeps, type SeenRule } from '../../access/rules/seen-rule.js';
import { attempt, each } from '../passes.js';
import type { Parts } from '../ports.js';
import { called, emitToLog, type RuleEvent } from '../rules/rule-events.js';
import { byGroup } from './read-tagged.js';

/** Removes all that nothing keeps, in every group. */
export async function closeByTags(parts: Parts): Promise<void> {
  const unkept = await parts.firewall.tagged((page) =>
    page.filter((rule) => nothingKeeps(rule, parts.now())),
  );
  await each([...byGroup(unkept)], ([groupId, rules]) =>
    attempt(parts, groupId, () => revokeByTags(parts, groupId, rules)),
  );
}

/** Removes rules of one group that nothing keeps. @throws AwsUnavailable where EC2 does not answer */
export async function revokeByTags(parts: Parts, groupId: string, rules: readonly SeenRule[]): Promise<void> {
  const emit = emitToLog(parts);
  const unanswered: string[] = [];
  const revoked = await called(
    parts,
    emit,
    () => goneWithoutAnswer(rules),
    () =>
      parts.firewall.revoke(
        groupId,
        rules.map(({ ruleId }) => ruleId),
        (ids) => unanswered.push(...ids),
      ),
  );
  const closed = rules.filter(({ ruleId }) => revoked.includes(ruleId));
  await emit(
    { kind: 'orphaned', rules: closed },
    { kind: 'revoked', rules: closed.map(knownBy) },
    // The admins read that a forged rule was removed: only what EC2 answered is.
    { kind: 'forged', rules: closed.filter(isForged) },
    ...goneWithoutAnswer(rules.filter(({ ruleId }) => unanswered.includes(ruleId))),
  );
}

/** A revoke whose answer was lost may have worked. Its tags are gone then, so remember whose rule it was. */
function goneWithoutAnswer(rules: readonly SeenRule[]): RuleEvent[] {
  return [
    { kind: 'orphaned', rules },
    { kind: 'unanswered', change: 'revoked', rules: rules.map(knownBy) },
  ];
}

function knownBy({ groupId, ruleId, source, leases }: SeenRule) {
  return { groupId, ruleId, source, requestIds: leases.map(({ requestId }) => requestId) };
}
