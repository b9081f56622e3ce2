/** The shapes of the pretend AWS: the world it starts from, what tests may see of it, and the hands that change it. */

export interface Vpc {
  id: string;
  cidr: string;
  ipv6Cidr?: string;
  /** In a default VPC a revoke by properties that match nothing is silent; elsewhere it is an error. */
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

/** A directory registered with WorkSpaces. Its groups `ID_controllers` and `ID_workspacesMembers` are listed in `groups`. */
export interface Directory {
  /** `d-` + 8 or more hex digits, or `wsd-…`. */
  id: string;
  alias?: string;
  type: DirectoryType;
  /** The NetBIOS name; AWS may not know it. */
  shortName?: string;
  /** The fully qualified name, `corp.example.com`. */
  name: string;
  subnetIds: string[];
  vpcId: string;
  /** The extra group that new and rebuilt WorkSpaces get. */
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
  /** `ws-` + 8 or more of `0-9a-z`. */
  id: string;
  directoryId: string;
  userName: string;
  state: WorkspaceState;
  /** `OperatingSystemName`, any string: AWS adds systems before its enum has them. */
  os: string;
  /** The private address. Without one the WorkSpace has no interface (as while PENDING). */
  ip?: string;
  /** Default: the directory's first subnet. */
  subnetId?: string;
  ipv6?: string;
  publicIp?: string;
  runningMode: 'ALWAYS_ON' | 'AUTO_STOP' | 'MANUAL';
  /** Default: derived from the WorkSpace's id. */
  interfaceId?: string;
  /** Ids of the groups on its interface. */
  groups: string[];
  tags?: Record<string, string>;
  computerName?: string;
}

interface RuleSeed {
  cidr: string;
  fromPort: number;
  toPort: number;
  protocol: string;
  isEgress?: boolean;
  description?: string;
  tags?: Record<string, string>;
}

export interface GroupSeed {
  /** `sg-` + 8 or 17 hex digits. */
  id: string;
  name: string;
  vpcId: string;
  description: string;
  tags?: Record<string, string>;
  rules?: RuleSeed[];
  /** Whether it has the egress rules that EC2 gives a new group. Default true. */
  openEgress?: boolean;
}

/** An interface that belongs to no WorkSpace, for example with the same private address in another VPC. */
interface InterfaceSeed {
  id?: string;
  subnetId: string;
  ip: string;
  ipv6?: string;
  publicIp?: string;
  groups: string[];
  tags?: Record<string, string>;
}

/** What is there at the beginning. `startAws` refuses a world that AWS could not have, and says why. */
export interface AwsWorld {
  region: string;
  /** Twelve digits. */
  accountId: string;
  /** Requests signed with another key are refused. Without it any key will do. */
  accessKeyId?: string;
  vpcs: Vpc[];
  subnets: Subnet[];
  directories: Directory[];
  workspaces: WorkspaceSeed[];
  groups: GroupSeed[];
  interfaces?: InterfaceSeed[];
}

export interface Rule {
  ruleId: string;
  groupId: string;
  /** Canonical; empty when the source is a group (`sourceGroupId`). */
  cidr: string;
  sourceGroupId?: string;
  /** `tcp`, `udp`, `icmp`, `icmpv6`, a protocol number, or `-1` for all. */
  protocol: string;
  fromPort: number;
  toPort: number;
  isEgress: boolean;
  description: string;
  tags: Record<string, string>;
  createdAtMs: number;
  /** Known to the truth only: somebody added it past the API. */
  byHand?: true;
}

export interface Group {
  id: string;
  name: string;
  vpcId: string;
  description: string;
  tags: Record<string, string>;
  createdAtMs: number;
}

export interface Interface {
  id: string;
  vpcId: string;
  subnetId: string;
  ip: string;
  ipv6?: string;
  publicIp?: string;
  groups: string[];
  tags: Record<string, string>;
  /** Known to the truth only; EC2 does not tell it. */
  workspaceId?: string;
}

export interface Workspace {
  id: string;
  directoryId: string;
  userName: string;
  state: WorkspaceState;
  os: string;
  ip?: string;
  ipv6?: string;
  subnetId: string;
  runningMode: WorkspaceSeed['runningMode'];
  interfaceId?: string;
  tags: Record<string, string>;
  computerName?: string;
}

/** A change of the truth, by a call or by a hand, with its instant. */
export type Change = { at: number } & (
  | { kind: 'rule-added'; rule: Rule }
  | { kind: 'rule-removed'; rule: Rule; byHand?: true }
  | { kind: 'rule-changed'; rule: Rule; before: Rule }
  | { kind: 'group-made'; group: Group }
  | { kind: 'group-changed'; group: Group; before: Group }
  | { kind: 'group-deleted'; group: Group }
  | { kind: 'interface-made'; interface: Interface }
  | { kind: 'interface-changed'; interface: Interface; before: Interface }
  | { kind: 'interface-deleted'; interface: Interface }
  | { kind: 'workspace-changed'; workspace: Workspace; before: Workspace }
  | { kind: 'workspace-deleted'; workspace: Workspace }
);

/** One call as the wire saw it. */
export interface Call {
  at: number;
  service: 'ec2' | 'workspaces' | 'ds';
  action: string;
  /** The parsed body: for EC2 the form's fields (`IpPermissions.1.FromPort`), else the JSON. */
  request: Record<string, unknown>;
  /** `OK`, the error's code, or the fault that kept the answer back (`timeout`, `lost-answer`, …). */
  code: string;
  ms: number;
}

/** `response` is the body that was sent, where one was: the journal would be too large with it. */
export type TownEvent = { kind: 'call'; call: Call; response?: string } | { kind: 'change'; change: Change };

/**
 * - `throttle`: refused as when a bucket is empty; `500`: refused, nothing happened
 * - `timeout`: nothing happens and nobody answers; `timeout-after-effect`: it happens and nobody answers
 * - `lost-answer`: it happens and the connection breaks
 * - `slow`: it happens after `ms` (default 1000), whether or not the caller still waits
 */
export type FaultKind = 'throttle' | '500' | 'timeout' | 'timeout-after-effect' | 'lost-answer' | 'slow';

export interface Fault {
  /** An action's name, or `*`. */
  action: string;
  times: number | 'always';
  kind: FaultKind;
  /** For `slow`. */
  ms?: number;
}

export interface Faults {
  /** Faults are used in the order in which they were added. Returns what takes this one away. */
  add(fault: Fault): () => void;
  clear(): void;
}

export interface Bucket {
  size: number;
  refillPerSecond: number;
}

/** All of it may be changed while the town runs. */
export interface AwsSettings {
  /** How long a call takes before it has its effect. Default 0. */
  latencyMs: number;
  /** How long after a change Describe* still answers what was before it. Default 100. */
  staleMs: number;
  /** With a seed each change is stale for its own part of `staleMs`, so changes are not seen in their order. */
  staleSeed: number | undefined;
  /** Never more than this in one page. Default 1000 (EC2's own limit). */
  pageSize: number;
  /**
   * One bucket for each action, of the size of its kind; those of EC2 are the documented ones. AWS does not
   * publish WorkSpaces' and Directory Service's, so `workspaces` is our guess.
   */
  buckets: {
    on: boolean;
    mutate: Bucket;
    modifyInterface: Bucket;
    describe: Bucket;
    workspaces: Bucket;
  };
  startTakesMs: number;
  stopTakesMs: number;
  rebuildTakesMs: number;
  terminateTakesMs: number;
  quotas: { rulesPerGroup: number; groupsPerInterface: number; groupsPerRegion: number };
  /** Actions that IAM forbids, by name. Default none. */
  denied: string[];
}

export interface StartOptions {
  /** Default: any free one. */
  port?: number;
  settings?: Partial<AwsSettings>;
  /** The town's clock, epoch milliseconds. Default `Date.now`. */
  now?: () => number;
}

/** What a hand writes as a rule; by default an untagged tcp/22 ingress. */
export interface HandRule {
  cidr: string;
  fromPort?: number;
  toPort?: number;
  protocol?: string;
  isEgress?: boolean;
  description?: string;
  tags?: Record<string, string>;
}

/** A running pretend AWS. What it shows is the truth: never stale, never throttled. */
export interface AwsTown {
  /** For AWS_ENDPOINT_URL. */
  url: string;
  settings: AwsSettings;

  /** Ingress and egress rules, of one group or of all. */
  rules(groupId?: string): Rule[];
  groups(): Group[];
  /** The WorkSpace's interface; undefined while it has none. */
  interfaceOf(workspaceId: string): Interface | undefined;
  interfaces(): Interface[];
  workspace(workspaceId: string): Workspace | undefined;
  workspaces(): Workspace[];
  /** The ingress rules that let `address` reach the WorkSpace's TCP port (default 22): none means it is closed. */
  opens(workspaceId: string, address: string, port?: number): Rule[];

  /** Changes of the truth, oldest first. */
  readonly history: readonly Change[];
  /** Calls, in the order in which they ended. */
  readonly journal: readonly Call[];
  /** Returns what takes the listener away. */
  onEvent(listener: (event: TownEvent) => void): () => void;

  /** Throws when EC2 would refuse it. */
  addRule(groupId: string, rule: HandRule): Rule;
  removeRule(ruleId: string): void;
  /** As ModifySecurityGroupRules does: the id and the tags stay. `cidr` is canonical. */
  changeRule(ruleId: string, change: Partial<Pick<Rule, 'cidr' | 'fromPort' | 'toPort' | 'protocol'>>): void;
  /** Replaces all tags of a rule. */
  setTags(ruleId: string, tags: Record<string, string>): void;
  setState(workspaceId: string, state: WorkspaceState): void;
  /** As ModifyNetworkInterfaceAttribute does: replaces the whole list. */
  setGroups(interfaceId: string, groups: string[]): void;
  /**
   * A new interface with a new address, the directory's default groups and no public address; the WorkSpace is
   * REBUILDING for `rebuildTakesMs`. The old address is free for others.
   */
  rebuild(workspaceId: string): Interface;
  /** The interface goes at once; the WorkSpace is TERMINATING for `terminateTakesMs` and then absent. */
  terminate(workspaceId: string): void;

  faults: Faults;
  /** While true every connection is reset. */
  down: boolean;
  close(): Promise<void>;
}
