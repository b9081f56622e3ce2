/** Reads from Amazon WorkSpaces and Directory Service what the workflow needs to know, and starts WorkSpaces. */
import { DescribeDirectoriesCommand } from '@aws-sdk/client-directory-service';
import {
  DescribeTagsCommand,
  DescribeWorkspacesCommand,
  type DescribeWorkspacesCommandInput,
  StartWorkspacesCommand,
  type Workspace,
} from '@aws-sdk/client-workspaces';
import type { Desktop } from '../access/connecting/found.js';
import { remembering } from '../workflow/finding/remembering.js';
import type { Desktops } from '../workflow/ports.js';
import { type AwsClients, allPages } from './clients.js';
import { awsCode } from './faults.js';

/** DescribeWorkspaces takes 25 ids and gives pages of 25; StartWorkspaces takes 25. */
const BATCH = 25;

/** How long NetBIOS names are remembered: a directory keeps its name, and each request for its WorkSpaces needs the name. */
const NAMES_REMEMBERED = { forMs: 60_000, most: 1_000 };

/** Reads WorkSpaces and directories from AWS: by their ids, or those of one directory, and never a whole account. */
export function createDesktops(clients: AwsClients): Desktops {
  const list = async (filter: DescribeWorkspacesCommandInput): Promise<Desktop[]> => {
    const found = await allPages(async (NextToken) => {
      const page = await clients.call((within) =>
        clients.read.workspaces.send(new DescribeWorkspacesCommand({ ...filter, NextToken }), within),
      );
      return { items: page.Workspaces, nextToken: page.NextToken };
    });
    return found.flatMap(toDesktop);
  };

  const names = remembering<string | undefined>(clients.now, NAMES_REMEMBERED);

  return {
    async byIds(workspaceIds) {
      const ids = [...new Set(workspaceIds)];
      const found: Desktop[] = [];
      for (let at = 0; at < ids.length; at += BATCH) {
        found.push(...(await list({ WorkspaceIds: ids.slice(at, at + BATCH) })));
      }
      return found;
    },

    byOwner: (directoryId, userName) => list({ DirectoryId: directoryId, UserName: userName, Limit: BATCH }),

    inDirectory: (directoryId) => list({ DirectoryId: directoryId, Limit: BATCH }),

    async netbios(directoryId) {
      // Directory Service does not know the newer WorkSpaces directories (`wsd-…`), and refuses their ids as malformed.
      if (!directoryId.startsWith('d-')) return undefined;
      return names(directoryId, () => lookUpName(clients, directoryId));
    },

    async tags(workspaceId) {
      const { TagList } = await clients.call((within) =>
        clients.read.workspaces.send(new DescribeTagsCommand({ ResourceId: workspaceId }), within),
      );
      return Object.fromEntries(
        (TagList ?? []).flatMap(({ Key, Value }) => (Key ? [[Key, Value ?? '']] : [])),
      );
    },

    async start(workspaceIds) {
      const failed: string[] = [];
      for (let at = 0; at < workspaceIds.length; at += BATCH) {
        const StartWorkspaceRequests = workspaceIds
          .slice(at, at + BATCH)
          .map((WorkspaceId) => ({ WorkspaceId }));
        const { FailedRequests } = await clients.call((within) =>
          clients.write.workspaces.send(new StartWorkspacesCommand({ StartWorkspaceRequests }), within),
        );
        failed.push(...(FailedRequests ?? []).flatMap(({ WorkspaceId }) => WorkspaceId ?? []));
      }
      return failed;
    },
  };
}

async function lookUpName(clients: AwsClients, directoryId: string): Promise<string | undefined> {
  try {
    const { DirectoryDescriptions } = await clients.call((within) =>
      clients.read.directory.send(new DescribeDirectoriesCommand({ DirectoryIds: [directoryId] }), within),
    );
    const directory = DirectoryDescriptions?.find(({ DirectoryId }) => DirectoryId === directoryId);
    return directory?.ShortName || undefined;
  } catch (error) {
    // Customer-managed and Identity Center directories are registered with WorkSpaces alone.
    if (awsCode(error) === 'EntityDoesNotExistException') return undefined;
    throw error;
  }
}

/** AWS calls every field optional. A WorkSpace without its id or its directory's id is left out. */
function toDesktop(workspace: Workspace): Desktop[] {
  const { WorkspaceId, DirectoryId, ComputerName, SubnetId, IpAddress, WorkspaceProperties } = workspace;
  if (!WorkspaceId || !DirectoryId) return [];
  return [
    {
      workspaceId: WorkspaceId,
      directoryId: DirectoryId,
      userName: workspace.UserName ?? '',
      state: workspace.State ?? 'UNKNOWN',
      operatingSystem: WorkspaceProperties?.OperatingSystemName ?? 'UNKNOWN',
      stopsByItself: WorkspaceProperties?.RunningMode === 'AUTO_STOP',
      ...(ComputerName ? { computerName: ComputerName } : {}),
      ...(SubnetId ? { subnetId: SubnetId } : {}),
      ...(IpAddress ? { privateAddress: IpAddress } : {}),
    },
  ];
}
