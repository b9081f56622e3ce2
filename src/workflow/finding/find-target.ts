/**
 * Gathering the facts: which WorkSpaces a request means, how they are reached, and what opening would reach.
 * Everything that makes a request impossible is found here, before anybody is asked.
 */

import { connection } from '../../access/connecting/connection.js';
import type { Desktop, NetworkInterface } from '../../access/connecting/found.js';
import { whyNotPart } from '../../access/policy/decide.js';
import { unknownDirectory } from '../../access/policy/limits.js';
import { looksAtTags } from '../../access/policy/policy.js';
import { sameUserName } from '../../access/policy/user-name.js';
import { showSource } from '../../access/reading/address-block.js';
import type { DesktopFacts, Facts } from '../../access/request/facts.js';
import type { Ask, Refusal } from '../../access/request/request.js';
import { groupOfDirectory } from '../../access/rules/access-group.js';
import type { Parts, Person } from '../ports.js';
import { ownerOf } from './find-owner.js';
import { loginName } from './login-name.js';
import { asSlackSays } from './question.js';
import { addressFor, addressOf, type Maybe, refuse, wayAround, wayIn } from './way-in.js';

export type Found = { facts: Facts } | { refusal: Refusal };

/** States in which a request is taken; the rest can't be asked for now. */
const ASKABLE = ['AVAILABLE', 'STOPPED'];
/** States that no WorkSpace comes back from. */
const GONE = ['TERMINATING', 'TERMINATED'];

/**
 * The facts of a request, or why it is refused.
 * @param when `anew`: of an approved request, once its time has come. It waits for a WorkSpace in any state but gone
 * @throws AwsUnavailable where AWS does not answer
 */
export async function gatherFacts(parts: Parts, ask: Ask, when?: 'anew'): Promise<Found> {
  const isFit = (state: string) => (when === 'anew' ? !GONE.includes(state) : ASKABLE.includes(state));
  const person = await parts.people.person(ask.requester);
  const whyNot = whyNotPart(parts.policy, asSlackSays(ask.requester, person));
  if (!person || whyNot) return refuse(whyNot ?? 'Slack does not know you. Ask an admin.');
  switch (ask.target.kind) {
    case 'own': {
      const own = await ownLinuxDesktops(parts, person);
      if ('refusal' in own) return own;
      const [desktop, ...others] = own.found;
      if (desktop && others.length === 0) return factsOfDesktop(parts, ask, person, desktop, isFit);
      const ids = own.found.map(({ workspaceId }) => `\`${workspaceId}\``).join(', ');
      return refuse(`You have several WorkSpaces: ${ids}. Ask again and name one.`, { retry: true });
    }
    case 'workspace': {
      const { workspaceId } = ask.target;
      const [desktop] = await parts.desktops.byIds([workspaceId]);
      if (!desktop)
        return refuse(`I find no WorkSpace ${workspaceId}. Check the id with an admin.`, { retry: true });
      return factsOfDesktop(parts, ask, person, desktop, isFit);
    }
    case 'directory':
      return factsOfDirectory(parts, ask, person, ask.target.directoryId, isFit);
  }
}

/** One's own WorkSpaces, for the form: any operating system but Windows, and at least one, or why there is none. */
export async function ownDesktops(
  parts: Parts,
  userId: string,
): Promise<{ desktops: Desktop[] } | { sentence: string; none: true }> {
  const person = await parts.people.person(userId);
  if (!person) return { sentence: 'Slack does not know you. Ask an admin.', none: true };
  const own = await ownLinuxDesktops(parts, person);
  return 'refusal' in own ? { sentence: own.refusal.sentence, none: true } : { desktops: own.found };
}

async function ownLinuxDesktops(parts: Parts, person: Person): Promise<Maybe<Desktop[]>> {
  const desktops: Desktop[] = [];
  let mapped = false;
  for (const [directoryId, directory] of Object.entries(parts.policy.directories)) {
    const login = await loginName(parts, directory, person);
    if (!login) continue;
    mapped = true;
    desktops.push(...(await parts.desktops.byOwner(directoryId, login)));
  }
  if (!mapped)
    return refuse('I do not know your user name in any directory. Ask an admin to add you to the policy.');
  const linux = desktops.filter(({ operatingSystem }) => !isWindows(operatingSystem));
  if (linux.length > 0) return { found: linux };
  if (desktops.length > 0) return refuse('Your WorkSpace runs Windows. SSH is for Linux WorkSpaces.');
  return refuse('I find no WorkSpace of yours. Name one (`ws-…`), or ask an admin for one.', { retry: true });
}

/** Whether a request is taken for a WorkSpace in a state. */
type IsFit = (state: string) => boolean;

async function factsOfDesktop(
  parts: Parts,
  ask: Ask,
  person: Person,
  desktop: Desktop,
  isFit: IsFit,
): Promise<Found> {
  const { workspaceId, directoryId } = desktop;
  const directory = await directoryFacts(parts, directoryId, person);
  if ('refusal' in directory) return directory;
  const { login, netbios } = directory.found;
  const at = await reachable(parts, desktop, isFit);
  if ('refusal' in at) return at;

  const address = addressFor(ask.source, at.found, workspaceId);
  if ('refusal' in address) return address;
  const { operatingSystem } = desktop;
  const names = { netbios, userName: login, address: address.found, workspaceId, operatingSystem };
  const spelled = connection(names);
  if (!spelled.ok) return refuse(spelled.sentence, { admins: true });

  const own = sameUserName(desktop.userName, login);
  const owner = own ? undefined : await ownerOf(parts, desktop);
  const facts = {
    desktops: [desktopFacts(desktop, at.found)],
    directoryId,
    netbios,
    loginName: login,
    own,
    ...(owner ? { owner } : {}),
    ...(looksAtTags(parts.policy) ? { tags: await parts.desktops.tags(workspaceId) } : {}),
    address: address.found,
    ...startsStopped(parts, directoryId),
  };
  const way = await wayIn(parts, workspaceId, at.found);
  return 'refusal' in way ? way : { facts: { ...facts, ...way.found } };
}

async function factsOfDirectory(
  parts: Parts,
  ask: Ask,
  person: Person,
  directoryId: string,
  isFit: IsFit,
): Promise<Found> {
  const directory = await directoryFacts(parts, directoryId, person);
  if ('refusal' in directory) return directory;
  const all = await parts.desktops.inDirectory(directoryId);
  const linux = all.filter((desktop) => !isWindows(desktop.operatingSystem));
  const desktops: DesktopFacts[] = [];
  const unreached: NetworkInterface[] = [];
  let vpcId: string | undefined;
  // At once, so that AWS is asked for many of them in one call.
  const reached = await Promise.all(linux.map((desktop) => reachable(parts, desktop, isFit)));
  for (const [nth, desktop] of linux.entries()) {
    const at = reached[nth];
    if (!at) continue;
    // A group stands in one VPC. WorkSpaces that can't be opened are left out, and the approver reads how many.
    if ('refusal' in at || (vpcId && vpcId !== at.found.vpcId)) continue;
    const address = addressOf(ask.source, at.found);
    if (!address) {
      unreached.push(at.found);
      continue;
    }
    vpcId = at.found.vpcId;
    desktops.push({ ...desktopFacts(desktop, at.found), address });
  }
  if (!vpcId) {
    const way = unreached.length > 0 ? ` ${wayAround(ask.source, unreached)}` : '';
    const sentence = `No Linux WorkSpace of ${directoryId} can be reached from ${showSource(ask.source.cidr)}.${way}`;
    return refuse(sentence, unreached.length > 0 ? { retry: true } : {});
  }
  const ids = desktops.map(({ workspaceId }) => workspaceId);
  const name = groupOfDirectory(parts.installation, directoryId, ids);
  return {
    facts: {
      desktops,
      directoryId,
      netbios: directory.found.netbios,
      loginName: directory.found.login,
      own: false,
      reach: desktops.length,
      skipped: linux.length - desktops.length,
      group: { kind: 'access', name, vpcId },
      ...startsStopped(parts, directoryId),
    },
  };
}

function startsStopped({ policy }: Parts, directoryId: string): Pick<Facts, 'startsStopped'> {
  return policy.directories[directoryId]?.startStopped ? { startsStopped: true } : {};
}

async function directoryFacts(
  parts: Parts,
  directoryId: string,
  person: Person,
): Promise<Maybe<{ login: string; netbios: string }>> {
  const directory = parts.policy.directories[directoryId];
  if (!directory) return refuse(unknownDirectory(directoryId));
  const login = await loginName(parts, directory, person);
  if (!login) {
    const sentence = `I do not know your user name in directory ${directoryId}. Ask an admin to add you to the policy.`;
    return refuse(sentence);
  }
  const netbios = (await parts.desktops.netbios(directoryId)) ?? directory.netbios;
  if (!netbios) {
    const sentence = `Directory ${directoryId} has no NetBIOS name at AWS. An admin has to set one in the policy.`;
    return refuse(sentence, { admins: true });
  }
  return { found: { login, netbios } };
}

/** The WorkSpace's interface, where it is a Linux one that can be asked for. */
async function reachable(parts: Parts, desktop: Desktop, isFit: IsFit): Promise<Maybe<NetworkInterface>> {
  const { workspaceId, operatingSystem, state, privateAddress, subnetId } = desktop;
  if (isWindows(operatingSystem)) return refuse(`${workspaceId} runs Windows. SSH is for Linux WorkSpaces.`);
  if (!isFit(state))
    return refuse(`${workspaceId} is ${state}. Ask again when it is available.`, { retry: true });
  const at =
    privateAddress && subnetId ? await parts.firewall.interfaceAt(privateAddress, subnetId) : undefined;
  if (!at) {
    const sentence = `AWS shows no network interface for ${workspaceId}. Ask again in some minutes, or an admin.`;
    return refuse(sentence, { retry: true });
  }
  return { found: at };
}

/** Newer systems appear before AWS lists them: everything but Windows may have SSH. */
function isWindows(operatingSystem: string): boolean {
  return operatingSystem.startsWith('WINDOWS');
}

/** The fields of a found WorkSpace that go on the record. */
export function desktopFacts(desktop: Desktop, at: NetworkInterface): DesktopFacts {
  return {
    workspaceId: desktop.workspaceId,
    directoryId: desktop.directoryId,
    userName: desktop.userName,
    operatingSystem: desktop.operatingSystem,
    ...(desktop.computerName ? { computerName: desktop.computerName } : {}),
    state: desktop.state,
    stopsByItself: desktop.stopsByItself,
    interfaceId: at.interfaceId,
    subnetId: at.subnetId,
    vpcId: at.vpcId,
    privateAddress: at.privateAddress,
  };
}
