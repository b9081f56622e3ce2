/** Describes, authorizes and revokes the rules of security groups. */

import type { ManualRule } from '../aws-town.js';
import { AwsError, invalidValue } from '../errors.js';
import type { Group, Rule } from '../state/resources.js';
import { countsAs, deleteRule, insertRule, ruleKey, rulesOf, type State } from '../state/state.js';
import { filtered, namesIn, paged } from './filters.js';
import type { Form } from './form.js';
import { checkRuleId, namedGroup, needGroup, noRule } from './lookups.js';
import { block, checkedDescription, checkedPorts, type Permission, readPermissions } from './permissions.js';
import { commonXml, permissionSet, ruleXml } from './rule-xml.js';
import { checkTags, readTagSpecifications } from './tags.js';
import type { Xml } from './xml.js';

type Answer = Record<string, Xml>;

export function describeSecurityGroupRules(state: State, form: Form): Answer {
  const ids = form.list('SecurityGroupRuleId');
  ids.forEach(checkRuleId);
  const groupIds = ids.length === 0 ? namesIn(form, 'group-id') : undefined;
  const seen = groupIds ? [...new Set(groupIds)].flatMap(state.rules.seenOf) : state.rules.allSeen();
  const unknown = ids.find((id) => !seen.some(({ ruleId }) => ruleId === id));
  if (unknown !== undefined) throw noRule(unknown);
  const named = ids.length === 0 ? seen : seen.filter(({ ruleId }) => ids.includes(ruleId));
  const matching = filtered(form, named, {
    'group-id': (rule) => [rule.groupId],
    'security-group-rule-id': (rule) => [rule.ruleId],
  });
  const { things, nextToken } = paged(form, matching, ({ ruleId }) => ruleId, state.settings.pageSize);
  return { securityGroupRuleSet: things.map((rule) => ruleXml(state, rule)), nextToken };
}

export function authorize(state: State, form: Form, isEgress: boolean): () => Answer {
  const group = namedGroup(state, form);
  const tags = readTagSpecifications(form, 'security-group-rule');
  const wanted = readPermissions(state, form).map((one) => ({ ...one, groupId: group.id, isEgress, tags }));
  checkNew(state, group, wanted, isEgress);
  return () => {
    const made = wanted.map((rule) => insertRule(state, rule));
    return { return: true, securityGroupRuleSet: made.map((rule) => ruleXml(state, rule)) };
  };
}

/** Adds a rule beside the bot, under the same checks as a call. @throws AwsError */
export function addRule(state: State, groupId: string, wanted: ManualRule): Rule {
  const group = state.groups.get(groupId);
  if (group === undefined) throw new Error(`there is no group ${groupId}`);
  const rule = {
    ...checkedPorts(wanted.protocol ?? 'tcp', wanted.fromPort ?? 22, wanted.toPort ?? wanted.fromPort ?? 22),
    groupId,
    ...sourceOf(wanted.cidr),
    isEgress: wanted.isEgress ?? false,
    description: checkedDescription(wanted.description ?? ''),
    tags: wanted.tags ?? {},
    manual: true as const,
  };
  checkTags(rule.tags);
  checkNew(state, group, [rule], rule.isEgress);
  return insertRule(state, rule);
}

function sourceOf(text: string): Pick<Rule, 'cidr' | 'sourceGroupId' | 'prefixListId'> {
  if (text.startsWith('sg-')) return { cidr: '', sourceGroupId: text };
  return text.startsWith('pl-') ? { cidr: '', prefixListId: text } : { cidr: block(text) };
}

/** @throws AwsError if one rule is there already or is one too many, so that a call adds all of its rules or none */
function checkNew(
  state: State,
  group: Group,
  wanted: (Permission & { isEgress: boolean })[],
  isEgress: boolean,
): void {
  const there = rulesOf(state, group.id).filter((rule) => rule.isEgress === isEgress);
  const keys = wanted.map(ruleKey);
  if (new Set(keys).size < keys.length)
    throw invalidValue('The same permission must not appear multiple times');
  const twice = there.find((rule) => keys.includes(ruleKey(rule)));
  if (twice !== undefined) {
    const peer = twice.cidr || (twice.sourceGroupId ?? twice.prefixListId);
    const ports = `from port: ${twice.fromPort}, to port: ${twice.toPort}`;
    throw new AwsError(
      'InvalidPermission.Duplicate',
      `the specified rule "peer: ${peer}, ${twice.protocol.toUpperCase()}, ${ports}, ALLOW" already exists`,
    );
  }
  for (const family of [4, 6] as const) {
    const count = [...there, ...wanted].filter((rule) => countsAs(rule, family)).length;
    if (wanted.some((rule) => countsAs(rule, family)) && count > state.settings.quotas.rulesPerGroup) {
      throw new AwsError(
        'RulesPerSecurityGroupLimitExceeded',
        'The maximum number of rules per security group has been reached.',
      );
    }
  }
}

export function revoke(state: State, form: Form, isEgress: boolean): () => Answer {
  const group = namedGroup(state, form);
  const there = rulesOf(state, group.id).filter((rule) => rule.isEgress === isEgress);
  const ids = form.list('SecurityGroupRuleId');
  if (ids.length === 0) return revokeByProperties(state, form, group, there, isEgress);
  if (form.items('IpPermissions').length > 0) {
    throw new AwsError(
      'InvalidParameterCombination',
      'The parameters securityGroupRuleIds and ipPermissions cannot be used together',
    );
  }
  ids.forEach(checkRuleId);
  const unknown = ids.find((id) => !there.some(({ ruleId }) => ruleId === id));
  if (unknown !== undefined) throw noRule(unknown);
  return () =>
    revoked(
      state,
      there.filter(({ ruleId }) => ids.includes(ruleId)),
    );
}

/**
 * Revokes rules by their properties. In a default VPC properties that match no rule are passed over without an error.
 */
function revokeByProperties(
  state: State,
  form: Form,
  group: Group,
  there: Rule[],
  isEgress: boolean,
): () => Answer {
  const wanted = readPermissions(state, form).map((one) => ({ ...one, isEgress }));
  const keys = wanted.map(ruleKey);
  const unknown = wanted.filter((one) => !there.some((rule) => ruleKey(rule) === ruleKey(one)));
  const isDefault = state.world.vpcs.find(({ id }) => id === group.vpcId)?.isDefault === true;
  if (unknown.length > 0 && !isDefault) {
    throw new AwsError(
      'InvalidPermission.NotFound',
      'The specified rule does not exist in this security group.',
    );
  }
  return () => ({
    ...revoked(
      state,
      there.filter((rule) => keys.includes(ruleKey(rule))),
    ),
    unknownIpPermissionSet: permissionSet(unknown),
  });
}

function revoked(state: State, gone: Rule[]): Answer {
  for (const rule of gone) deleteRule(state, rule);
  return {
    return: true,
    revokedSecurityGroupRuleSet: gone.map((rule) => ({
      ...commonXml(rule),
      referencedGroupId: rule.sourceGroupId,
    })),
  };
}

/** Reads the new descriptions of rules, each of which is named by its id. @throws AwsError for an unknown rule */
export function updateDescriptions(state: State, form: Form): { rule: Rule; description: string }[] {
  const groupId = needGroup(state, form.required('GroupId')).id;
  return form.items('SecurityGroupRuleDescription').map((item) => {
    const ruleId = item.required('SecurityGroupRuleId');
    const rule = rulesOf(state, groupId).find((one) => one.ruleId === ruleId);
    if (rule === undefined) throw noRule(ruleId);
    return { rule, description: checkedDescription(item.text('Description') ?? '') };
  });
}
