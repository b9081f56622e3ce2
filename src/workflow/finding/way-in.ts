/** The way to a WorkSpace that was found: the address that fits a source, and the group that takes the rule. */

import type { NetworkInterface } from '../../access/connecting/found.js';
import { showSource } from '../../access/reading/address-block.js';
import { PRINT_ADDRESS, type Source } from '../../access/reading/source.js';
import type { Facts } from '../../access/request/facts.js';
import type { Refusal } from '../../access/request/request.js';
import { groupOfWorkspace } from '../../access/rules/access-group.js';
import type { Parts } from '../ports.js';

/** The result of a look-up, or why the request is refused. */
export type Maybe<T> = { found: T } | { refusal: Refusal };

/** The group that takes the rule, by the policy's firewall mode, and how many WorkSpaces a rule in it reaches. */
export async function wayIn(
  parts: Parts,
  workspaceId: string,
  at: NetworkInterface,
): Promise<Maybe<Pick<Facts, 'reach' | 'group'>>> {
  const { firewall } = parts.policy;
  switch (firewall.kind) {
    case 'access-group': {
      const name = groupOfWorkspace(parts.installation, workspaceId);
      const carried = at.groups.find((group) => group.name === name)?.groupId;
      const group = { kind: 'access' as const, name, vpcId: at.vpcId };
      return { found: { reach: 1, group: carried ? { ...group, carriedAs: carried } : group } };
    }
    case 'existing-group': {
      // AWS warns against touching the controllers' group; the members' one is used only where the policy names it.
      const usable = at.groups.filter(({ name }) => !name.endsWith('_controllers'));
      const groupId = firewall.groupIds.find((id) => usable.some((group) => group.groupId === id));
      if (!groupId) {
        const sentence = `${workspaceId} carries none of the security groups that the policy lets me use. Ask an admin.`;
        return refuse(sentence, { admins: true });
      }
      const { reach } = await parts.firewall.carriersOf(groupId);
      return { found: { reach, group: { kind: 'existing', groupId } } };
    }
  }
}

/** The private address for a private source, else the public one of the source's family. */
export function addressFor(source: Source, at: NetworkInterface, workspaceId: string): Maybe<string> {
  const address = addressOf(source, at);
  if (address) return { found: address };
  const way = wayAround(source, [at]);
  if (source.family === 6)
    return refuse(`Your address is IPv6, and ${workspaceId} has none. ${way}`, { retry: true });
  const none = at.ipv6Address ? 'no public IPv4 address' : 'no public address';
  const sentence = `${workspaceId} has ${none}, so ${showSource(source.cidr)} can't reach it. ${way}`;
  return refuse(sentence, { retry: true });
}

/** The address at which a source reaches an interface, if there is one. */
export function addressOf(source: Source, at: NetworkInterface): string | undefined {
  if (source.family === 6) return at.ipv6Address;
  return source.isPrivate ? at.privateAddress : at.publicAddress;
}

/** What a person may do whose source reaches none of some interfaces. */
export function wayAround({ family }: Source, interfaces: readonly NetworkInterface[]): string {
  const vpn = 'Connect to your VPN and ask again with the address that you have there.';
  if (family === 6 && interfaces.every(({ publicAddress }) => !publicAddress)) return vpn;
  if (family === 4 && interfaces.every(({ ipv6Address }) => !ipv6Address)) return vpn;
  const other = family === 4 ? 6 : 4;
  return `Ask again with your IPv${other} address: \`${PRINT_ADDRESS[other]}\`.`;
}

export function refuse(sentence: string, more: Partial<Refusal> = {}): { refusal: Refusal } {
  return { refusal: { sentence, ...more } };
}
