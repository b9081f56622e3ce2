/** Describes the rules, groups, interfaces and WorkSpaces that calls read and change. */
import type { WorkspaceSeed, WorkspaceState } from '../world.js';

export interface Rule {
  ruleId: string;
  groupId: string;
  /** The source in canonical form; empty where the source is a group (`sourceGroupId`). */
  cidr: string;
  sourceGroupId?: string;
  /** The prefix list that is the source; then `cidr` is empty as well. */
  prefixListId?: string;
  /** `tcp`, `udp`, `icmp`, `icmpv6`, a protocol number, or `-1` for all. */
  protocol: string;
  fromPort: number;
  toPort: number;
  isEgress: boolean;
  description: string;
  tags: Record<string, string>;
  createdAtMs: number;
  /** Set on a rule that a manual change added. No answer of EC2 tells it. */
  manual?: true;
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
  /** The WorkSpace of the interface. No answer of EC2 tells it. */
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
