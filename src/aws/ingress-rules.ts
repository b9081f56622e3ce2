/** Ingress rules for tcp/22: authorizes them with leases in their tags, tags them, and revokes them by id. */
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateTagsCommand,
  DeleteTagsCommand,
  type IpPermission,
  RevokeSecurityGroupIngressCommand,
  type Tag,
} from '@aws-sdk/client-ec2';
import { INSTALLATION_TAG, type Lease, leaseTagKey, leaseTagValue } from '../access/rules/lease.js';
import { AwsUnavailable } from '../workflow/ports.js';
import type { Firewall } from '../workflow/ports-firewall.js';
import { awsCode } from './faults.js';
import type { AccessGroups } from './groups/access-groups.js';
import type { Ours } from './groups/group-marks.js';
import { cleanDescription } from './rule-description.js';
import { createRuleReads } from './rule-reads.js';

const SSH = { IpProtocol: 'tcp', FromPort: 22, ToPort: 22 };

export function createIngressRules(
  ours: Ours,
  accessGroups: Pick<AccessGroups, 'amongThese'>,
): Pick<Firewall, 'rules' | 'prefixList' | 'tagged' | 'authorize' | 'revoke' | 'tag' | 'untag'> {
  const { clients, installation, keys } = ours;

  const tagsOf = (groupId: string, source: string, leases: readonly Lease[]): Tag[] => [
    { Key: INSTALLATION_TAG, Value: installation },
    ...leases.map((lease) => ({
      Key: leaseTagKey(lease.requestId),
      Value: leaseTagValue(lease, { installation, groupId, source }, keys),
    })),
  ];

  /** `unknown`: EC2 does not know one of the ids, and has revoked no rule. */
  const revokeTogether = async (
    groupId: string,
    ruleIds: string[],
    heldUp?: () => void,
  ): Promise<'revoked' | 'unknown'> => {
    try {
      const { Return } = await clients.callInTurn(
        'RevokeSecurityGroupIngress',
        (within) =>
          clients.write.ec2.send(
            new RevokeSecurityGroupIngressCommand({ GroupId: groupId, SecurityGroupRuleIds: ruleIds }),
            within,
          ),
        heldUp,
      );
      if (Return === false) throw new AwsUnavailable(`EC2 did not revoke ${ruleIds.join(', ')}`);
      return 'revoked';
    } catch (error) {
      switch (awsCode(error)) {
        case 'InvalidSecurityGroupRuleId.NotFound':
        case 'InvalidPermission.NotFound':
        case 'InvalidGroup.NotFound':
          return 'unknown';
        default:
          throw error;
      }
    }
  };

  return {
    ...createRuleReads(ours, accessGroups),

    /**
     * AuthorizeSecurityGroupIngress has no client token: after a lost answer the next call says `duplicate`, and the
     * tags, which were sent with the call itself, tell whose rule it is.
     */
    async authorize(groupId, source, leases, description) {
      try {
        const { SecurityGroupRules } = await clients.call((within) =>
          clients.write.ec2.send(
            new AuthorizeSecurityGroupIngressCommand({
              GroupId: groupId,
              IpPermissions: [sshFrom(source, cleanDescription(description))],
              TagSpecifications: [
                { ResourceType: 'security-group-rule', Tags: tagsOf(groupId, source, leases) },
              ],
            }),
            within,
          ),
        );
        const ruleId = SecurityGroupRules?.[0]?.SecurityGroupRuleId;
        // EC2 left out the rule's id: the next try is answered `duplicate`, and the read that follows shows the id.
        if (!ruleId)
          throw new AwsUnavailable('EC2 authorized a rule and did not say which', { unanswered: true });
        return { ruleId };
      } catch (error) {
        switch (awsCode(error)) {
          case 'InvalidPermission.Duplicate':
            return 'duplicate';
          case 'RulesPerSecurityGroupLimitExceeded':
            return 'quota';
          case 'InvalidGroup.NotFound':
            return 'no-group';
          default:
            throw error;
        }
      }
    },

    /**
     * Revokes by id: a revoke by properties that match no rule gives no error in a default VPC. One unknown id rejects
     * the whole call, so the ids are halved until the unknown id is alone. That EC2 does not know an id proves nothing.
     */
    async revoke(groupId, ruleIds, unanswered, heldUp) {
      const answered: string[] = [];
      const waiting = ruleIds.length > 0 ? [[...new Set(ruleIds)]] : [];
      for (let batch = waiting.pop(); batch; batch = waiting.pop()) {
        try {
          const outcome = await revokeTogether(groupId, batch, heldUp);
          if (outcome === 'revoked') {
            answered.push(...batch);
          } else if (batch.length > 1) {
            const middle = Math.ceil(batch.length / 2);
            waiting.push(batch.slice(middle), batch.slice(0, middle));
          }
        } catch (error) {
          // The caller has to know which rules were revoked. The next try revokes the rest.
          if (!(error instanceof AwsUnavailable) || answered.length === 0) throw error;
          if (error.unanswered) unanswered?.(batch);
          return answered;
        }
      }
      return answered;
    },

    /** EC2 replaces a tag that has the same key. */
    async tag(ruleId, groupId, source, leases) {
      try {
        await clients.call((within) =>
          clients.write.ec2.send(
            new CreateTagsCommand({ Resources: [ruleId], Tags: tagsOf(groupId, source, leases) }),
            within,
          ),
        );
      } catch (error) {
        // Just after a rule was added EC2 may not know its id yet. Later the next read shows that the rule is gone.
        if (isNoSuchRule(error)) throw new AwsUnavailable(`EC2 does not know ${ruleId}`, { cause: error });
        throw error;
      }
    },

    async untag(ruleId, requestIds) {
      // DeleteTags without tags deletes all of them.
      if (requestIds.length === 0) return;
      try {
        await clients.call((within) =>
          clients.write.ec2.send(
            new DeleteTagsCommand({
              Resources: [ruleId],
              Tags: requestIds.map((requestId) => ({ Key: leaseTagKey(requestId) })),
            }),
            within,
          ),
        );
      } catch (error) {
        if (!isNoSuchRule(error)) throw error;
      }
    },
  };
}

function isNoSuchRule(error: unknown): boolean {
  return ['InvalidSecurityGroupRuleId.NotFound', 'InvalidID'].includes(awsCode(error));
}

function sshFrom(source: string, description: string): IpPermission {
  const Description = description || undefined;
  return source.includes(':')
    ? { ...SSH, Ipv6Ranges: [{ CidrIpv6: source, Description }] }
    : { ...SSH, IpRanges: [{ CidrIp: source, Description }] };
}
