/** What the looks around open access need of every live request: there may be very many, so no more of them is held. */
import { isOver } from '../../access/request/duties.js';
import { isIn, type Request, type RequestId, type RequestIn } from '../../access/request/request.js';
import { isAccessGroup } from '../../access/request/rule-group.js';
import type { Listing, OpenGrant } from '../memory.js';
import type { Parts } from '../ports.js';

export interface LiveRequests {
  /** The requests of each requester. */
  byRequester: ReadonlyMap<string, readonly RequestId[]>;
  open: readonly OpenGrant[];
  pending: readonly WaitingRequest[];
}

/** A request that waits for approvers. */
export interface WaitingRequest {
  id: RequestId;
  approvers: number;
}

const AT_ONCE = 200;

/**
 * Requests that a newer version of the bot wrote are left out.
 * @param known those that were read a short while ago, with the rules that carry their leases
 */
export async function readLive(parts: Parts, known: Listing['live']): Promise<LiveRequests> {
  const byRequester = new Map<string, RequestId[]>();
  const open: OpenGrant[] = [];
  const pending: WaitingRequest[] = [];
  const add = (id: RequestId, requester: string, grant: OpenGrant | undefined) => {
    const theirs = byRequester.get(requester);
    if (theirs) theirs.push(id);
    else byRequester.set(requester, [id]);
    if (grant) open.push(grant);
  };
  const others: RequestId[] = [];
  for (const id of await parts.store.liveIds()) {
    const one = known.get(id);
    if (one) add(id, one.requester, one.open);
    else others.push(id);
  }
  for (let at = 0; at < others.length; at += AT_ONCE) {
    for (const request of await readSome(parts, others.slice(at, at + AT_ONCE))) {
      if (isOver(request)) continue;
      add(request.id, request.ask.requester, isIn(request, 'open') ? grantOf(request) : undefined);
      if (isIn(request, 'pending'))
        pending.push({ id: request.id, approvers: request.phase.need.asks.approvers.length });
    }
  }
  return { byRequester, open, pending };
}

/** The requests with these ids that this version can read. */
export async function readSome(parts: Parts, ids: readonly RequestId[]): Promise<Request[]> {
  const found = [...(await parts.store.lookAll(ids)).values()];
  return found.filter((request) => request !== undefined && request !== 'newer');
}

/** What the looks need of an open grant. */
export function grantOf({ id, ask, phase: { grant, facts } }: RequestIn<'open'>): OpenGrant {
  const { groupId, endsAtMs } = grant;
  const hasAccessGroup = isAccessGroup(facts.group);
  return { id, groupId, source: ask.source.cidr, endsAtMs, desktops: facts.desktops.length, hasAccessGroup };
}
