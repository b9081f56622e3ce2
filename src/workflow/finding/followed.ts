/** The request that another one follows, as it stands now. Nothing of a follow-up goes on without a look at it. */

import type { NetworkInterface } from '../../access/connecting/found.js';
import { showSource } from '../../access/reading/address-block.js';
import type { DesktopFacts, Facts } from '../../access/request/facts.js';
import { type Followed, followedOf, standingOf } from '../../access/request/others/follows.js';
import type { Ask, Refusal, Request } from '../../access/request/request.js';
import { idOf, isMany } from '../../access/request/target.js';
import { AwsUnavailable, type Parts } from '../ports.js';
import { addressFor, addressOf, refuse, wayAround } from './way-in.js';

/** Undefined for a request that follows none. @throws NewerRecord */
export async function lookAtFollowed(parts: Parts, request: Request): Promise<Followed | undefined> {
  const follows = followedOf(request);
  if (!follows) return undefined;
  return standingOf(await parts.store.load(follows.id), parts.now());
}

/**
 * The facts of a follow-up are those of the followed one: nothing is looked up anew, since that could find another
 * WorkSpace. What the requester had beside the followed one says nothing of the follow-up.
 */
export function factsFrom(followed: Extract<Followed, { now: 'open' | 'over' }>): Facts {
  const { besides: _, ...facts } = followed.now === 'open' ? followed.request.phase.facts : followed.facts;
  return facts;
}

/**
 * {@link factsFrom}, with how many WorkSpaces the group reaches now: others may have come to carry it since the first yes, and
 * whoever says yes reads the number. While AWS does not answer it is the number of then: it is counted again right before the
 * follow-up takes over.
 */
export async function factsNow(
  parts: Parts,
  followed: Extract<Followed, { now: 'open' | 'over' }>,
): Promise<Facts> {
  const facts = factsFrom(followed);
  if (followed.now === 'over') return facts;
  const { groupId } = followed.request.phase.grant;
  const reach = await parts.firewall.carriersOf(groupId).then(
    (carriers) => carriers.reach,
    (cause: unknown) => {
      if (!(cause instanceof AwsUnavailable)) throw cause;
      return 0;
    },
  );
  return reach > 0 ? { ...facts, reach } : facts;
}

/**
 * The facts of a request that moves access to another source: those of the followed one, with the addresses that fit the
 * new source. Its WorkSpaces are known by their interfaces, so that none of them can turn out to be another one.
 * @throws AwsUnavailable where AWS does not answer
 */
export async function factsToMove(
  parts: Parts,
  { source, target }: Ask,
  facts: Facts,
): Promise<{ facts: Facts } | { refusal: Refusal }> {
  const ids = facts.desktops.map(({ interfaceId }) => interfaceId);
  const interfaces = await parts.firewall.interfacesById(ids);
  const interfaceOf = (one: DesktopFacts) => interfaces.find((at) => at.interfaceId === one.interfaceId);
  const [single] = isMany(target) ? [] : facts.desktops;
  if (single) {
    const at = interfaceOf(single);
    if (!at) {
      const sentence = `AWS shows no network interface for ${single.workspaceId} any more. Ask for new access.`;
      return refuse(sentence, { retry: true });
    }
    const address = addressFor(source, at, single.workspaceId);
    if ('refusal' in address) return address;
    return { facts: { ...facts, address: address.found, desktops: [readdressed(single, at, source)] } };
  }
  const desktops = facts.desktops.map((one) => readdressed(one, interfaceOf(one), source));
  if (desktops.some(({ address }) => address !== undefined)) return { facts: { ...facts, desktops } };
  const way = wayAround(source, interfaces);
  const sentence = `No Linux WorkSpace of ${idOf(target) ?? facts.directoryId} can be reached from ${showSource(source.cidr)}. ${way}`;
  return refuse(sentence, { retry: true });
}

/** A WorkSpace of a directory as the new source reaches it. What it cannot reach stays in the group all the same. */
function readdressed(
  { address: _, away, ...one }: DesktopFacts,
  at: NetworkInterface | undefined,
  source: Ask['source'],
): DesktopFacts {
  const address = at && addressOf(source, at);
  if (!address) return { ...one, away: away ?? 'no-address' };
  return { ...one, ...(away === 'stopped' ? { away } : {}), address };
}
