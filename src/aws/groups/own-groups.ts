/** Finds the installation's access groups by their signed tag, and deletes them. */
import { DeleteSecurityGroupCommand, type SecurityGroup } from '@aws-sdk/client-ec2';
import { GROUP_TAG } from '../../access/rules/lease.js';
import type { Firewall, OwnGroup } from '../../workflow/ports-firewall.js';
import type { AwsClients } from '../clients.js';
import { awsCode, mayHaveHappened } from '../faults.js';
import { type GroupMarks, rulesIn } from './group-marks.js';

export function createOwnGroups(
  clients: AwsClients,
  marks: GroupMarks,
): Pick<Firewall, 'ownGroups' | 'deleteGroup'> {
  return {
    async ownGroups(groupId) {
      // The installation's tag is no filter here: somebody may have taken it off. The signature decides.
      const filter = groupId
        ? { Name: 'group-id', Values: [groupId] }
        : { Name: 'tag-key', Values: [GROUP_TAG] };
      return marks.describe([filter], (group) => toOwnGroup(group, marks.madeAtMs(group)));
    },

    /** EC2 refuses to delete a group that an interface carries, so a group that was just attached again stays. */
    async deleteGroup(groupId, witness) {
      try {
        await clients.call((within) =>
          clients.write.ec2.send(new DeleteSecurityGroupCommand({ GroupId: groupId }), within),
        );
      } catch (error) {
        switch (awsCode(error)) {
          case 'InvalidGroup.NotFound':
            return 'gone';
          case 'DependencyViolation':
          case 'InvalidGroup.InUse':
            return 'in-use';
          default:
            if (mayHaveHappened(error))
              await witness?.({ what: 'group-deleted', ids: { groupId }, unanswered: true });
            throw error;
        }
      }
      await witness?.({ what: 'group-deleted', ids: { groupId } });
      return 'deleted';
    },
  };
}

function toOwnGroup(group: SecurityGroup, createdAtMs: number | undefined): OwnGroup[] {
  const { GroupId, GroupName, VpcId } = group;
  if (!GroupId || !GroupName || !VpcId || createdAtMs === undefined) return [];
  const { ingress } = rulesIn(group);
  return [{ groupId: GroupId, name: GroupName, vpcId: VpcId, createdAtMs, ingress }];
}
