/**
 * Makes the rules of one group what the records call for: read, plan, apply, read back. Opening, ending and the
 * sweep all come through here; there is one way that a rule comes and one way that it goes.
 */
import {
  isForged,
  isRuleOf,
  nothingKeeps,
  overdueRule,
  planIngress,
  type SeenRule,
} from '../../access/rules/ingress.js';
import type { Lease } from '../../access/rules/lease.js';
import type { RuleRecord } from '../../access/rules/rule.js';
import type { Converged, Hindrance } from '../converged.js';
import { AwsUnavailable, type Parts, StoreUnreachable } from '../ports.js';
import { rememberClosed } from '../telling/closed-orphans.js';
import { rememberRewritten } from '../telling/rewritten-tags.js';
import { tellForgedLater } from '../telling/tell-later.js';
import { type CalledFor, called, ruleEntry } from './audit-rule.js';
import { type Retagged, readBack } from './read-back.js';
import { inTurn } from './turns.js';

/**
 * Removes what has to go from a group, and sees that it is gone; together with whoever else asks for it meanwhile.
 * Whoever waits for a rule loads its record afterwards.
 * @param over requests that are ending, in case that their rule's record was lost
 * @throws AwsUnavailable where EC2 does not answer; what was done stays done
 */
export function converge(parts: Parts, groupId: string, over: readonly string[] = []): Promise<Converged> {
  return takeTurn(parts, groupId, false, over);
}

/** {@link converge}, and authorizes what is to open. Ends never wait for this: their turns are others. */
export function convergeToOpen(parts: Parts, groupId: string): Promise<Converged> {
  return takeTurn(parts, groupId, true, []);
}

function takeTurn(
  parts: Parts,
  groupId: string,
  opens: boolean,
  over: readonly string[],
): Promise<Converged> {
  return inTurn(parts.memory.turns, `${groupId} ${opens}`, over, (together) =>
    convergeOnce(parts, groupId, opens, together),
  );
}

async function convergeOnce(
  parts: Parts,
  groupId: string,
  opens: boolean,
  over: readonly string[],
): Promise<Converged> {
  const seen = await parts.firewall.rules(groupId);
  // After EC2 was asked, which may take its time: whatever it shows was in a record before, and a newer one protects more.
  const records = await parts.store.rulesOf(groupId);
  const plan = planIngress(records, seen, parts.now(), over);
  const converged: Converged = { hindrances: new Map(), seen };

  const revoke = await markOver(parts, records, seen, plan.revoke);
  const known = (ruleId: string) => knownOf(groupId, ruleId, seen);
  const unanswered: string[] = [];
  const revokeAll = () => parts.firewall.revoke(groupId, revoke, (ids) => unanswered.push(...ids));
  // What goes for another reason than its time is not told as that.
  const isUnknown = (rule: SeenRule) => !records.some((record) => isRuleOf(record, rule));
  const overUnknown = seen.filter((rule) => nothingKeeps(rule, parts.now()) && isUnknown(rule));
  // What got no answer may have gone all the same, and then no tag is left to tell anybody by.
  const rememberOver = (ids: readonly string[]) =>
    rememberClosed(
      parts,
      overUnknown.filter(({ ruleId }) => ids.includes(ruleId)),
    );
  const revoked =
    revoke.length > 0
      ? await called(parts, revoke.map(known), 'rule-revoked', revokeAll).catch((cause: unknown) => {
          if (cause instanceof AwsUnavailable && cause.unanswered) rememberOver(revoke);
          throw cause;
        })
      : [];
  rememberOver([...revoked, ...unanswered]);
  const answered = [...revoked];
  const forged = seen.filter((rule) => isForged(rule) && isUnknown(rule) && revoked.includes(rule.ruleId));
  tellForgedLater(parts, forged);
  const entries = [
    ...revoked.map((id) => ruleEntry(parts, 'rule-revoked', known(id))),
    ...unanswered.map((id) => ruleEntry(parts, 'rule-revoked-unanswered', known(id))),
  ];
  if (entries.length > 0) await parts.store.audit(entries);
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
    // Before the call: it may take effect although its answer is lost.
    rememberRewritten(parts, rule, about.requestIds);
    await tolerantly(async () => {
      await called(parts, [about], 'rule-tagged', () =>
        parts.firewall.tag(rule.ruleId, groupId, rule.source, leases),
      );
      await parts.store.audit([ruleEntry(parts, 'rule-tagged', about)]);
      retagged.push({ ruleId: rule.ruleId, requestIds: about.requestIds, isThere: true });
    });
  }
  for (const { seen: rule, requestIds: extra } of plan.untag) {
    await tolerantly(async () => {
      const requestIds = await withoutLost(parts, rule, extra, over);
      if (requestIds.length === 0) return;
      const about = { ...rule, requestIds };
      await called(parts, [about], 'rule-untagged', () => parts.firewall.untag(rule.ruleId, requestIds));
      await parts.store.audit([ruleEntry(parts, 'rule-untagged', about)]);
      retagged.push({ ruleId: rule.ruleId, requestIds, isThere: false });
    });
  }
  await readBack(parts, groupId, { opens, revoked, answered, retagged }, converged);
  return converged;
}

/**
 * Of leases that a rule carries and its record lacks, those to take off. One that runs and whose request the store does
 * not know was lost with it: the sweep adopts it.
 */
async function withoutLost(
  parts: Parts,
  rule: SeenRule,
  requestIds: readonly string[],
  over: readonly string[],
): Promise<string[]> {
  const nowMs = parts.now();
  const isLost = async ({ requestId, endsAtMs }: Lease): Promise<boolean> =>
    endsAtMs > nowMs && !over.includes(requestId) && (await parts.store.load(requestId)) === undefined;
  const found = rule.leases.filter(({ requestId }) => requestIds.includes(requestId));
  const kept = await Promise.all(
    found.map(async (lease) => ((await isLost(lease)) ? [] : [lease.requestId])),
  );
  return kept.flat();
}

/** The new rule's id, where EC2 answered with one. */
async function authorize(
  parts: Parts,
  record: RuleRecord,
  hindrances: Map<string, Hindrance>,
): Promise<string | undefined> {
  if (record.stage.state !== 'authorizing' || (await parts.store.loadPause())) return undefined;
  const { openByMs, earlierMs = 0 } = record.stage;
  // The deadline is stored first: whoever ends this grant meanwhile knows until when the call may still take effect.
  const deadlineMs = parts.now() + parts.times.awsMs;
  const marked: RuleRecord = {
    ...record,
    version: record.version + 1,
    stage: {
      state: 'authorizing',
      deadlineMs,
      openByMs,
      earlierMs: Math.max(earlierMs, record.stage.deadlineMs),
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
async function keepAnswer(parts: Parts, marked: RuleRecord, ruleId: string): Promise<void> {
  if (marked.stage.state !== 'authorizing') return;
  const stage = { ...marked.stage, ruleId };
  const requestIds = marked.leases.map(({ requestId }) => requestId);
  const audit = [ruleEntry(parts, 'rule-authorized', { ...marked, ruleId, requestIds })];
  const step = { rule: { ...marked, version: marked.version + 1, stage }, audit };
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
  records: readonly RuleRecord[],
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

function describe(leases: RuleRecord['leases']): string {
  return `workspace-ssh ${leases.map(({ requestId, user }) => `${requestId} ${user}`).join(', ')}`;
}

/** What a read of the group told of a rule; nothing more than its id where the read did not show it. */
function knownOf(groupId: string, ruleId: string, seen: readonly SeenRule[]): CalledFor {
  const rule = seen.find((one) => one.ruleId === ruleId);
  if (!rule) return { groupId, ruleId };
  return { groupId, ruleId, source: rule.source, requestIds: rule.leases.map(({ requestId }) => requestId) };
}
