/** What a pass of the sweep reads first: the rules with a tag of ours that it may have to change, and their requests. */
import { isBeforeOpening, isOver } from '../../access/request/duties.js';
import type { Request } from '../../access/request/request.js';
import type { SeenRule } from '../../access/rules/ingress.js';
import { attempt } from '../passes.js';
import type { Parts } from '../ports.js';

export interface TaggedRules {
  /** Without those that stay as they are: nearly all rules of many open grants do. */
  tagged: SeenRule[];
  /**
   * By id; undefined where the store knows no such request. A request that cannot be read is left out: it is neither over
   * nor orphaned, whatever a newer version wrote there.
   */
  requests: ReadonlyMap<string, Request | undefined>;
}

/** Reads rules first, then requests: each request was stored before its lease was written to a rule. */
export async function readTagged(parts: Parts): Promise<TaggedRules> {
  const requests = new Map<string, Request | undefined>();
  const tagged = await parts.firewall.tagged(async (page) => {
    const read: TaggedRules = { tagged: page, requests: await requestsOn(parts, page) };
    const kept = page.filter((rule) => !stays(read, rule, parts.now()));
    for (const id of idsOn(kept)) if (read.requests.has(id)) requests.set(id, read.requests.get(id));
    return kept;
  });
  return { tagged, requests };
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
function stays(read: TaggedRules, { plain, leases }: SeenRule, nowMs: number): boolean {
  const runs = ({ requestId, endsAtMs }: SeenRule['leases'][number]) => {
    const request = read.requests.get(requestId);
    const isKept = request ? !isOver(request) && !isBeforeOpening(request) : !read.requests.has(requestId);
    return isKept && endsAtMs > nowMs;
  };
  return plain && leases.length > 0 && leases.every(runs);
}

/** The requests whose leases these rules carry. */
export function idsOn(rules: readonly SeenRule[]): string[] {
  return rules.flatMap(({ leases }) => leases.map(({ requestId }) => requestId));
}

/** True for a request that the store lost: it knew every request before the lease was written to a tag. */
export function isOrphaned({ requests }: TaggedRules, requestId: string): boolean {
  return requests.has(requestId) && requests.get(requestId) === undefined;
}

/** Rules by the id of their group. */
export function byGroup(rules: readonly SeenRule[]): Map<string, SeenRule[]> {
  const groups = new Map<string, SeenRule[]>();
  for (const rule of rules) groups.set(rule.groupId, [...(groups.get(rule.groupId) ?? []), rule]);
  return groups;
}
