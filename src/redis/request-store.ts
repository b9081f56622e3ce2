/**
 * The store of requests and rules in Redis: records are signed, changes are compare-and-set with an operation id, and
 * everything that a step changes, changes at once.
 */
import type { Redis } from 'ioredis';
import { nanoid } from 'nanoid';
import { duties, isOver } from '../access/request/duties.js';
import { factsOf, isIn, type Request } from '../access/request/request.js';
import { ruleKey } from '../access/rules/rule.js';
import type { SigningKeys } from '../access/rules/signature.js';
import { type AuditEntry, type Log, type Step, type Store, StoreUnreachable } from '../workflow/ports.js';
import { trimAudit } from './audit-log.js';
import { type ChangeArguments, type Changed, GROUPS_USED, runChange } from './change-script.js';
import { keyPrefix } from './connections.js';
import { exclusively } from './lock.js';
import { createMarks } from './marks.js';
import { createPauseRecord } from './pause-record.js';
import { loadPosted, savePosted } from './posted.js';
import { createReader } from './read-records.js';
import { createSeal, type Seal } from './record.js';
import { change, read } from './script.js';

export interface StoreParts {
  /** From `connectRecords`. */
  redis: Redis;
  installation: string;
  keys: SigningKeys;
  log: Log;
  /** Epoch milliseconds. */
  now(): number;
}

/** At most this many are taken up at once; the rest is still owed at the next sweep. */
const OWED_AT_ONCE = 500;

/**
 * The store of one installation. Every method throws `StoreUnreachable` when Redis does not answer, and
 * `UnverifiedRecord` where a record was not signed by this installation.
 */
export function createStore({ redis, installation, keys, log, now }: StoreParts): Store {
  const prefix = keyPrefix(installation);
  const seal = createSeal(installation, keys);
  const marks = createMarks(redis, prefix, now);
  const { look, load, loadRule, loadListed, list } = createReader(redis, prefix, seal, log);

  /** Applies a step once, however often it has to be sent. */
  async function apply(step: Step): Promise<Changed> {
    const prepared = prepare(step, seal, nanoid(), now());
    const seen = marks.watch(`${prefix}:op:${prepared.operation}`);
    try {
      const changed = await change(redis, () => runChange(redis, prefix, prepared));
      if (changed.outcome === 'done') {
        seen(changed.firstSeq, step.audit.length);
        logAudit(log, step.audit, changed.firstSeq);
      }
      return changed;
    } catch (error) {
      // The records may be in the stream, so their durable copy is written as well, marked for what it is.
      if (error instanceof StoreUnreachable && !error.certain) logUncertain(log, step.audit, 'unknown');
      throw error;
    }
  }

  return {
    load,
    look,
    loadRule,
    ...createPauseRecord({
      redis,
      prefix,
      seal,
      log,
      now,
      logAudit: (entry, seq) => logAudit(log, [entry], seq),
    }),

    async rulesOf(groupId) {
      const sources =
        (await loadListed(() => read(() => redis.smembers(`${prefix}:rules:${groupId}`)))) ?? [];
      const rules = await Promise.all(
        sources.sort().map((source) => loadListed(() => loadRule(groupId, source))),
      );
      return rules.filter((rule) => rule !== undefined).filter(({ stage }) => stage.state !== 'gone');
    },

    async change(step) {
      const changed = await apply(step);
      return changed.outcome === 'done' ? { outcome: 'done' } : changed;
    },

    async ofPerson(userId) {
      const [live, finished] = await read(() =>
        Promise.all([
          redis.zrange(`${prefix}:live:${userId}`, 0, '-1'),
          redis.zrange(`${prefix}:person:${userId}`, 0, '-1'),
        ]),
      );
      const ids = [...new Set([...live, ...finished])];
      const { requests, newer } = await list(ids, (id) => live.includes(id));
      return { requests: requests.sort((a, b) => b.ask.askedAtMs - a.ask.askedAtMs), newer };
    },

    async owed(nowMs) {
      const [work, telling] = await read(() =>
        Promise.all([
          redis.zrangebyscore(`${prefix}:owed:work`, '-inf', String(nowMs), 'LIMIT', 0, OWED_AT_ONCE),
          redis.zrangebyscore(`${prefix}:owed:tell`, '-inf', String(nowMs), 'LIMIT', 0, OWED_AT_ONCE),
        ]),
      );
      return { work, telling };
    },

    async live() {
      // Whatever can still change owes something, if only its own end.
      const ids = await read(() => redis.zrange(`${prefix}:owed:work`, 0, '-1'));
      const { requests, newer } = await list(ids, () => true);
      return { requests: requests.filter((request) => !isOver(request)), newer };
    },

    mark: marks.mark,
    turn: marks.turn,
    hold: marks.hold,
    taken: marks.taken,

    loadPosted: (id) => loadPosted(redis, prefix, id, log),
    savePosted: (told, requestVersion, upToDate) =>
      savePosted(redis, prefix, nanoid(), told, requestVersion, upToDate),

    async countingOn(group) {
      const ids = await read(() => redis.smembers(`${prefix}:${countingKey(group)}`));
      const { requests, newer } = await list(ids, () => true);
      return [...requests.filter(countsOnItsGroup).map(({ id }) => id), ...newer];
    },

    async groupsUsed() {
      const flat = await read(() => redis.zrange(`${prefix}:${GROUPS_USED}`, 0, '-1', 'WITHSCORES'));
      return new Map(pairs(flat).map(([groupId, atMs]) => [groupId, Number(atMs)]));
    },

    exclusively: (name, work, isNeeded) => exclusively(redis, `${prefix}:lock:${name}`, work, log, isNeeded),

    async audit(entries) {
      if (entries.length === 0) return;
      try {
        await apply({ audit: entries });
      } catch (error) {
        // What they tell of has happened all the same.
        const isLogged = error instanceof StoreUnreachable && !error.certain;
        if (!isLogged) logUncertain(log, entries, 'no');
        throw error;
      }
    },

    trimAudit: (bounds) => trimAudit(redis, prefix, bounds, now(), log),
  };
}

/** Signs what a step stores and works out what it owes. Exported so that a test can send one operation twice. */
export function prepare(step: Step, seal: Seal, operation: string, nowMs: number): ChangeArguments {
  const { request, rule } = step;
  return {
    operation,
    nowMs,
    audit: step.audit,
    ...(request
      ? {
          request: {
            id: request.id,
            requester: request.ask.requester,
            sealed: seal.request(request),
            over: isOver(request),
            askedAtMs: request.ask.askedAtMs,
            dueMs: earliest(duties(request).map(({ atMs }) => atMs)),
            delivery: step.delivery,
            counting: countingOf(request),
          },
        }
      : {}),
    ...(rule
      ? {
          rule: {
            groupId: rule.groupId,
            source: rule.source,
            name: ruleKey(rule.groupId, rule.source),
            sealed: seal.rule(rule),
            gone: rule.stage.state === 'gone',
          },
        }
      : {}),
  };
}

/** Where the requests that count on an access group are listed; its id is not known before it is made. */
function countingKey({ name, vpcId }: { name: string; vpcId: string }): string {
  return `counting:${vpcId}|${name}`;
}

function countingOf(request: Request): { key: string; counts: boolean } | undefined {
  const group = factsOf(request)?.group;
  if (group?.kind !== 'access') return undefined;
  return { key: countingKey(group), counts: countsOnItsGroup(request) };
}

function countsOnItsGroup(request: Request): boolean {
  return isIn(request, 'opening', 'open', 'closing');
}

/** `[a, 1, b, 2]`, as Redis gives scores, or `[[a, 1], [b, 2]]`, as it does by the newer protocol. */
function pairs(reply: unknown[]): [string, unknown][] {
  const flat = reply.flat();
  return flat.flatMap((name, index) =>
    index % 2 === 0 ? [[String(name), flat[index + 1]] satisfies [string, unknown]] : [],
  );
}

function earliest(instants: number[]): number | undefined {
  return instants.length > 0 ? Math.min(...instants) : undefined;
}

/** The durable copy of the audit records: one line each, in the order of their numbers. */
function logAudit(log: Log, entries: AuditEntry[], firstSeq: number): void {
  entries.forEach((entry, index) => {
    log.info({ audit: { seq: firstSeq + index, ...entry } }, 'audit');
  });
}

function logUncertain(log: Log, entries: AuditEntry[], recorded: 'unknown' | 'no'): void {
  for (const entry of entries) log.warn({ audit: entry, recorded }, 'audit');
}
