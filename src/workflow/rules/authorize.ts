/** The one call that opens a port. The call's deadline is stored before the call, and its answer right after. */
import type { Lease } from '../../access/rules/lease.js';
import type { RuleRecord } from '../../access/rules/rule.js';
import type { Hindrance } from '../outcomes.js';
import { AwsRefused, type Parts } from '../ports.js';
import { StoreUnreachable } from '../ports-store.js';
import { called, type Emit, entriesOf } from './rule-events.js';

/** The new rule's id, or what hindered it; `not-called` where EC2 was not asked. */
export type Authorized = { ruleId: string } | { hindrance: Hindrance } | 'not-called';

/** Authorizes a rule whose record is `authorizing`, unless openings are paused or somebody ended it meanwhile. */
export async function authorize(parts: Parts, record: RuleRecord, emit: Emit): Promise<Authorized> {
  if (record.stage.state !== 'authorizing') return 'not-called';
  const { openByMs, earlierMs = 0 } = record.stage;
  // The deadline is stored first: an end that comes meanwhile knows until when the call may still take effect.
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
  const stored = await parts.store.change({ rule: marked, audit: [], asksPause: true });
  if (stored.outcome !== 'done') return 'not-called';
  if (stored.pause) {
    await forgetCall(parts, marked, record);
    return 'not-called';
  }
  // A process that was held up meanwhile must not call when others count on the deadline.
  const late = parts.now() >= Math.min(openByMs, deadlineMs - parts.times.awsMs / 2);
  if (late) return 'not-called';
  const { groupId, source, leases } = marked;
  const rules = [{ groupId, source, requestIds: leases.map(({ requestId }) => requestId) }];
  const answer = await called(
    parts,
    emit,
    (why) => [{ kind: 'unanswered', change: 'authorized', rules, why }],
    () => parts.firewall.authorize(groupId, source, leases, describe(leases)),
  ).catch(async (cause: unknown) => {
    if (cause instanceof AwsRefused) await forgetCall(parts, marked, record);
    throw cause;
  });
  if (answer === 'duplicate') return { hindrance: 'foreign' };
  if (typeof answer !== 'object') {
    await forgetCall(parts, marked, record);
    return { hindrance: answer };
  }
  await keepAnswer(parts, marked, answer.ruleId, emit);
  return answer;
}

/** EC2 did nothing, or was not asked: no end has to wait until the call could not take effect any more. */
async function forgetCall(parts: Parts, marked: RuleRecord, before: RuleRecord): Promise<void> {
  const rule = { ...before, version: marked.version + 1 };
  await parts.store.change({ rule, audit: [] }).catch((err: unknown) => {
    parts.log.warn(
      { err, source: rule.source },
      'the end of an opening that made no rule waits for the deadline of its call',
    );
  });
}

/**
 * Stores the rule's id: nothing authorizes for this rule again, also where somebody removes the rule before a read has
 * shown it.
 */
async function keepAnswer(parts: Parts, marked: RuleRecord, ruleId: string, emit: Emit): Promise<void> {
  if (marked.stage.state !== 'authorizing') return;
  const { groupId, source, leases } = marked;
  const requestIds = leases.map(({ requestId }) => requestId);
  const event = { kind: 'authorized', rules: [{ groupId, source, ruleId, requestIds }] } as const;
  const rule = { ...marked, version: marked.version + 1, stage: { ...marked.stage, ruleId } };
  // The audit record goes into the same step as the answer.
  const step = { rule, audit: entriesOf(parts, event) };
  const stored = await parts.store.change(step).catch(async (cause: unknown) => {
    // The rule is there all the same: at least the log gets its line.
    if (cause instanceof StoreUnreachable && cause.certain) await emit(event);
    throw cause;
  });
  // The grant was ended meanwhile, and that end knows until when this call could take effect.
  if (stored.outcome !== 'done') await emit(event);
}

function describe(leases: readonly Lease[]): string {
  return `workspace-ssh ${leases.map(({ requestId, user }) => `${requestId} ${user}`).join(', ')}`;
}
