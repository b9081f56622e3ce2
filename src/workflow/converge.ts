/**
 * Makes the rules of one group what the records call for: read, plan, apply, read back. Opening, ending and the
 * sweep all come through here; there is one way that a rule comes and one way that it goes.
 */
import {
  isLeftover,
  isRuleOf,
  isUnsettled,
  overdueRule,
  planIngress,
  type SeenRule,
  settleRule,
} from '../access/ingress.js';
import type { Rule } from '../access/rule.js';
import { type CalledFor, called, ruleEntry } from './audit-rule.js';
import { rememberClosed } from './closed-unknown.js';
import { type Parts, StoreUnreachable } from './ports.js';
import { sharedTurns } from './turns.js';

/** Why a rule could not be authorized, by its source. */
export type Hindrance = 'foreign' | 'quota' | 'no-group';

/** How long a read may lag behind a change before the rest is left to the next try. */
const READ_BACK_PAUSES_MS = [0, 150, 400, 1000];

/** What a group was like after it converged. */
export interface Converged {
  /** What hindered an authorize, by source. */
  hindrances: Map<string, Hindrance>;
  /** The group's rules at EC2, as last read. */
  seen: SeenRule[];
  /** Why something other than a revoke could not be done. */
  fault?: unknown;
}

type ConvergeTurn = ReturnType<typeof sharedTurns<Converged>>;
/** Of each bot in this process its own: tests run several. */
const turnsOf = new WeakMap<Parts, ConvergeTurn>();

/**
 * Removes what has to go from a group, and sees that it is gone; together with whoever else asks for it meanwhile.
 * Whoever waits for a rule loads its record afterwards.
 * @param over requests that are ending, in case that their rule's record was lost
 * @throws AwsUnavailable where EC2 does not answer; what was done stays done
 */
export function converge(parts: Parts, groupId: string, over: readonly string[] = []): Promise<Converged> {
  return inTurn(parts, groupId, false, over);
}

/** {@link converge}, and authorizes what is to open. Ends never wait for this: their turns are others. */
export function convergeToOpen(parts: Parts, groupId: string): Promise<Converged> {
  return inTurn(parts, groupId, true, []);
}

function inTurn(parts: Parts, groupId: string, opens: boolean, over: readonly string[]): Promise<Converged> {
  const turns = turnsOf.get(parts) ?? sharedTurns<Converged>();
  turnsOf.set(parts, turns);
  return turns(`${groupId} ${opens}`, over, (together) => convergeOnce(parts, groupId, opens, together));
}

async function convergeOnce(
  parts: Parts,
  groupId: string,
  opens: boolean,
  over: readonly string[],
): Promise<Converged> {
  const records = await parts.store.rulesOf(groupId);
  const seen = await parts.firewall.rules(groupId);
  const plan = planIngress(records, seen, parts.now(), over);
  const converged: Converged = { hindrances: new Map(), seen };

  const revoke = await markOver(parts, records, seen, plan.revoke);
  const known = (ruleId: string) => knownOf(groupId, ruleId, seen);
  const revoked =
    revoke.length > 0
      ? await called(parts, revoke.map(known), 'rule-revoked', () => parts.firewall.revoke(groupId, revoke))
      : [];
  const answered = [...revoked];
  // What goes for another reason than its time is not told as that.
  const isUnknown = (rule: SeenRule) => !records.some((record) => isRuleOf(record, rule));
  const overUnknown = seen.filter((rule) => isLeftover(rule, parts.now()) && isUnknown(rule));
  rememberClosed(
    parts,
    overUnknown.filter(({ ruleId }) => revoked.includes(ruleId)),
  );
  if (revoked.length > 0)
    await parts.store.audit(revoked.map((id) => ruleEntry(parts, 'rule-revoked', known(id))));
  const retagged: Retagged[] = [];
  // What cannot be done for one rule must keep no other rule of the group from being seen gone.
  const tolerantly = async (work: () => Promise<void>): Promise<void> => {
    await work().catch((cause: unknown) => {
      converged.fault ??= cause;
    });
  };
  for (const record of opens ? plan.authorize : []) {
    await tolerantly(async () => {
      const ruleId = await authorize(parts, record, converged.hindrances);
      if (ruleId) answered.push(ruleId);
    });
  }
  for (const { seen: rule, leases } of plan.tag) {
    const about = { ...rule, requestIds: leases.map(({ requestId }) => requestId) };
    await tolerantly(async () => {
      await called(parts, [about], 'rule-tagged', () =>
        parts.firewall.tag(rule.ruleId, groupId, rule.source, leases),
      );
      await parts.store.audit([ruleEntry(parts, 'rule-tagged', about)]);
      retagged.push({ ruleId: rule.ruleId, requestIds: about.requestIds, isThere: true });
    });
  }
  for (const { seen: rule, requestIds } of plan.untag) {
    const about = { ...rule, requestIds };
    await tolerantly(async () => {
      await called(parts, [about], 'rule-untagged', () => parts.firewall.untag(rule.ruleId, requestIds));
      await parts.store.audit([ruleEntry(parts, 'rule-untagged', about)]);
      retagged.push({ ruleId: rule.ruleId, requestIds, isThere: false });
    });
  }
  await readBack(parts, groupId, { opens, revoked, answered, retagged }, converged);
  return converged;
}

/** Leases that were written to a rule's tags, or taken off them. */
interface Retagged {
  ruleId: string;
  requestIds: string[];
  isThere: boolean;
}

/** The new rule's id, where EC2 answered with one. */
async function authorize(
  parts: Parts,
  record: Rule,
  hindrances: Map<string, Hindrance>,
): Promise<string | undefined> {
  if (record.rule.state !== 'authorizing' || (await parts.store.loadPause())) return undefined;
  const { openByMs, earlierMs = 0 } = record.rule;
  // The deadline is stored first: whoever ends this grant meanwhile knows until when the call may still take effect.
  const deadlineMs = parts.now() + parts.times.awsMs;
  const marked: Rule = {
    ...record,
    version: record.version + 1,
    rule: {
      state: 'authorizing',
      deadlineMs,
      openByMs,
      earlierMs: Math.max(earlierMs, record.rule.deadlineMs),
    },
  };
  const stored = await parts.store.change({ rule: marked, audit: [] });
  // The brake may have been pulled meanwhile.
  if (stored.outcome !== 'done' || (await parts.store.loadPause())) return undefined;
  // A process that was held up meanwhile must not call when others count on the deadline.
  const late = parts.now() >= Math.min(openByMs, deadlineMs - parts.times.awsMs / 2);
  if (late) return undefined;
  const { groupId, source, leases } = marked;
  const about = { groupId, source, requestIds: leases.map(({ requestId }) => requestId) };
  const answer = await called(parts, [about], 'rule-authorized', () =>
    parts.firewall.authorize(groupId, source, leases, describe(leases)),
  );
  if (typeof answer === 'object') {
    await keepAnswer(parts, marked, answer.ruleId);
    return answer.ruleId;
  }
  hindrances.set(source, answer === 'duplicate' ? 'foreign' : answer);
  return undefined;
}

/** From here on nothing authorizes for this rule again, also where a hand removes it before any read has shown it. */
async function keepAnswer(parts: Parts, marked: Rule, ruleId: string): Promise<void> {
  if (marked.rule.state !== 'authorizing') return;
  const rule = { ...marked.rule, ruleId };
  const requestIds = marked.leases.map(({ requestId }) => requestId);
  const audit = [ruleEntry(parts, 'rule-authorized', { ...marked, ruleId, requestIds })];
  const step = { rule: { ...marked, version: marked.version + 1, rule }, audit };
  const stored = await parts.store.change(step).catch(async (cause: unknown) => {
    // The rule is there all the same: the log gets its line.
    if (cause instanceof StoreUnreachable && cause.certain) await parts.store.audit(audit);
    throw cause;
  });
  // Somebody ended it meanwhile, and knows until when this call could take effect.
  if (stored.outcome !== 'done') await parts.store.audit(audit);
}

/**
 * Rules whose time is over and that nobody came to end: their records say so first, so that no newcomer joins one that
 * is being removed. Answers the ids that may be revoked.
 */
async function markOver(
  parts: Parts,
  records: readonly Rule[],
  seen: readonly SeenRule[],
  revoke: readonly string[],
): Promise<string[]> {
  const kept = new Set<string>();
  for (const record of records) {
    const over = overdueRule(record, seen, revoke, parts.now());
    if (!over) continue;
    // A store that does not take it takes no newcomer either.
    const stored = await parts.store.change({ rule: over.rule, audit: [] }).catch((cause: unknown) => {
      parts.log.warn({ err: cause, ruleId: over.ruleId }, 'revoked, though the store does not take that');
      return undefined;
    });
    if (stored && stored.outcome !== 'done') kept.add(over.ruleId);
  }
  return revoke.filter((ruleId) => !kept.has(ruleId));
}

/** Reads until every record of the group has settled, or the pauses are used up. */
async function readBack(
  parts: Parts,
  groupId: string,
  done: { opens: boolean; revoked: string[]; answered: string[]; retagged: Retagged[] },
  converged: Converged,
): Promise<void> {
  const { hindrances } = converged;
  const { opens, revoked, answered, retagged } = done;
  for (const pauseMs of READ_BACK_PAUSES_MS) {
    const records = await parts.store.rulesOf(groupId);
    const unsettled = records.filter((record) => isUnsettled(record, parts.now()));
    if (unsettled.length === 0 && answered.length === 0 && retagged.length === 0) return;
    if (pauseMs > 0) await parts.pause(pauseMs);
    const seen = await parts.firewall.rules(groupId);
    converged.seen = seen;
    let waits = revoked.some((id) => seen.some(({ ruleId }) => ruleId === id));
    waits ||= retagged.some((one) => !shows(one, seen));
    for (const record of unsettled) {
      // That a rule was authorized is no proof that it went: somebody may have ended it since.
      const proof = record.rule.state === 'authorizing' ? answered : revoked;
      const next = settleRule(record, seen, proof, parts.now(), parts.times.absentAgainMs);
      if (next) await parts.store.change({ rule: next, audit: [] });
      if (record.rule.state === 'authorizing' && next) hindrances.delete(record.source); // the duplicate was ours
      // Who ends does not wait for what is opening.
      if (opens || record.rule.state !== 'authorizing') waits ||= isStale(record, next, seen, revoked);
    }
    if (!waits) break;
  }
  // EC2 knows a rule with this source and does not show it yet: it may be our own, after a lost answer.
  for (const [source, hindrance] of hindrances) {
    const foreign = converged.seen.some((rule) => rule.source === source && !rule.tagged && !rule.changed);
    if (hindrance === 'foreign' && !foreign) hindrances.delete(source);
  }
}

function shows({ ruleId, requestIds, isThere }: Retagged, seen: readonly SeenRule[]): boolean {
  const rule = seen.find((one) => one.ruleId === ruleId);
  if (!rule) return true;
  const has = (id: string) => rule.leases.some(({ requestId }) => requestId === id);
  return isThere ? rule.marked && requestIds.every(has) : !requestIds.some(has);
}

/** A read that may simply be behind: an authorize or a revoke that was answered does not show yet. */
function isStale(record: Rule, next: Rule | undefined, seen: SeenRule[], answered: string[]): boolean {
  if (next && next.rule.state !== 'revoking') return false;
  if (record.rule.state === 'authorizing') return !seen.some(({ source }) => source === record.source);
  return record.rule.state === 'revoking' && answered.some((id) => seen.some(({ ruleId }) => ruleId === id));
}

function describe(leases: Rule['leases']): string {
  return `workspace-ssh ${leases.map(({ requestId, user }) => `${requestId} ${user}`).join(', ')}`;
}

/** What a read of the group told of a rule; nothing more than its id where the read did not show it. */
function knownOf(groupId: string, ruleId: string, seen: readonly SeenRule[]): CalledFor {
  const rule = seen.find((one) => one.ruleId === ruleId);
  if (!rule) return { groupId, ruleId };
  return { groupId, ruleId, source: rule.source, requestIds: rule.leases.map(({ requestId }) => requestId) };
}
