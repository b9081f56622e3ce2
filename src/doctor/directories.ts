/** The directories of the policy: whether WorkSpaces has them, how people log in there, and what can be opened. */

import type { Desktop, NetworkInterface } from '../access/connecting/found.js';
import { looksAtTags } from '../access/policy/policy.js';
import type { AwsLooks, Ledger } from './aws-looks.js';
import { type Finding, fail, ok, unprovable, warn } from './finding.js';

/** Of a directory with many WorkSpaces the interfaces of this many are looked at. */
const LOOKED_AT = 25;

/** Looks at each directory of the policy. `interfaces` are those of each directory's first Linux WorkSpaces. */
export async function lookAtDirectories(
  looks: AwsLooks,
  ledger: Ledger,
): Promise<{ findings: Finding[]; interfaces: NetworkInterface[] }> {
  const each = await Promise.all(
    Object.keys(looks.policy.directories).map((directoryId) => lookAtOne(directoryId, looks, ledger)),
  );
  return {
    findings: each.flatMap(({ findings }) => findings),
    interfaces: each.flatMap(({ interfaces }) => interfaces),
  };
}

/** A read that AWS refuses makes no finding here: the ledger names the missing permission by its action. */
async function lookAtOne(
  directoryId: string,
  { desktops, firewall, reads, policy }: AwsLooks,
  ledger: Ledger,
): Promise<{ findings: Finding[]; interfaces: NetworkInterface[] }> {
  const [state, read, netbios] = await Promise.all([
    reads.directoryState(directoryId).then(
      (found) => ({ found }),
      () => undefined,
    ),
    ledger.read('workspaces:DescribeWorkspaces', () => desktops.inDirectory(directoryId)),
    ledger.read('ds:DescribeDirectories', () => desktops.netbios(directoryId)),
  ]);
  const all = read?.answer ?? [];
  const findings = [lookAtDirectory(directoryId, state, all)];
  if (state?.found === undefined && all.length === 0) return { findings, interfaces: [] };
  if (netbios)
    findings.push(lookAtNetbios(directoryId, policy.directories[directoryId]?.netbios, netbios.answer));
  const linux = all.filter(({ operatingSystem }) => !operatingSystem.startsWith('WINDOWS'));
  if (read) findings.push(lookAtLinux(directoryId, all, linux));
  const seen = linux.slice(0, LOOKED_AT).map(async ({ privateAddress, subnetId }) => {
    if (!privateAddress || !subnetId) return undefined;
    return ledger.read('ec2:DescribeNetworkInterfaces', () => firewall.interfaceAt(privateAddress, subnetId));
  });
  const interfaces = (await Promise.all(seen)).flatMap((one) => one?.answer ?? []);
  const [first] = linux;
  if (first && looksAtTags(policy))
    await ledger.read('workspaces:DescribeTags', () => desktops.tags(first.workspaceId));
  return { findings, interfaces };
}

function lookAtDirectory(
  directoryId: string,
  state: { found: string | undefined } | undefined,
  all: readonly Desktop[],
): Finding {
  const id = `aws.directory.${directoryId}`;
  if (state === undefined)
    return all.length > 0
      ? ok(id, `The directory ${directoryId} has WorkSpaces.`)
      : unprovable(
          id,
          `Whether ${directoryId} is registered with WorkSpaces: the permissions of deploy/iam-doctor.json let it be seen.`,
        );
  if (state.found === 'REGISTERED')
    return ok(id, `The directory ${directoryId} is registered with WorkSpaces.`);
  return fail(
    id,
    state.found === undefined
      ? `WorkSpaces knows no directory ${directoryId} in this Region.`
      : `The directory ${directoryId} is ${state.found} at WorkSpaces.`,
    'Correct the id in the policy, or AWS_REGION, or register the directory with WorkSpaces.',
  );
}

function lookAtNetbios(
  directoryId: string,
  fallback: string | undefined,
  found: string | undefined,
): Finding {
  const id = `aws.netbios.${directoryId}`;
  const name = found ?? fallback;
  if (name !== undefined) return ok(id, `People log in to ${directoryId} as ${name}\\NAME.`);
  return fail(
    id,
    `AWS knows no NetBIOS name for ${directoryId}, so no ssh line can be written.`,
    `Write netbios: NAME under ${directoryId} in the policy.`,
  );
}

function lookAtLinux(directoryId: string, all: readonly Desktop[], linux: readonly Desktop[]): Finding {
  const id = `aws.linux.${directoryId}`;
  if (linux.length > 0)
    return ok(id, `${linux.length} of ${all.length} WorkSpaces in ${directoryId} run Linux.`);
  return warn(
    id,
    `No WorkSpace in ${directoryId} runs Linux.`,
    'SSH is for Linux WorkSpaces: make one, or leave the directory out of the policy.',
  );
}
