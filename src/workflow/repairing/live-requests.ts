/** What the looks around open access need of every live request: there may be very many, so no more of them is held. */
import { isOver } from '../../access/request/duties.js';
import { isIn, type Request, type RequestId, type RequestIn } from '../../access/request/request.js';
import { isAccessGroup } from '../../access/request/rule-group.js';
import type { Parts } from '../ports.js';

/** A grant that is open. */
export interface OpenGrant {
  id: RequestId;
  groupId: string;
  source: string;
  endsAtMs: number;
  /** How many WorkSpaces it opens. */
  desktops: number;
  /** Its rule is in an access group, not in a group that the WorkSpace had before. */
  hasAccessGroup: boolean;
}

export interface LiveRequests {
  /** The requests of each requester. */
  byRequester: ReadonlyMap<string, readonly RequestId[]>;
  open: readonly OpenGrant[];
  pending: readonly Asked[];
}

/** A request that waits for approvers. */
export interface Asked {
  id: RequestId;
  approvers: number;
}

const AT_ONCE = 200;

/** Requests that a newer version of the bot wrote are left out. */
export async function readLive(parts: Parts): Promise<LiveRequests> {
  const byRequester = new Map<string, RequestId[]>();
  const open: OpenGrant[] = [];
  const pending: Asked[] = [];
  const ids = await parts.store.liveIds();
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    for (const request of await readSome(parts, ids.slice(at, at + AT_ONCE))) {
      if (isOver(request)) continue;
      const { requester } = request.ask;
      const theirs = byRequester.get(requester);
      if (theirs) theirs.push(request.id);
      else byRequester.set(requester, [request.id]);
      if (isIn(request, 'open')) open.push(grantOf(request));
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

function grantOf({ id, ask, phase: { grant, facts } }: RequestIn<'open'>): OpenGrant {
  const { groupId, endsAtMs } = grant;
  const hasAccessGroup = isAccessGroup(facts.group);
  return { id, groupId, source: ask.source.cidr, endsAtMs, desktops: facts.desktops.length, hasAccessGroup };
}
