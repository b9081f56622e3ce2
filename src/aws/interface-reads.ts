/**
 * Reads network interfaces. A directory has hundreds of them, which are looked for and changed together, so the reads that
 * are asked for at the same moment are one call.
 */
import {
  DescribeNetworkInterfacesCommand,
  type DescribeNetworkInterfacesCommandInput,
  type NetworkInterface as Ec2Interface,
} from '@aws-sdk/client-ec2';
import DataLoader from 'dataloader';
import type { NetworkInterface } from '../access/connecting/found.js';
import { type AwsClients, allPages } from './clients.js';
import { FILTER_VALUES } from './groups/access-groups.js';

/** How long a read waits for others while one is under way. */
const GATHERED_FOR_MS = 20;

/** By what an interface is found: the same address may exist in other subnets, for somebody else's interface. */
export interface InterfacePlace {
  privateAddress: string;
  subnetId: string;
}

export interface InterfaceReads {
  list(filter: DescribeNetworkInterfacesCommandInput): Promise<Ec2Interface[]>;
  at(place: InterfacePlace): Promise<NetworkInterface | undefined>;
  /** The groups of the interface with this id, or undefined where there is no such interface. */
  groupsOn(interfaceId: string): Promise<string[] | undefined>;
}

export function createInterfaceReads(clients: AwsClients): InterfaceReads {
  const list: InterfaceReads['list'] = (filter) =>
    allPages(async (NextToken) => {
      const page = await clients.call((within) =>
        clients.read.ec2.send(new DescribeNetworkInterfacesCommand({ ...filter, NextToken }), within),
      );
      return { items: page.NetworkInterfaces, nextToken: page.NextToken };
    });

  const places = together<InterfacePlace, NetworkInterface | undefined>(GATHERED_FOR_MS, async (wanted) => {
    const addresses = [...new Set(wanted.map(({ privateAddress }) => privateAddress))];
    const subnets = [...new Set(wanted.map(({ subnetId }) => subnetId))];
    const found = await list({
      Filters: [
        { Name: 'addresses.private-ip-address', Values: addresses },
        { Name: 'subnet-id', Values: subnets },
      ],
      MaxResults: 1000,
    });
    return wanted.map(({ privateAddress, subnetId }) => {
      const item = found.find((one) => one.SubnetId === subnetId && hasAddress(one, privateAddress));
      return item && toInterface(item, privateAddress)[0];
    });
  });

  const groups = together<string, string[] | undefined>(GATHERED_FOR_MS, async (ids) => {
    // A filter, because one unknown id in `NetworkInterfaceIds` rejects the whole call.
    const Filters = [{ Name: 'network-interface-id', Values: [...new Set(ids)] }];
    const found = await list({ Filters, MaxResults: 1000 });
    return ids.map((id) => {
      const item = found.find(({ NetworkInterfaceId }) => NetworkInterfaceId === id);
      return item && groupIdsOf(item);
    });
  });

  return {
    list,
    at: (place) => places.load(place),
    groupsOn: (interfaceId) => groups.load(interfaceId),
  };
}

/**
 * Makes one call of reads that are asked for together. A read that comes while no other is under way goes out at once,
 * since a person may wait for it. Reads that come while a call is under way wait `forMs` for one another. No answer is
 * kept for later reads, and a thing that is asked for twice is read twice.
 */
export function together<Wanted, Found>(
  forMs: number,
  read: (wanted: readonly Wanted[]) => Promise<Found[]>,
): DataLoader<Wanted, Found> {
  let underWay = 0;
  const counted = async (wanted: readonly Wanted[]): Promise<Found[]> => {
    underWay += 1;
    try {
      return await read(wanted);
    } finally {
      underWay -= 1;
    }
  };
  return new DataLoader<Wanted, Found>(counted, {
    cache: false,
    maxBatchSize: FILTER_VALUES,
    batchScheduleFn: (send) => (underWay === 0 ? setImmediate(send) : setTimeout(send, forMs)),
  });
}

function hasAddress({ PrivateIpAddress, PrivateIpAddresses = [] }: Ec2Interface, address: string): boolean {
  return PrivateIpAddress === address || PrivateIpAddresses.some((one) => one.PrivateIpAddress === address);
}

export function groupIdsOf(found: Ec2Interface): string[] {
  return (found.Groups ?? []).flatMap(({ GroupId }) => (GroupId ? [GroupId] : []));
}

export function toInterface(found: Ec2Interface, privateAddress: string): NetworkInterface[] {
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
