/** WorkSpaces and network interfaces, as far as AWS says what they are. */

/** A WorkSpace as AWS lists it. Every field that AWS calls optional may be missing. */
export interface Desktop {
  workspaceId: string;
  directoryId: string;
  userName: string;
  state: string;
  operatingSystem: string;
  computerName?: string;
  stopsByItself: boolean;
  subnetId?: string;
  privateAddress?: string;
}

/** The network interface of a WorkSpace in the customer's VPC. */
export interface NetworkInterface {
  interfaceId: string;
  vpcId: string;
  subnetId: string;
  privateAddress: string;
  publicAddress?: string;
  ipv6Address?: string;
  groups: { groupId: string; name: string }[];
}

/** What carries a group. `reach` counts also an interface of which EC2 does not say enough to be listed. */
export interface Carriers {
  reach: number;
  interfaces: NetworkInterface[];
}
