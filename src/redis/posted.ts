/** Where the cards of a request were posted: kept beside the request, unsigned, since this record decides nothing. */
import type { Redis } from 'ioredis';
import { nanoid } from 'nanoid';
import type { Request, RequestId } from '../access/request/request.js';
import type { Log } from '../workflow/ports.js';
import { NewerRecord, type Posted, type Records, type Shown } from '../workflow/ports-store.js';
import { FINISHED_S } from './change-script.js';
import type { Fields } from './record.js';
import { exclusivelyKnowing, type Lock } from './replicas/lock.js';
import { change, read, run, script } from './script.js';

/** Two replicas told people of one request. The replica whose change came second has to load the record again. */
export class PostedConflict extends Error {
  constructor(id: RequestId) {
    super(`what was told of ${id} was changed by somebody else meanwhile`);
  }
}

/** The schema that this version writes and reads. A record without a number is of this schema. */
const POSTED_SCHEMA = '1';

const SAVE = script(`
local posted, request, tell, lock = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local id, version, operation, body, requestVersion, upToDate = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
if ARGV[7] ~= '' and redis.call('GET', lock) == ARGV[7] then redis.call('DEL', lock) end
local stored = redis.call('HMGET', posted, 'version', 'op')
if stored[2] ~= operation then
  if tonumber(stored[1] or '0') ~= tonumber(version) - 1 then return 'conflict' end
  redis.call('HSET', posted, 'version', version, 'op', operation, 'body', body, 'schema', ${POSTED_SCHEMA})
  redis.call('EXPIRE', posted, ${FINISHED_S})
end
if upToDate == '1' and redis.call('HGET', request, 'version') == requestVersion then
  redis.call('ZREM', tell, id)
end
return redis.call('HGET', request, 'version') == requestVersion and 'current' or 'saved'
`);

/**
 * Where the cards of requests stand, and whose turn it is to tell of them.
 * @param requests how a request is loaded; `open` makes a request of fields that were read already
 */
export function createTelling(
  redis: Redis,
  prefix: string,
  log: Log,
  requests: Pick<Records, 'load'> & { open(id: RequestId, fields: Fields): Request | undefined },
): Pick<Records, 'telling' | 'loadPosted' | 'savePosted'> {
  const lockKey = (id: RequestId) => `${prefix}:lock:tell:${id}`;
  /** The lock of each request of which this process tells people now. */
  const tellings = new Map<RequestId, Lock>();

  /** The record; a record of version 0 where nothing was posted yet. */
  const loadPosted = async (id: RequestId): Promise<Posted> =>
    openPosted(id, await read(() => redis.hmget(`${prefix}:told:${id}`, ...POSTED_FIELDS)), log);

  return {
    loadPosted,

    telling(id, work) {
      const hashes = [`${prefix}:request:${id}`, `${prefix}:told:${id}`];
      const tell = async (found: readonly Fields[] | undefined, lock: Lock) => {
        const [request, posted] = found ?? [];
        tellings.set(id, lock);
        try {
          return await work(
            request ? requests.open(id, request) : await requests.load(id),
            posted ? openPosted(id, posted, log) : await loadPosted(id),
          );
        } finally {
          tellings.delete(id);
        }
      };
      return exclusivelyKnowing(redis, lockKey(id), hashes, tell, log);
    },

    async savePosted(posted, requestVersion, upToDate) {
      const key = lockKey(posted.requestId);
      // Once everything is told nobody needs the lock, so the same trip to Redis removes it.
      const lock = upToDate ? tellings.get(posted.requestId) : undefined;
      const token = lock?.token ?? '';
      const args = [posted, requestVersion, upToDate, { key, token }] as const;
      const isCurrent = await savePosted(redis, prefix, nanoid(), ...args);
      lock?.isGone(key);
      return isCurrent;
    },
  };
}

const POSTED_FIELDS = ['version', 'body', 'sig', 'schema'] as const;

/** Reads the fields of a record, which has no signature. @throws NewerRecord where a newer version of the bot wrote it */
function openPosted(id: RequestId, [version, body, , schema]: Fields, log: Log): Posted {
  if (schema && schema !== POSTED_SCHEMA) throw new NewerRecord(id);
  if (!version || !body) return { requestId: id, version: 0, surfaces: {} };
  const surfaces = readSurfaces(body);
  if (!surfaces) log.warn({ requestId: id }, 'what was told is unreadable: it is told anew');
  return { requestId: id, version: Number(version), surfaces: surfaces ?? {} };
}

/**
 * Stores where cards stand as the next version of the record. Telling stays owed unless everything is told (`upToDate`)
 * and the request is still at `requestVersion`.
 * @param lock the lock's key, which is removed where the key holds `token`, whatever becomes of the record
 * @returns whether the request is still at `requestVersion`
 * @throws PostedConflict where another replica has stored this version of the record
 */
async function savePosted(
  redis: Redis,
  prefix: string,
  operation: string,
  posted: Posted,
  requestVersion: number,
  upToDate: boolean,
  lock: { key: string; token: string },
): Promise<boolean> {
  const id = posted.requestId;
  const keys = [`${prefix}:told:${id}`, `${prefix}:request:${id}`, `${prefix}:owed:tell`, lock.key];
  const body = JSON.stringify(posted.surfaces);
  const args = [id, posted.version, operation, body, requestVersion, upToDate ? '1' : '0', lock.token];
  const outcome = await change(redis, () => run(redis, SAVE, keys, args));
  if (outcome === 'conflict') throw new PostedConflict(id);
  return outcome === 'current';
}

function readSurfaces(body: string): Record<string, Shown> | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null) return undefined;
  const surfaces: Record<string, Shown> = {};
  for (const [audience, shown] of Object.entries(parsed)) {
    if (!isShown(shown)) return undefined;
    surfaces[audience] = shown;
  }
  return surfaces;
}

function isShown(value: unknown): value is Shown {
  if (!isPlace(value)) return false;
  const { version, stage, older = [] }: Partial<Record<keyof Shown, unknown>> = value;
  return (
    typeof version === 'number' &&
    typeof stage === 'string' &&
    Array.isArray(older) &&
    older.every((one) => isPlace(one))
  );
}

function isPlace(value: unknown): value is { channel: string; ts: string } {
  if (typeof value !== 'object' || value === null) return false;
  const { channel, ts }: Partial<Record<keyof Shown, unknown>> = value;
  return typeof channel === 'string' && typeof ts === 'string';
}
