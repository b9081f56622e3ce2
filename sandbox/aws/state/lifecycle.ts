/** Changes WorkSpaces over time: starts, stops, rebuilds (with another interface) and terminates them. */

import { addressText, parseAddress, parseBlock } from '../cidr.js';
import { newId } from '../ids.js';
import type { WorkspaceState } from '../world.js';
import type { Interface, Workspace } from './resources.js';
import { changeWorkspace, deleteInterface, deleteWorkspace, insertInterface, type State } from './state.js';

type Transition = 'start' | 'stop' | 'rebuild' | 'terminate';

const PASSING: Record<Transition, WorkspaceState> = {
  start: 'STARTING',
  stop: 'STOPPING',
  rebuild: 'REBUILDING',
  terminate: 'TERMINATING',
};

export interface Lifecycle {
  /** Completes the transitions that are due. To be called before every look at the WorkSpaces. */
  settle(): void;
  begin(workspace: Workspace, transition: Transition): void;
  /** Sets a state at once, and drops a transition that is under way. */
  setState(workspaceId: string, next: WorkspaceState): void;
  rebuild(workspaceId: string): Interface;
  terminate(workspaceId: string): void;
  close(): void;
}

export function lifecycle(state: State): Lifecycle {
  const due = new Map<string, { at: number; transition: Transition; timer: NodeJS.Timeout }>();

  const need = (workspaceId: string): Workspace => {
    const workspace = state.workspaces.get(workspaceId);
    if (workspace === undefined) throw new Error(`there is no WorkSpace ${workspaceId}`);
    return workspace;
  };
  const forget = (workspaceId: string): void => {
    clearTimeout(due.get(workspaceId)?.timer);
    due.delete(workspaceId);
  };
  const settle = (): void => {
    for (const [id, { at, transition }] of due) {
      if (at > state.now()) continue;
      forget(id);
      const before = need(id);
      if (transition === 'terminate') deleteWorkspace(state, before);
      else
        changeWorkspace(
          state,
          { ...before, state: transition === 'stop' ? 'STOPPED' : 'AVAILABLE' },
          before,
          at,
        );
    }
  };
  const begin = (workspace: Workspace, transition: Transition): void => {
    forget(workspace.id);
    const ms = takes(state, transition);
    changeWorkspace(state, { ...workspace, state: PASSING[transition] }, need(workspace.id));
    wait(workspace.id, state.now() + ms, transition);
  };
  /**
   * Waits for a transition. A timer may fire a moment before the clock says so, and then another waits for the rest.
   */
  const wait = (id: string, at: number, transition: Transition): void => {
    const timer = setTimeout(
      () => {
        settle();
        if (due.get(id)?.timer === timer) wait(id, at, transition);
      },
      Math.max(1, at - state.now()),
    ).unref();
    due.set(id, { at, transition, timer });
  };
  const dropInterface = (workspace: Workspace): Interface | undefined => {
    const old = workspace.interfaceId === undefined ? undefined : state.interfaces.get(workspace.interfaceId);
    if (old !== undefined) deleteInterface(state, old);
    return old;
  };

  return {
    settle,
    begin,
    setState(workspaceId, next) {
      forget(workspaceId);
      const before = need(workspaceId);
      changeWorkspace(state, { ...before, state: next }, before);
    },
    rebuild(workspaceId) {
      const workspace = need(workspaceId);
      // The new address is chosen before the old interface goes, so that it differs from the old address.
      const ip = freeAddress(state, workspace.subnetId);
      const old = dropInterface(workspace);
      const made: Interface = {
        id: newId('eni'),
        vpcId: state.world.subnets.find(({ id }) => id === workspace.subnetId)?.vpcId ?? '',
        subnetId: workspace.subnetId,
        ip,
        ...(old?.ipv6 === undefined ? {} : { ipv6: nextIpv6(state, old.ipv6) }),
        groups: defaultGroups(state, workspace.directoryId),
        tags: {},
        workspaceId,
      };
      insertInterface(state, made);
      const ipv6 = made.ipv6 === undefined ? {} : { ipv6: made.ipv6 };
      begin({ ...workspace, ip, ...ipv6, interfaceId: made.id }, 'rebuild');
      return made;
    },
    terminate(workspaceId) {
      const workspace = need(workspaceId);
      dropInterface(workspace);
      const { interfaceId: _gone, ...rest } = workspace;
      begin(rest, 'terminate');
    },
    close: () => [...due.keys()].forEach(forget),
  };
}

function takes({ settings }: State, transition: Transition): number {
  switch (transition) {
    case 'start':
      return settings.startTakesMs;
    case 'stop':
      return settings.stopTakesMs;
    case 'rebuild':
      return settings.rebuildTakesMs;
    case 'terminate':
      return settings.terminateTakesMs;
  }
}

function defaultGroups(state: State, directoryId: string): string[] {
  const directory = state.world.directories.find(({ id }) => id === directoryId);
  const members = state.groups.all().find(({ name }) => name === `${directoryId}_workspacesMembers`);
  return [members?.id, directory?.customSecurityGroupId].filter((id) => id !== undefined);
}

/** The lowest free address: an address that a WorkSpace left soon belongs to another. AWS keeps the first four. */
function freeAddress(state: State, subnetId: string): string {
  const block = parseBlock(state.world.subnets.find(({ id }) => id === subnetId)?.cidr ?? '');
  if (block === undefined) throw new Error(`there is no subnet ${subnetId}`);
  const used = new Set(state.interfaces.all().flatMap((one) => (one.subnetId === subnetId ? [one.ip] : [])));
  const last = block.first + (1n << BigInt(32 - block.prefix)) - 1n;
  for (let value = block.first + 4n; value < last; value++) {
    const text = addressText(4, value);
    if (!used.has(text)) return text;
  }
  throw new Error(`the subnet ${subnetId} has no free address`);
}

function nextIpv6(state: State, old: string): string {
  const used = new Set(state.interfaces.all().map(({ ipv6 }) => ipv6));
  let value = parseAddress(old)?.value ?? 0n;
  do value++;
  while (used.has(addressText(6, value)));
  return addressText(6, value);
}
