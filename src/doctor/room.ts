/** The groups that the policy names, the room in AWS's quotas, and what keeps a public address out whatever a rule says. */
import type { NetworkInterface } from '../access/connecting/found.js';
import { type AwsLooks, groupsOf } from './aws-looks.js';
import { type Finding, fail, ok, unprovable, warn } from './finding.js';

/** The groups that the policy names: how many WorkSpaces a rule in each opens, and whether there is room for rules. */
export async function lookAtGroups({ firewall, policy }: AwsLooks): Promise<Finding[]> {
  const { named, key } = groupsOf(policy.firewall);
  if (named.length === 0) return [];
  const carriers = await firewall.carriers([...named]).catch(() => undefined);
  const each = named.map(async (groupId): Promise<Finding[]> => {
    const id = `aws.group.${groupId}`;
    if (!carriers) return [unprovable(id, `AWS did not say what carries ${groupId}.`)];
    const reach = carriers.get(groupId)?.length ?? 0;
    const rules = await firewall.rules(groupId).catch(() => undefined);
    if (reach > 0)
      return [
        ok(id, `${reach} network interfaces carry ${groupId}.`),
        ...(rules ? [lookAtRules(groupId, rules.length)] : []),
      ];
    return [
      fail(
        id,
        `No network interface carries ${groupId}, so nothing can be opened through it.`,
        `Correct the id under ${key} in the policy, or AWS_REGION.`,
      ),
    ];
  });
  return (await Promise.all(each)).flat();
}

/** How many ingress rules EC2 allows in a group by default. */
const RULES_A_GROUP = 60;
const FEW_RULES = 10;

function lookAtRules(groupId: string, count: number): Finding {
  const id = `aws.quota.rules.${groupId}`;
  if (count <= RULES_A_GROUP - FEW_RULES)
    return ok(id, `There is room for rules in ${groupId}: ${count} of ${RULES_A_GROUP}.`);
  return warn(
    id,
    `${groupId} holds ${count} ingress rules, and AWS allows ${RULES_A_GROUP} by default: each address that is open needs one.`,
    'Have the quota raised, remove rules, or let the bot make access groups.',
  );
}

/** How many security groups EC2 allows in a Region by default. A raised quota does not show in what the doctor reads. */
const GROUPS_A_REGION = 2_500;
const FEW = 100;
const MORE_PERMISSIONS = 'the permissions of deploy/iam-doctor.json let it be seen';

/** Room in AWS's quotas, and whether a VPC keeps everybody out. */
export async function lookAtRoom(
  { reads, policy }: AwsLooks,
  interfaces: readonly NetworkInterface[],
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const most = await reads.groupsPerInterface().catch(() => undefined);
  if (groupsOf(policy.firewall).areMade) findings.push(lookAtInterfaces(most, interfaces));
  const groups = await reads.countGroups().catch(() => undefined);
  const id = 'aws.quota.groups';
  if (groups === undefined)
    findings.push(unprovable(id, 'AWS did not say how many security groups there are.'));
  else if (groups < GROUPS_A_REGION - FEW)
    findings.push(
      ok(id, `There is room for access groups: ${groups} of ${GROUPS_A_REGION} security groups.`),
    );
  else
    findings.push(
      warn(
        id,
        `There are ${groups} security groups in this Region, and AWS allows ${GROUPS_A_REGION} by default.`,
        'Have the quota raised, or delete groups; keep in the policy says how many of the bot’s stay.',
      ),
    );
  findings.push(lookAtBlocking(await reads.blockPublicAccess().catch(() => undefined)));
  return findings;
}

function lookAtInterfaces(most: number | undefined, interfaces: readonly NetworkInterface[]): Finding {
  const id = 'aws.quota.groups-per-interface';
  if (most === undefined)
    return unprovable(id, `How many security groups an interface may carry: ${MORE_PERMISSIONS}.`);
  if (interfaces.length === 0)
    return unprovable(id, `An interface may carry ${most} security groups; none was seen.`);
  const full = interfaces.filter(({ groups }) => groups.length >= most);
  if (full.length === 0) return ok(id, `There is room for an access group: an interface may carry ${most}.`);
  return warn(
    id,
    `${full.map(({ interfaceId }) => interfaceId).join(', ')} carry ${most} security groups, which is all that AWS allows: no access group can be attached.`,
    'Detach a group that is not needed, or have the quota raised (up to 16).',
  );
}

function lookAtBlocking(mode: string | undefined): Finding {
  const id = 'aws.block-public-access';
  if (mode === undefined)
    return unprovable(id, `Whether VPC Block Public Access keeps people out: ${MORE_PERMISSIONS}.`);
  if (mode === 'off') return ok(id, 'VPC Block Public Access is off: public addresses can be let in.');
  return warn(
    id,
    `VPC Block Public Access is on (${mode}): rules for public addresses open nothing, but where a VPC or subnet is excluded.`,
    'Let people come by VPN and allow private sources in the policy, or exclude the WorkSpaces’ subnets.',
  );
}
