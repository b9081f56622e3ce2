/** Reads a rule as EC2 describes it: which leases in its tags verify, and whether it is still the rule that was added. */
import type { SecurityGroupRule, Tag } from '@aws-sdk/client-ec2';
import type { Origin, Traffic } from '../access/rules/coverage.js';
import { INSTALLATION_TAG, leaseIdOfTag, readLeaseTag } from '../access/rules/lease.js';
import type { SeenRule } from '../access/rules/seen-rule.js';
import type { Ours } from './groups/group-marks.js';

/**
 * Reads an ingress rule of any port, since a rule of ours that drifted to other ports must not hide. Undefined where EC2
 * did not say the rule's id or its group. The caller has to find out `inAccessGroup`.
 */
export function seenRule(
  rule: SecurityGroupRule,
  { installation, keys }: Pick<Ours, 'installation' | 'keys'>,
): SeenRule | undefined {
  const { SecurityGroupRuleId: ruleId, GroupId: groupId, Tags: tags = [] } = rule;
  if (!ruleId || !groupId) return undefined;
  const source = sourceOf(rule);
  const leases = tags.flatMap(({ Key = '', Value = '' }) => {
    const lease = readLeaseTag(Key, Value, { installation, groupId, source }, keys);
    return lease ? [lease] : [];
  });
  return {
    ruleId,
    groupId,
    source,
    leases,
    tagged: leases.length > 0 || claimsToBeOurs(tags, installation),
    marked: isMarked(rule, installation),
    plain: isSsh(rule),
    traffic: trafficOf(rule),
    inAccessGroup: false,
  };
}

/** Whether a rule carries exactly the installation's tag. EC2 reads `*` and `?` in a filter as wildcards. */
export function isMarked({ Tags }: SecurityGroupRule, installation: string): boolean {
  return tagValue(Tags ?? [], INSTALLATION_TAG) === installation;
}

function isSsh({ IpProtocol, FromPort, ToPort, CidrIpv4, CidrIpv6 }: SecurityGroupRule): boolean {
  const tcp = IpProtocol === 'tcp' || IpProtocol === '6';
  return tcp && FromPort === 22 && ToPort === 22 && Boolean(CidrIpv4 ?? CidrIpv6);
}

function trafficOf(rule: SecurityGroupRule): Traffic {
  const { IpProtocol = '', FromPort, ToPort } = rule;
  return {
    protocol: IpProtocol,
    ...(FromPort === undefined ? {} : { fromPort: FromPort }),
    ...(ToPort === undefined ? {} : { toPort: ToPort }),
    from: originOf(rule),
  };
}

function originOf({ CidrIpv4, CidrIpv6, ReferencedGroupInfo, PrefixListId }: SecurityGroupRule): Origin {
  const cidr = CidrIpv4 ?? CidrIpv6;
  if (cidr) return { kind: 'range', cidr };
  if (PrefixListId) return { kind: 'list', listId: PrefixListId };
  if (ReferencedGroupInfo?.GroupId) return { kind: 'group', groupId: ReferencedGroupInfo.GroupId };
  return { kind: 'other' };
}

/** The CIDR of a rule; its group or prefix list where somebody changed the rule to one, for which no lease verifies. */
function sourceOf(rule: SecurityGroupRule): string {
  return rule.CidrIpv4 ?? rule.CidrIpv6 ?? rule.ReferencedGroupInfo?.GroupId ?? rule.PrefixListId ?? '';
}

/** Whether the tags of a rule say that the rule is this installation's, and not another's in the same group. */
function claimsToBeOurs(tags: Tag[], installation: string): boolean {
  const claimed = tagValue(tags, INSTALLATION_TAG);
  if (claimed !== undefined) return claimed === installation;
  return tags.some(({ Key = '' }) => leaseIdOfTag(Key) !== undefined);
}

function tagValue(tags: Tag[], key: string): string | undefined {
  return tags.find(({ Key }) => Key === key)?.Value;
}
