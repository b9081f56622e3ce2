/** Tries each call that changes something at EC2 with `DryRun`, so that a permission that is missing has a name. */
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  CreateTagsCommand,
  DeleteSecurityGroupCommand,
  DeleteTagsCommand,
  ModifyNetworkInterfaceAttributeCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import type { NetworkInterface } from '../../access/connecting/found.js';
import { INSTALLATION_TAG, leaseTagKey } from '../../access/rules/lease.js';
import type { AwsClients } from '../clients.js';
import { type Tried, tryCall } from './try-call.js';

/** What there is to try calls on. IAM decides by the resource's tags and VPC, so made-up ids prove nothing. */
export interface Samples {
  installation: string;
  /** An interface of a WorkSpace, with its VPC and its groups. */
  at?: NetworkInterface;
  /** A group that carries the installation's tag, or one that the policy names. */
  groupId?: string;
  /** Any ingress rule of a group in the WorkSpaces' VPC. */
  rule?: { ruleId: string; groupId: string };
  /** A rule with the installation's tag. */
  ownRuleId?: string;
}

/** A documentation address: nobody has it, so no rule is for it. */
const NOBODY = { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '192.0.2.1/32' }] };
const EVERYWHERE = { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] };
const DryRun = true;

/** One answer for each call, in the order in which a grant makes them. */
export async function tryChanges(clients: AwsClients, samples: Samples): Promise<Tried[]> {
  const { at, groupId, rule, ownRuleId, installation } = samples;
  const { ec2 } = clients.write;
  const send = (call: (within: { abortSignal: AbortSignal }) => Promise<unknown>) => () => clients.call(call);
  const tags = [{ Key: INSTALLATION_TAG, Value: installation }];
  const dryGroup = (GroupId: string) => ({ GroupId, DryRun });

  const tries: [action: string, missing: string, call: (() => Promise<unknown>) | undefined][] = [
    [
      'CreateSecurityGroup',
      NO_WORKSPACE,
      at &&
        send((within) =>
          ec2.send(
            new CreateSecurityGroupCommand({
              GroupName: `workspace-ssh-doctor-${installation}`,
              Description: 'A dry run',
              VpcId: at.vpcId,
              TagSpecifications: [{ ResourceType: 'security-group', Tags: tags }],
              DryRun,
            }),
            within,
          ),
        ),
    ],
    [
      'RevokeSecurityGroupEgress',
      NO_GROUP,
      groupId === undefined
        ? undefined
        : send((within) =>
            ec2.send(
              new RevokeSecurityGroupEgressCommand({ ...dryGroup(groupId), IpPermissions: [EVERYWHERE] }),
              within,
            ),
          ),
    ],
    [
      'ModifyNetworkInterfaceAttribute',
      NO_WORKSPACE,
      at &&
        send((within) =>
          ec2.send(
            new ModifyNetworkInterfaceAttributeCommand({
              NetworkInterfaceId: at.interfaceId,
              Groups: at.groups.map((group) => group.groupId),
              DryRun,
            }),
            within,
          ),
        ),
    ],
    [
      'AuthorizeSecurityGroupIngress',
      NO_GROUP,
      groupId === undefined
        ? undefined
        : send((within) =>
            ec2.send(
              new AuthorizeSecurityGroupIngressCommand({
                ...dryGroup(groupId),
                IpPermissions: [NOBODY],
                TagSpecifications: [{ ResourceType: 'security-group-rule', Tags: tags }],
              }),
              within,
            ),
          ),
    ],
    [
      'CreateTags',
      'there is no rule in the groups of a WorkSpace',
      rule &&
        send((within) =>
          ec2.send(new CreateTagsCommand({ Resources: [rule.ruleId], Tags: tags, DryRun }), within),
        ),
    ],
    [
      'DeleteTags',
      'there is no rule of this installation',
      ownRuleId === undefined
        ? undefined
        : send((within) =>
            ec2.send(
              new DeleteTagsCommand({
                Resources: [ownRuleId],
                Tags: [{ Key: leaseTagKey('DOCTR') }],
                DryRun,
              }),
              within,
            ),
          ),
    ],
    [
      'RevokeSecurityGroupIngress',
      'there is no rule in the groups of a WorkSpace',
      rule &&
        send((within) =>
          ec2.send(
            new RevokeSecurityGroupIngressCommand({
              ...dryGroup(rule.groupId),
              SecurityGroupRuleIds: [rule.ruleId],
            }),
            within,
          ),
        ),
    ],
    [
      'DeleteSecurityGroup',
      NO_GROUP,
      groupId === undefined
        ? undefined
        : send((within) => ec2.send(new DeleteSecurityGroupCommand(dryGroup(groupId)), within)),
    ],
  ];
  return Promise.all(
    tries.map(async ([name, why, call]): Promise<Tried> => {
      const action = `ec2:${name}`;
      return call ? tryCall(action, call) : { action, outcome: 'unprovable', why };
    }),
  );
}

const NO_WORKSPACE = 'no WorkSpace with a network interface was found';
const NO_GROUP = 'there is no access group of this installation';
