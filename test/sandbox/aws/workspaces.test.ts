/**
 * Holds that the pretend WorkSpaces and Directory Service answer the real SDK as AWS does, and age as WorkSpaces do.
 */
import { DescribeDirectoriesCommand } from '@aws-sdk/client-directory-service';
import { DescribeNetworkInterfacesCommand } from '@aws-sdk/client-ec2';
import {
  DescribeTagsCommand,
  DescribeWorkspaceDirectoriesCommand,
  DescribeWorkspacesCommand,
  type DescribeWorkspacesCommandInput,
  DescribeWorkspacesConnectionStatusCommand,
  paginateDescribeWorkspaces,
  StartWorkspacesCommand,
  StopWorkspacesCommand,
} from '@aws-sdk/client-workspaces';
import { expect, test } from '@jest/globals';
import { startAws } from '../../../sandbox/aws/server.js';
import { ADA, BOB, CAS, codeOf, ELSEWHERE, MEMBERS, SHARED, smallWorld, visit } from './world.js';

test('WorkSpaces are found by id, by directory, and by user in upper or lower case', async () => {
  await visit(async ({ workspaces }) => {
    const find = async (input: DescribeWorkspacesCommandInput) => {
      const answer = await workspaces.send(new DescribeWorkspacesCommand(input));
      return answer.Workspaces?.map(({ WorkspaceId }) => WorkspaceId);
    };
    expect(await find({})).toEqual([ADA, BOB, CAS]);
    expect(await find({ WorkspaceIds: [BOB, 'ws-unknown01'] })).toEqual([BOB]);
    expect(await find({ DirectoryId: 'd-90670000aa' })).toEqual([ADA, BOB]);
    expect(await find({ DirectoryId: 'd-90670000aa', UserName: 'ADA.lovelace' })).toEqual([ADA]);
    expect(await find({ DirectoryId: 'd-90670000bb', UserName: 'ada.lovelace' })).toEqual([]);
    expect(await find({ DirectoryId: 'd-90670000cc' })).toEqual([]);

    const answer = await workspaces.send(new DescribeWorkspacesCommand({ WorkspaceIds: [ADA] }));
    expect(answer.Workspaces?.[0]).toMatchObject({
      WorkspaceId: ADA,
      DirectoryId: 'd-90670000aa',
      UserName: 'Ada.Lovelace',
      IpAddress: '10.0.1.20',
      Ipv6Address: '2001:db8:1::20',
      State: 'AVAILABLE',
      SubnetId: 'subnet-a',
      ComputerName: 'A-1',
      WorkspaceProperties: { RunningMode: 'ALWAYS_ON', OperatingSystemName: 'UBUNTU_22_04' },
    });
  });
});

test.each<[string, DescribeWorkspacesCommandInput, string]>([
  ['a user without a directory', { UserName: 'bob' }, 'InvalidParameterValuesException'],
  [
    'ids and a directory',
    { WorkspaceIds: [ADA], DirectoryId: 'd-90670000aa' },
    'InvalidParameterValuesException',
  ],
  ['ids and a user', { WorkspaceIds: [ADA], UserName: 'bob' }, 'InvalidParameterValuesException'],
  [
    'a directory and a bundle',
    { BundleId: 'wsb-1', DirectoryId: 'd-90670000aa' },
    'InvalidParameterValuesException',
  ],
  [
    '26 ids',
    { WorkspaceIds: Array.from({ length: 26 }, (_, n) => `ws-0000000${n}0`) },
    'ValidationException',
  ],
  ['an id of another form', { WorkspaceIds: ['workspace'] }, 'ValidationException'],
  ['a page of 26', { Limit: 26 }, 'ValidationException'],
  ['an invented token', { NextToken: 'nonsense' }, 'InvalidParameterValuesException'],
])('a call that asks for WorkSpaces by %s is refused', async (_name, input, code) => {
  await visit(async ({ workspaces }) => {
    expect(await codeOf(workspaces.send(new DescribeWorkspacesCommand(input)))).toBe(code);
  });
});

test('the pretend AWS lists WorkSpaces in pages', async () => {
  await visit(async ({ workspaces }) => {
    const pages: unknown[] = [];
    for await (const page of paginateDescribeWorkspaces({ client: workspaces, pageSize: 2 }, {})) {
      pages.push(page.Workspaces?.map(({ WorkspaceId }) => WorkspaceId));
    }
    expect(pages).toEqual([[ADA, BOB], [CAS]]);
  });
});

test('a directory is described with its groups, subnets and alias', async () => {
  await visit(async ({ workspaces }) => {
    const { Directories = [] } = await workspaces.send(new DescribeWorkspaceDirectoriesCommand({}));
    expect(Directories.map(({ DirectoryId, DirectoryType }) => [DirectoryId, DirectoryType])).toEqual([
      ['d-90670000aa', 'SIMPLE_AD'],
      ['d-90670000bb', 'SIMPLE_AD'],
      ['wsd-0a1b2c3d4', 'CUSTOMER_MANAGED'],
    ]);
    expect(Directories[0]).toMatchObject({
      Alias: 'corp',
      SubnetIds: ['subnet-a', 'subnet-b'],
      WorkspaceSecurityGroupId: MEMBERS,
      WorkspaceCreationProperties: { CustomSecurityGroupId: SHARED },
    });
    const one = await workspaces.send(
      new DescribeWorkspaceDirectoriesCommand({ DirectoryIds: ['d-90670000bb'] }),
    );
    expect(one.Directories).toHaveLength(1);
  });
});

test('Directory Service knows the NetBIOS names of most directories, and no directory of some types', async () => {
  await visit(async ({ directories }) => {
    const describe = (DirectoryIds?: string[]) =>
      directories.send(new DescribeDirectoriesCommand({ DirectoryIds }));
    const { DirectoryDescriptions = [] } = await describe();
    expect(DirectoryDescriptions.map(({ ShortName, Type }) => [ShortName, Type])).toEqual([
      ['CORP', 'MicrosoftAD'],
      [undefined, 'SimpleAD'],
    ]);
    expect((await describe(['d-90670000aa'])).DirectoryDescriptions).toHaveLength(1);
    expect(await codeOf(describe([]))).toBe('InvalidParameterException');
    expect(await codeOf(describe(['d-90670000aa', 'd-90670000cc']))).toBe('EntityDoesNotExistException');
    expect(await codeOf(describe(['wsd-0a1b2c3d4']))).toBe('ValidationException');
  });
});

test('a stopped WorkSpace starts after its time, and the answer names each WorkSpace that cannot start', async () => {
  await visit(async ({ town, clock, workspaces }) => {
    const start = (...ids: string[]) =>
      workspaces.send(
        new StartWorkspacesCommand({ StartWorkspaceRequests: ids.map((WorkspaceId) => ({ WorkspaceId })) }),
      );
    const stateOf = async (id: string) => {
      const answer = await workspaces.send(new DescribeWorkspacesCommand({ WorkspaceIds: [id] }));
      return answer.Workspaces?.[0]?.State;
    };
    const { FailedRequests = [] } = await start(ADA, BOB, CAS, 'ws-unknown01');
    expect(FailedRequests.map(({ WorkspaceId, ErrorCode }) => [WorkspaceId, ErrorCode])).toEqual([
      [ADA, 'OperationNotSupported'],
      [CAS, 'ResourceInvalidState.Workspace'],
      ['ws-unknown01', 'ResourceNotFound.Workspace'],
    ]);
    expect(await stateOf(BOB)).toBe('STARTING');
    clock.ms += town.settings.startTakesMs - 1;
    expect(await stateOf(BOB)).toBe('STARTING');
    clock.ms += 1;
    expect(await stateOf(BOB)).toBe('AVAILABLE');
    expect(await codeOf(start(...Array<string>(26).fill(BOB)))).toBe('ValidationException');

    await workspaces.send(new StopWorkspacesCommand({ StopWorkspaceRequests: [{ WorkspaceId: BOB }] }));
    expect(town.workspace(BOB)?.state).toBe('STOPPING');
    clock.ms += town.settings.stopTakesMs;
    expect(town.workspace(BOB)?.state).toBe('STOPPED');
  });
});

test('a start completes even if no call looks at the WorkSpace', async () => {
  await visit(
    async ({ town, workspaces }) => {
      const available = new Promise<void>((resolve) => {
        town.onEvent((event) => {
          const change = event.kind === 'change' ? event.change : undefined;
          if (change?.kind === 'workspace-changed' && change.workspace.state === 'AVAILABLE') resolve();
        });
      });
      await workspaces.send(new StartWorkspacesCommand({ StartWorkspaceRequests: [{ WorkspaceId: BOB }] }));
      await available;
    },
    { now: Date.now, settings: { startTakesMs: 5 } },
  );
});

test('the tags and the connection state of a WorkSpace are described', async () => {
  await visit(async ({ workspaces }) => {
    const tags = (ResourceId: string) => workspaces.send(new DescribeTagsCommand({ ResourceId }));
    expect((await tags(ADA)).TagList).toEqual([{ Key: 'Owner', Value: 'ada' }]);
    expect(await codeOf(tags('ws-unknown01'))).toBe('ResourceNotFoundException');
    const status = await workspaces.send(
      new DescribeWorkspacesConnectionStatusCommand({ WorkspaceIds: [ADA] }),
    );
    expect(status.WorkspacesConnectionStatus?.[0]).toMatchObject({
      WorkspaceId: ADA,
      ConnectionState: 'DISCONNECTED',
    });
  });
});

test('a rebuilt WorkSpace has another interface and address, and another WorkSpace gets the old address', async () => {
  await visit(async ({ town, clock, ec2, workspaces }) => {
    const old = town.interfaceOf(ADA);
    const made = town.rebuild(ADA);
    expect(made).toMatchObject({ subnetId: 'subnet-a', ip: '10.0.1.4', ipv6: '2001:db8:1::21' });
    expect(made.groups).toEqual([MEMBERS, SHARED]);
    expect(made.publicIp).toBeUndefined();
    expect(made.id).not.toBe(old?.id);
    const { Workspaces = [] } = await workspaces.send(new DescribeWorkspacesCommand({ WorkspaceIds: [ADA] }));
    expect(Workspaces[0]).toMatchObject({ State: 'REBUILDING', IpAddress: '10.0.1.4' });
    const find = new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [old?.id ?? ''] });
    expect(await codeOf(ec2.send(find))).toBe('InvalidNetworkInterfaceID.NotFound');
    clock.ms += town.settings.rebuildTakesMs;
    expect(town.workspace(ADA)?.state).toBe('AVAILABLE');
    expect(town.rebuild(ADA).ip).toBe('10.0.1.5');
    expect(town.rebuild(BOB).ip).toBe('10.0.1.4');
  });
});

test('a terminated WorkSpace loses its interface at once and is absent a little later', async () => {
  await visit(async ({ town, clock, workspaces }) => {
    town.terminate(ADA);
    expect(town.interfaceOf(ADA)).toBeUndefined();
    expect(town.workspace(ADA)?.state).toBe('TERMINATING');
    clock.ms += town.settings.terminateTakesMs;
    const answer = await workspaces.send(new DescribeWorkspacesCommand({ WorkspaceIds: [ADA] }));
    expect(answer.Workspaces).toEqual([]);
    expect(town.workspace(ADA)).toBeUndefined();
    expect(() => town.setState(ADA, 'AVAILABLE')).toThrow(`there is no WorkSpace ${ADA}`);
  });
});

test('a world that AWS could not have is refused with all reasons at once', async () => {
  const world = smallWorld();
  world.workspaces.push({
    ...world.workspaces[0],
    id: 'ws-1',
    directoryId: 'd-1',
    userName: 'x',
    state: 'AVAILABLE',
    os: 'UBUNTU_22_04',
    runningMode: 'MANUAL',
    subnetId: 'subnet-a',
    ip: '10.9.0.1',
    groups: [ELSEWHERE],
  });
  const refused = startAws(world);
  await expect(refused).rejects.toThrow('ws-1 has not the form');
  await expect(refused).rejects.toThrow('WorkSpace ws-1 is in the unknown directory d-1');
  await expect(refused).rejects.toThrow('ws-1 has 10.9.0.1, outside 10.0.1.0/24');
  await expect(refused).rejects.toThrow(`ws-1 carries ${ELSEWHERE}, which is not in its VPC`);
});
