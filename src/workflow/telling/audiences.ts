/** Everybody who sees a request now. A person who has seen it once also sees how it went on. */
import { isIn, type Request } from '../../access/request/request.js';
import type { Card, Parts } from '../ports.js';
import type { Posted } from '../ports-store.js';
import { channelRefuses } from './unreached.js';

/** Somebody who sees a request, or a channel, with the card that shows it there. */
export interface Audience {
  /** As {@link Posted} names it. */
  key: string;
  /** The id of a person or of a channel. */
  userId: string;
  surface: Card['surface'];
}

/** The requester first, who waits the longest. */
export function audiences(parts: Parts, request: Request, posted: Posted): Audience[] {
  const { phase } = request;
  const list: Audience[] = [{ key: 'requester', userId: request.ask.requester, surface: 'access' }];
  const seen = Object.keys(posted.surfaces);
  const need = isIn(request, 'pending') ? request.phase.need : undefined;
  const channel = need?.hears.channel;
  // A channel that cannot be written to must not hide that somebody is asked.
  const asked =
    channel === undefined || channelRefuses(channel, posted)
      ? (need?.asks.approvers ?? [])
      : (need?.hears.alsoAsked ?? []);
  const channels = new Set([
    ...(channel === undefined ? [] : [channel]),
    ...seen.flatMap((key) => (key.startsWith('channel:') ? [key.slice('channel:'.length)] : [])),
  ]);
  for (const id of channels) list.push({ key: `channel:${id}`, userId: id, surface: 'approval' });
  const hears = 'need' in phase ? (phase.need?.hears.told ?? []) : [];
  const approvers = new Set([
    ...asked,
    ...hears,
    ...seen.flatMap((key) => (key.startsWith('approver:') ? [key.slice(9)] : [])),
  ]);
  for (const userId of approvers) list.push({ key: `approver:${userId}`, userId, surface: 'approval' });

  const owner = ownerToTell(request, seen);
  if (owner) list.push({ key: `owner:${owner}`, userId: owner, surface: 'owner' });

  const refusal = 'refusal' in phase ? phase.refusal : undefined;
  const trouble = phase.state === 'closing' && phase.troubleAtMs !== undefined;
  const alerted = refusal?.admins === true || trouble || seen.some((key) => key.startsWith('admin:'));
  if (alerted) {
    for (const userId of parts.policy.admins) list.push({ key: `admin:${userId}`, userId, surface: 'alert' });
  }
  return list;
}

/** The owner of somebody else's WorkSpace, once access to it opens and from then on. */
function ownerToTell({ ask, phase }: Request, seen: readonly string[]): string | undefined {
  const owner = 'facts' in phase ? phase.facts?.owner : undefined;
  if (owner === undefined || owner === ask.requester) return undefined;
  return phase.state === 'open' || seen.includes(`owner:${owner}`) ? owner : undefined;
}
