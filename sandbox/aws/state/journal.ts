/** What happened in the pretend AWS: each change of the truth, and each call. */
import type { Group, Interface, Rule, Workspace } from './resources.js';

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
