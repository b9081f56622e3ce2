/** Tells which security groups are this installation's: by the signature in a group's tag, never by its name. */
import {
  DescribeSecurityGroupsCommand,
  type Filter,
  type IpPermission,
  type SecurityGroup,
} from '@aws-sdk/client-ec2';
import { GROUP_TAG, readGroupTag } from '../../access/rules/lease.js';
import type { SigningKeys } from '../../access/rules/signature.js';
import { type AwsClients, allPages } from '../clients.js';

/** The installation that owns groups and rules, and the keys that prove its ownership. */
export interface Ours {
  clients: AwsClients;
  installation: string;
  keys: SigningKeys;
}

export interface GroupMarks {
  /** @param of takes from each group what the caller needs: there may be very many groups. */
  describe<T>(filters: Filter[], of: (group: SecurityGroup) => T[]): Promise<T[]>;
  /** The group of this name in the VPC, also where the group is somebody else's. */
  find(name: string, vpcId: string): Promise<FoundGroup | undefined>;
  /** When the group was made (epoch ms); undefined for a group that is not ours. */
  madeAtMs(group: SecurityGroup): number | undefined;
  /** Group ids whose tag verified: a group's name and VPC never change, so neither does the answer. */
  verified: Set<string>;
}

/** A group that was found by its name; `createdAtMs` is undefined where no tag proves that the group is ours. */
export interface FoundGroup {
  groupId: string;
  createdAtMs: number | undefined;
  /** How many rules the group has, whoever added them. */
  rules: { ingress: number; egress: number };
}

export function createGroupMarks({ clients, installation, keys }: Ours): GroupMarks {
  const verified = new Set<string>();

  const describe: GroupMarks['describe'] = (Filters, of) =>
    allPages(async (NextToken) => {
      const page = await clients.call((within) =>
        clients.read.ec2.send(
          new DescribeSecurityGroupsCommand({ Filters, MaxResults: 1000, NextToken }),
          within,
        ),
      );
      return { items: page.SecurityGroups?.flatMap(of), nextToken: page.NextToken };
    });

  const madeAtMs: GroupMarks['madeAtMs'] = ({ GroupId, GroupName, VpcId, Tags }) => {
    const mark = Tags?.find(({ Key }) => Key === GROUP_TAG)?.Value;
    if (!GroupId || !GroupName || !VpcId || !mark) return undefined;
    const createdAtMs = readGroupTag(mark, { installation, vpcId: VpcId, name: GroupName }, keys);
    if (createdAtMs !== undefined) verified.add(GroupId);
    return createdAtMs;
  };

  return {
    verified,
    describe,
    madeAtMs,

    async find(name, vpcId) {
      const filters = [
        { Name: 'group-name', Values: [name] },
        { Name: 'vpc-id', Values: [vpcId] },
      ];
      // EC2 reads `*` and `?` in a filter as wildcards.
      const [found] = await describe(filters, (group) =>
        group.GroupId && group.GroupName === name && group.VpcId === vpcId
          ? [{ groupId: group.GroupId, createdAtMs: madeAtMs(group), rules: rulesIn(group) }]
          : [],
      );
      return found;
    },
  };
}

/** How many rules a group has, whoever added them. */
export function rulesIn({ IpPermissions, IpPermissionsEgress }: SecurityGroup): {
  ingress: number;
  egress: number;
} {
  return { ingress: sourcesOf(IpPermissions), egress: sourcesOf(IpPermissionsEgress) };
}

/** EC2 gathers rules with the same ports into one permission; each source in it is a rule. */
function sourcesOf(permissions: readonly IpPermission[] = []): number {
  const counts = permissions.map(({ IpRanges, Ipv6Ranges, PrefixListIds, UserIdGroupPairs }) =>
    [IpRanges, Ipv6Ranges, PrefixListIds, UserIdGroupPairs].reduce((sum, of) => sum + (of?.length ?? 0), 0),
  );
  // A permission for a kind of source that this program does not know lets something through as well.
  return counts.reduce((sum, count) => sum + Math.max(1, count), 0);
}
