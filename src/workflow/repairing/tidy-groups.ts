/** Access groups that nobody needs: the least recently used ones are detached, and groups that no interface carries deleted. */

import { noteFailure } from '../passes.js';
import { AwsUnavailable, type Parts } from '../ports.js';
import type { OwnGroup } from '../ports-firewall.js';
import { StoreUnreachable } from '../ports-store.js';
import { detachInTurn } from '../rules/carry-group.js';
import { recordGroups } from '../rules/record-groups.js';

/** All replicas together tidy once in so many sweeps. */
const SWEEPS = 10;
/** How many calls that change AWS one pass makes: EC2 throttles them together with those of openings. */
const CHANGES = 20;

/** Tidies where it is time to; most passes only ask the store whether it is. */
export async function tidyGroups(parts: Parts): Promise<void> {
  if (!(await parts.store.turn('tidy', SWEEPS * parts.times.sweepMs))) return;
  await parts.store.exclusively('tidy', () => tidy(parts));
}

async function tidy(parts: Parts): Promise<void> {
  const groups = await parts.firewall.ownGroups();
  if (groups.length === 0) return;
  const carriers = await parts.firewall.carriers(groups.map(({ groupId }) => groupId));
  const allowance = { changes: CHANGES };
  await detachSurplus(parts, groups, carriers, allowance);
  const oldestMs = parts.now() - parts.times.groupAgeMs;
  for (const group of groups) {
    if (allowance.changes <= 0) return;
    if (carriers.has(group.groupId) || group.ingress > 0 || group.createdAtMs > oldestMs) continue;
    await attempt(parts, group, () => deleteIdle(parts, group, allowance));
  }
}

interface Allowance {
  changes: number;
}

async function detachSurplus(
  parts: Parts,
  groups: OwnGroup[],
  carriers: ReadonlyMap<string, string[]>,
  allowance: Allowance,
): Promise<void> {
  const attached = groups.filter(({ groupId }) => carriers.has(groupId));
  let surplus = attached.length - parts.policy.firewall.keep;
  if (surplus <= 0) return;
  const used = await parts.store.groupsUsed();
  // After a loss of the store nothing is known of the groups' use; the oldest goes first.
  const usedAtMs = ({ groupId, createdAtMs }: OwnGroup) => used.get(groupId) ?? createdAtMs;
  const idle = attached.filter(({ ingress }) => ingress === 0).sort((a, b) => usedAtMs(a) - usedAtMs(b));
  for (const group of idle) {
    if (surplus <= 0 || allowance.changes <= 0) return;
    const interfaceIds = carriers.get(group.groupId) ?? [];
    if (await attempt(parts, group, () => detachAll(parts, group, interfaceIds, allowance))) surplus -= 1;
  }
}

/** True once no known interface carries the group. */
async function detachAll(
  parts: Parts,
  group: OwnGroup,
  interfaceIds: string[],
  allowance: Allowance,
): Promise<boolean> {
  const witness = recordGroups(parts, { who: 'sweep' });
  const may = () => isIdle(parts, group);
  let all = true;
  for (const interfaceId of interfaceIds) {
    if (allowance.changes <= 0) return false;
    allowance.changes -= 1;
    // An opening is stored first and attaches under the same lock: `may` sees the opening, or the opening finds the group
    // detached.
    const outcome = await detachInTurn(parts, interfaceId, group.groupId, { may, witness });
    if (outcome === 'kept') return false;
    all &&= outcome === 'detached' || outcome === 'gone';
  }
  return all;
}

/** Deletes a group, which EC2 refuses while an interface carries it. An opening that needs the group makes it anew. */
async function deleteIdle(parts: Parts, group: OwnGroup, allowance: Allowance): Promise<boolean> {
  if (!(await isIdle(parts, group))) return false;
  allowance.changes -= 1;
  const outcome = await parts.firewall.deleteGroup(group.groupId, recordGroups(parts, { who: 'sweep' }));
  return outcome === 'deleted';
}

/** True where no live request counts on the group, no record speaks of a rule in it, and EC2 shows none. */
async function isIdle(parts: Parts, group: OwnGroup): Promise<boolean> {
  if ((await parts.store.countingOn(group)).length > 0) return false;
  if ((await parts.store.rulesOf(group.groupId)).length > 0) return false;
  const [now] = await parts.firewall.ownGroups(group.groupId);
  return now !== undefined && now.ingress === 0;
}

/** A fault with one group waits for the next pass and does not keep the others; an outage ends the pass. */
async function attempt(parts: Parts, group: OwnGroup, work: () => Promise<boolean>): Promise<boolean> {
  try {
    return await work();
  } catch (err) {
    if (err instanceof AwsUnavailable || err instanceof StoreUnreachable) throw err;
    parts.log.error({ err, groupId: group.groupId }, 'tidying: this group waits for the next pass');
    noteFailure(parts, 'sweep', err);
    return false;
  }
}
