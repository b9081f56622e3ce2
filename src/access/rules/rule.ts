/**
 * The record of one ingress rule: where the rule stands and who leases it. It is stored in one step with a request,
 * so the record alone says what a grant may do with its rule.
 */
import { LEASES_PER_RULE, type Lease } from './lease.js';

/**
 * Where a rule stands. `revoking` is final for its rule id: a newcomer waits for `gone` and then authorizes a new one.
 * `newer`: the record was written by a newer version of the bot, and says nothing to this one.
 */
export type RuleStage = KnownStage | { state: 'newer' };

/** Where a rule stands whose record this version can read. */
export type KnownStage =
  | {
      state: 'authorizing';
      /** Until this instant the newest authorize call may still take effect. */
      deadlineMs: number;
      /** Until this instant an earlier authorize call, whose answer nobody knows, may still take effect. */
      earlierMs?: number;
      /** After this instant nothing may authorize any more. */
      openByMs: number;
      /** EC2 answered with this id, and no read has shown it yet: nothing authorizes again. */
      ruleId?: string;
    }
  | {
      state: 'open';
      ruleId: string;
      /** Until this instant another authorize may still take effect. */
      deadlineMs?: number;
      /** When a read first lacked the rule, though the bot had not removed it. */
      absentSinceMs?: number;
    }
  | {
      state: 'revoking';
      ruleId?: string;
      deadlineMs: number;
      /** The requests whose leases were on the rule last. Records of older versions lack it. */
      left?: string[];
      /** EC2 answered that it revoked this very id. */
      answered?: boolean;
      /** When a read first lacked the rule, where no revoke was answered. */
      absentSinceMs?: number;
    }
  | { state: 'gone' };

/** The record of one rule: group, source, stage and leases. It changes only together with a request. */
export interface RuleRecord {
  groupId: string;
  source: string;
  version: number;
  stage: RuleStage;
  leases: Lease[];
}

/** True where every lease of the record has passed, and where the record has none. */
export function hasPassed(record: RuleRecord, nowMs: number): boolean {
  return record.leases.every(({ endsAtMs }) => endsAtMs <= nowMs);
}

/** The name under which the store has a rule's record. */
export function ruleKey(groupId: string, source: string): string {
  return `${groupId}|${source}`;
}

/** What joining a rule gives: the changed record, or why the newcomer must wait. */
export type Joining =
  | { joined: RuleRecord; opens: boolean }
  | { wait: 'authorizing' | 'revoking' | 'full' | 'newer' };

/**
 * Adds a lease to a rule. A grant may join only an open rule, or open one where there is none; `opens` says which.
 * No call is under way yet when a grant joins: the one that authorizes stores the deadline of its call first.
 */
export function joinRule(
  current: RuleRecord | undefined,
  place: { groupId: string; source: string },
  lease: Lease,
  by: { nowMs: number; openByMs: number },
): Joining {
  const version = (current?.version ?? 0) + 1;
  if (!current || current.stage.state === 'gone') {
    return {
      joined: {
        ...place,
        version,
        stage: { state: 'authorizing', deadlineMs: by.nowMs, openByMs: by.openByMs },
        leases: [lease],
      },
      opens: true,
    };
  }
  const others = current.leases.filter(({ requestId }) => requestId !== lease.requestId);
  const mine = others.length < current.leases.length;
  switch (current.stage.state) {
    case 'authorizing':
      if (!mine) return { wait: 'authorizing' };
      return {
        joined: { ...current, version, stage: { ...current.stage, openByMs: by.openByMs } },
        opens: true,
      };
    case 'open':
      // An expired rule may be revoked at any moment by the replica that sees it: nobody joins it any more.
      if (others.every(({ endsAtMs }) => endsAtMs <= by.nowMs)) return { wait: 'revoking' };
      if (others.length >= LEASES_PER_RULE) return { wait: 'full' };
      return { joined: { ...current, version, leases: [...others, lease] }, opens: false };
    case 'newer':
      return { wait: 'newer' };
    case 'revoking':
      return { wait: 'revoking' };
  }
}

/** What extending a rule gives: the changed record, or why the newcomer must wait; `gone` where there is nothing to extend. */
export type Extending = { joined: RuleRecord } | { wait: 'full' | 'newer' } | 'gone';

/**
 * Adds the lease of an extension to the rule of the request that it follows. The rule has to be open and the followed lease
 * to run, since an extension authorizes nothing. Until it has taken over, a rule may hold one lease more than the limit.
 */
export function extendRule(
  current: RuleRecord | undefined,
  followedId: string,
  lease: Lease,
  nowMs: number,
): Extending {
  if (current?.stage.state === 'newer') return { wait: 'newer' };
  const runs = current?.leases.some((one) => one.requestId === followedId && one.endsAtMs > nowMs);
  if (current?.stage.state !== 'open' || !runs) return 'gone';
  const others = current.leases.filter(({ requestId }) => requestId !== lease.requestId);
  if (others.length > LEASES_PER_RULE) return { wait: 'full' };
  return { joined: { ...current, version: current.version + 1, leases: [...others, lease] } };
}

/**
 * Takes the leases of these requests off a rule; the last one takes the rule along. From the record of a newer version it
 * takes nothing.
 */
export function leaveRule(current: RuleRecord, requestIds: readonly string[], nowMs: number): RuleRecord {
  const leases = current.leases.filter(({ requestId }) => !requestIds.includes(requestId));
  const version = current.version + 1;
  if (leases.length > 0) return { ...current, version, leases };
  const left = current.leases.map(({ requestId }) => requestId);
  switch (current.stage.state) {
    case 'authorizing':
      // No call was made for this rule, and a call that has not stored its deadline yet finds the version changed.
      if (current.stage.earlierMs === undefined)
        return { ...current, version, leases, stage: { state: 'gone' } };
      return {
        ...current,
        version,
        leases,
        stage: {
          state: 'revoking',
          deadlineMs: current.stage.deadlineMs,
          left,
          ...(current.stage.ruleId ? { ruleId: current.stage.ruleId } : {}),
        },
      };
    case 'open':
      return {
        ...current,
        version,
        leases,
        stage: {
          state: 'revoking',
          ruleId: current.stage.ruleId,
          deadlineMs: Math.max(nowMs, current.stage.deadlineMs ?? 0),
          left,
          ...(current.stage.absentSinceMs === undefined
            ? {}
            : { absentSinceMs: current.stage.absentSinceMs }),
        },
      };
    case 'revoking':
    case 'gone':
      return { ...current, version, leases };
    case 'newer':
      return current;
  }
}

/**
 * The record of a rule that was found at EC2 with leases whose own records were lost: all of them at once, or the end
 * of the first would take the rule along. Undefined where this rule, or another one with its source, is on its way out
 * already.
 * @param untilMs until when an authorize from before the loss may still take effect
 */
export function adoptLeases(
  current: RuleRecord | undefined,
  seen: { ruleId: string; groupId: string; source: string },
  leases: readonly Lease[],
  untilMs: number,
): RuleRecord | undefined {
  const { ruleId, groupId, source } = seen;
  const before = current?.stage;
  if (before?.state === 'revoking' || before?.state === 'newer') return undefined;
  if (before?.state === 'open' && before.ruleId !== ruleId) return undefined;
  const others = before && before.state !== 'gone' ? (current?.leases ?? []) : [];
  return {
    groupId,
    source,
    version: (current?.version ?? 0) + 1,
    stage: { state: 'open', ruleId, deadlineMs: untilMs },
    leases: [
      ...others.filter((one) => !leases.some(({ requestId }) => requestId === one.requestId)),
      ...leases,
    ],
  };
}
