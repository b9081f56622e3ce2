/** What the security groups are called that the bot makes. EC2's unique name per VPC settles which replica makes one. */
import { createHash } from 'node:crypto';

/** The access group of one WorkSpace. */
export function groupOfWorkspace(installation: string, workspaceId: string): string {
  return `workspace-ssh-${installation}-${workspaceId}`;
}

/**
 * The access group of these WorkSpaces of a directory, in any order. The same ones share a group. Once there is one
 * more they have another: attaching the first group to that one would widen what was approved, and is open, for fewer.
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
