/** The lives of AWS's rules as the truth has them: who made each, whose leases it carried and until when, when it went. */
import type { AwsTown } from '../../sandbox/aws/aws-town.js';
import type { Change } from '../../sandbox/aws/state/journal.js';
import type { Rule } from '../../sandbox/aws/state/resources.js';
import { leaseIdOfTag } from '../../src/access/rules/lease.js';

/** One grant's tag on a rule. */
export interface LeaseLife {
  /** The Slack user id that the tag names. */
  user: string;
  /** The end that the tag shows, as the bot last wrote it. */
  endsAtMs: number;
  /** When the rule first carried it: with its making, or later where its request joined it. */
  sinceMs: number;
  /** When the bot took the tag off a rule that stayed. */
  leftAtMs?: number;
}

/** One rule from its making to its end, or until now. */
export interface RuleLife {
  rule: Rule;
  /** The bot made it. Anything else is foreign: it was there before, or a hand made it. */
  ours: boolean;
  addedAtMs: number;
  removedAtMs?: number;
  removedByHand: boolean;
  /** Every lease that it ever carried, by request. */
  leases: Map<string, LeaseLife>;
}

/** What the bot did to AWS that it must never do, said once it happened. */
export type Accuse = (what: string) => void;

/** What Redis may have lost of what the bot wrote at an instant. */
export interface Memory {
  /** Whether that may be gone. */
  isForgotten(atMs: number): boolean;
  /**
   * Whether it may be gone that somebody ended a request, whose rule then went by a call that was on its way: it is open
   * again by its record, until a sweep misses its rule.
   */
  isEndForgotten(requestId: string, wentAtMs: number): boolean;
  /**
   * Whether what was before may stand in its place: a request may then say less than it did, and be taken back or fail
   * although its rule is there, or open once more although it was ended, as `docs/guarantees.md` says.
   */
  wentBack(atMs: number): boolean;
  /** Whether a request other than this one was approved for that address too. */
  isShared(cidr: string, requestId: string): boolean;
}

/** Follows every rule, group and interface of a town's AWS. `handIsAt` says whether a hand is at work just now. */
export function followRules(
  aws: AwsTown,
  handIsAt: () => boolean,
  { isForgotten, wentBack, isShared }: Memory,
  accuse: Accuse,
) {
  const lives = new Map<string, RuleLife>();
  const madeGroups = new Set<string>();
  const additions: { requestId: string; life: RuleLife }[] = [];
  for (const rule of aws.rules()) begin(rule, aws.history.at(-1)?.at ?? 0, false);

  function begin(rule: Rule, addedAtMs: number, ours: boolean): RuleLife {
    const life: RuleLife = { rule, ours, addedAtMs, removedByHand: false, leases: new Map() };
    lives.set(rule.ruleId, life);
    return life;
  }

  function added(rule: Rule, at: number): void {
    // AWS gives a new group its egress rules: they are the group's, not the bot's doing.
    const life = begin(rule, at, !handIsAt());
    if (!life.ours || rule.isEgress) return;
    life.leases = leasesOf(rule, at);
    const named = `${rule.ruleId} from ${rule.cidr}`;
    if (life.leases.size === 0) accuse(`rule ${named} was added without a lease: nothing says when it ends`);
    if (rule.protocol !== 'tcp' || rule.fromPort !== 22 || rule.toPort !== 22)
      accuse(`rule ${named} opens more than tcp/22`);
    for (const [requestId, { user }] of life.leases) {
      // An id that Redis lost may be given once more, to somebody else's request.
      const isSame = (one: RuleLife) => one.leases.get(requestId)?.user === user;
      const before = additions.filter((one) => one.requestId === requestId && isSame(one.life));
      additions.push({ requestId, life });
      if (!before.every(({ life: one }) => isUnknowable(one, requestId)))
        accuse(`request ${requestId} led to ${before.length + 1} rules at AWS`);
    }
  }

  /**
   * That it was opened was lost with Redis, and a hand took what AWS still knew of it; or that it was ended as well; or
   * somebody else asked for this address, and it went with theirs.
   */
  function isUnknowable({ rule, addedAtMs, removedAtMs, removedByHand }: RuleLife, id: string): boolean {
    if (removedByHand) return isForgotten(addedAtMs);
    if (removedAtMs === undefined || !wentBack(addedAtMs)) return false;
    return wentBack(removedAtMs) || isShared(rule.cidr, id);
  }

  function changed(rule: Rule, before: Rule, at: number): void {
    const life = lives.get(rule.ruleId) ?? begin(rule, at, false);
    life.rule = rule;
    if (handIsAt()) return;
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
    life.removedByHand = handIsAt();
    if (!life.ours && !life.removedByHand)
      accuse(`foreign rule ${rule.ruleId} (${rule.cidr}${rule.isEgress ? ', egress' : ''}) was removed`);
  }

  function noticed(change: Change): void {
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
        if (!handIsAt()) madeGroups.add(change.group.id);
        break;
      case 'group-deleted':
        if (!handIsAt() && !madeGroups.has(change.group.id))
          accuse(`foreign group ${change.group.id} was deleted`);
        break;
      case 'interface-changed':
        if (!handIsAt()) regrouped(change.interface.id, change.before.groups, change.interface.groups);
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
    if (event.kind === 'change') noticed(event.change);
  });
  return {
    stop,
    /** Of every rule that the bot made for somebody, oldest first. */
    ours: () => [...lives.values()].filter(({ ours, rule }) => ours && !rule.isEgress),
    /** Those that ever carried the request's lease. */
    of: (requestId: string) =>
      [...lives.values()].filter(({ ours, leases }) => ours && leases.has(requestId)),
  };
}

export type RuleLives = ReturnType<typeof followRules>;

/** Read without any key: who wrote a tag is known from whose hand was at work. */
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
