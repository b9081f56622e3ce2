/** Writes rules as EC2 does: one by one, or gathered into the permissions of a group. */

import type { Rule } from '../state/resources.js';
import type { State } from '../state/state.js';
import type { Permission } from './permissions.js';
import { tagSet } from './tags.js';
import type { Xml } from './xml.js';

type Answer = Record<string, Xml>;

/** The elements that described, authorized and revoked rules have in common. */
export function commonXml(rule: Rule): Answer {
  const family = rule.cidr.includes(':') ? 'cidrIpv6' : 'cidrIpv4';
  return {
    securityGroupRuleId: rule.ruleId,
    groupId: rule.groupId,
    isEgress: rule.isEgress,
    ipProtocol: rule.protocol,
    fromPort: rule.fromPort,
    toPort: rule.toPort,
    [family]: rule.cidr || undefined,
    prefixListId: rule.prefixListId,
    description: rule.description || undefined,
  };
}

export function ruleXml(state: State, rule: Rule): Answer {
  const { accountId, region } = state.world;
  return {
    ...commonXml(rule),
    groupOwnerId: accountId,
    referencedGroupInfo:
      rule.sourceGroupId === undefined ? undefined : { groupId: rule.sourceGroupId, userId: accountId },
    tagSet: tagSet(rule.tags),
    securityGroupRuleArn: `arn:aws:ec2:${region}:${accountId}:security-group-rule/${rule.ruleId}`,
  };
}

/** Permissions as `DescribeSecurityGroups` lists them: sources with the same protocol and ports are one entry. */
export function permissionSet(permissions: Permission[]): Xml {
  const byPorts = grouped(
    permissions,
    ({ protocol, fromPort, toPort }) => `${protocol}|${fromPort}|${toPort}`,
  );
  return [...byPorts.values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    const hasPorts = first.protocol !== '-1';
    return [
      {
        ipProtocol: first.protocol,
        fromPort: hasPorts ? first.fromPort : undefined,
        toPort: hasPorts ? first.toPort : undefined,
        ipRanges: ranges(same, 'cidrIp', (cidr) => cidr !== '' && !cidr.includes(':')),
        ipv6Ranges: ranges(same, 'cidrIpv6', (cidr) => cidr.includes(':')),
        groups: same.flatMap(({ sourceGroupId: groupId, description }) =>
          groupId === undefined ? [] : [{ groupId, description: description || undefined }],
        ),
        prefixListIds: [],
      },
    ];
  });
}

function ranges(permissions: Permission[], name: string, belongs: (cidr: string) => boolean): Xml {
  return permissions
    .filter(({ cidr }) => belongs(cidr))
    .map(({ cidr, description }) => ({ [name]: cidr, description: description || undefined }));
}

/** Does what `Map.groupBy` does, which Node has from version 21 on. */
export function grouped<T>(things: T[], keyOf: (thing: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const thing of things) {
    const same = groups.get(keyOf(thing));
    if (same === undefined) groups.set(keyOf(thing), [thing]);
    else same.push(thing);
  }
  return groups;
}
