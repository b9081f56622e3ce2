/** Makes access groups: security groups with a name of their own in the VPC, a signed tag, and no egress. */
import { CreateSecurityGroupCommand } from '@aws-sdk/client-ec2';
import { GROUP_TAG, groupTagValue, INSTALLATION_TAG } from '../../access/rules/lease.js';
import { AwsUnavailable } from '../../workflow/ports.js';
import type { Firewall, Witness } from '../../workflow/ports-firewall.js';
import { tryUntil } from '../clients.js';
import { awsCode, mayHaveHappened } from '../faults.js';
import { cleanDescription } from '../rule-description.js';
import { BORN_WITH, createGroupEgress } from './group-egress.js';
import type { GroupMarks, Ours } from './group-marks.js';

export interface AccessGroups extends Pick<Firewall, 'accessGroup' | 'standingGroup'> {
  /** Which of these groups carry a tag of this installation that verifies. */
  amongThese(groupIds: readonly string[]): Promise<ReadonlySet<string>>;
}

/** An EC2 filter takes 200 values. */
export const FILTER_VALUES = 200;

export function createAccessGroups(
  { clients, installation, keys }: Ours,
  { describe, find, madeAtMs, verified }: GroupMarks,
): AccessGroups {
  const egress = createGroupEgress(clients);

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

  return {
    async standingGroup(name, vpcId, nowMs) {
      const found = await find(name, vpcId);
      if (found?.createdAtMs === undefined || egress.isYoung(found, nowMs)) return undefined;
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
      const young = !wasThere || egress.isYoung(found, nowMs);
      if (!young && rules.egress === 0) return { groupId, isEmpty: rules.ingress === 0 };
      const ingress = await egress.empty({ groupId, name, young }, witness);
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
