/** Takes what a group of ours lets out: a new group of EC2 allows all egress, which would widen what a WorkSpace may reach. */
import {
  DescribeSecurityGroupRulesCommand,
  type IpPermission,
  RevokeSecurityGroupEgressCommand,
} from '@aws-sdk/client-ec2';
import { AwsUnavailable } from '../../workflow/ports.js';
import type { Witness } from '../../workflow/ports-firewall.js';
import { allPages, tryUntil } from '../clients.js';
import { awsCode, mayHaveHappened } from '../faults.js';
import type { FoundGroup, Ours } from './group-marks.js';

export interface GroupEgress {
  /** True for a group so young that a read may not show its first egress rules yet. */
  isYoung(group: FoundGroup, nowMs: number): boolean;
  /**
   * Removes every egress rule of a group, and tells the witness of it.
   * @returns how many ingress rules the group had in the read that showed no egress rule
   * @throws AwsUnavailable where EC2 does not answer, does not know the group, or goes on showing an egress rule
   */
  empty(
    group: { groupId: string; name: string; young: boolean },
    witness: Witness | undefined,
  ): Promise<number>;
}

/** The egress rules that EC2 gives every new group; the second rule only where the VPC has IPv6. */
export const BORN_WITH: IpPermission[] = [
  { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
  { IpProtocol: '-1', Ipv6Ranges: [{ CidrIpv6: '::/0' }] },
];
/** Reads of a younger group may not show the group's rules yet. */
const YOUNG_MS = 60_000;

export function createGroupEgress(clients: Ours['clients']): GroupEgress {
  /** Groups whose first egress rules this process has revoked: an egress rule that is read after that was added by somebody. */
  const emptied = new Set<string>();

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

  return {
    isYoung: ({ groupId, createdAtMs }, nowMs) =>
      !emptied.has(groupId) && Math.abs(nowMs - (createdAtMs ?? nowMs)) < YOUNG_MS,

    async empty({ groupId, name, young }, witness) {
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
    },
  };
}
