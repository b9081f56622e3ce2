/** Describes the account that the pretend AWS starts from: its network, directories, WorkSpaces and security groups. */

export interface Vpc {
  id: string;
  cidr: string;
  ipv6Cidr?: string;
  /**
   * In a default VPC a revoke by properties that match no rule succeeds. In any other VPC such a revoke is an error.
   */
  isDefault?: boolean;
}

interface Subnet {
  id: string;
  vpcId: string;
  cidr: string;
}

type DirectoryType =
  | 'SIMPLE_AD'
  | 'MICROSOFT_AD'
  | 'AD_CONNECTOR'
  | 'SHARED_MICROSOFT_AD'
  | 'CUSTOMER_MANAGED'
  | 'AWS_IAM_IDENTITY_CENTER';

/**
 * A directory that is registered with WorkSpaces. Its groups `ID_controllers` and `ID_workspacesMembers` are in
 * `groups`.
 */
export interface Directory {
  /** `d-` and 8 or more hex digits, or `wsd-…`. */
  id: string;
  alias?: string;
  type: DirectoryType;
  /** The NetBIOS name; missing where AWS does not know it. */
  shortName?: string;
  /** The fully qualified name, `corp.example.com`. */
  name: string;
  subnetIds: string[];
  vpcId: string;
  /** The id of the extra group that new and rebuilt WorkSpaces get. */
  customSecurityGroupId?: string;
}

export type WorkspaceState =
  | 'PENDING'
  | 'AVAILABLE'
  | 'IMPAIRED'
  | 'UNHEALTHY'
  | 'REBOOTING'
  | 'STARTING'
  | 'REBUILDING'
  | 'RESTORING'
  | 'MAINTENANCE'
  | 'ADMIN_MAINTENANCE'
  | 'TERMINATING'
  | 'TERMINATED'
  | 'SUSPENDED'
  | 'UPDATING'
  | 'STOPPING'
  | 'STOPPED'
  | 'ERROR';

export interface WorkspaceSeed {
  /** `ws-` and 8 or more of `0-9a-z`. */
  id: string;
  directoryId: string;
  userName: string;
  state: WorkspaceState;
  /** The `OperatingSystemName`. Any string, since AWS adds systems before its enum lists them. */
  os: string;
  /** The private address. Without an address the WorkSpace has no interface, as while it is PENDING. */
  ip?: string;
  /** Default: the directory's first subnet. */
  subnetId?: string;
  ipv6?: string;
  publicIp?: string;
  runningMode: 'ALWAYS_ON' | 'AUTO_STOP' | 'MANUAL';
  /** Default: an id derived from the WorkSpace's id. */
  interfaceId?: string;
  /** The ids of the groups on the interface. */
  groups: string[];
  tags?: Record<string, string>;
  computerName?: string;
}

interface RuleSeed {
  /** `sgr-` and 17 hex digits. Default: a new id. */
  id?: string;
  cidr: string;
  fromPort: number;
  toPort: number;
  protocol: string;
  isEgress?: boolean;
  description?: string;
  tags?: Record<string, string>;
}

export interface GroupSeed {
  /** `sg-` and 8 or 17 hex digits. */
  id: string;
  name: string;
  vpcId: string;
  description: string;
  tags?: Record<string, string>;
  rules?: RuleSeed[];
  /** Whether the group has the egress rules that EC2 gives a new group. Default true. */
  openEgress?: boolean;
}

/** An interface without a WorkSpace, for example one with the same private address in another VPC. */
interface InterfaceSeed {
  id?: string;
  subnetId: string;
  ip: string;
  ipv6?: string;
  publicIp?: string;
  groups: string[];
  tags?: Record<string, string>;
}

/** The account at the beginning. `startAws` refuses a world that AWS could not have, and says why. */
export interface AwsWorld {
  region: string;
  /** Twelve digits. */
  accountId: string;
  /** The only access key that may sign calls. Without this property any key may. */
  accessKeyId?: string;
  vpcs: Vpc[];
  subnets: Subnet[];
  directories: Directory[];
  workspaces: WorkspaceSeed[];
  groups: GroupSeed[];
  interfaces?: InterfaceSeed[];
  /** Managed prefix lists: `pl-` and 8 or 17 hex digits, and their ranges. */
  prefixLists?: { id: string; cidrs: string[] }[];
}
