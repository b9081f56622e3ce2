/**
 * Watches a town, and accuses the bot of everything that must never happen. The witness believes AWS itself and the
 * messages on people's screens. The bot's own records are read only to be compared with AWS and the messages.
 */
import { Redis } from 'ioredis';
import { plain } from '../../sandbox/slack/reading/plain.js';
import type { Town } from '../../sandbox/town.js';
import { endedEarly, openedUnasked } from './judge-life.js';
import { type Allowed, type Lateness, latenessOf, type Outage, type Spread, spread } from './lateness.js';
import { claimOf, standingClaims, untruth } from './posted.js';
import { auditProblems, type Recorded, readAudit, readRequests, recordProblems } from './records.js';
import { followRules } from './rule-lives.js';
import { memoryOf, type Told } from './told.js';

/** How much the witness allows, milliseconds. */
export interface Bounds extends Allowed {
  /**
   * How much before its end a rule may be removed, and before its time added, since clocks differ by so much. Default
   * 0.
   */
  earlyMs?: number;
  /** A rule that the bot removed so recently may still be called open, by a message on its way. Default 1,000. */
  onItsWayMs?: number;
  /** How long the bot may take to detect that a manual change removed a rule. Default 60,000. */
  detectMs?: number;
}

export interface Verdict {
  violations: string[];
  /** How late rules went, milliseconds: all rules, rules that no outage delayed, and rules after an outage. */
  lateness: Spread;
  outside: Spread;
  after: Spread;
  /** Each measured removal. */
  measured: Lateness[];
  /** The number of rules that the bot added, and the number of those that were removed. */
  added: number;
  removed: number;
  requests: Recorded[];
}

export interface Witness {
  /** The sentences about everything that broke so far. */
  readonly violations: readonly string[];
  /** To be called before somebody approves. If the policy approves: with `atMs` 0, once the id is known. */
  approved(requestId: string, source: string, atMs?: number): void;
  /** To be called once the id of a request is known that is to open later, and not before that instant. */
  later(requestId: string, startsAtMs: number): void;
  /** To be called before somebody ends a request, or anything else lets the bot end access before its time. */
  ended(requestId: string, atMs?: number): void;
  outage(fromMs: number, toMs: number): void;
  /** Counts every change that `work` makes at AWS as a manual change. `work` must not be asynchronous. */
  manually<T>(work: () => T): T;
  /**
   * To be called when Redis loses all of its data, or goes back to a copy that lacks the newest writes. The audit stream
   * may start anew afterwards.
   * @param sinceMs when the copy was made, epoch milliseconds. Default five seconds ago
   */
  redisLost(what?: 'all' | 'newest', sinceMs?: number): void;
  /** Reads the audit stream, for example before Redis loses it. */
  lookAtAudit(): Promise<void>;
  /** The verdict. `settled`: every request should be over by now. */
  finish(settled: boolean): Promise<Verdict>;
  close(): void;
}

/** How far back Redis may have lost writes, where nobody says when its copy was made. */
export const LAG_MS = 5_000;

/** Starts to watch. To be called before the bot does anything. */
export function watch(town: Pick<Town, 'aws' | 'slack' | 'env'>, bounds: Bounds): Witness {
  const { aws, slack } = town;
  const { earlyMs = 0, onItsWayMs = 1_000, detectMs = 60_000 } = bounds;
  const prefix = `{wssh:${town.env.INSTALLATION}}`;
  const violations = new Set<string>();
  const accuse = (what: string) => void violations.add(what);
  const outages: Outage[] = [];
  /** When a message first called each request open, by request id. */
  const calledOpenMs = new Map<string, number>();
  let manualChanges = 0;
  const told: Told = { approvals: new Map(), starts: new Map(), endings: new Map(), losses: [] };
  const { approvals, starts, endings, losses } = told;
  const memory = memoryOf(told);
  const wentBack = (id: string) =>
    lives.of(id).some(({ leases }) => memory.wentBack(leases.get(id)?.sinceMs ?? 0));
  const goneAtMs = (id: string) => lives.of(id).at(-1)?.removedAtMs ?? Number.POSITIVE_INFINITY;

  const lives = followRules(aws, () => manualChanges > 0, memory, accuse);
  const stopReading = slack.onEvent((event) => {
    if (event.type !== 'message') return;
    const { message } = event;
    if (message.user !== slack.world.app.botUserId || message.deleted) return;
    const claim = claimOf(plain(message, slack.world));
    if (!claim) return;
    const { requestId } = claim;
    if (claim.claims === 'open' && !calledOpenMs.has(requestId)) calledOpenMs.set(requestId, Date.now());
    const untrue = untruth(claim, lives, Date.now(), { onItsWayMs, detectMs }, memory);
    if (untrue) accuse(untrue);
  });

  function endedLate({ life, lateMs, afterOutage }: Lateness): void {
    const allowedMs = afterOutage ? bounds.lateAfterOutageMs : bounds.lateMs;
    if (lateMs <= allowedMs) return;
    const still = life.removedAtMs === undefined ? 'is still there' : 'went';
    const when = afterOutage ? 'after the outage' : 'after its end';
    accuse(`rule ${life.rule.ruleId} (${[...life.leases.keys()]}) ${still} ${lateMs} ms ${when}`);
  }

  /** Once every request is over, the newest message of each request in each conversation must be true. */
  function leftUntrue(): void {
    for (const { id, name } of slack.world.users) {
      // The bot cannot correct a message of which Redis lost that it was posted.
      const lostAtMs = losses.at(-1)?.atMs ?? 0;
      const known = slack.dm(id).filter(({ ts }) => Number(ts) * 1_000 > lostAtMs);
      const texts = known.map((message) => plain(message, slack.world));
      for (const claim of standingClaims(texts)) {
        const untrue = untruth(claim, lives, Date.now(), { onItsWayMs: 0, detectMs: 0 }, memory);
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
    for (const problem of auditProblems(records, firstSeq, { wentBack, goneAtMs })) accuse(problem);
  }

  return {
    get violations() {
      return [...violations];
    },
    approved(requestId, source, atMs = Date.now()) {
      approvals.set(requestId, [...(approvals.get(requestId) ?? []), { source, atMs }]);
    },
    later: (requestId, startsAtMs) => void starts.set(requestId, startsAtMs),
    ended(requestId, atMs = Date.now()) {
      endings.set(requestId, Math.min(atMs, endings.get(requestId) ?? atMs));
    },
    outage: (fromMs, toMs) => void outages.push({ fromMs, toMs }),
    manually(work) {
      manualChanges += 1;
      try {
        return work();
      } finally {
        manualChanges -= 1;
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
      const run = { told, memory, lives, calledOpenMs, requests: byId, earlyMs, accuse };
      const late = lives.ours().flatMap((life) => latenessOf(life, outages, nowMs, bounds) ?? []);
      for (const life of lives.ours()) {
        openedUnasked(life, run);
        endedEarly(life, run);
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
