/** What the pretend AWS offers to those who use it: a view of the truth, and the means to change things beside the bot. */
import type { AwsSettings } from './settings.js';
import type { Call, Change, TownEvent } from './state/journal.js';
import type { Group, Interface, Rule, Workspace } from './state/resources.js';
import type { Faults } from './wire/faults.js';
import type { WorkspaceState } from './world.js';

export interface StartOptions {
  /** Default: any free one. */
  port?: number;
  settings?: Partial<AwsSettings>;
  /** The town's clock, epoch milliseconds. Default `Date.now`. */
  now?: () => number;
}

/** What a hand writes as a rule; by default an untagged tcp/22 ingress. */
export interface ManualRule {
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
  addRule(groupId: string, rule: ManualRule): Rule;
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
