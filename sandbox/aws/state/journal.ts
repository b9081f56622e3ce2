/** Describes what happens in the pretend AWS: each change of the truth, and each call. */
import type { Group, Interface, Rule, Workspace } from './resources.js';

/** A change of the truth, by a call or a manual change, with its instant in epoch milliseconds. */
export type Change = { at: number } & (
  | { kind: 'rule-added'; rule: Rule }
  | { kind: 'rule-removed'; rule: Rule; manual?: true }
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

/** One call with its result. */
export interface Call {
  at: number;
  service: 'ec2' | 'workspaces' | 'ds' | 'sts';
  action: string;
  /** The parsed body: the form's fields for EC2 (`IpPermissions.1.FromPort`), the JSON for other services. */
  request: Record<string, unknown>;
  /** `OK`, the code of the error, or the fault that kept the answer back (`timeout`, `lost-answer`, …). */
  code: string;
  ms: number;
}

/** An event for listeners. `response` is the body of the answer, which the journal leaves out for its size. */
export type TownEvent = { kind: 'call'; call: Call; response?: string } | { kind: 'change'; change: Change };
