/** Rules that no request can reach, because a rule above covers every request that they cover. */

import { isWithin } from '../reading/address-block.js';
import type { PolicyRule, SourceCondition, TargetCondition, Who } from './policy.js';

/** The index of the first earlier rule that covers everything that a later one covers. */
export function shadowedBy(rules: readonly PolicyRule[], later: number): number | undefined {
  const rule = rules[later];
  const index = rules.slice(0, later).findIndex((earlier) => rule !== undefined && coversAll(earlier, rule));
  return index < 0 ? undefined : index;
}

/** True only where that is certain: of two schedules, for example, one covers the other only where they are equal. */
function coversAll(earlier: PolicyRule, later: PolicyRule): boolean {
  return (
    isPart(emergencies(later), emergencies(earlier)) &&
    coversTarget(earlier.target, later.target) &&
    coversWho(earlier.requester, later.requester) &&
    coversSource(earlier.source, later.source) &&
    (earlier.upToMs === undefined || (later.upToMs !== undefined && later.upToMs <= earlier.upToMs)) &&
    (earlier.when === undefined || JSON.stringify(earlier.when) === JSON.stringify(later.when))
  );
}

function emergencies({ emergency, outcome }: PolicyRule): readonly boolean[] {
  if (emergency !== undefined) return [emergency];
  return typeof outcome === 'object' && 'refuse' in outcome ? [true, false] : [false];
}

const KINDS: Record<TargetCondition['kind'], readonly string[]> = {
  own: ['own'],
  other: ['other'],
  any: ['own', 'other'],
  directory: ['directory'],
  everything: ['own', 'other', 'directory'],
};

function coversTarget(earlier: TargetCondition, later: TargetCondition): boolean {
  const tags = Object.entries(earlier.tags ?? {});
  return (
    isPart(KINDS[later.kind], KINDS[earlier.kind]) &&
    coversList(earlier.directories, later.directories) &&
    coversList(earlier.workspaces, later.workspaces) &&
    coversSystems(earlier.systems, later.systems) &&
    tags.every(([key, values]) => coversList(values, later.tags?.[key])) &&
    coversWho(earlier.owner, later.owner)
  );
}

function coversList(earlier: readonly string[] | undefined, later: readonly string[] | undefined): boolean {
  return earlier === undefined || (later !== undefined && isPart(later, earlier));
}

/** A system is matched by its beginning: UBUNTU takes UBUNTU_22_04 as well. */
function coversSystems(earlier: readonly string[] = [''], later: readonly string[] = ['']): boolean {
  const begins = (system: string) =>
    earlier.some((start) => system.toUpperCase().startsWith(start.toUpperCase()));
  return later.every(begins);
}

function coversWho(earlier: Who | undefined, later: Who | undefined): boolean {
  if (earlier === undefined) return true;
  return later !== undefined && isPart(later.users, earlier.users) && isPart(later.groups, earlier.groups);
}

function coversSource(earlier: SourceCondition | undefined, later: SourceCondition | undefined): boolean {
  if (earlier === undefined) return true;
  if (later === undefined) return isPart(['private', 'public'], earlier.kinds);
  const inside = ({ cidr }: { cidr: string }) => earlier.ranges.some((range) => isWithin(cidr, range.cidr));
  return isPart(later.kinds, earlier.kinds) && later.ranges.every(inside);
}

function isPart<T>(part: readonly T[], whole: readonly T[]): boolean {
  return part.every((one) => whole.includes(one));
}
