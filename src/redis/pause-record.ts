/**
 * The brake in Redis: one signed record for all replicas. Each replica remembers the newest one that it saw and puts it
 * back where Redis lost it, or where somebody removed it or wrote an older one, so that no hand lifts it.
 */
import type { Redis } from 'ioredis';
import { nanoid } from 'nanoid';
import { newerPause, nextPause, type Pause, type PauseRecord, pauseOf } from '../access/request/pause.js';
import type { Log } from '../workflow/ports.js';
import type { AuditEntry, Store } from '../workflow/ports-store.js';
import { APPEND_AUDIT } from './audit-log.js';
import { FIELDS, type Seal, UnverifiedRecord } from './record.js';
import { change, OPERATION_S, read, run, script } from './script.js';

/**
 * How long the record of a resume stays, so that other replicas read it. Not for ever: signed with a key that is taken
 * out one day it would not verify any more, and count as a pause.
 */
const RESUMED_S = 86_400;

const PUT = script(`
${APPEND_AUDIT}
local op, brake, seq, audit = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local operation, seen, version, body, sig, paused = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local before = redis.call('GET', op)
if before then return before end
if (redis.call('HGET', brake, 'sig') or '') ~= seen then return 'conflict' end
redis.call('HSET', brake, 'version', version, 'op', operation, 'body', body, 'sig', sig)
if paused == '1' then redis.call('PERSIST', brake) else redis.call('EXPIRE', brake, ${RESUMED_S}) end
local first = append(seq, audit, {ARGV[7]})
redis.call('SET', op, first, 'EX', ${OPERATION_S})
return first
`);

/** How often somebody else may come first. */
const RACES = 5;

interface Parts {
  redis: Redis;
  prefix: string;
  seal: Seal;
  log: Log;
  /** Epoch milliseconds. */
  now(): number;
  /** Logs an audit record under its number. */
  logAudit(entry: AuditEntry, seq: number): void;
}

export function createPauseRecord(parts: Parts): Pick<Store, 'loadPause' | 'changePause'> {
  const { redis, prefix, seal, log, now, logAudit } = parts;
  const key = `${prefix}:brake`;
  let newest: PauseRecord | undefined;
  let warned = false;

  /** What is stored, and the signature by which a change knows that it still is. */
  async function stored(): Promise<{ brake: PauseRecord | 'unverified' | 'newer' | undefined; sig: string }> {
    const fields = await read(() => redis.hmget(key, ...FIELDS));
    const sig = fields[2] ?? '';
    try {
      return { brake: seal.openPause(fields, key), sig };
    } catch (error) {
      if (!(error instanceof UnverifiedRecord)) throw error;
      if (!warned) log.error({ key }, 'the brake does not verify: nothing opens until an admin resumes');
      warned = true;
      return { brake: 'unverified', sig };
    }
  }

  async function put(brake: PauseRecord, seen: string, entry: AuditEntry): Promise<'put' | 'conflict'> {
    const operation = nanoid();
    const { version, body, sig } = seal.brake(brake);
    const keys = [`${prefix}:op:${operation}`, key, `${prefix}:audit:seq`, `${prefix}:audit`];
    const args = [operation, seen, version, body, sig, brake.paused ? '1' : '0', JSON.stringify(entry)];
    const answer = await change(redis, () => run(redis, PUT, keys, args));
    if (answer === 'conflict') return 'conflict';
    logAudit(entry, Number(answer));
    newest = newerPause(newest, brake);
    return 'put';
  }

  async function load(): Promise<Pause | undefined> {
    const { brake, sig } = await stored();
    if (brake === 'unverified') return { kind: brake };
    warned = false;
    if (brake === 'newer') return { kind: brake };
    const known = newest;
    newest = newerPause(known, brake);
    const isLost = known !== undefined && known === newest && known.version !== brake?.version;
    // Of a resume nothing has to be left, so its absence is no loss.
    if (isLost && (known.paused || brake)) {
      log.warn({ paused: known.paused }, 'the brake was lost, or changed by hand: put back');
      const why = 'it was lost, or changed by hand';
      await put(known, sig, { atMs: now(), who: 'bot', what: 'brake-put-back', why, ids: byOf(known) });
    }
    return pauseOf(newest);
  }

  return {
    loadPause: load,

    async changePause(next) {
      for (let race = 0; race < RACES; race++) {
        const { brake, sig } = await stored();
        if (brake === 'newer') return { outcome: 'unchanged', pause: { kind: brake } };
        const before = brake === 'unverified' ? newest : newerPause(newest, brake);
        const current = brake === 'unverified' ? { kind: brake } : pauseOf(before);
        if (Boolean(current) === next.paused && current?.kind !== 'unverified') {
          return { outcome: 'unchanged', ...(current ? { pause: current } : {}) };
        }
        const after = nextPause(before, next);
        const what = next.paused ? 'paused' : 'resumed';
        const entry = { atMs: next.atMs, who: next.by, what };
        if ((await put(after, sig, entry)) === 'put') {
          const pause = pauseOf(after);
          return { outcome: 'done', ...(pause ? { pause } : {}) };
        }
      }
      throw new Error('the brake was changed by others again and again');
    },
  };
}

function byOf({ by, paused }: PauseRecord): Record<string, string> {
  return { [paused ? 'pausedBy' : 'resumedBy']: by };
}
