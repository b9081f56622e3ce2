/** Describes what tests, trials and the console can see of the pretend AWS, and change in it beside the bot. */
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

/** A rule that somebody adds beside the bot; by default an untagged tcp/22 ingress rule. */
export interface ManualRule {
  /** A range, or the id of a group (`sg-…`) or of a prefix list (`pl-…`). */
  cidr: string;
  fromPort?: number;
  toPort?: number;
  protocol?: string;
  isEgress?: boolean;
  description?: string;
  tags?: Record<string, string>;
}

/** A running pretend AWS, as it truly is: never stale, never throttled. */
export interface AwsTown {
  /** The value for AWS_ENDPOINT_URL. */
  url: string;
  settings: AwsSettings;

  /** Ingress and egress rules, of one group or of all. */
  rules(groupId?: string): Rule[];
  groups(): Group[];
  /** The interface of a WorkSpace; undefined while the WorkSpace has none. */
  interfaceOf(workspaceId: string): Interface | undefined;
  interfaces(): Interface[];
  workspace(workspaceId: string): Workspace | undefined;
  workspaces(): Workspace[];
  /** The ingress rules that let `address` reach a TCP port of the WorkSpace (default 22). None: the port is closed. */
  opens(workspaceId: string, address: string, port?: number): Rule[];

  /** Changes of the truth, oldest first. */
  readonly history: readonly Change[];
  /** Calls in the order in which they ended. */
  readonly journal: readonly Call[];
  /** @returns a function that removes the listener */
  onEvent(listener: (event: TownEvent) => void): () => void;

  /** @throws where EC2 would refuse the rule */
  addRule(groupId: string, rule: ManualRule): Rule;
  removeRule(ruleId: string): void;
  /** Changes a rule as ModifySecurityGroupRules does: the id and the tags stay. `cidr` must be canonical. */
  changeRule(ruleId: string, change: Partial<Pick<Rule, 'cidr' | 'fromPort' | 'toPort' | 'protocol'>>): void;
  /** Replaces all tags of a rule. */
  setTags(ruleId: string, tags: Record<string, string>): void;
  setState(workspaceId: string, state: WorkspaceState): void;
  /** Gives a WorkSpace another public address, or none. */
  setPublicIp(workspaceId: string, publicIp: string | undefined): void;
  /** Replaces the whole list of groups, as ModifyNetworkInterfaceAttribute does. */
  setGroups(interfaceId: string, groups: string[]): void;
  /**
   * Gives the WorkSpace a new interface with a new address, the directory's default groups and no public address. The
   * WorkSpace is REBUILDING for `rebuildTakesMs`. Another WorkSpace may get the old address.
   */
  rebuild(workspaceId: string): Interface;
  /** Removes the interface at once. The WorkSpace is TERMINATING for `terminateTakesMs` and then absent. */
  terminate(workspaceId: string): void;

  faults: Faults;
  /** While true every connection is reset. */
  down: boolean;
  close(): Promise<void>;
}
