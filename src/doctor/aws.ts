/** AWS: who the bot is there, what its role may do, and whether the places of the policy are there and have room. */

import type { NetworkInterface } from '../access/connecting/found.js';
import { coversMany, type Policy } from '../access/policy/policy.js';
import { type Samples, tryChanges } from '../aws/setup/changes.js';
import type { Tried } from '../aws/setup/try-call.js';
import { type AwsLooks, createLedger, groupsOf, type Ledger } from './aws-looks.js';
import { lookAtDirectories } from './directories.js';
import { type Finding, unprovable } from './finding.js';
import { lookAtGroups, lookAtRoom } from './room.js';

/** A finding for each action, each directory and each limit. */
export async function lookAtAws(looks: AwsLooks): Promise<Finding[]> {
  const { clients, firewall, policy } = looks;
  const ledger = createLedger();
  const places = await lookAtDirectories(looks, ledger);
  const samples = await findSamples(looks, places.interfaces, ledger);
  // The bot reads a prefix list only where a rule names one. This id is nobody's: AWS refuses either the permission or the id.
  await ledger.read('ec2:GetManagedPrefixListEntries', () => firewall.prefixList('pl-00000000'));
  for (const tried of neededChanges(policy, await tryChanges(clients, samples))) ledger.note(tried);
  return [
    ...ledger.findings(),
    ...(Object.values(policy.directories).some(({ startStopped }) => startStopped)
      ? [unprovable(`aws.${START}`, `${START} has no dry run: the first stopped WorkSpace shows it.`)]
      : []),
    ...places.findings,
    ...(await lookAtGroups(looks)),
    ...(await lookAtRoom(looks, places.interfaces)),
  ];
}

const START = 'workspaces:StartWorkspaces';

/** Leaves out the calls that make, attach and delete groups, where the policy needs no access groups. */
function neededChanges({ firewall, rules }: Policy, changes: Tried[]): Tried[] {
  const makesGroups = groupsOf(firewall).areMade || rules.some(({ target }) => coversMany(target.kind));
  const ofGroups =
    /^ec2:(CreateSecurityGroup|DeleteSecurityGroup|RevokeSecurityGroupEgress|ModifyNetworkInterfaceAttribute)$/;
  return changes.filter(({ action }) => makesGroups || !ofGroups.test(action));
}

/** Finds the interface, the group and the rules on which changing calls can be tried. */
async function findSamples(
  { firewall, installation, policy }: AwsLooks,
  interfaces: readonly NetworkInterface[],
  ledger: Ledger,
): Promise<Samples> {
  const [at] = interfaces;
  const own = await ledger.read('ec2:DescribeSecurityGroups', () => firewall.ownGroups());
  const groupId = own?.answer[0]?.groupId ?? groupsOf(policy.firewall).named[0];
  const beside = at?.groups.map((group) => group.groupId) ?? [];
  const groupIds = [...new Set([...(groupId ? [groupId] : []), ...beside])];
  const reads = await Promise.all(
    groupIds.map((id) => ledger.read('ec2:DescribeSecurityGroupRules', () => firewall.rules(id))),
  );
  const rules = reads.flatMap((read) => read?.answer ?? []);
  const [rule] = rules;
  const ownRuleId = rules.find(({ tagged }) => tagged)?.ruleId;
  return {
    installation,
    ...(at ? { at } : {}),
    ...(groupId ? { groupId } : {}),
    ...(rule ? { rule } : {}),
    ...(ownRuleId ? { ownRuleId } : {}),
  };
}
