/** Lists EC2's actions, and carries each out in the same two steps: check everything, then have the effect. */
import { AwsError } from '../errors.js';
import { changeRule, type State } from '../state/state.js';
import { describeAccountAttributes, describeBlockPublicAccess } from './account.js';
import type { Form } from './form.js';
import { createSecurityGroup, deleteSecurityGroup, describeSecurityGroups } from './groups.js';
import { describeNetworkInterfaces, modifyNetworkInterfaceAttribute } from './interfaces.js';
import { getManagedPrefixListEntries } from './prefix-lists.js';
import { authorize, describeSecurityGroupRules, revoke, updateDescriptions } from './rules.js';
import { createTags, deleteTags } from './tags.js';
import type { Xml } from './xml.js';

type Answer = Record<string, Xml>;

/** Checks a call and returns the function that has the effect, so that a dry run is a run without the second step. */
type Action = (state: State, form: Form) => () => Answer;

const read =
  (describe: (state: State, form: Form) => Answer): Action =>
  (state, form) => {
    const answer = describe(state, form);
    return () => answer;
  };

const ACTIONS: Record<string, Action> = {
  DescribeAccountAttributes: read(describeAccountAttributes),
  DescribeVpcBlockPublicAccessOptions: read(describeBlockPublicAccess),
  DescribeNetworkInterfaces: read(describeNetworkInterfaces),
  DescribeSecurityGroups: read(describeSecurityGroups),
  GetManagedPrefixListEntries: read(getManagedPrefixListEntries),
  DescribeSecurityGroupRules: read(describeSecurityGroupRules),
  ModifyNetworkInterfaceAttribute: modifyNetworkInterfaceAttribute,
  CreateSecurityGroup: createSecurityGroup,
  DeleteSecurityGroup: deleteSecurityGroup,
  AuthorizeSecurityGroupIngress: (state, form) => authorize(state, form, false),
  AuthorizeSecurityGroupEgress: (state, form) => authorize(state, form, true),
  RevokeSecurityGroupIngress: (state, form) => revoke(state, form, false),
  RevokeSecurityGroupEgress: (state, form) => revoke(state, form, true),
  UpdateSecurityGroupRuleDescriptionsIngress: (state, form) => {
    const changes = updateDescriptions(state, form);
    return () => {
      for (const { rule, description } of changes) changeRule(state, rule, { description });
      return { return: true };
    };
  },
  CreateTags: createTags,
  DeleteTags: deleteTags,
};

export function knowsEc2Action(action: string): boolean {
  return Object.hasOwn(ACTIONS, action);
}

export function runEc2(state: State, action: string, form: Form): Answer {
  const effect = ACTIONS[action]?.(state, form);
  if (effect === undefined)
    throw new AwsError('InvalidAction', `The action ${action} is not valid for this web service.`);
  if (form.flag('DryRun')) {
    throw new AwsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', 412);
  }
  return effect();
}
