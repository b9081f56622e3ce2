/** What the passes of the sweep read first: the rules with a tag of ours, and the requests whose leases they carry. */
import { isBeforeOpening, isOver } from '../../access/request/duties.js';
import { isIn, type Request, type RequestId } from '../../access/request/request.js';
import type { SeenRule } from '../../access/rules/seen-rule.js';
import type { Listing, OpenGrant } from '../memory.js';
import { attempt } from '../passes.js';
import type { Parts } from '../ports.js';
import { grantOf } from './live-requests.js';

/** Reads rules first, then requests: each request was stored before its lease was written to a rule. */
export function readTagged(parts: Parts): Promise<Listing> {
  const listing = { beganMs: parts.now(), isOver: false, read: list(parts) };
  parts.memory.listing = listing;
  listing.read.then(
    () => {
      listing.isOver = true;
    },
    () => {
      if (parts.memory.listing === listing) parts.memory.listing = undefined;
    },
  );
  return listing.read;
}

/**
 * {@link readTagged}, or its answer for somebody else.
 * @param oldestMs how long ago that read may have begun; one that goes on is shared in any case
 */
export function shareTagged(parts: Parts, oldestMs = 0): Promise<Listing> {
  const { listing } = parts.memory;
  const isNew = listing && (!listing.isOver || listing.beganMs > parts.now() - oldestMs);
  return isNew ? listing.read : readTagged(parts);
}

async function list(parts: Parts): Promise<Listing> {
  const requests = new Map<string, Request | undefined>();
  const staying = new Map<string, string>();
  const live = new Map<RequestId, { requester: string; open?: OpenGrant }>();
  const tagged = await parts.firewall.tagged(async (page) => {
    const read = await requestsOn(parts, page);
    const nowMs = parts.now();
    return page.filter((rule) => {
      const stay = stays(read, rule, nowMs);
      if (stay && rule.marked) staying.set(rule.ruleId, inShort(rule));
      for (const id of idsOn([rule])) {
        const request = read.get(id);
        if (!stay && read.has(id)) requests.set(id, request);
        else if (request) live.set(id, { requester: request.ask.requester, ...openOf(request) });
      }
      return !stay;
    });
  });
  return { tagged, requests, staying, live };
}

function openOf(request: Request): { open?: OpenGrant } {
  return isIn(request, 'open') ? { open: grantOf(request) } : {};
}

/** One text for a record and for the rule that is as the record says, if the rule carries the installation's tag. */
export function inShort({
  groupId,
  source,
  leases,
}: Pick<SeenRule, 'groupId' | 'source' | 'leases'>): string {
  const ids = leases.map(({ requestId }) => requestId).sort();
  return [groupId, source, ...ids].join(' ');
}

async function requestsOn(
  parts: Parts,
  rules: readonly SeenRule[],
): Promise<Map<string, Request | undefined>> {
  const requests = new Map<string, Request | undefined>();
  await attempt(parts, 'requests', async () => {
    for (const [id, request] of await parts.store.lookAll([...new Set(idsOn(rules))]))
      if (request !== 'newer') requests.set(id, request);
  });
  return requests;
}

/** True for a rule that lets in nobody else than it was made for, and whose every lease runs for a request that has opened. */
function stays(
  requests: ReadonlyMap<string, Request | undefined>,
  { plain, leases }: SeenRule,
  nowMs: number,
): boolean {
  const runs = ({ requestId, endsAtMs }: SeenRule['leases'][number]) => {
    const request = requests.get(requestId);
    const isKept = request ? !isOver(request) && !isBeforeOpening(request) : !requests.has(requestId);
    return isKept && endsAtMs > nowMs;
  };
  return plain && leases.length > 0 && leases.every(runs);
}

/** The requests whose leases these rules carry. */
export function idsOn(rules: readonly SeenRule[]): string[] {
  return rules.flatMap(({ leases }) => leases.map(({ requestId }) => requestId));
}

/** True for a request that the store lost: it knew every request before the lease was written to a tag. */
export function isOrphaned({ requests }: Pick<Listing, 'requests'>, requestId: string): boolean {
  return requests.has(requestId) && requests.get(requestId) === undefined;
}

/** Rules by the id of their group. */
export function byGroup(rules: readonly SeenRule[]): Map<string, SeenRule[]> {
  const groups = new Map<string, SeenRule[]>();
  for (const rule of rules) {
    const group = groups.get(rule.groupId);
    if (group) group.push(rule);
    else groups.set(rule.groupId, [rule]);
  }
  return groups;
}
