/** Rules that no request can reach, because a rule above covers every request that they cover. */

import { isWithin } from '../reading/address-block.js';
import {
  type ConditionName,
  coversFollowUp,
  isForFollowUps,
  type PolicyRule,
  refuses,
  type SourceCondition,
  type TargetCondition,
  type Who,
} from './policy.js';

/** The index of the first earlier rule that covers everything that a later one covers. */
export function shadowedBy(rules: readonly PolicyRule[], later: number): number | undefined {
  const rule = rules[later];
  const index = rules.slice(0, later).findIndex((earlier) => rule !== undefined && coversAll(earlier, rule));
  return index < 0 ? undefined : index;
}

/**
 * Whether a condition of the earlier rule covers that of the later one. True only where that is certain: of two
 * schedules, for example, one covers the other only where they are equal.
 */
const COVERS: Readonly<Record<ConditionName, (earlier: PolicyRule, later: PolicyRule) => boolean>> = {
  emergency: (earlier, later) => isPart(emergencies(later), emergencies(earlier)),
  extends: (earlier, later) => isPart(asks(later), asks(earlier)),
  moves: (earlier, later) => isPart(asks(later), asks(earlier)),
  kind: ({ target: earlier }, { target: later }) => isPart(KINDS[later.kind], KINDS[earlier.kind]),
  directories: ({ target: earlier }, { target: later }) => coversList(earlier.directories, later.directories),
  workspaces: ({ target: earlier }, { target: later }) => coversList(earlier.workspaces, later.workspaces),
  systems: ({ target: earlier }, { target: later }) => coversSystems(earlier.systems, later.systems),
  tags: ({ target: earlier }, { target: later }) =>
    Object.entries(earlier.tags ?? {}).every(([key, values]) => coversList(values, later.tags?.[key])),
  owner: ({ target: earlier }, { target: later }) => coversWho(earlier.owner, later.owner),
  requester: (earlier, later) => coversWho(earlier.requester, later.requester),
  source: (earlier, later) => coversSource(earlier.source, later.source),
  upToMs: ({ upToMs: earlier }, { upToMs: later }) =>
    earlier === undefined || (later !== undefined && later <= earlier),
  when: ({ when: earlier }, { when: later }) =>
    earlier === undefined || JSON.stringify(earlier) === JSON.stringify(later),
};

function coversAll(earlier: PolicyRule, later: PolicyRule): boolean {
  return Object.values(COVERS).every((covers) => covers(earlier, later));
}

function emergencies(rule: PolicyRule): readonly boolean[] {
  if (rule.emergency !== undefined) return [rule.emergency];
  return refuses(rule) ? [true, false] : [false];
}

/** Which requests a rule is for: those for access, those for more time and those for another address. */
function asks(rule: PolicyRule): readonly string[] {
  const followUps = (['extends', 'moves'] as const).filter((what) => coversFollowUp(rule, what));
  return [...(isForFollowUps(rule) ? [] : ['access']), ...followUps];
}

const KINDS: Record<TargetCondition['kind'], readonly string[]> = {
  own: ['own'],
  other: ['other'],
  any: ['own', 'other'],
  directory: ['directory'],
  everything: ['own', 'other', 'directory'],
};

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
