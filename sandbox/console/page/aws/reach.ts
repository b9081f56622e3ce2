/** Finds the WorkSpaces that carry a security group, which a rule in this group opens. */
import type { Group } from '../../../aws/state/resources.js';
import type { Store } from '../store.js';

const INSTALLATION = 'workspace-ssh:installation';
const NAMED = 2;

export const isAccessGroup = ({ tags }: Group): boolean => INSTALLATION in tags;

/** The WorkSpaces whose interface carries the group. */
export function carriersOf({ interfaces, workspaces }: Store, groupId: string): string[] {
  return [...workspaces.values()]
    .filter(({ interfaceId = '' }) => interfaces.get(interfaceId)?.groups.includes(groupId))
    .map(({ id }) => id);
}

/** The carriers of a group in words: `ws-janedoe01`, `3 WorkSpaces`, `nothing`. */
export function reachOf(store: Store, groupId: string): string {
  const carriers = carriersOf(store, groupId);
  if (carriers.length === 0) return 'nothing';
  return carriers.length <= NAMED ? carriers.join(', ') : `${carriers.length} WorkSpaces`;
}
