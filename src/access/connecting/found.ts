/** WorkSpaces and network interfaces, as far as AWS says what they are. */

/** A WorkSpace as AWS lists it. Every field that AWS calls optional may be missing. */
export interface Desktop {
  workspaceId: string;
  directoryId: string;
  userName: string;
  state: string;
  operatingSystem: string;
  computerName?: string;
  /** Its running mode is AUTO_STOP: it stops once nobody has been logged in for a while. */
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

/** The interfaces that carry a group. `reach` counts all of them, `interfaces` has those of which EC2 says enough. */
export interface Carriers {
  reach: number;
  interfaces: NetworkInterface[];
}
