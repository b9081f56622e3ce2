/** Describes network interfaces, and changes their groups. */

import { AwsError } from '../errors.js';
import type { Interface } from '../state/resources.js';
import { changeInterface, type State } from '../state/state.js';
import { filtered, paged } from './filters.js';
import type { Form } from './form.js';
import { needGroup, noInterface } from './lookups.js';
import { tagSet } from './tags.js';
import type { Xml } from './xml.js';

type Answer = Record<string, Xml>;

export function describeNetworkInterfaces(state: State, form: Form): Answer {
  const ids = form.list('NetworkInterfaceId');
  ids.forEach(checkInterfaceId);
  if (ids.length > 0 && form.text('MaxResults') !== undefined) {
    throw new AwsError(
      'InvalidParameterCombination',
      'The parameter NetworkInterfaceIds cannot be used with the parameter MaxResults',
    );
  }
  const seen = state.interfaces.allSeen();
  const unknown = ids.find((id) => !seen.some((one) => one.id === id));
  if (unknown !== undefined) throw noInterface(unknown);
  const nameOf = (groupId: string) => (state.groups.seen(groupId) ?? state.groups.get(groupId))?.name;
  const named = ids.length === 0 ? seen : seen.filter(({ id }) => ids.includes(id));
  const matching = filtered(form, named, {
    'network-interface-id': ({ id }) => [id],
    'subnet-id': ({ subnetId }) => [subnetId],
    'vpc-id': ({ vpcId }) => [vpcId],
    'group-id': ({ groups }) => groups,
    'group-name': ({ groups }) => groups.map(nameOf),
    'addresses.private-ip-address': ({ ip }) => [ip],
    'addresses.primary': () => ['true'],
    'addresses.association.public-ip': ({ publicIp }) => [publicIp],
    'private-ip-address': ({ ip }) => [ip],
    'association.public-ip': ({ publicIp }) => [publicIp],
    'ipv6-addresses.ipv6-address': ({ ipv6 }) => [ipv6],
    'attachment.status': () => ['attached'],
    'attachment.device-index': () => ['1'],
    'availability-zone': () => [zone(state)],
    description: (one) => [description(state, one)],
    'interface-type': () => ['interface'],
    'owner-id': () => [state.world.accountId],
    'requester-managed': () => ['false'],
    status: () => ['in-use'],
  });
  const { things, nextToken } = paged(form, matching, ({ id }) => id, state.settings.pageSize);
  return { networkInterfaceSet: things.map((one) => interfaceXml(state, one, nameOf)), nextToken };
}

function interfaceXml(state: State, one: Interface, nameOf: (groupId: string) => string | undefined): Answer {
  const association =
    one.publicIp === undefined ? undefined : { publicIp: one.publicIp, ipOwnerId: state.world.accountId };
  const hex = one.id.slice(-8);
  return {
    networkInterfaceId: one.id,
    subnetId: one.subnetId,
    vpcId: one.vpcId,
    availabilityZone: zone(state),
    description: description(state, one),
    ownerId: state.world.accountId,
    requesterManaged: false,
    status: 'in-use',
    macAddress: ['02', '00', ...(hex.match(/../g) ?? [])].join(':'),
    privateIpAddress: one.ip,
    sourceDestCheck: true,
    groupSet: one.groups.map((groupId) => ({ groupId, groupName: nameOf(groupId) })),
    // A WorkSpace's machine belongs to AWS, and the interface in the customer's VPC is its second one, eth1.
    attachment: {
      attachmentId: `eni-attach-${one.id.slice('eni-'.length)}`,
      instanceOwnerId: 'amazon-aws',
      deviceIndex: 1,
      status: 'attached',
      deleteOnTermination: false,
    },
    association,
    tagSet: tagSet(one.tags),
    privateIpAddressesSet: [{ privateIpAddress: one.ip, primary: true, association }],
    ipv6AddressesSet: one.ipv6 === undefined ? [] : [{ ipv6Address: one.ipv6, isPrimaryIpv6: false }],
    ipv6Address: one.ipv6,
    interfaceType: 'interface',
  };
}

function zone(state: State): string {
  return `${state.world.region}a`;
}

function description(state: State, one: Interface): string {
  return one.workspaceId === undefined
    ? ''
    : `Created By Amazon Workspaces for AWS Account ID ${state.world.accountId}`;
}

/** `SecurityGroupId.N` replaces the whole list. */
export function modifyNetworkInterfaceAttribute(state: State, form: Form): () => Answer {
  const id = form.required('NetworkInterfaceId');
  checkInterfaceId(id);
  const found = state.interfaces.get(id);
  if (found === undefined) throw noInterface(id);
  const wanted = [...new Set(form.list('SecurityGroupId'))];
  if (wanted.length === 0) {
    throw new AwsError(
      'MissingParameter',
      'The request must contain the parameter groups (this pretend EC2 changes no other attribute)',
    );
  }
  for (const groupId of wanted) {
    if (needGroup(state, groupId).vpcId !== found.vpcId) {
      throw new AwsError(
        'InvalidGroup.NotFound',
        'You have specified two resources that belong to different networks.',
      );
    }
  }
  if (wanted.length > state.settings.quotas.groupsPerInterface) {
    throw new AwsError(
      'SecurityGroupsPerInterfaceLimitExceeded',
      'The maximum number of security groups per interface has been reached.',
    );
  }
  return () => {
    changeInterface(state, found, { groups: wanted });
    return { return: true };
  };
}

function checkInterfaceId(id: string): void {
  if (/^eni-([0-9a-f]{8}|[0-9a-f]{17})$/.test(id)) return;
  throw new AwsError('InvalidNetworkInterfaceId.Malformed', `Invalid id: "${id}" (expecting "eni-...")`);
}
