/** The network interfaces of WorkSpaces, and the security groups that they carry. */
import { setTimeout as pause } from 'node:timers/promises';
import {
  DescribeNetworkInterfacesCommand,
  type DescribeNetworkInterfacesCommandInput,
  type NetworkInterface as Ec2Interface,
  ModifyNetworkInterfaceAttributeCommand,
} from '@aws-sdk/client-ec2';
import { AwsUnavailable, type Firewall, type NetworkInterface } from '../workflow/ports.js';
import { FILTER_VALUES } from './access-groups.js';
import { type AwsClients, allPages, awsCode, tryUntil } from './clients.js';

/** How often a group is attached anew when another writer took it off in between. */
const ATTEMPTS = 3;
/** A write that came right after ours shows in a read this much later. */
const SETTLE_MS = 250;

export function createInterfaces(
  clients: AwsClients,
): Pick<Firewall, 'interfaceAt' | 'interfacesById' | 'attach' | 'reach'> {
  const list = (filter: DescribeNetworkInterfacesCommandInput): Promise<Ec2Interface[]> =>
    allPages(async (NextToken) => {
      const page = await clients.call((within) =>
        clients.read.ec2.send(new DescribeNetworkInterfacesCommand({ ...filter, NextToken }), within),
      );
      return { items: page.NetworkInterfaces, nextToken: page.NextToken };
    });

  /** The interface's groups, or undefined where there is no such interface. */
  const groupsOn = async (interfaceId: string): Promise<string[] | undefined> => {
    try {
      const [found] = await list({ NetworkInterfaceIds: [interfaceId] });
      return found && groupIdsOf(found);
    } catch (error) {
      if (awsCode(error) === 'InvalidNetworkInterfaceID.NotFound') return undefined;
      throw error;
    }
  };

  const setGroups = async (interfaceId: string, Groups: string[]): Promise<'set' | 'gone' | 'quota'> => {
    try {
      await clients.call((within) =>
        clients.write.ec2.send(
          new ModifyNetworkInterfaceAttributeCommand({ NetworkInterfaceId: interfaceId, Groups }),
          within,
        ),
      );
      return 'set';
    } catch (error) {
      switch (awsCode(error)) {
        case 'InvalidNetworkInterfaceID.NotFound':
          return 'gone';
        case 'SecurityGroupsPerInterfaceLimitExceeded':
          return 'quota';
        case 'InvalidGroup.NotFound':
        case 'InvalidSecurityGroupID.NotFound':
          throw new AwsUnavailable(`EC2 does not know a group of ${interfaceId} (yet)`, { cause: error });
        default:
          throw error;
      }
    }
  };

  const attachOnce = async (interfaceId: string, groupId: string): Promise<'attached' | 'gone' | 'quota'> => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const groups = await groupsOn(interfaceId);
      if (!groups) return 'gone';
      if (groups.includes(groupId)) return 'attached';
      const outcome = await setGroups(interfaceId, [...groups, groupId]);
      if (outcome !== 'set') return outcome;
      const carries = async () => (await groupsOn(interfaceId))?.includes(groupId) ?? false;
      // Seen twice: another replica that read before our write replaces the list right after it.
      if (await tryUntil(carries, Boolean)) {
        await pause(SETTLE_MS);
        if (await carries()) return 'attached';
      }
    }
    throw new AwsUnavailable(`${groupId} does not stay on ${interfaceId}`);
  };

  const inTurn = oneAtATime();

  return {
    async interfaceAt(privateAddress, subnetId) {
      const found = await list({
        Filters: [
          { Name: 'addresses.private-ip-address', Values: [privateAddress] },
          { Name: 'subnet-id', Values: [subnetId] },
        ],
      });
      return found
        .flatMap((item) => toInterface(item, privateAddress))
        .find((item) => item.subnetId === subnetId);
    },

    /** By filter, since one unknown id in `NetworkInterfaceIds` rejects the whole call. */
    async interfacesById(interfaceIds) {
      const found: NetworkInterface[] = [];
      for (let at = 0; at < interfaceIds.length; at += FILTER_VALUES) {
        const Values = interfaceIds.slice(at, at + FILTER_VALUES);
        const some = await list({ Filters: [{ Name: 'network-interface-id', Values }], MaxResults: 1000 });
        found.push(...some.flatMap((item) => toInterface(item, item.PrivateIpAddress ?? '')));
      }
      return found;
    },

    /** ModifyNetworkInterfaceAttribute replaces the whole list, so this reads, adds, writes and reads back, in turn. */
    attach: (interfaceId, groupId) => inTurn(interfaceId, () => attachOnce(interfaceId, groupId)),

    async reach(groupId) {
      const found = await list({ Filters: [{ Name: 'group-id', Values: [groupId] }], MaxResults: 1000 });
      return found.length;
    },
  };
}

function groupIdsOf(found: Ec2Interface): string[] {
  return (found.Groups ?? []).flatMap(({ GroupId }) => (GroupId ? [GroupId] : []));
}

function toInterface(found: Ec2Interface, privateAddress: string): NetworkInterface[] {
  const { NetworkInterfaceId, VpcId, SubnetId } = found;
  if (!NetworkInterfaceId || !VpcId || !SubnetId) return [];
  const address = found.PrivateIpAddresses?.find(
    ({ PrivateIpAddress }) => PrivateIpAddress === privateAddress,
  );
  const publicAddress = (address ?? found).Association?.PublicIp;
  const ipv6Address = found.Ipv6Addresses?.[0]?.Ipv6Address ?? found.Ipv6Address;
  return [
    {
      interfaceId: NetworkInterfaceId,
      vpcId: VpcId,
      subnetId: SubnetId,
      privateAddress,
      groups: (found.Groups ?? []).flatMap(({ GroupId, GroupName = '' }) =>
        GroupId ? [{ groupId: GroupId, name: GroupName }] : [],
      ),
      ...(publicAddress ? { publicAddress } : {}),
      ...(ipv6Address ? { ipv6Address } : {}),
    },
  ];
}

/** Runs work of one name one after the other, in this process. */
function oneAtATime(): <T>(name: string, work: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return async (name, work) => {
    const before = last.get(name);
    const mine = (before ?? Promise.resolve()).then(work, work);
    last.set(name, mine);
    try {
      return await mine;
    } finally {
      if (last.get(name) === mine) last.delete(name);
    }
  };
}
