/**
 * Follows each rule in AWS's truth: who made the rule, which leases it carried and until when, and when it was
 * removed.
 */
import type { AwsTown } from '../../sandbox/aws/aws-town.js';
import type { Change } from '../../sandbox/aws/state/journal.js';
import type { Rule } from '../../sandbox/aws/state/resources.js';
import { leaseIdOfTag } from '../../src/access/rules/lease.js';

/** One grant's tag on a rule. */
export interface LeaseLife {
  /** The Slack user id that the tag names. */
  user: string;
  /** The end that the tag names, epoch milliseconds, as the bot last wrote the tag. */
  endsAtMs: number;
  /** When the rule first carried the lease: when the rule was added, or later when the request joined the rule. */
  sinceMs: number;
  /** When the bot took the tag off a rule that stayed. */
  leftAtMs?: number;
}

/** One rule from its addition to its removal, or until now. */
export interface RuleLife {
  rule: Rule;
  /** The bot added the rule. All other rules are foreign: they were there before, or a manual change added them. */
  ours: boolean;
  addedAtMs: number;
  removedAtMs?: number;
  removedManually: boolean;
  /** Every lease that the rule ever carried, by request id. */
  leases: Map<string, LeaseLife>;
}

/** Called with a sentence for each thing that the bot did to AWS and must never do. */
export type Accuse = (what: string) => void;

/** Which writes of the bot Redis may have lost, by the instant of the write in epoch milliseconds. */
export interface Memory {
  /** Whether Redis may have lost a write of that instant. */
  isForgotten(atMs: number): boolean;
  /**
   * Whether Redis may have lost that somebody ended the request while the call that removes the rule was on its way. The
   * record then calls the request open until a sweep misses the rule.
   */
  isEndForgotten(requestId: string, wentAtMs: number): boolean;
  /**
   * Whether an older record may stand in the place of one from that instant. A request may then be taken back or fail
   * although its rule is there, or open once more although it was ended, as `docs/guarantees.md` says.
   */
  wentBack(atMs: number): boolean;
  /** Whether a request other than `requestId` was approved for that address too. */
  isShared(cidr: string, requestId: string): boolean;
}

/**
 * Follows every rule, group and interface of a town's AWS.
 * @param isManual whether the change that happens now is a manual change; the bot makes all others
 */
export function followRules(
  aws: AwsTown,
  isManual: () => boolean,
  { isForgotten, wentBack, isShared }: Memory,
  accuse: Accuse,
) {
  const lives = new Map<string, RuleLife>();
  const madeGroups = new Set<string>();
  const additions: { requestId: string; life: RuleLife }[] = [];
  for (const rule of aws.rules()) begin(rule, aws.history.at(-1)?.at ?? 0, false);

  function begin(rule: Rule, addedAtMs: number, ours: boolean): RuleLife {
    const life: RuleLife = { rule, ours, addedAtMs, removedManually: false, leases: new Map() };
    lives.set(rule.ruleId, life);
    return life;
  }

  function added(rule: Rule, at: number): void {
    // AWS adds the egress rules of a new group, so the bot does not answer for them.
    const life = begin(rule, at, !isManual());
    if (!life.ours || rule.isEgress) return;
    life.leases = leasesOf(rule, at);
    const named = `${rule.ruleId} from ${rule.cidr}`;
    if (life.leases.size === 0) accuse(`rule ${named} was added without a lease: nothing says when it ends`);
    if (rule.protocol !== 'tcp' || rule.fromPort !== 22 || rule.toPort !== 22)
      accuse(`rule ${named} opens more than tcp/22`);
    for (const [requestId, { user }] of life.leases) {
      // After a loss the bot may give the same id again, to somebody else's request.
      const isSame = (one: RuleLife) => one.leases.get(requestId)?.user === user;
      const before = additions.filter((one) => one.requestId === requestId && isSame(one.life));
      additions.push({ requestId, life });
      if (!before.every(({ life: one }) => isUnknowable(one, requestId)))
        accuse(`request ${requestId} led to ${before.length + 1} rules at AWS`);
    }
  }

  /**
   * Whether the bot could not know that this rule had been there for the request. Redis lost the opening, and either a
   * manual change removed the rule, or Redis lost the end too, or the rule was removed with another request for the
   * same address.
   */
  function isUnknowable({ rule, addedAtMs, removedAtMs, removedManually }: RuleLife, id: string): boolean {
    if (removedManually) return isForgotten(addedAtMs);
    if (removedAtMs === undefined || !wentBack(addedAtMs)) return false;
    return wentBack(removedAtMs) || isShared(rule.cidr, id);
  }

  function changed(rule: Rule, before: Rule, at: number): void {
    const life = lives.get(rule.ruleId) ?? begin(rule, at, false);
    life.rule = rule;
    if (isManual()) return;
    if (!life.ours) {
      accuse(`foreign rule ${rule.ruleId} (${rule.cidr}) was changed`);
      return;
    }
    const now = leasesOf(rule, at);
    for (const [id, lease] of now) {
      const known = life.leases.get(id);
      const stayed = known && known.leftAtMs === undefined;
      life.leases.set(id, stayed ? { ...lease, sinceMs: known.sinceMs } : lease);
    }
    for (const id of leasesOf(before, at).keys()) {
      const lease = life.leases.get(id);
      if (lease && !now.has(id)) lease.leftAtMs = at;
    }
  }

  function removed(rule: Rule, at: number): void {
    const life = lives.get(rule.ruleId) ?? begin(rule, at, false);
    life.removedAtMs = at;
    life.removedManually = isManual();
    if (!life.ours && !life.removedManually)
      accuse(`foreign rule ${rule.ruleId} (${rule.cidr}${rule.isEgress ? ', egress' : ''}) was removed`);
  }

  function follow(change: Change): void {
    switch (change.kind) {
      case 'rule-added':
        added(change.rule, change.at);
        break;
      case 'rule-changed':
        changed(change.rule, change.before, change.at);
        break;
      case 'rule-removed':
        removed(change.rule, change.at);
        break;
      case 'group-made':
        if (!isManual()) madeGroups.add(change.group.id);
        break;
      case 'group-deleted':
        if (!isManual() && !madeGroups.has(change.group.id))
          accuse(`foreign group ${change.group.id} was deleted`);
        break;
      case 'interface-changed':
        if (!isManual()) regrouped(change.interface.id, change.before.groups, change.interface.groups);
    }
  }

  function regrouped(interfaceId: string, before: readonly string[], after: readonly string[]): void {
    const lost = before.filter((id) => !after.includes(id) && !madeGroups.has(id));
    if (lost.length > 0) accuse(`interface ${interfaceId} lost the foreign group ${lost.join(', ')}`);
    for (const id of after.filter((one) => !before.includes(one))) {
      if (!madeGroups.has(id)) accuse(`interface ${interfaceId} was given the foreign group ${id}`);
      else if (aws.rules(id).some(({ isEgress }) => isEgress))
        accuse(`group ${id} was attached to ${interfaceId} before its egress was empty`);
    }
  }

  const stop = aws.onEvent((event) => {
    if (event.kind === 'change') follow(event.change);
  });
  return {
    stop,
    /** The life of every ingress rule that the bot added, oldest first. */
    ours: () => [...lives.values()].filter(({ ours, rule }) => ours && !rule.isEgress),
    /** The lives of the rules that ever carried the request's lease. */
    of: (requestId: string) =>
      [...lives.values()].filter(({ ours, leases }) => ours && leases.has(requestId)),
  };
}

export type RuleLives = ReturnType<typeof followRules>;

/** Reads leases without verifying their signatures: the witness knows who wrote a tag from who made the change. */
function leasesOf(rule: Rule, sinceMs: number): Map<string, LeaseLife> {
  const leases = new Map<string, LeaseLife>();
  for (const [key, value] of Object.entries(rule.tags)) {
    const id = leaseIdOfTag(key);
    const [, ends, , user = ''] = value.split(' ');
    const endsAtMs = Number(ends);
    if (id && Number.isFinite(endsAtMs)) leases.set(id, { user, endsAtMs, sinceMs });
  }
  return leases;
}
