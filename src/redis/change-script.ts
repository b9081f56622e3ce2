/**
 * One step of the story as one Lua script, so that requests, their rule, the index of what is owed and the audit
 * records change together or not at all. The script passes bodies on as they are and never decodes them.
 */
import type { Redis } from 'ioredis';
import type { AuditEntry } from '../workflow/ports-store.js';
import { APPEND_AUDIT } from './audit-log.js';
import type { Fields, Sealed } from './record.js';
import { OPERATION_S, run, script } from './script.js';

const DAY_S = 86_400;
/** How long a request stays in Redis after its end, to be looked up. */
export const FINISHED_S = 90 * DAY_S;
const GONE_RULE_S = DAY_S;
const DELIVERY_S = DAY_S;
const FINISHED_KEPT = 20;
/** How many groups are remembered: twice as many as AWS allows in a Region by default. */
const GROUPS_KEPT = 5_000;

/** A sorted set: when a rule of each group last changed. */
export const GROUPS_USED = 'groups-used';

/** How many keys and arguments each request of a step has. */
const REQUEST_KEYS = 6;
const REQUEST_ARGUMENTS = 10;

const CHANGE = script(`
${APPEND_AUDIT}
local op, delivery, rule, work, ends, tell = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local sources, seq, audit, used, brake = KEYS[7], KEYS[8], KEYS[9], KEYS[10], KEYS[11]
local firstKeys = 11
local operation, nowMs, requests, delivered = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local source, ruleVersion, ruleBody, ruleSig, gone, group = ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9], ARGV[10]
local mostWaiting, calm = ARGV[11], ARGV[12]
local firstRequest = 12

local pause = redis.pcall('HMGET', brake, 'version', 'body', 'sig')
if pause.err then pause = {false, false, 'no record'} end
local before = redis.call('GET', op)
if before then return {'done', before, pause} end
if delivered == '1' then
  local made = redis.call('GET', delivery)
  if made then return {'repeated', made} end
end

if calm ~= '' and (pause[3] or '') ~= string.sub(calm, 2) then return {'paused', '', pause} end

local function follows(key, version)
  return tonumber(redis.call('HGET', key, 'version') or '0') == tonumber(version) - 1
end
for n = 0, requests - 1 do
  local request, version = KEYS[firstKeys + n * ${REQUEST_KEYS} + 1], ARGV[firstRequest + n * ${REQUEST_ARGUMENTS} + 2]
  if not follows(request, version) then return {'conflict'} end
end
if source ~= '' and not follows(rule, ruleVersion) then return {'conflict'} end
if mostWaiting ~= '' then
  local waits = redis.call('ZCOUNT', KEYS[firstKeys + 6], nowMs, '+inf')
  if waits >= tonumber(mostWaiting) then return {'too-many', tostring(waits)} end
end

local function owes(index, id, dueMs)
  if dueMs == '' then redis.call('ZREM', index, id) else redis.call('ZADD', index, dueMs, id) end
end
for n = 0, requests - 1 do
  local k, a = firstKeys + n * ${REQUEST_KEYS}, firstRequest + n * ${REQUEST_ARGUMENTS}
  local request, person, live, told = KEYS[k + 1], KEYS[k + 2], KEYS[k + 3], KEYS[k + 4]
  local counting, waiting = KEYS[k + 5], KEYS[k + 6]
  local id, version, body, sig = ARGV[a + 1], ARGV[a + 2], ARGV[a + 3], ARGV[a + 4]
  local over, askedAtMs, dueMs, endMs = ARGV[a + 5], ARGV[a + 6], ARGV[a + 7], ARGV[a + 8]
  local counts, waitsUntilMs = ARGV[a + 9], ARGV[a + 10]
  redis.call('HSET', request, 'version', version, 'op', operation, 'body', body, 'sig', sig)
  if version == '1' then redis.call('DEL', told) end
  if over == '1' then
    redis.call('EXPIRE', request, ${FINISHED_S})
    redis.call('ZREM', live, id)
    redis.call('ZADD', person, askedAtMs, id)
    redis.call('ZREMRANGEBYRANK', person, 0, -${FINISHED_KEPT + 1})
    redis.call('EXPIRE', person, ${FINISHED_S})
  else
    redis.call('ZADD', live, askedAtMs, id)
  end
  if waitsUntilMs == '' then redis.call('ZREM', waiting, id)
  else
    -- A replica of an older version takes nobody off this list: whoever waited has had an answer by then.
    redis.call('ZREMRANGEBYSCORE', waiting, '-inf', '(' .. nowMs)
    redis.call('ZADD', waiting, waitsUntilMs, id)
  end
  if counts == '1' then redis.call('SADD', counting, id)
  elseif counts == '0' then redis.call('SREM', counting, id) end
  owes(work, id, dueMs)
  owes(ends, id, endMs)
  redis.call('ZADD', tell, nowMs, id)
  if delivered == '1' then redis.call('SET', delivery, id, 'EX', ${DELIVERY_S}) end
end

if source ~= '' then
  redis.call('HSET', rule, 'version', ruleVersion, 'op', operation, 'body', ruleBody, 'sig', ruleSig)
  if gone == '1' then
    redis.call('EXPIRE', rule, ${GONE_RULE_S})
    redis.call('SREM', sources, source)
  else
    redis.call('PERSIST', rule)
    redis.call('SADD', sources, source)
  end
  redis.call('ZADD', used, nowMs, group)
  redis.call('ZREMRANGEBYRANK', used, 0, -${GROUPS_KEPT + 1})
end

local records = {}
for i = firstRequest + requests * ${REQUEST_ARGUMENTS} + 1, #ARGV do records[#records + 1] = ARGV[i] end
local first = append(seq, audit, records)
redis.call('SET', op, first, 'EX', ${OPERATION_S})
return {'done', first, pause}
`);

/** A request as the script takes it. */
export interface ChangedRequest {
  id: string;
  requester: string;
  sealed: Sealed;
  over: boolean;
  askedAtMs: number;
  /** The earliest instant at which something is owed, and at which an end is. */
  dueMs: number | undefined;
  endMs: number | undefined;
  /** Until when the request waits for an answer; undefined where it waits for none. */
  waitsUntilMs: number | undefined;
  /** The access group that the request is about, and whether the request counts on the group now. */
  counting: { key: string; counts: boolean } | undefined;
}

/** A step as the script takes it. */
export interface ChangeArguments {
  /** The operation's id. An operation that is sent once more changes nothing, and is answered with the first outcome. */
  operation: string;
  nowMs: number;
  requests: readonly ChangedRequest[];
  delivery: string | undefined;
  /** The step is refused where already this many requests of the requester wait for an answer. */
  mostWaiting: number | undefined;
  /**
   * The step is refused where the record of the last pause has another signature than this one, which is the empty text for
   * no record.
   */
  calm?: string;
  rule?: { groupId: string; source: string; name: string; sealed: Sealed; gone: boolean };
  audit: AuditEntry[];
}

/**
 * What the script answered; `firstSeq` is the sequence number of the step's first audit record, `pause` the record of the
 * last pause as it stood then.
 */
export type Changed =
  | { outcome: 'done'; firstSeq: number; pause: Fields }
  | { outcome: 'paused'; pause: Fields }
  | { outcome: 'conflict' }
  | { outcome: 'too-many'; waiting: number }
  | { outcome: 'repeated'; requestId: string };

/** Sends one step. `prefix` is the installation's key prefix. Exported for a test that sends one operation twice. */
export async function runChange(redis: Redis, prefix: string, step: ChangeArguments): Promise<Changed> {
  const { requests, rule } = step;
  const unused = `${prefix}:unused`;
  const keys = [
    `${prefix}:op:${step.operation}`,
    step.delivery ? `${prefix}:delivery:${step.delivery}` : unused,
    rule ? `${prefix}:rule:${rule.name}` : unused,
    `${prefix}:owed:work`,
    `${prefix}:owed:ends`,
    `${prefix}:owed:tell`,
    rule ? `${prefix}:rules:${rule.groupId}` : unused,
    `${prefix}:audit:seq`,
    `${prefix}:audit`,
    `${prefix}:${GROUPS_USED}`,
    `${prefix}:brake`,
    ...requests.flatMap(({ id, requester, counting }) => [
      `${prefix}:request:${id}`,
      `${prefix}:person:${requester}`,
      `${prefix}:live:${requester}`,
      `${prefix}:told:${id}`,
      counting ? `${prefix}:${counting.key}` : unused,
      `${prefix}:waiting:${requester}`,
    ]),
  ];
  const flag = (value: boolean | undefined) => (value ? '1' : '0');
  const reply = await run(redis, CHANGE, keys, [
    step.operation,
    step.nowMs,
    requests.length,
    flag(step.delivery !== undefined),
    rule?.source ?? '',
    rule?.sealed.version ?? '',
    rule?.sealed.body ?? '',
    rule?.sealed.sig ?? '',
    flag(rule?.gone),
    rule?.groupId ?? '',
    step.mostWaiting ?? '',
    step.calm === undefined ? '' : `=${step.calm}`,
    ...requests.flatMap(({ id, sealed, over, askedAtMs, dueMs, endMs, counting, waitsUntilMs }) => [
      id,
      sealed.version,
      sealed.body,
      sealed.sig,
      flag(over),
      askedAtMs,
      dueMs ?? '',
      endMs ?? '',
      counting ? flag(counting.counts) : '',
      waitsUntilMs ?? '',
    ]),
    ...step.audit.map((entry) => JSON.stringify(entry)),
  ]);
  return readReply(reply);
}

function readReply(reply: unknown): Changed {
  const [outcome, detail, found]: unknown[] = Array.isArray(reply) ? reply : [];
  if (outcome === 'conflict') return { outcome };
  if (outcome === 'too-many' && typeof detail === 'string') return { outcome, waiting: Number(detail) };
  if (outcome === 'repeated' && typeof detail === 'string') return { outcome, requestId: detail };
  if (typeof detail === 'string' && Array.isArray(found)) {
    const pause = found.map((field) => (typeof field === 'string' ? field : null));
    if (outcome === 'paused') return { outcome, pause };
    if (outcome === 'done') return { outcome, firstSeq: Number(detail), pause };
  }
  throw new Error('Redis gave an answer to a change that the script does not give');
}
