/**
 * Sees all that happens in a town and says what should never have happened. It believes AWS itself and what stands
 * on people's screens; what the bot holds true is read only to be compared with that.
 */
import { Redis } from 'ioredis';
import { plain } from '../../sandbox/slack/reading/plain.js';
import type { Town } from '../../sandbox/town.js';
import { type Allowed, type Lateness, latenessOf, type Outage, type Spread, spread } from './lateness.js';
import { claimOf, standingClaims, untruth } from './posted.js';
import { auditProblems, type Recorded, readAudit, readRequests, recordProblems } from './records.js';
import { followRules, type Memory, type RuleLife } from './rule-lives.js';

/** All milliseconds. */
export interface Bounds extends Allowed {
  /** How much before its end a rule may go: as far as clocks are apart. Default 0. */
  earlyMs?: number;
  /** A rule that the bot removed so recently may still be called open: the message was on its way. Default 1,000. */
  onItsWayMs?: number;
  /** How long it may take to notice that a hand removed a rule. Default a minute. */
  noticeMs?: number;
}

export interface Verdict {
  violations: string[];
  /** How late rules went, milliseconds: all, those whose end met no outage, and those after one. */
  lateness: Spread;
  outside: Spread;
  after: Spread;
  /** Each end that the figures are of. */
  measured: Lateness[];
  /** Rules that the bot added, and those of them that went. */
  added: number;
  removed: number;
  requests: Recorded[];
}

export interface Witness {
  /** What was seen to break so far. */
  readonly violations: readonly string[];
  /** To be said before the yes is given. By a rule of the policy: with `atMs` 0, when the id is known. */
  approved(requestId: string, source: string, atMs?: number): void;
  /** To be said before somebody ends it, or what entitles the bot to end it happens: it may go before its time. */
  ended(requestId: string, atMs?: number): void;
  outage(fromMs: number, toMs: number): void;
  /** Everything that changes at AWS inside of `work`, which must not wait, is a hand's. */
  byHand<T>(work: () => T): T;
  /**
   * Redis loses all that it has, or goes back to a copy that lacks the newest: the audit stream may start anew.
   * @param sinceMs how old that copy is. Default five seconds ago
   */
  redisLost(what?: 'all' | 'newest', sinceMs?: number): void;
  /** Reads the audit stream, for example before Redis loses it. */
  lookAtAudit(): Promise<void>;
  /** The verdict. `settled`: every request should be over by now. */
  finish(settled: boolean): Promise<Verdict>;
  close(): void;
}

/** How old the copy is that Redis goes back to, where nobody says; what was being done just then nobody can know either. */
export const LAG_MS = 5_000;

/** What a call to AWS takes at most, so that one that was on its way takes effect after a loss. */
const CALL_MS = 3_000;

/** Starts to watch; before the bot does anything. */
export function watch(town: Pick<Town, 'aws' | 'slack' | 'env'>, bounds: Bounds): Witness {
  const { aws, slack } = town;
  const { earlyMs = 0, onItsWayMs = 1_000, noticeMs = 60_000 } = bounds;
  const prefix = `{wssh:${town.env.INSTALLATION}}`;
  const violations = new Set<string>();
  const accuse = (what: string) => void violations.add(what);
  const approvals = new Map<string, { source: string; atMs: number }[]>();
  const endings = new Map<string, number>();
  const outages: Outage[] = [];
  /** When it was first said to be open. */
  const calledOpenMs = new Map<string, number>();
  let hands = 0;
  const losses: { what: 'all' | 'newest'; sinceMs: number; atMs: number }[] = [];
  const isLost = (atMs: number) => losses.filter((loss) => loss.sinceMs <= atMs && atMs <= loss.atMs);
  const memory: Memory = {
    isForgotten: (atMs) => isLost(atMs).length > 0,
    isEndForgotten: (id, wentAtMs) =>
      isLost(endings.get(id) ?? Number.POSITIVE_INFINITY).some(({ atMs }) => wentAtMs <= atMs + CALL_MS),
    wentBack: (atMs) => isLost(atMs).some(({ what }) => what === 'newest'),
    isShared: (cidr, requestId) =>
      [...approvals].some(([id, all]) => id !== requestId && all.some(({ source }) => source === cidr)),
  };
  const wentBackFor = (id: string) =>
    lives.of(id).some(({ leases }) => memory.wentBack(leases.get(id)?.sinceMs ?? 0));

  const lives = followRules(aws, () => hands > 0, memory, accuse);
  const stopReading = slack.onEvent((event) => {
    if (event.type !== 'message') return;
    const { message } = event;
    if (message.user !== slack.world.app.botUserId || message.deleted) return;
    const claim = claimOf(plain(message, slack.world));
    if (!claim) return;
    const { requestId } = claim;
    if (claim.claims === 'open' && !calledOpenMs.has(requestId)) calledOpenMs.set(requestId, Date.now());
    const untrue = untruth(claim, lives, Date.now(), { onItsWayMs, noticeMs }, memory);
    if (untrue) accuse(untrue);
  });

  function openedUnasked({ rule, addedAtMs, leases }: RuleLife): void {
    for (const id of leases.keys()) {
      const yes = approvals.get(id)?.find(({ source }) => source === rule.cidr);
      if (!yes) accuse(`${rule.cidr} was opened for ${id}, and nobody approved that`);
      else if (addedAtMs < yes.atMs && leases.size === 1)
        accuse(`${rule.cidr} was opened for ${id} ${yes.atMs - addedAtMs} ms before it was approved`);
    }
  }

  function endedEarly(life: RuleLife, requests: ReadonlyMap<string, Recorded>): void {
    for (const [id, lease] of life.leases) {
      const wentMs = lease.leftAtMs ?? (life.removedByHand ? undefined : life.removedAtMs);
      if (wentMs === undefined || wentMs >= lease.endsAtMs - earlyMs) continue;
      if ((endings.get(id) ?? Number.POSITIVE_INFINITY) <= wentMs) continue;
      // Of a rule that is shared its record lost this one, or it was taken for another's.
      const shared = lease.sinceMs > life.addedAtMs || memory.isShared(life.rule.cidr, id);
      if (shared && memory.wentBack(lease.sinceMs)) continue;
      // What did not open in time leaves a lease to take away: nobody had been told that it is open.
      const state = requests.get(id)?.phase.state;
      const told = (calledOpenMs.get(id) ?? Number.POSITIVE_INFINITY) < wentMs;
      if (!told && (state === 'failed' || state === 'ended')) continue;
      accuse(`${id} lost ${life.rule.ruleId} ${lease.endsAtMs - wentMs} ms before its end`);
    }
  }

  function endedLate({ life, lateMs, afterOutage }: Lateness): void {
    const allowedMs = afterOutage ? bounds.lateAfterOutageMs : bounds.lateMs;
    if (lateMs <= allowedMs) return;
    const still = life.removedAtMs === undefined ? 'is still there' : 'went';
    const when = afterOutage ? 'after the outage' : 'after its end';
    accuse(`rule ${life.rule.ruleId} (${[...life.leases.keys()]}) ${still} ${lateMs} ms ${when}`);
  }

  /** Once nothing is under way, what stands in a conversation is true, or somebody was not told. */
  function leftUntrue(): void {
    for (const { id, name } of slack.world.users) {
      // Where the bot told of what it then lost, it cannot know.
      const lostAtMs = losses.at(-1)?.atMs ?? 0;
      const known = slack.dm(id).filter(({ ts }) => Number(ts) * 1_000 > lostAtMs);
      const texts = known.map((message) => plain(message, slack.world));
      for (const claim of standingClaims(texts)) {
        const untrue = untruth(claim, lives, Date.now(), { onItsWayMs: 0, noticeMs: 0 }, memory);
        if (untrue) accuse(`at the end ${name} still reads what was ${untrue}`);
      }
    }
  }

  async function withRedis<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis(town.env.REDIS_URL ?? '', { maxRetriesPerRequest: null });
    redis.on('error', () => {});
    try {
      return await work(redis);
    } finally {
      redis.disconnect();
    }
  }

  async function lookAtAudit(): Promise<void> {
    const records = await withRedis((redis) => readAudit(redis, prefix));
    const firstSeq = losses.length > 0 ? undefined : 1;
    for (const problem of auditProblems(records, firstSeq, wentBackFor)) accuse(problem);
  }

  return {
    get violations() {
      return [...violations];
    },
    approved(requestId, source, atMs = Date.now()) {
      approvals.set(requestId, [...(approvals.get(requestId) ?? []), { source, atMs }]);
    },
    ended(requestId, atMs = Date.now()) {
      endings.set(requestId, Math.min(atMs, endings.get(requestId) ?? atMs));
    },
    outage: (fromMs, toMs) => void outages.push({ fromMs, toMs }),
    byHand(work) {
      hands += 1;
      try {
        return work();
      } finally {
        hands -= 1;
      }
    },
    redisLost(what = 'all', sinceMs = Date.now() - LAG_MS) {
      losses.push({ what, sinceMs, atMs: Date.now() });
    },
    lookAtAudit,
    async finish(settled) {
      const requests = await withRedis((redis) => readRequests(redis, prefix));
      await lookAtAudit();
      const nowMs = Date.now();
      const byId = new Map(requests.map((request) => [request.id, request]));
      const late = lives.ours().flatMap((life) => latenessOf(life, outages, nowMs, bounds) ?? []);
      for (const life of lives.ours()) {
        openedUnasked(life);
        endedEarly(life, byId);
      }
      for (const one of late) endedLate(one);
      if (settled) leftUntrue();
      for (const problem of recordProblems(requests, lives, settled)) accuse(problem);
      const figures = (some: Lateness[]) => spread(some.map(({ lateMs }) => lateMs));
      return {
        violations: [...violations],
        lateness: figures(late),
        outside: figures(late.filter(({ afterOutage }) => !afterOutage)),
        after: figures(late.filter(({ afterOutage }) => afterOutage)),
        measured: late,
        added: lives.ours().length,
        removed: lives.ours().filter(({ removedAtMs }) => removedAtMs !== undefined).length,
        requests,
      };
    },
    close() {
      lives.stop();
      stopReading();
    },
  };
}
