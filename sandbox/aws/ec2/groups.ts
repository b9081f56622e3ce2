/** Describes, creates and deletes security groups. */

import { AwsError, invalidValue } from '../errors.js';
import type { Group, Rule } from '../state/resources.js';
import { deleteGroup, insertGroup, type State } from '../state/state.js';
import { filtered, paged } from './filters.js';
import type { Form } from './form.js';
import { checkGroupId, defaultVpc, namedGroup, noGroup } from './lookups.js';
import { ALLOWED_TEXT } from './permissions.js';
import { grouped, permissionSet } from './rule-xml.js';
import { readTagSpecifications, tagSet } from './tags.js';
import type { Xml } from './xml.js';

type Answer = Record<string, Xml>;

export function describeSecurityGroups(state: State, form: Form): Answer {
  const seen = state.groups.allSeen();
  const rules = grouped(state.rules.allSeen(), ({ groupId }) => groupId);
  const named = byNameOrId(state, form, seen);
  const of = (group: Group, isEgress: boolean) =>
    (rules.get(group.id) ?? []).filter((rule) => rule.isEgress === isEgress);
  const pick = (value: (rule: Rule) => string | undefined, isEgress: boolean) => (group: Group) =>
    of(group, isEgress).map(value);
  const matching = filtered(form, named, {
    'group-id': (group) => [group.id],
    'group-name': (group) => [group.name],
    'vpc-id': (group) => [group.vpcId],
    'owner-id': () => [state.world.accountId],
    description: (group) => [group.description],
    'ip-permission.cidr': pick(({ cidr }) => (cidr.includes(':') ? undefined : cidr), false),
    'ip-permission.ipv6-cidr': pick(({ cidr }) => (cidr.includes(':') ? cidr : undefined), false),
    'ip-permission.from-port': pick(({ fromPort }) => String(fromPort), false),
    'ip-permission.to-port': pick(({ toPort }) => String(toPort), false),
    'ip-permission.protocol': pick(({ protocol }) => protocol, false),
    'ip-permission.group-id': pick(({ sourceGroupId }) => sourceGroupId, false),
    'egress.ip-permission.cidr': pick(({ cidr }) => (cidr.includes(':') ? undefined : cidr), true),
    'egress.ip-permission.protocol': pick(({ protocol }) => protocol, true),
  });
  const { things, nextToken } = paged(form, matching, ({ id }) => id, state.settings.pageSize);
  return {
    securityGroupInfo: things.map((group) => ({
      ownerId: state.world.accountId,
      groupId: group.id,
      groupName: group.name,
      groupDescription: group.description,
      vpcId: group.vpcId,
      ipPermissions: permissionSet(of(group, false)),
      ipPermissionsEgress: permissionSet(of(group, true)),
      tagSet: tagSet(group.tags),
      securityGroupArn: arn(state, group.id),
    })),
    nextToken,
  };
}

function byNameOrId(state: State, form: Form, seen: Group[]): Group[] {
  const ids = form.list('GroupId');
  const names = form.list('GroupName');
  if (ids.length + names.length === 0) return seen;
  ids.forEach(checkGroupId);
  const vpcId = names.length === 0 ? undefined : defaultVpc(state).id;
  return [
    ...ids.map((id) => seen.find((group) => group.id === id) ?? noGroup(id)),
    ...names.map(
      (name) => seen.find((group) => group.vpcId === vpcId && group.name === name) ?? noGroup(name),
    ),
  ].map((found) => {
    if (found instanceof AwsError) throw found;
    return found;
  });
}

export function createSecurityGroup(state: State, form: Form): () => Answer {
  const name = form.required('GroupName');
  const description = form.required('GroupDescription');
  const vpcId = form.text('VpcId') || defaultVpc(state).id;
  const tags = readTagSpecifications(form, 'security-group');
  checkText('GroupName', name);
  checkText('GroupDescription', description);
  if (name.startsWith('sg-'))
    throw invalidValue(`invalid group name (${name}): group names may not be in the format sg-*`);
  if (name === 'default') {
    throw new AwsError('InvalidGroup.Reserved', `Cannot use reserved security group name: ${name}`);
  }
  if (!state.world.vpcs.some(({ id }) => id === vpcId)) {
    throw new AwsError('InvalidVpcID.NotFound', `The vpc ID '${vpcId}' does not exist`);
  }
  const there = state.groups.all();
  if (there.some((group) => group.vpcId === vpcId && group.name === name)) {
    throw new AwsError(
      'InvalidGroup.Duplicate',
      `The security group '${name}' already exists for VPC '${vpcId}'`,
    );
  }
  if (there.length >= state.settings.quotas.groupsPerRegion) {
    throw new AwsError(
      'SecurityGroupLimitExceeded',
      'You have reached the limit on the number of security groups.',
    );
  }
  return () => {
    const made = insertGroup(state, { name, description, vpcId, tags });
    return { groupId: made.id, tagSet: tagSet(tags), securityGroupArn: arn(state, made.id) };
  };
}

function checkText(parameter: string, text: string): void {
  if (ALLOWED_TEXT.test(text)) return;
  throw invalidValue(
    `Value (${text}) for parameter ${parameter} is invalid. It has up to 255 characters of a-zA-Z0-9, space and ._-:/()#,@[]+=&;{}!$*`,
  );
}

export function deleteSecurityGroup(state: State, form: Form): () => Answer {
  const group = namedGroup(state, form);
  if (group.name === 'default') {
    throw new AwsError(
      'CannotDelete',
      `the specified group: "${group.id}" name: "default" cannot be deleted by a user`,
    );
  }
  const isAttached = state.interfaces.all().some(({ groups }) => groups.includes(group.id));
  const isReferenced = state.rules
    .all()
    .some(({ groupId, sourceGroupId }) => sourceGroupId === group.id && groupId !== group.id);
  if (isAttached || isReferenced) {
    throw new AwsError('DependencyViolation', `resource ${group.id} has a dependent object`);
  }
  return () => {
    deleteGroup(state, group);
    return { return: true, groupId: group.id };
  };
}

function arn(state: State, groupId: string): string {
  return `arn:aws:ec2:${state.world.region}:${state.world.accountId}:security-group/${groupId}`;
}
