/** Finds the groups, rules and interfaces that a call names, and refuses as EC2 does where one is not there (yet). */

import { AwsError } from '../errors.js';
import type { Group } from '../state/resources.js';
import type { State } from '../state/state.js';
import type { Vpc } from '../world.js';
import type { Form } from './form.js';

/**
 * Finds a group for a call that writes. A group that was just created is refused as long as reads do not show it: EC2 is
 * eventually consistent for writing calls too.
 */
export function needGroup(state: State, groupId: string): Group {
  checkGroupId(groupId);
  const group = state.groups.get(groupId);
  if (group !== undefined && state.groups.seen(groupId) !== undefined) return group;
  throw noGroup(groupId);
}

/** Finds the group of a call by `GroupId`, or by `GroupName` in the default VPC. */
export function namedGroup(state: State, form: Form): Group {
  const groupId = form.text('GroupId');
  if (groupId) return needGroup(state, groupId);
  const name = form.text('GroupName');
  if (!name) {
    throw new AwsError('MissingParameter', 'The request must contain the parameter groupName or groupId');
  }
  const vpcId = defaultVpc(state).id;
  const group = state.groups.allSeen().find((one) => one.name === name && one.vpcId === vpcId);
  if (group === undefined) throw noGroup(name);
  return needGroup(state, group.id);
}

export function checkGroupId(groupId: string): void {
  if (/^sg-([0-9a-f]{8}|[0-9a-f]{17})$/.test(groupId)) return;
  throw new AwsError('InvalidGroupId.Malformed', `Invalid id: "${groupId}" (expecting "sg-...")`);
}

export function checkRuleId(ruleId: string): void {
  if (/^sgr-[0-9a-f]{17}$/.test(ruleId)) return;
  throw new AwsError('InvalidSecurityGroupRuleId.Malformed', `Invalid id: "${ruleId}" (expecting "sgr-...")`);
}

export function noGroup(name: string): AwsError {
  return new AwsError('InvalidGroup.NotFound', `The security group '${name}' does not exist`);
}

export function noRule(ruleId: string): AwsError {
  return new AwsError(
    'InvalidSecurityGroupRuleId.NotFound',
    `The security group rule ID '${ruleId}' does not exist`,
  );
}

export function noInterface(id: string): AwsError {
  return new AwsError('InvalidNetworkInterfaceID.NotFound', `The networkInterface ID '${id}' does not exist`);
}

export function defaultVpc(state: State): Vpc {
  const vpc = state.world.vpcs.find(({ isDefault }) => isDefault);
  if (vpc === undefined) throw new AwsError('VPCIdNotSpecified', 'No default VPC for this user');
  return vpc;
}
