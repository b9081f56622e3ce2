/** Gives tests the truth of the pretend AWS, never stale, and changes it beside the bot, without the network. */

import type { AwsTown } from './aws-town.js';
import { contains, parseAddress, parseBlock } from './cidr.js';
import { addRule } from './ec2/rules.js';
import { checkTags } from './ec2/tags.js';
import type { Lifecycle } from './state/lifecycle.js';
import type { Interface, Rule } from './state/resources.js';
import {
  changeInterface,
  changeRule,
  deleteRule,
  replaceInterface,
  rulesOf,
  type State,
} from './state/state.js';

type View = Omit<AwsTown, 'url' | 'settings' | 'faults' | 'down' | 'close'>;

/**
 * The part of an AwsTown that reads and changes the state. Results are copies, so a test cannot change the town by
 * them.
 */
export function viewOf(state: State, life: Lifecycle): View {
  const needRule = (ruleId: string): Rule => {
    const rule = state.rules.get(ruleId);
    if (rule === undefined) throw new Error(`there is no rule ${ruleId}`);
    return rule;
  };
  const interfaceOf = (workspaceId: string): Interface | undefined =>
    state.interfaces.all().find((one) => one.workspaceId === workspaceId);

  return {
    rules: (groupId) => structuredClone(groupId === undefined ? state.rules.all() : rulesOf(state, groupId)),
    groups: () => structuredClone(state.groups.all()),
    interfaceOf: (workspaceId) => structuredClone(interfaceOf(workspaceId)),
    interfaces: () => structuredClone(state.interfaces.all()),
    workspace(workspaceId) {
      life.settle();
      return structuredClone(state.workspaces.get(workspaceId));
    },
    workspaces() {
      life.settle();
      return structuredClone(state.workspaces.all());
    },
    opens(workspaceId, address, port = 22) {
      const groups = interfaceOf(workspaceId)?.groups ?? [];
      return structuredClone(
        groups.flatMap((groupId) => rulesOf(state, groupId)).filter(letsIn(address, port)),
      );
    },
    history: state.history,
    journal: state.journal,
    onEvent(listener) {
      state.listeners.add(listener);
      return () => state.listeners.delete(listener);
    },
    addRule: (groupId, rule) => structuredClone(addRule(state, groupId, rule)),
    removeRule: (ruleId) => deleteRule(state, needRule(ruleId), true),
    setTags(ruleId, tags) {
      checkTags(tags);
      changeRule(state, needRule(ruleId), { tags: { ...tags } });
    },
    changeRule: (ruleId, change) => changeRule(state, needRule(ruleId), change),
    setState: life.setState,
    setGroups(interfaceId, groups) {
      const before = state.interfaces.get(interfaceId);
      if (before === undefined) throw new Error(`there is no interface ${interfaceId}`);
      changeInterface(state, before, { groups: [...groups] });
    },
    setPublicIp(workspaceId, publicIp) {
      const before = interfaceOf(workspaceId);
      if (before === undefined) throw new Error(`there is no interface of ${workspaceId}`);
      const { publicIp: _, ...bare } = before;
      replaceInterface(state, before, publicIp === undefined ? bare : { ...bare, publicIp });
    },
    rebuild: (workspaceId) => structuredClone(life.rebuild(workspaceId)),
    terminate: life.terminate,
  };
}

function letsIn(address: string, port: number): (rule: Rule) => boolean {
  const from = parseAddress(address);
  if (from === undefined) throw new Error(`${address} is no address`);
  return (rule) => {
    const source = parseBlock(rule.cidr);
    const isPort =
      rule.protocol === '-1' || (rule.protocol === 'tcp' && rule.fromPort <= port && port <= rule.toPort);
    return !rule.isEgress && isPort && source !== undefined && contains(source, from);
  };
}
