/**
 * One step of the story as one Lua script, so that a request, its rule, the index of what is owed and the audit
 * records change together or not at all. The script passes bodies on as they are and never decodes them.
 */
import type { Redis } from 'ioredis';
import type { AuditEntry } from '../workflow/ports-store.js';
import { APPEND_AUDIT } from './audit-log.js';
import type { Sealed } from './record.js';
import { OPERATION_S, run, script } from './script.js';

const DAY_S = 86_400;
/** How long a finished request can be looked up. */
export const FINISHED_S = 90 * DAY_S;
const GONE_RULE_S = DAY_S;
const DELIVERY_S = DAY_S;
const FINISHED_KEPT = 20;
/** Twice as many groups as a Region has by default. */
const GROUPS_KEPT = 5_000;

/** A sorted set: when a rule of each group last changed. */
export const GROUPS_USED = 'groups-used';

const CHANGE = script(`
${APPEND_AUDIT}
local op, delivery, request, rule, work, tell = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local person, live, sources, seq, audit, told = KEYS[7], KEYS[8], KEYS[9], KEYS[10], KEYS[11], KEYS[12]
local counting, used, waiting = KEYS[13], KEYS[14], KEYS[15]
local operation, nowMs = ARGV[1], ARGV[2]
local id, version, body, sig = ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local over, askedAtMs, dueMs, delivered = ARGV[7], ARGV[8], ARGV[9], ARGV[10]
local source, ruleVersion, ruleBody, ruleSig, gone = ARGV[11], ARGV[12], ARGV[13], ARGV[14], ARGV[15]
local counts, group, waitsUntilMs, mostWaiting = ARGV[16], ARGV[17], ARGV[18], ARGV[19]
local firstRecord = 20

local before = redis.call('GET', op)
if before then return {'done', before} end
if delivered == '1' then
  local made = redis.call('GET', delivery)
  if made then return {'repeated', made} end
end

local function follows(key, version)
  return tonumber(redis.call('HGET', key, 'version') or '0') == tonumber(version) - 1
end
if id ~= '' and not follows(request, version) then return {'conflict'} end
if source ~= '' and not follows(rule, ruleVersion) then return {'conflict'} end
if mostWaiting ~= '' then
  local waits = redis.call('ZCOUNT', waiting, nowMs, '+inf')
  if waits >= tonumber(mostWaiting) then return {'too-many', tostring(waits)} end
end

if id ~= '' then
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
  if dueMs == '' then redis.call('ZREM', work, id) else redis.call('ZADD', work, dueMs, id) end
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
for i = firstRecord, #ARGV do records[#records + 1] = ARGV[i] end
local first = append(seq, audit, records)
redis.call('SET', op, first, 'EX', ${OPERATION_S})
return {'done', first}
`);

/** A step as the script takes it. */
export interface ChangeArguments {
  /** The operation's id: sending the same operation again gives the first outcome again. */
  operation: string;
  nowMs: number;
  request?: {
    id: string;
    requester: string;
    sealed: Sealed;
    over: boolean;
    askedAtMs: number;
    /** The earliest instant at which something is owed. */
    dueMs: number | undefined;
    delivery: string | undefined;
    /** Until when the request waits for an answer; undefined where it waits for none. */
    waitsUntilMs: number | undefined;
    /** The access group that the request is about, and whether the request counts on the group now. */
    counting: { key: string; counts: boolean } | undefined;
  };
  rule?: { groupId: string; source: string; name: string; sealed: Sealed; gone: boolean };
  /** The step is refused where as many requests of the requester wait for an answer. */
  mostWaiting: number | undefined;
  audit: AuditEntry[];
}

/** What the script answered; `firstSeq` is the sequence number of the step's first audit record. */
export type Changed =
  | { outcome: 'done'; firstSeq: number }
  | { outcome: 'conflict' }
  | { outcome: 'too-many'; waiting: number }
  | { outcome: 'repeated'; requestId: string };

/** Sends one step. `prefix` is the installation's key prefix. A test repeats an operation with this. */
export async function runChange(redis: Redis, prefix: string, step: ChangeArguments): Promise<Changed> {
  const { request, rule } = step;
  const unused = `${prefix}:unused`;
  const keys = [
    `${prefix}:op:${step.operation}`,
    request?.delivery ? `${prefix}:delivery:${request.delivery}` : unused,
    request ? `${prefix}:request:${request.id}` : unused,
    rule ? `${prefix}:rule:${rule.name}` : unused,
    `${prefix}:owed:work`,
    `${prefix}:owed:tell`,
    request ? `${prefix}:person:${request.requester}` : unused,
    request ? `${prefix}:live:${request.requester}` : unused,
    rule ? `${prefix}:rules:${rule.groupId}` : unused,
    `${prefix}:audit:seq`,
    `${prefix}:audit`,
    request ? `${prefix}:told:${request.id}` : unused,
    request?.counting ? `${prefix}:${request.counting.key}` : unused,
    `${prefix}:${GROUPS_USED}`,
    request ? `${prefix}:waiting:${request.requester}` : unused,
  ];
  const flag = (value: boolean | undefined) => (value ? '1' : '0');
  const reply = await run(redis, CHANGE, keys, [
    step.operation,
    step.nowMs,
    request?.id ?? '',
    request?.sealed.version ?? '',
    request?.sealed.body ?? '',
    request?.sealed.sig ?? '',
    flag(request?.over),
    request?.askedAtMs ?? '',
    request?.dueMs ?? '',
    flag(request?.delivery !== undefined),
    rule?.source ?? '',
    rule?.sealed.version ?? '',
    rule?.sealed.body ?? '',
    rule?.sealed.sig ?? '',
    flag(rule?.gone),
    request?.counting ? flag(request.counting.counts) : '',
    rule?.groupId ?? '',
    request?.waitsUntilMs ?? '',
    step.mostWaiting ?? '',
    ...step.audit.map((entry) => JSON.stringify(entry)),
  ]);
  return readReply(reply);
}

function readReply(reply: unknown): Changed {
  const [outcome, detail]: unknown[] = Array.isArray(reply) ? reply : [];
  if (outcome === 'conflict') return { outcome };
  if (outcome === 'done' && typeof detail === 'string') return { outcome, firstSeq: Number(detail) };
  if (outcome === 'too-many' && typeof detail === 'string') return { outcome, waiting: Number(detail) };
  if (outcome === 'repeated' && typeof detail === 'string') return { outcome, requestId: detail };
  throw new Error('Redis gave an answer to a change that the script does not give');
}
