import { afterEach, expect, test } from '@jest/globals';
import { createDesktops } from '../../src/aws/workspaces.js';
import { AwsUnavailable } from '../../src/workflow/ports.js';
import { calls, clientsOf, closeTowns, DIRECTORY, desktop, SUBNET, startTown, WORKSPACE } from './town.js';

afterEach(closeTowns);

test('a WorkSpace is found by its id, with everything that AWS tells', async () => {
  const desktops = createDesktops(clientsOf(await startTown()));
  expect(await desktops.byIds([WORKSPACE, 'ws-unknown00'])).toEqual([
    {
      workspaceId: WORKSPACE,
      directoryId: DIRECTORY,
      userName: 'jane',
      state: 'AVAILABLE',
      operatingSystem: 'UBUNTU_22_04',
      computerName: 'A-1',
      stopsByItself: false,
      subnetId: SUBNET,
      privateAddress: '10.1.0.10',
    },
  ]);
});

test('looking up no WorkSpace makes no call', async () => {
  const town = await startTown();
  expect(await createDesktops(clientsOf(town)).byIds([])).toEqual([]);
  expect(town.journal).toEqual([]);
});

test('WorkSpaces are looked up in batches of 25 ids, each id once', async () => {
  const many = Array.from({ length: 60 }, (_, n) => desktop(n + 10));
  const town = await startTown({}, many);
  const ids = many.map(({ id }) => id);
  const found = await createDesktops(clientsOf(town)).byIds([...ids, ...ids]);
  expect(found.map(({ workspaceId }) => workspaceId).sort()).toEqual([...ids].sort());
  expect(calls(town, 'DescribeWorkspaces')).toHaveLength(3);
});

test('the WorkSpaces of a directory are read page by page', async () => {
  const many = Array.from({ length: 60 }, (_, n) => desktop(n + 10));
  const town = await startTown({}, many);
  expect(await createDesktops(clientsOf(town)).inDirectory(DIRECTORY)).toHaveLength(62);
  expect(calls(town, 'DescribeWorkspaces')).toHaveLength(3);
});

test("an owner's WorkSpaces are asked for by directory and user name", async () => {
  const town = await startTown();
  const desktops = createDesktops(clientsOf(town));
  const found = await desktops.byOwner(DIRECTORY, 'jane');
  expect(found.map(({ workspaceId }) => workspaceId)).toEqual([WORKSPACE]);
  expect(await desktops.byOwner(DIRECTORY, 'nobody')).toEqual([]);
  expect(calls(town, 'DescribeWorkspaces')[0]?.request).toMatchObject({
    DirectoryId: DIRECTORY,
    UserName: 'jane',
  });
});

test('a WorkSpace may have no address, and stops by itself where it is AUTO_STOP', async () => {
  const { ip: _, ...pending } = desktop(9, { state: 'PENDING', runningMode: 'AUTO_STOP' });
  const [found] = await createDesktops(clientsOf(await startTown({}, [pending]))).byIds([pending.id]);
  expect(found).toMatchObject({ state: 'PENDING', stopsByItself: true });
  expect(found).not.toHaveProperty('privateAddress');
});

test.each([
  [DIRECTORY, 'CORP'],
  ['d-90670000bb', undefined],
  ['wsd-0000000c', undefined],
  ['d-90670000ff', undefined],
])('the NetBIOS name of %s is %s', async (directoryId, name) => {
  expect(await createDesktops(clientsOf(await startTown())).netbios(directoryId)).toBe(name);
});

test('stopped WorkSpaces are started, and WorkSpaces that AWS does not start are named', async () => {
  const town = await startTown({ startTakesMs: 60_000 });
  const desktops = createDesktops(clientsOf(town));
  expect(await desktops.start(['ws-000000002', WORKSPACE])).toEqual([WORKSPACE]);
  expect(town.workspace('ws-000000002')?.state).toBe('STARTING');
  expect(await desktops.start(['ws-000000002'])).toEqual(['ws-000000002']);
});

test('AWS is asked to start 25 WorkSpaces in one call', async () => {
  const many = Array.from({ length: 30 }, (_, n) =>
    desktop(n + 100, { state: 'STOPPED', runningMode: 'AUTO_STOP' }),
  );
  const town = await startTown({ startTakesMs: 60_000 }, many);
  expect(await createDesktops(clientsOf(town)).start(many.map(({ id }) => id))).toEqual([]);
  expect(many.map(({ id }) => town.workspace(id)?.state)).toEqual(many.map(() => 'STARTING'));
  expect(calls(town, 'StartWorkspaces')).toHaveLength(2);
});

test('a start of WorkSpaces that AWS throttles is AwsUnavailable, and is asked for once', async () => {
  const town = await startTown();
  town.faults.add({ action: '*', times: 'always', kind: 'throttle' });
  const desktops = createDesktops(clientsOf(town));
  await expect(desktops.byIds([WORKSPACE])).rejects.toThrow(AwsUnavailable);
  await expect(desktops.netbios(DIRECTORY)).rejects.toThrow(AwsUnavailable);
  await expect(desktops.start(['ws-000000002'])).rejects.toThrow(AwsUnavailable);
  expect(calls(town, 'StartWorkspaces')).toHaveLength(1);
});

test('the NetBIOS name of a directory is asked for once by all who need it, and again after a fault', async () => {
  const town = await startTown();
  const desktops = createDesktops(clientsOf(town));
  town.settings.denied.push('DescribeDirectories');
  await expect(desktops.netbios(DIRECTORY)).rejects.toThrow();
  const before = calls(town, 'DescribeDirectories').length;
  town.settings.denied.length = 0;
  const names = await Promise.all(['first', 'second', 'third'].map(() => desktops.netbios(DIRECTORY)));
  expect(names).toEqual(['CORP', 'CORP', 'CORP']);
  expect(await desktops.netbios(DIRECTORY)).toBe('CORP');
  expect(calls(town, 'DescribeDirectories')).toHaveLength(before + 1);
});
