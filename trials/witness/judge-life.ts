/** Judges, once a run is over, whether a rule came too early or went too early for one of its requests. */
import type { Recorded } from './records.js';
import type { Accuse, Memory, RuleLife, RuleLives } from './rule-lives.js';
import type { Told } from './told.js';

/** The knowledge and the bounds that the judgement goes by. */
export interface Run {
  told: Told;
  memory: Memory;
  lives: RuleLives;
  /** When a message first called each request open, by request id. */
  calledOpenMs: ReadonlyMap<string, number>;
  /** Every request that Redis holds, by id. */
  requests: ReadonlyMap<string, Recorded>;
  /** How much before its end a rule may go, and before its time come, milliseconds, since clocks differ by so much. */
  earlyMs: number;
  accuse: Accuse;
}

/** Accuses a rule that opened before its time, before it was approved, or without an approval. */
export function openedUnasked({ rule, addedAtMs, leases }: RuleLife, run: Run): void {
  const { told, earlyMs, accuse } = run;
  for (const [id, { sinceMs }] of leases) {
    const beforeMs = (told.starts.get(id) ?? 0) - sinceMs;
    if (beforeMs > earlyMs) accuse(`${rule.cidr} was opened for ${id} ${beforeMs} ms before its time`);
    const yes = told.approvals.get(id)?.find(({ source }) => source === rule.cidr);
    if (!yes) accuse(`${rule.cidr} was opened for ${id}, and nobody approved that`);
    else if (addedAtMs < yes.atMs && leases.size === 1)
      accuse(`${rule.cidr} was opened for ${id} ${yes.atMs - addedAtMs} ms before it was approved`);
  }
}

/** Accuses a rule that a request lost before its end, though nobody ended the request and none took over. */
export function endedEarly(life: RuleLife, run: Run): void {
  const { memory, requests, calledOpenMs, earlyMs, accuse } = run;
  for (const [id, lease] of life.leases) {
    const wentMs = lease.leftAtMs ?? (life.removedManually ? undefined : life.removedAtMs);
    if (wentMs === undefined || wentMs >= lease.endsAtMs - earlyMs) continue;
    if (endingOf(id, run) <= wentMs) continue;
    if (isContinued(life, id, wentMs, run)) continue;
    // After Redis went back, the record of a shared rule may lack this lease, or take it for another request's.
    const shared = lease.sinceMs > life.addedAtMs || memory.isShared(life.rule.cidr, id);
    if (shared && memory.wentBack(lease.sinceMs)) continue;
    // The lease of an opening that failed is taken off before its end, which is right if no message called it open.
    const state = requests.get(id)?.phase.state;
    const wasCalledOpen = (calledOpenMs.get(id) ?? Number.POSITIVE_INFINITY) <= wentMs;
    if (!wasCalledOpen && (state === 'failed' || state === 'ended')) continue;
    accuse(`${id} lost ${life.rule.ruleId} ${lease.endsAtMs - wentMs} ms before its end`);
  }
}

/** When somebody ended the request, or a request of its chain: the requests of a chain end together. */
function endingOf(id: string, { told, requests }: Run): number {
  const before = requests.get(id)?.ask.follows?.id;
  const after = [...requests.values()].flatMap((one) => (one.ask.follows?.id === id ? [one.id] : []));
  const chain = [id, ...after, ...(before === undefined ? [] : [before])];
  return Math.min(...chain.map((one) => told.endings.get(one) ?? Number.POSITIVE_INFINITY));
}

/**
 * Whether the lease of the request that took over was there by then: on this rule, and ending later, or on another
 * rule, with the same end. Redis may have lost which request took over, or gone back to a time before it.
 */
function isContinued(life: RuleLife, id: string, wentMs: number, run: Run): boolean {
  const { told, memory, lives, requests } = run;
  const own = life.leases.get(id);
  const request = memory.isForgotten(wentMs) ? undefined : requests.get(id);
  const { cause } = request?.phase ?? {};
  if (!own || (request && cause?.kind !== 'continued')) return false;
  const isMove = (other: string) => requests.get(other)?.ask.follows?.id === id || told.losses.length > 0;
  return lives
    .ours()
    .some((other) =>
      [...other.leases].some(
        ([otherId, { user, endsAtMs, sinceMs }]) =>
          (request ? otherId === cause?.as : otherId !== id && user === own.user) &&
          (other === life ? endsAtMs > own.endsAtMs : endsAtMs === own.endsAtMs && isMove(otherId)) &&
          sinceMs <= wentMs,
      ),
    );
}
