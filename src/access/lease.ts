/**
 * A lease is a grant's claim on an ingress rule. The rule's record and the rule's tags both say who holds it and
 * until when, so that either can be lost and access still ends.
 */
import { type SigningKeys, sign, verify } from './signature.js';

/** One grant's claim on a rule. Instants are epoch milliseconds. */
export interface Lease {
  requestId: string;
  endsAtMs: number;
  openedAtMs: number;
  /** The requester's Slack user id. */
  user: string;
  /** The WorkSpace's or directory's id. */
  target: string;
}

/** Where a lease holds: a tag copied to another rule, group or installation does not verify. */
export interface LeasePlace {
  installation: string;
  groupId: string;
  /** Canonical CIDR. */
  source: string;
}

/** At most 40 of a rule's 50 tags are leases. */
export const LEASES_PER_RULE = 40;
const KEY_PREFIX = 'workspace-ssh:lease:';
/** Epoch milliseconds in the one way in which they are written. */
const INSTANT = /^(?:0|[1-9]\d{0,14})$/;
/** The tag that finds everything of one installation with one filter. It grants nothing: only signatures are believed. */
export const INSTALLATION_TAG = 'workspace-ssh:installation';
/** The tag of an access group: `v1 createdMs sig`. */
export const GROUP_TAG = 'workspace-ssh:group';

/** The key of a lease's tag. */
export function leaseTagKey(requestId: string): string {
  return KEY_PREFIX + requestId;
}

/** The request id in a tag's key, or undefined where the tag is no lease. */
export function leaseIdOfTag(key: string): string | undefined {
  return key.startsWith(KEY_PREFIX) ? key.slice(KEY_PREFIX.length) : undefined;
}

/** The value of a lease's tag: `v1 endMs openedMs user target sig`, at most 256 characters. */
export function leaseTagValue(lease: Lease, place: LeasePlace, keys: SigningKeys): string {
  const { endsAtMs, openedAtMs, user, target } = lease;
  return ['v1', endsAtMs, openedAtMs, user, target, sign(keys, 'lease', leaseFields(lease, place))].join(' ');
}

/** Reads a lease from a tag; undefined where it is malformed or its signature does not verify for this place. */
export function readLeaseTag(
  key: string,
  value: string,
  place: LeasePlace,
  keys: SigningKeys,
): Lease | undefined {
  const requestId = leaseIdOfTag(key);
  const [version, end, opened, user, target, signature, ...rest] = value.split(' ');
  if (
    !requestId ||
    version !== 'v1' ||
    !end ||
    !opened ||
    !user ||
    !target ||
    !signature ||
    rest.length > 0
  ) {
    return undefined;
  }
  if (!INSTANT.test(end) || !INSTANT.test(opened)) return undefined;
  const lease: Lease = { requestId, endsAtMs: Number(end), openedAtMs: Number(opened), user, target };
  return verify(keys, 'lease', leaseFields(lease, place), signature) ? lease : undefined;
}

function leaseFields(lease: Lease, place: LeasePlace): (string | number)[] {
  return [
    lease.endsAtMs,
    lease.openedAtMs,
    lease.user,
    lease.target,
    place.installation,
    place.groupId,
    place.source,
    lease.requestId,
  ];
}

/** What an access group's tag is signed over. Its id is not known yet when the tag is sent. */
export interface GroupMark {
  installation: string;
  vpcId: string;
  name: string;
}

/** The value of an access group's tag: `v1 createdMs sig`. */
export function groupTagValue(mark: GroupMark, createdAtMs: number, keys: SigningKeys): string {
  return `v1 ${createdAtMs} ${sign(keys, 'group', [mark.installation, mark.vpcId, mark.name, createdAtMs])}`;
}

/** When the group was made (epoch ms), or undefined where the tag is malformed or does not verify. */
export function readGroupTag(value: string, mark: GroupMark, keys: SigningKeys): number | undefined {
  const [version, created, signature, ...rest] = value.split(' ');
  if (version !== 'v1' || !created || !signature || rest.length > 0 || !INSTANT.test(created))
    return undefined;
  const createdAtMs = Number(created);
  const fields = [mark.installation, mark.vpcId, mark.name, createdAtMs];
  return verify(keys, 'group', fields, signature) ? createdAtMs : undefined;
}

/**
 * Where a rule stands. `revoking` is final for its rule id: a newcomer waits for `gone` and then authorizes a new one.
 */
export type RuleState =
  | {
      state: 'authorizing';
      /** Until then the newest authorize call may still take effect. */
      deadlineMs: number;
      /** Until then an earlier one may, of which nobody knows the answer. */
      earlierMs?: number;
      /** After this instant nothing may authorize any more. */
      openByMs: number;
      /** EC2 answered with this id, and no read has shown it yet: nothing authorizes again. */
      ruleId?: string;
    }
  | {
      state: 'open';
      ruleId: string;
      /** Until then another authorize may still take effect. */
      deadlineMs?: number;
      /** First read that lacked the rule, though nobody here had removed it. */
      absentSinceMs?: number;
    }
  | {
      state: 'revoking';
      ruleId?: string;
      deadlineMs: number;
      /** EC2 answered that it revoked this very id. */
      answered?: boolean;
      /** First read that lacked the rule, where no revoke was answered. */
      absentSinceMs?: number;
    }
  | { state: 'gone' };

/** The record of one rule: group, source, state and who leases it. Changed only together with a request. */
export interface Rule {
  groupId: string;
  source: string;
  version: number;
  rule: RuleState;
  leases: Lease[];
}

/** The name of a rule's record. */
export function ruleKey(groupId: string, source: string): string {
  return `${groupId}|${source}`;
}

/** What joining a rule gives: the changed record, or why the newcomer must wait. */
export type Joining = { joined: Rule; opens: boolean } | { wait: 'authorizing' | 'revoking' | 'full' };

/**
 * Adds a lease to a rule. A grant may join only an open rule, or open one where there is none; `opens` says which.
 * Nothing is under way yet when it joins: whoever authorizes stores the deadline of that call first.
 */
export function joinRule(
  current: Rule | undefined,
  place: { groupId: string; source: string },
  lease: Lease,
  by: { nowMs: number; openByMs: number },
): Joining {
  const version = (current?.version ?? 0) + 1;
  if (!current || current.rule.state === 'gone') {
    return {
      joined: {
        ...place,
        version,
        rule: { state: 'authorizing', deadlineMs: by.nowMs, openByMs: by.openByMs },
        leases: [lease],
      },
      opens: true,
    };
  }
  const others = current.leases.filter(({ requestId }) => requestId !== lease.requestId);
  const mine = others.length < current.leases.length;
  switch (current.rule.state) {
    case 'authorizing':
      if (!mine) return { wait: 'authorizing' };
      return {
        joined: { ...current, version, rule: { ...current.rule, openByMs: by.openByMs } },
        opens: true,
      };
    case 'open':
      // Its time is over and whoever sees that may be revoking it just now: nobody joins it any more.
      if (others.every(({ endsAtMs }) => endsAtMs <= by.nowMs)) return { wait: 'revoking' };
      if (others.length >= LEASES_PER_RULE) return { wait: 'full' };
      return { joined: { ...current, version, leases: [...others, lease] }, opens: false };
    case 'revoking':
      return { wait: 'revoking' };
  }
}

/** Takes a lease off a rule; the last one takes the rule along. */
export function leaveRule(current: Rule, requestId: string, nowMs: number): Rule {
  const leases = current.leases.filter((lease) => lease.requestId !== requestId);
  const version = current.version + 1;
  if (leases.length > 0) return { ...current, version, leases };
  switch (current.rule.state) {
    case 'authorizing':
      // Nobody called EC2 for it, and a call that has not stored its deadline yet finds this version.
      if (current.rule.earlierMs === undefined)
        return { ...current, version, leases, rule: { state: 'gone' } };
      return {
        ...current,
        version,
        leases,
        rule: {
          state: 'revoking',
          deadlineMs: current.rule.deadlineMs,
          ...(current.rule.ruleId ? { ruleId: current.rule.ruleId } : {}),
        },
      };
    case 'open':
      return {
        ...current,
        version,
        leases,
        rule: {
          state: 'revoking',
          ruleId: current.rule.ruleId,
          deadlineMs: Math.max(nowMs, current.rule.deadlineMs ?? 0),
          ...(current.rule.absentSinceMs === undefined ? {} : { absentSinceMs: current.rule.absentSinceMs }),
        },
      };
    case 'revoking':
    case 'gone':
      return { ...current, version, leases };
  }
}

/**
 * The record of a rule that was found at EC2 with a lease whose own records were lost. Undefined where the rule is
 * on its way out already, or another one with this source is.
 * @param untilMs until then an authorize from before the loss may still take effect
 */
export function adoptLease(
  current: Rule | undefined,
  seen: { ruleId: string; groupId: string; source: string },
  lease: Lease,
  untilMs: number,
): Rule | undefined {
  const { ruleId, groupId, source } = seen;
  const before = current?.rule;
  if (before?.state === 'revoking' || (before?.state === 'open' && before.ruleId !== ruleId))
    return undefined;
  const others = before && before.state !== 'gone' ? (current?.leases ?? []) : [];
  return {
    groupId,
    source,
    version: (current?.version ?? 0) + 1,
    rule: { state: 'open', ruleId, deadlineMs: untilMs },
    leases: [...others.filter(({ requestId }) => requestId !== lease.requestId), lease],
  };
}
