/** What a pass of the sweep reads first: every rule with a tag of ours, and the request of each lease on them. */
import type { Request } from '../../access/request/request.js';
import type { SeenRule } from '../../access/rules/ingress.js';
import { attempt, each } from '../passes.js';
import type { Parts } from '../ports.js';

export interface TaggedRules {
  tagged: SeenRule[];
  /**
   * By id; undefined where the store knows no such request. A request that cannot be read is left out: it is neither over
   * nor orphaned, whatever a newer version wrote there.
   */
  requests: ReadonlyMap<string, Request | undefined>;
}

/** Reads rules first, then requests: each request was stored before its lease was written to a rule. */
export async function readTagged(parts: Parts): Promise<TaggedRules> {
  return withRequests(parts, await parts.firewall.tagged());
}

/** Reads the requests of these rules now. */
export async function withRequests(parts: Parts, tagged: SeenRule[]): Promise<TaggedRules> {
  const requests = new Map<string, Request | undefined>();
  const look = async (id: string): Promise<void> => {
    const request = await parts.store.look(id);
    if (request !== 'newer') requests.set(id, request);
  };
  await each([...new Set(idsOn(tagged))], (id) => attempt(parts, id, () => look(id)));
  return { tagged, requests };
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
