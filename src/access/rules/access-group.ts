/** Names of the security groups that the bot makes. A name is unique in its VPC, so EC2 settles which replica makes the group. */
import { createHash } from 'node:crypto';

/** The access group of one WorkSpace. */
export function groupOfWorkspace(installation: string, workspaceId: string): string {
  return `workspace-ssh-${installation}-${workspaceId}`;
}

/**
 * The access group of some WorkSpaces of a directory, named in any order. The same WorkSpaces share a group. With one
 * more WorkSpace they have another group: attaching the first one to the newcomer would widen access that is open and was
 * approved for fewer.
 */
export function groupOfDirectory(
  installation: string,
  directoryId: string,
  workspaceIds: readonly string[],
): string {
  const set = createHash('sha256')
    .update([...workspaceIds].sort().join(' '))
    .digest('hex')
    .slice(0, 16);
  return `workspace-ssh-${installation}-${directoryId}-${set}`;
}
