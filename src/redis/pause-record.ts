/**
 * The pause in Redis: one signed record for all replicas, of the last pause or of the resume after it. Each replica
 * remembers the newest record that it saw and puts it back where Redis lost it, or where somebody removed it or wrote
 * an older one, so that nobody lifts a pause by hand. Redis' keys and the signatures call the record `brake`.
 */
import type { Redis } from 'ioredis';
import { nanoid } from 'nanoid';
import { newerPause, nextPause, type Pause, type PauseRecord, pauseOf } from '../access/request/pause.js';
import type { Log } from '../workflow/ports.js';
import type { AuditEntry, Records } from '../workflow/ports-store.js';
import { APPEND_AUDIT } from './audit-log.js';
import { FIELDS, type Fields, type Seal, UnverifiedRecord } from './record.js';
import { change, OPERATION_S, read, run, script } from './script.js';

/**
 * How long the record of a resume stays, for the other replicas to read. The record must not stay for ever: once its
 * signing key is taken out of SIGNING_KEYS it would no longer verify, and a record that does not verify counts as a pause.
 */
const RESUMED_S = 86_400;

const PUT = script(`
${APPEND_AUDIT}
local op, record, seq, audit = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local operation, seen, version, body, sig, paused = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local before = redis.call('GET', op)
if before then return before end
if (redis.call('HGET', record, 'sig') or '') ~= seen then return 'conflict' end
redis.call('HSET', record, 'version', version, 'op', operation, 'body', body, 'sig', sig)
if paused == '1' then redis.call('PERSIST', record) else redis.call('EXPIRE', record, ${RESUMED_S}) end
local first = append(seq, audit, {ARGV[7]})
redis.call('SET', op, first, 'EX', ${OPERATION_S})
return first
`);

/** A change of the pause is given up after other replicas' changes came first this many times. */
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

/** The pause of one installation. A process makes it once, since it remembers the newest record that the process saw. */
export function createPauseRecord(parts: Parts): Pick<Records, 'loadPause' | 'changePause'> & {
  /** Does what {@link Records.loadPause} does, with the fields of the record that were read just now. */
  judge(fields: Fields): Promise<Pause | undefined>;
  /**
   * The signature of the record as it was when nothing was paused, empty where there was no record. While the stored
   * record has this signature nothing is paused. Undefined where a pause is known, or the record was not read yet.
   */
  calm(): string | undefined;
} {
  const { redis, prefix, seal, log, now, logAudit } = parts;
  const key = `${prefix}:brake`;
  let newest: PauseRecord | undefined;
  let calm: string | undefined;
  let warned = false;

  function readFields(): Promise<Fields> {
    return read(() => redis.hmget(key, ...FIELDS));
  }

  /** The stored record with its signature. A change is refused where the stored signature is another one by then. */
  function open(fields: Fields): {
    stored: PauseRecord | 'unverified' | 'newer' | undefined;
    sig: string;
  } {
    const sig = fields[2] ?? '';
    try {
      return { stored: seal.openPause(fields, key), sig };
    } catch (error) {
      if (!(error instanceof UnverifiedRecord)) throw error;
      if (!warned)
        log.error(
          { key },
          'the record of the last pause does not verify: nothing opens until an admin resumes',
        );
      warned = true;
      return { stored: 'unverified', sig };
    }
  }

  async function put(record: PauseRecord, seen: string, entry: AuditEntry): Promise<'put' | 'conflict'> {
    const operation = nanoid();
    const { version, body, sig } = seal.pause(record);
    const keys = [`${prefix}:op:${operation}`, key, `${prefix}:audit:seq`, `${prefix}:audit`];
    const args = [operation, seen, version, body, sig, record.paused ? '1' : '0', JSON.stringify(entry)];
    const answer = await change(redis, () => run(redis, PUT, keys, args));
    if (answer === 'conflict') return 'conflict';
    logAudit(entry, Number(answer));
    newest = newerPause(newest, record);
    return 'put';
  }

  async function judge(fields: Fields): Promise<Pause | undefined> {
    calm = undefined;
    const pause = await putBackWhereLost(fields);
    if (!pause) calm = fields[2] ?? '';
    return pause;
  }

  async function putBackWhereLost(fields: Fields): Promise<Pause | undefined> {
    const { stored, sig } = open(fields);
    if (stored === 'unverified') return { kind: stored };
    warned = false;
    if (stored === 'newer') {
      // The newer version may have resumed since, and this process must not put the pause back that it remembers.
      newest = undefined;
      return { kind: stored };
    }
    const known = newest;
    newest = newerPause(known, stored);
    const isLost = known !== undefined && known === newest && known.version !== stored?.version;
    // The record of a resume expires, so its absence is no loss.
    if (isLost && (known.paused || stored)) {
      log.warn({ paused: known.paused }, 'the record of the pause was lost, or changed by hand: put back');
      const why = 'it was lost, or changed by hand';
      await put(known, sig, { atMs: now(), who: 'bot', what: 'brake-put-back', why, ids: byOf(known) });
    }
    return pauseOf(newest);
  }

  return {
    loadPause: async () => judge(await readFields()),
    judge,
    calm: () => (newest?.paused ? undefined : calm),

    async changePause(next) {
      for (let race = 0; race < RACES; race++) {
        const { stored, sig } = open(await readFields());
        if (stored === 'newer') return { outcome: 'unchanged', pause: { kind: stored } };
        const before = stored === 'unverified' ? newest : newerPause(newest, stored);
        const current = stored === 'unverified' ? { kind: stored } : pauseOf(before);
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
      throw new Error('the pause was changed by others again and again');
    },
  };
}

function byOf({ by, paused }: PauseRecord): Record<string, string> {
  return { [paused ? 'pausedBy' : 'resumedBy']: by };
}
