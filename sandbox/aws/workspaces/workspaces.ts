/** Answers for Amazon WorkSpaces: finds desktops and directories, starts and stops desktops. */
import { z } from 'zod';
import { AwsError } from '../errors.js';
import { DIRECTORY_ID, WORKSPACE_ID } from '../ids.js';
import { pageOf } from '../pages.js';
import type { Lifecycle } from '../state/lifecycle.js';
import type { Workspace } from '../state/resources.js';
import type { State } from '../state/state.js';
import type { Directory } from '../world.js';
import { checked, type Json } from './json-body.js';

const MOST = 25;
const WorkspaceId = z.string().regex(WORKSPACE_ID);
const DirectoryId = z.string().regex(DIRECTORY_ID);
const LIMIT = z.number().int().min(1).max(MOST).optional();
const TOKEN = z.string().min(1).optional();

const DescribeWorkspaces = z.object({
  WorkspaceIds: z.array(WorkspaceId).min(1).max(MOST).optional(),
  DirectoryId: DirectoryId.optional(),
  UserName: z.string().min(1).max(63).optional(),
  BundleId: z.string().optional(),
  WorkspaceName: z.string().optional(),
  Limit: LIMIT,
  NextToken: TOKEN,
});
const DescribeWorkspaceDirectories = z.object({
  DirectoryIds: z.array(DirectoryId).min(1).max(MOST).optional(),
  Limit: LIMIT,
  NextToken: TOKEN,
});
const Named = z.array(z.object({ WorkspaceId })).min(1).max(MOST);
const StartWorkspaces = z.object({ StartWorkspaceRequests: Named });
const StopWorkspaces = z.object({ StopWorkspaceRequests: Named });
const DescribeTags = z.object({ ResourceId: z.string().min(1) });
const DescribeConnections = z.object({ WorkspaceIds: z.array(WorkspaceId).min(1).max(MOST).optional() });

const refused = (message: string) => new AwsError('InvalidParameterValuesException', message);

function page<T extends { id: string }>(
  state: State,
  found: T[],
  limit: number | undefined,
  token: string | undefined,
) {
  const next = pageOf(found, ({ id }) => id, Math.min(limit ?? MOST, state.settings.pageSize), token);
  if (next === undefined) throw refused('The NextToken is invalid.');
  return next;
}

type Action = (state: State, body: Json, life: Lifecycle) => Json;

export const WORKSPACES_ACTIONS: Record<string, Action> = {
  DescribeWorkspaces(state, body) {
    const { WorkspaceIds, DirectoryId, UserName, BundleId, WorkspaceName, Limit, NextToken } = checked(
      DescribeWorkspaces,
      body,
    );
    const ways = [WorkspaceIds, DirectoryId, BundleId].filter((one) => one !== undefined).length;
    if (ways > 1) throw refused('WorkspaceIds, DirectoryId and BundleId cannot be combined.');
    if (UserName !== undefined && DirectoryId === undefined) throw refused('UserName needs a DirectoryId.');
    if (BundleId !== undefined || WorkspaceName !== undefined) {
      throw refused('This pretend WorkSpaces knows no bundles and no names of WorkSpaces.');
    }
    const found = state.workspaces
      .allSeen()
      .filter(({ id }) => WorkspaceIds?.includes(id) ?? true)
      .filter(({ directoryId }) => directoryId === (DirectoryId ?? directoryId))
      .filter(({ userName }) => userName.toLowerCase() === (UserName ?? userName).toLowerCase());
    const { things, nextToken } = page(state, found, Limit, NextToken);
    return { Workspaces: things.map(workspaceJson), NextToken: nextToken };
  },

  DescribeWorkspaceDirectories(state, body) {
    const { DirectoryIds, Limit, NextToken } = checked(DescribeWorkspaceDirectories, body);
    const found = state.world.directories.filter(({ id }) => DirectoryIds?.includes(id) ?? true);
    const { things, nextToken } = page(state, found, Limit, NextToken);
    return { Directories: things.map((directory) => directoryJson(state, directory)), NextToken: nextToken };
  },

  StartWorkspaces(state, body, life) {
    const { StartWorkspaceRequests } = checked(StartWorkspaces, body);
    return {
      FailedRequests: each(state, StartWorkspaceRequests, 'STOPPED', (one) => life.begin(one, 'start')),
    };
  },

  StopWorkspaces(state, body, life) {
    const { StopWorkspaceRequests } = checked(StopWorkspaces, body);
    return {
      FailedRequests: each(state, StopWorkspaceRequests, 'AVAILABLE', (one) => life.begin(one, 'stop')),
    };
  },

  DescribeTags(state, body) {
    const { ResourceId } = checked(DescribeTags, body);
    const found = state.workspaces.seen(ResourceId);
    if (found === undefined) {
      throw new AwsError('ResourceNotFoundException', `The resource ${ResourceId} does not exist.`);
    }
    return { TagList: Object.entries(found.tags).map(([Key, Value]) => ({ Key, Value })) };
  },

  DescribeWorkspacesConnectionStatus(state, body) {
    const { WorkspaceIds } = checked(DescribeConnections, body);
    const found = state.workspaces.allSeen().filter(({ id }) => WorkspaceIds?.includes(id) ?? true);
    return {
      WorkspacesConnectionStatus: found.map((one) => ({
        WorkspaceId: one.id,
        ConnectionState: one.state === 'AVAILABLE' ? 'DISCONNECTED' : 'UNKNOWN',
        ConnectionStateCheckTimestamp: state.now() / 1000,
      })),
    };
  },
};

/**
 * Acts on each WorkSpace in the state `from`.
 * @returns the entry in the answer for each of the others, which is no error
 */
function each(
  state: State,
  named: { WorkspaceId: string }[],
  from: Workspace['state'],
  act: (workspace: Workspace) => void,
): Json[] {
  return named.flatMap(({ WorkspaceId }) => {
    const failed = (ErrorCode: string, ErrorMessage: string) => [{ WorkspaceId, ErrorCode, ErrorMessage }];
    const found = state.workspaces.get(WorkspaceId);
    if (found === undefined) {
      return failed('ResourceNotFound.Workspace', 'The specified WorkSpace could not be found.');
    }
    if (found.runningMode === 'ALWAYS_ON') {
      return failed('OperationNotSupported', 'The running mode ALWAYS_ON does not support this operation.');
    }
    if (found.state !== from) {
      return failed(
        'ResourceInvalidState.Workspace',
        `The WorkSpace is ${found.state}, and must be ${from}.`,
      );
    }
    act(found);
    return [];
  });
}

function workspaceJson(one: Workspace): Json {
  return {
    WorkspaceId: one.id,
    DirectoryId: one.directoryId,
    UserName: one.userName,
    IpAddress: one.ip,
    Ipv6Address: one.ipv6,
    State: one.state,
    SubnetId: one.subnetId,
    ComputerName: one.computerName,
    BundleId: 'wsb-00000000a',
    WorkspaceProperties: {
      RunningMode: one.runningMode,
      RunningModeAutoStopTimeoutInMinutes: one.runningMode === 'AUTO_STOP' ? 60 : undefined,
      OperatingSystemName: one.os,
      RootVolumeSizeGib: 80,
      UserVolumeSizeGib: 50,
      ComputeTypeName: 'STANDARD',
      Protocols: ['DCV'],
    },
    ModificationStates: [],
  };
}

function directoryJson(state: State, one: Directory): Json {
  const members = state.groups.all().find(({ name }) => name === `${one.id}_workspacesMembers`);
  return {
    DirectoryId: one.id,
    Alias: one.alias,
    DirectoryName: one.name,
    SubnetIds: one.subnetIds,
    DirectoryType: workspacesType(one.type),
    WorkspaceSecurityGroupId: members?.id,
    State: 'REGISTERED',
    WorkspaceCreationProperties: { CustomSecurityGroupId: one.customSecurityGroupId },
    WorkspaceType: 'PERSONAL',
  };
}

/** WorkSpaces' name of a directory's type. It has none for Microsoft AD and says SIMPLE_AD instead. */
function workspacesType(type: Directory['type']): string {
  return type === 'MICROSOFT_AD' || type === 'SHARED_MICROSOFT_AD' ? 'SIMPLE_AD' : type;
}
