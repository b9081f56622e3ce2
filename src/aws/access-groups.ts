/** Makes access groups: security groups with a name of their own in the VPC, a signed tag, and no egress. */
import {
  CreateSecurityGroupCommand,
  DescribeSecurityGroupRulesCommand,
  type IpPermission,
  RevokeSecurityGroupEgressCommand,
} from '@aws-sdk/client-ec2';
import { GROUP_TAG, groupTagValue, INSTALLATION_TAG } from '../access/rules/lease.js';
import { AwsUnavailable } from '../workflow/ports.js';
import type { Firewall, Witness } from '../workflow/ports-firewall.js';
import { allPages, tryUntil } from './clients.js';
import { awsCode, mayHaveHappened } from './faults.js';
import type { Found, GroupMarks, Ours } from './group-marks.js';
import { cleanDescription } from './rule-description.js';

export interface AccessGroups extends Pick<Firewall, 'accessGroup' | 'standingGroup'> {
  /** Which of these groups carry a tag of this installation that verifies. */
  amongThese(groupIds: readonly string[]): Promise<ReadonlySet<string>>;
}

/** The egress rules that EC2 gives every new group; the second rule only where the VPC has IPv6. */
const BORN_WITH: IpPermission[] = [
  { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
  { IpProtocol: '-1', Ipv6Ranges: [{ CidrIpv6: '::/0' }] },
];
/** Reads of a younger group may not show the group's rules yet. */
const YOUNG_MS = 60_000;
/** An EC2 filter takes 200 values. */
export const FILTER_VALUES = 200;

export function createAccessGroups(
  { clients, installation, keys }: Ours,
  { describe, find, madeAtMs, verified }: GroupMarks,
): AccessGroups {
  /** Groups whose first egress rules this process has revoked: an egress rule that is read after that was added by somebody. */
  const emptied = new Set<string>();

  const create = async (
    name: string,
    vpcId: string,
    nowMs: number,
    witness: Witness | undefined,
  ): Promise<string | 'duplicate' | 'quota'> => {
    const mark = groupTagValue({ installation, vpcId, name }, nowMs, keys);
    try {
      const { GroupId } = await clients.call((within) =>
        clients.write.ec2.send(
          new CreateSecurityGroupCommand({
            GroupName: name,
            VpcId: vpcId,
            Description: cleanDescription(`SSH for a while, by workspace-ssh (${installation})`),
            // The tags go with this call: a crash before a second call would leave a group without them.
            TagSpecifications: [
              {
                ResourceType: 'security-group',
                Tags: [
                  { Key: GROUP_TAG, Value: mark },
                  { Key: INSTALLATION_TAG, Value: installation },
                  { Key: 'Name', Value: name },
                ],
              },
            ],
          }),
          within,
        ),
      );
      await witness?.({ what: 'group-made', ids: { name, ...(GroupId ? { groupId: GroupId } : {}) } });
      if (!GroupId) throw new AwsUnavailable('EC2 made a group and did not say which');
      verified.add(GroupId);
      return GroupId;
    } catch (error) {
      switch (awsCode(error)) {
        case 'InvalidGroup.Duplicate':
          return 'duplicate';
        case 'SecurityGroupLimitExceeded':
        case 'ResourceLimitExceeded':
          return 'quota';
        default:
          if (mayHaveHappened(error))
            await witness?.({ what: 'group-made', ids: { name }, unanswered: true });
          throw error;
      }
    }
  };

  /**
   * `revoked`: EC2 answered that it revoked a rule. `none`: EC2 knows no such rule, which it says by an error, or in a
   * default VPC by naming what it did not know.
   */
  const revokeEgress = async (
    groupId: string,
    what: { SecurityGroupRuleIds: string[] } | { IpPermissions: IpPermission[] },
  ): Promise<'revoked' | 'none' | 'no-group'> => {
    try {
      const { RevokedSecurityGroupRules = [], UnknownIpPermissions = [] } = await clients.call((within) =>
        clients.write.ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId: groupId, ...what }), within),
      );
      const isNone = RevokedSecurityGroupRules.length === 0 && UnknownIpPermissions.length > 0;
      return isNone ? 'none' : 'revoked';
    } catch (error) {
      switch (awsCode(error)) {
        case 'InvalidPermission.NotFound':
        case 'InvalidSecurityGroupRuleId.NotFound':
          return 'none';
        case 'InvalidGroup.NotFound':
          return 'no-group';
        default:
          throw error;
      }
    }
  };

  const rulesOf = async (groupId: string): Promise<{ egress: string[]; ingress: number }> => {
    const rules = await allPages(async (NextToken) => {
      const page = await clients.call((within) =>
        clients.read.ec2.send(
          new DescribeSecurityGroupRulesCommand({
            Filters: [{ Name: 'group-id', Values: [groupId] }],
            MaxResults: 1000,
            NextToken,
          }),
          within,
        ),
      );
      return { items: page.SecurityGroupRules, nextToken: page.NextToken };
    });
    const egress = rules.filter(({ IsEgress }) => IsEgress);
    return {
      egress: egress.flatMap(({ SecurityGroupRuleId }) => SecurityGroupRuleId ?? []),
      ingress: rules.length - egress.length,
    };
  };

  /**
   * `revoked` is called after each revoke that EC2 answered.
   * @returns how many ingress rules the group had in the read that showed no egress rule
   */
  const closeEgress = async (groupId: string, young: boolean, revoked: () => void): Promise<number> => {
    const revoke = async (what: Parameters<typeof revokeEgress>[1]) => {
      const outcome = await revokeEgress(groupId, what);
      if (outcome === 'revoked') revoked();
      return outcome;
    };
    if (young) {
      // A read that comes too early shows no rules at all, so the first rules of a new group are revoked without a read.
      const known = await Promise.all(
        BORN_WITH.map((permission) => {
          const revokeOne = () => revoke({ IpPermissions: [permission] });
          // EC2 may not know the group yet.
          return tryUntil(clients, revokeOne, (outcome) => outcome !== 'no-group');
        }),
      );
      if (known.includes(false)) throw new AwsUnavailable(`EC2 does not know ${groupId} (yet)`);
    }
    let ingress = 0;
    const revokeSeen = async (): Promise<number> => {
      const rules = await rulesOf(groupId);
      ({ ingress } = rules);
      // One by one: an id that another replica revoked first would reject the whole call.
      for (const ruleId of rules.egress) await revoke({ SecurityGroupRuleIds: [ruleId] });
      return rules.egress.length;
    };
    if (!(await tryUntil(clients, revokeSeen, (seen) => seen === 0))) {
      throw new AwsUnavailable(`${groupId} still shows egress rules`);
    }
    return ingress;
  };

  const emptyEgress = async (
    { groupId, name, young }: { groupId: string; name: string; young: boolean },
    witness: Witness | undefined,
  ): Promise<number> => {
    let did = false;
    let ingress: number;
    const change = { what: 'group-egress-emptied' as const, ids: { groupId, name } };
    try {
      ingress = await closeEgress(groupId, young, () => {
        did = true;
      });
    } catch (error) {
      if (did || mayHaveHappened(error)) await witness?.({ ...change, unanswered: true });
      throw error;
    }
    if (did) await witness?.(change);
    if (did && young) emptied.add(groupId);
    return ingress;
  };

  /** True for a group so young that a read may not show its first egress rules yet. */
  const isYoung = ({ groupId, createdAtMs }: Found, nowMs: number): boolean =>
    !emptied.has(groupId) && Math.abs(nowMs - (createdAtMs ?? nowMs)) < YOUNG_MS;

  return {
    async standingGroup(name, vpcId, nowMs) {
      const found = await find(name, vpcId);
      if (found?.createdAtMs === undefined || isYoung(found, nowMs)) return undefined;
      const { groupId, rules } = found;
      return rules.egress === 0 ? { groupId, isEmpty: rules.ingress === 0 } : undefined;
    },

    /**
     * A group's name is unique in its VPC, which settles races between replicas. A new group allows all egress, and
     * attaching such a group would widen what the WorkSpace may reach: a group is returned only once a read shows
     * that it has no egress rule. Of a group that is not young the read that found the group shows that.
     */
    async accessGroup(name, vpcId, nowMs, witness) {
      let found = await find(name, vpcId);
      const wasThere = found !== undefined;
      if (!found) {
        const created = await create(name, vpcId, nowMs, witness);
        if (created === 'quota') return { refused: 'quota' };
        if (created !== 'duplicate') {
          found = { groupId: created, createdAtMs: nowMs, rules: { ingress: 0, egress: BORN_WITH.length } };
        } else {
          // Another call has made the group, perhaps a call of ours whose answer was lost. Reads may not show it yet.
          await tryUntil(
            clients,
            async () => {
              found = await find(name, vpcId);
              return found?.createdAtMs !== undefined;
            },
            (ours) => ours,
          );
          if (!found) throw new AwsUnavailable(`EC2 has a group ${name} in ${vpcId} and does not show it`);
        }
      }
      const { groupId, createdAtMs, rules } = found;
      if (createdAtMs === undefined) return { refused: 'taken' };
      // A group that the first read did not show is young, whatever its maker's clock said.
      const young = !wasThere || isYoung(found, nowMs);
      if (!young && rules.egress === 0) return { groupId, isEmpty: rules.ingress === 0 };
      const ingress = await emptyEgress({ groupId, name, young }, witness);
      return { groupId, isEmpty: ingress === 0 };
    },

    async amongThese(groupIds) {
      const unknown = [...new Set(groupIds)].filter((id) => !verified.has(id));
      // A filter, since one unknown id in `GroupIds` rejects the whole call. The list of all our groups has pages of 1,000.
      const filter =
        unknown.length > FILTER_VALUES
          ? { Name: 'tag-key', Values: [GROUP_TAG] }
          : { Name: 'group-id', Values: unknown };
      if (unknown.length > 0) await describe([filter], (group) => [madeAtMs(group)]);
      return new Set(groupIds.filter((id) => verified.has(id)));
    },
  };
}
