/**
 * The store in Redis: records are signed, changes are compare-and-set with an operation id, and everything that a step
 * changes, changes at once. Records, coordination and audit log are one object, since a step writes all three.
 */
import type { Redis } from 'ioredis';
import { nanoid } from 'nanoid';
import { type Due, duties, isOver, waitsUntilMs } from '../access/request/duties.js';
import type { Pause } from '../access/request/pause.js';
import { factsOf, type Request, type RequestId } from '../access/request/request.js';
import { ruleKey } from '../access/rules/rule.js';
import type { SigningKeys } from '../access/rules/signature.js';
import type { Log } from '../workflow/ports.js';
import {
  type AuditEntry,
  type AuditLog,
  type Coordination,
  type Records,
  type Step,
  type Store,
  StoreUnreachable,
} from '../workflow/ports-store.js';
import { trimAudit } from './audit-log.js';
import { type ChangeArguments, type Changed, type ChangedRequest, runChange } from './change-script.js';
import { keyPrefix } from './connections.js';
import { createMarks } from './marks.js';
import { createPauseRecord } from './pause-record.js';
import { createTelling } from './posted.js';
import { countingKey, countsOnItsGroup, createReader } from './read-records.js';
import { readHashes } from './read-together.js';
import { createSeal, type Fields, type Seal } from './record.js';
import { exclusively, exclusivelyKnowing, holding, type Lock } from './replicas/lock.js';
import { change, read } from './script.js';

export interface StoreParts {
  /** A connection of `connectRecords`. */
  redis: Redis;
  installation: string;
  keys: SigningKeys;
  log: Log;
  /** Epoch milliseconds. */
  now(): number;
}

/**
 * The store of one installation. Every method throws `StoreUnreachable` when Redis does not answer, and
 * `UnverifiedRecord` where a record was not signed by this installation.
 */
export function createStore({ redis, installation, keys, log, now }: StoreParts): Store {
  const prefix = keyPrefix(installation);
  const seal = createSeal(installation, keys);
  const marks = createMarks(redis, prefix, now);

  /** Applies a step once, however often it has to be sent. */
  async function apply(step: Step, calm?: string): Promise<Changed> {
    const prepared = { ...prepare(step, seal, nanoid(), now()), ...(calm === undefined ? {} : { calm }) };
    const seen = marks.watch(`${prefix}:op:${prepared.operation}`);
    try {
      const changed = await change(redis, () => runChange(redis, prefix, prepared));
      if (changed.outcome === 'done') {
        seen(changed.firstSeq, step.audit.length);
        logAudit(log, step.audit, changed.firstSeq);
      }
      return changed;
    } catch (error) {
      // The audit records may be in the stream. So the log gets them too, marked as perhaps not recorded.
      if (error instanceof StoreUnreachable && !error.certain) logUncertain(log, step.audit, 'unknown');
      throw error;
    }
  }

  /** Records things that have happened. Where Redis cannot store the entries, the log keeps their only copy. */
  async function audit(entries: AuditEntry[]): Promise<void> {
    if (entries.length === 0) return;
    try {
      await apply({ audit: entries });
    } catch (error) {
      const isLogged = error instanceof StoreUnreachable && !error.certain;
      if (!isLogged) logUncertain(log, entries, 'no');
      throw error;
    }
  }

  const lockKey = (name: string) => `${prefix}:lock:${name}`;
  const logOne = (entry: AuditEntry, seq: number): void => logAudit(log, [entry], seq);
  const pauses = createPauseRecord({ redis, prefix, seal, log, now, logAudit: logOne });

  /** The pause; where nothing is paused the signature of the record that says so. */
  async function lastCalm(): Promise<{ sig: string } | { pause: Pause }> {
    const known = pauses.calm();
    if (known !== undefined) return { sig: known };
    const pause = await pauses.loadPause();
    return pause ? { pause } : { sig: pauses.calm() ?? '' };
  }

  const { open, openLook, openRule, ...reader } = createReader(redis, prefix, seal, log);
  const records: Records = {
    ...reader,
    loadPause: pauses.loadPause,
    changePause: pauses.changePause,
    async change(step) {
      for (;;) {
        const calm = step.unlessPaused ? await lastCalm() : undefined;
        if (calm && 'pause' in calm) return { outcome: 'paused', pause: calm.pause };
        const changed = await apply(step, calm?.sig);
        if (changed.outcome === 'paused') {
          // The record of the pause has changed since the last look, which may have been by one more resume.
          await pauses.judge(changed.pause);
          continue;
        }
        if (changed.outcome !== 'done') return changed;
        const pause = step.asksPause ? await pauses.judge(changed.pause) : undefined;
        return { outcome: 'done', ...(pause ? { pause } : {}) };
      }
    },
    async lookAtOpening(id, { groupId = '', source }, turn) {
      const hashes = [
        `${prefix}:brake`,
        `${prefix}:request:${id}`,
        `${prefix}:rule:${ruleKey(groupId, source)}`,
      ];
      const { exists, found } = await readHashes(redis, marks.keyOfTurn(turn), hashes);
      const [pause = [], request = [], rule = []] = found;
      return {
        pause: await pauses.judge(pause),
        request: open(id, request),
        rule: await openRule(groupId, source, rule),
        taken: exists,
      };
    },
    async forgetEnds(ids) {
      if (ids.length > 0) await change(redis, () => redis.zrem(`${prefix}:owed:ends`, ...ids));
    },
    atRequest(lock, id, work) {
      const hashes = [`${prefix}:request:${id}`];
      const doWork = async ([fields]: readonly Fields[] = []) =>
        work(fields ? openLook(id, fields) : await reader.look(id));
      return exclusivelyKnowing(redis, lockKey(lock), hashes, doWork, log);
    },
    atRequests(ids, lockOf, work) {
      const hashes = ids.map((id) => `${prefix}:request:${id}`);
      const places = new Map(ids.map((id, n) => [id, n]));
      const atAll = (held: readonly RequestId[], lock: Lock, found: readonly Fields[] | undefined) =>
        work({
          ids: held,
          async look(id) {
            const fields = found?.[places.get(id) ?? -1];
            return fields ? openLook(id, fields) : reader.look(id);
          },
          release: lock.release,
        });
      return holding(redis, ids, (id) => lockKey(lockOf(id)), atAll, log, 'work', hashes);
    },
    ...createTelling(redis, prefix, log, { open, load: reader.load }),
  };
  const coordination: Coordination = {
    mark: marks.mark,
    turn: marks.turn,
    hold: marks.hold,
    taken: marks.taken,
    exclusively: (name, work, unsure) => exclusively(redis, lockKey(name), work, log, unsure),
    async heldAmong(names) {
      const held = await read(() => Promise.all(names.map((name) => redis.exists(lockKey(name)))));
      return new Set(names.filter((_, n) => held[n] === 1));
    },
  };
  const auditLog: AuditLog = { audit, trimAudit: (bounds) => trimAudit(redis, prefix, bounds, now(), log) };
  return { ...records, ...coordination, ...auditLog };
}

/** Signs what a step stores and works out what it owes. Exported so that a test can send one operation twice. */
export function prepare(step: Step, seal: Seal, operation: string, nowMs: number): ChangeArguments {
  const { request, also = [], rule } = step;
  return {
    operation,
    nowMs,
    audit: step.audit,
    requests: [...(request ? [request] : []), ...also].map((one) => changed(one, seal)),
    delivery: step.delivery,
    mostWaiting: step.mostWaiting,
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

function changed(request: Request, seal: Seal): ChangedRequest {
  const dues = duties(request);
  return {
    id: request.id,
    requester: request.ask.requester,
    sealed: seal.request(request),
    over: isOver(request),
    askedAtMs: request.ask.askedAtMs,
    dueMs: earliest(dues),
    endMs: earliest(dues.filter(({ queue }) => queue === 'ends')),
    waitsUntilMs: waitsUntilMs(request),
    counting: countingOf(request),
  };
}

function countingOf(request: Request): { key: string; counts: boolean } | undefined {
  const group = factsOf(request)?.group;
  switch (group?.kind) {
    case 'access':
      return { key: countingKey(group), counts: countsOnItsGroup(request) };
    case 'existing':
    case undefined:
      return undefined;
  }
}

function earliest(dues: readonly Due[]): number | undefined {
  return dues.length > 0 ? Math.min(...dues.map(({ atMs }) => atMs)) : undefined;
}

/** Logs audit records, one a line, in the order of their numbers. These lines are the durable copy. */
function logAudit(log: Log, entries: AuditEntry[], firstSeq: number): void {
  entries.forEach((entry, index) => {
    log.info({ audit: { seq: firstSeq + index, ...entry } }, 'audit');
  });
}

function logUncertain(log: Log, entries: AuditEntry[], recorded: 'unknown' | 'no'): void {
  for (const entry of entries) log.warn({ audit: entry, recorded }, 'audit');
}
