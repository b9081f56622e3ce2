/** Holds the truth of the pretend AWS, and changes it: every change goes through a function here, which notes it. */

import { parseBlock } from '../cidr.js';
import { newId } from '../ids.js';
import type { AwsSettings } from '../settings.js';
import type { AwsWorld } from '../world.js';
import type { Call, Change, TownEvent } from './journal.js';
import type { Group, Interface, Rule, Workspace } from './resources.js';
import { type Clock, drawn, type Versions, versions } from './versions.js';

/** The length of the history and of the journal, since benchmarks run for long. */
const KEPT_ENTRIES = 20_000;

export interface State {
  readonly world: AwsWorld;
  readonly settings: AwsSettings;
  now(): number;
  readonly groups: Versions<Group>;
  readonly rules: Versions<Rule>;
  readonly interfaces: Versions<Interface>;
  readonly workspaces: Versions<Workspace>;
  readonly history: Change[];
  readonly journal: Call[];
  readonly listeners: Set<(event: TownEvent) => void>;
}

export function newState(world: AwsWorld, settings: AwsSettings, now: () => number): State {
  let changes = 0;
  const clock: Clock = {
    now,
    staleMs: () => settings.staleMs,
    lag: () => (settings.staleSeed === undefined ? 1 : drawn(settings.staleSeed, changes++)),
  };
  return {
    world,
    settings,
    now,
    groups: versions(clock),
    rules: versions(clock, ({ groupId }) => groupId),
    interfaces: versions(clock),
    workspaces: versions(clock),
    history: [],
    journal: [],
    listeners: new Set(),
  };
}

type Undated<C> = C extends Change ? Omit<C, 'at'> : never;

function note(state: State, change: Undated<Change>, at = state.now()): void {
  const dated: Change = { ...change, at };
  state.history.push(dated);
  if (state.history.length > KEPT_ENTRIES) state.history.shift();
  for (const listener of state.listeners) listener({ kind: 'change', change: dated });
}

/** @param response the body of the answer; undefined where none was sent */
export function noteCall(state: State, call: Call, response: string | undefined): void {
  state.journal.push(call);
  if (state.journal.length > KEPT_ENTRIES) state.journal.shift();
  const answer = response === undefined ? {} : { response };
  for (const listener of state.listeners) listener({ kind: 'call', call, ...answer });
}

export function insertRule(state: State, rule: Omit<Rule, 'ruleId' | 'createdAtMs'>): Rule {
  const made: Rule = { ...rule, ruleId: newId('sgr'), createdAtMs: state.now() };
  state.rules.put(made.ruleId, made);
  note(state, { kind: 'rule-added', rule: made });
  return made;
}

/** @param manual whether somebody removes the rule beside the bot, as in the AWS console */
export function deleteRule(state: State, rule: Rule, manual = false): void {
  state.rules.drop(rule.ruleId);
  note(state, { kind: 'rule-removed', rule, ...(manual ? { manual } : {}) });
}

export function changeRule(
  state: State,
  before: Rule,
  change: Partial<Pick<Rule, 'tags' | 'description' | 'cidr' | 'fromPort' | 'toPort' | 'protocol'>>,
): void {
  const rule: Rule = { ...before, ...change };
  state.rules.put(rule.ruleId, rule);
  note(state, { kind: 'rule-changed', rule, before });
}

export function rulesOf(state: State, groupId: string): Rule[] {
  return state.rules.of(groupId);
}

/** Adds a group with the egress rules that EC2 gives every new group. */
export function insertGroup(state: State, group: Omit<Group, 'id' | 'createdAtMs'>): Group {
  const made: Group = { ...group, id: newId('sg'), createdAtMs: state.now() };
  state.groups.put(made.id, made);
  note(state, { kind: 'group-made', group: made });
  openEgress(state, made).forEach((rule) => {
    insertRule(state, rule);
  });
  return made;
}

/** The egress rules of a new group: to all of IPv4 and, if the VPC has IPv6, to all of IPv6. */
export function openEgress(state: State, group: Group): Omit<Rule, 'ruleId' | 'createdAtMs'>[] {
  const vpc = state.world.vpcs.find(({ id }) => id === group.vpcId);
  const everywhere = vpc?.ipv6Cidr === undefined ? ['0.0.0.0/0'] : ['0.0.0.0/0', '::/0'];
  return everywhere.map((cidr) => ({
    groupId: group.id,
    cidr,
    protocol: '-1',
    fromPort: -1,
    toPort: -1,
    isEgress: true,
    description: '',
    tags: {},
  }));
}

export function changeGroupTags(state: State, before: Group, tags: Record<string, string>): void {
  const group: Group = { ...before, tags };
  state.groups.put(group.id, group);
  note(state, { kind: 'group-changed', group, before });
}

export function deleteGroup(state: State, group: Group): void {
  for (const rule of rulesOf(state, group.id)) deleteRule(state, rule);
  state.groups.drop(group.id);
  note(state, { kind: 'group-deleted', group });
}

export function insertInterface(state: State, made: Interface): void {
  state.interfaces.put(made.id, made);
  note(state, { kind: 'interface-made', interface: made });
}

export function changeInterface(
  state: State,
  before: Interface,
  change: Partial<Pick<Interface, 'groups' | 'tags'>>,
): void {
  replaceInterface(state, before, { ...before, ...change });
}

export function replaceInterface(state: State, before: Interface, changed: Interface): void {
  state.interfaces.put(changed.id, changed);
  note(state, { kind: 'interface-changed', interface: changed, before });
}

export function deleteInterface(state: State, gone: Interface): void {
  state.interfaces.drop(gone.id);
  note(state, { kind: 'interface-deleted', interface: gone });
}

export function changeWorkspace(
  state: State,
  workspace: Workspace,
  before: Workspace,
  at = state.now(),
): void {
  state.workspaces.put(workspace.id, workspace, at);
  note(state, { kind: 'workspace-changed', workspace, before }, at);
}

export function deleteWorkspace(state: State, workspace: Workspace): void {
  state.workspaces.drop(workspace.id);
  note(state, { kind: 'workspace-deleted', workspace });
}

/** A text that is the same for rules that EC2 takes for duplicates, whatever their descriptions and tags. */
export function ruleKey(
  rule: Pick<
    Rule,
    'isEgress' | 'protocol' | 'fromPort' | 'toPort' | 'cidr' | 'sourceGroupId' | 'prefixListId'
  >,
): string {
  const { isEgress, protocol, fromPort, toPort, cidr, sourceGroupId, prefixListId } = rule;
  return [isEgress, protocol, fromPort, toPort, cidr, sourceGroupId, prefixListId].join('|');
}

/** Whether a rule counts in the quota of a family: IPv4 and IPv6 are counted apart, and a rule from a group in both. */
export function countsAs(rule: Pick<Rule, 'cidr'>, family: 4 | 6): boolean {
  return rule.cidr === '' || parseBlock(rule.cidr)?.family === family;
}
