/** Reads the permissions of a call, with the checks that EC2 makes on each. */

import { parseBlock } from '../cidr.js';
import { AwsError, invalidValue } from '../errors.js';
import type { Rule } from '../state/resources.js';
import type { State } from '../state/state.js';
import type { Form } from './form.js';
import { needGroup } from './lookups.js';

export type Permission = Pick<
  Rule,
  'cidr' | 'sourceGroupId' | 'protocol' | 'fromPort' | 'toPort' | 'description'
>;

const NAMES: Record<string, string> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'icmpv6' };

/** Reads `IpPermissions.N`, or the flat `IpProtocol`, `FromPort`, `ToPort`, `CidrIp` of older callers. */
export function readPermissions(state: State, form: Form): Permission[] {
  const permissions = form.items('IpPermissions');
  if (permissions.length > 0) return permissions.flatMap((one) => readPermission(state, one));
  const cidr = form.text('CidrIp');
  // EC2 answers success and adds nothing for a protocol without a source (boto/boto3#1012).
  if (form.text('IpProtocol')) return cidr ? [permissionOf(readPorts(form), block(cidr, 4), undefined)] : [];
  throw new AwsError('MissingParameter', 'The request must contain the parameter ipPermissions');
}

function readPermission(state: State, form: Form): Permission[] {
  const ports = readPorts(form);
  if (form.items('PrefixListIds').length > 0) throw invalidValue('This pretend EC2 has no prefix lists');
  return [
    ...form
      .items('IpRanges')
      .map((range) => permissionOf(ports, block(range.required('CidrIp'), 4), range.text('Description'))),
    ...form
      .items('Ipv6Ranges')
      .map((range) => permissionOf(ports, block(range.required('CidrIpv6'), 6), range.text('Description'))),
    ...form.items('Groups').map((pair) => ({
      ...permissionOf(ports, '', pair.text('Description')),
      sourceGroupId: needGroup(state, pair.required('GroupId')).id,
    })),
  ];
}

type Ports = Pick<Rule, 'protocol' | 'fromPort' | 'toPort'>;

function readPorts(form: Form): Ports {
  return checkedPorts(form.required('IpProtocol'), form.integer('FromPort'), form.integer('ToPort'));
}

/** Protocols other than TCP and UDP lose their ports. @throws AwsError for a protocol or ports that make no rule */
export function checkedPorts(given: string, fromPort: number | undefined, toPort: number | undefined): Ports {
  const lower = given.toLowerCase();
  const protocol = NAMES[lower] ?? lower;
  const isNumber = /^\d{1,3}$/.test(protocol) && Number(protocol) <= 255;
  if (!isNumber && !['-1', ...Object.values(NAMES)].includes(protocol)) {
    throw invalidValue(`Invalid value '${given}' for IP protocol. Unknown protocol.`);
  }
  if (protocol.startsWith('icmp')) return { protocol, fromPort: fromPort ?? -1, toPort: toPort ?? -1 };
  if (protocol !== 'tcp' && protocol !== 'udp') return { protocol, fromPort: -1, toPort: -1 };
  if (fromPort === undefined || toPort === undefined) {
    throw invalidValue("Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.");
  }
  const outside = [fromPort, toPort].find((port) => port < 0 || port > 65_535);
  if (outside !== undefined) throw malformed(`TCP/UDP port (${outside}) out of range`);
  if (fromPort > toPort)
    throw malformed(`Invalid ${protocol.toUpperCase()} port range (${fromPort},${toPort})`);
  return { protocol, fromPort, toPort };
}

function malformed(message: string): AwsError {
  return new AwsError('InvalidPermission.Malformed', message);
}

function permissionOf(ports: Ports, cidr: string, description: string | undefined): Permission {
  return { ...ports, cidr, description: checkedDescription(description ?? '') };
}

/** @returns the CIDR block in canonical form. @throws AwsError for a malformed block */
export function block(text: string, family?: 4 | 6): string {
  const found = parseBlock(text);
  if (found === undefined || (family !== undefined && found.family !== family)) {
    throw invalidValue(`CIDR block ${text} is malformed`);
  }
  return found.text;
}

/** The characters that EC2 allows in a rule's description, a group's name and a group's description in a VPC. */
export const ALLOWED_TEXT = /^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]{0,255}$/;

export function checkedDescription(text: string): string {
  if (ALLOWED_TEXT.test(text)) return text;
  throw invalidValue(
    'Invalid rule description. Valid descriptions are strings less than 256 characters from the following set: ' +
      'a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*',
  );
}
