/**
 * The audit stream: numbered records, written in one step with the changes that they tell of, and trimmed to what the
 * policy keeps. A trimming leaves a record too, so that nobody takes the gap at the beginning for a loss.
 */
import type { Redis } from 'ioredis';
import { nanoid } from 'nanoid';
import type { Log } from '../workflow/ports.js';
import { change, OPERATION_S, run, script } from './script.js';

/**
 * Lua that numbers and appends records, for the scripts that write them. `append` answers the number of the first
 * record, and 0 where there are none.
 */
export const APPEND_AUDIT = `
local function append(seq, audit, records)
  if #records == 0 then return '0' end
  local first = redis.call('INCRBY', seq, #records) - #records + 1
  for i, record in ipairs(records) do
    redis.call('XADD', audit, '*', 'seq', string.format('%d', first + i - 1), 'record', record)
  end
  return string.format('%d', first)
end
`;

/**
 * Records are trimmed a day's worth (or a hundredth of the stream) at a time. Each trimming leaves a record of its own, so a
 * stream that was trimmed by one record at each pass of the sweep would hold little else.
 */
const TRIM = script(`
${APPEND_AUDIT}
local op, seq, audit = KEYS[1], KEYS[2], KEYS[3]
local oldestMs, lateMs, most, fewer = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
local before = redis.call('GET', op)
if before then return before end

local removed = 0
local oldest = redis.call('XRANGE', audit, '-', '+', 'COUNT', 1)[1]
if oldest and tonumber(string.match(oldest[1], '^%d+')) < tonumber(lateMs) then
  removed = removed + redis.call('XTRIM', audit, 'MINID', oldestMs)
end
if redis.call('XLEN', audit) > most then
  removed = removed + redis.call('XTRIM', audit, 'MAXLEN', fewer)
end
if removed == 0 then return '' end

local upTo = redis.call('GET', seq) or '0'
local kept = redis.call('XRANGE', audit, '-', '+', 'COUNT', 1)[1]
if kept then
  for i = 1, #kept[2], 2 do
    if kept[2][i] == 'seq' then upTo = string.format('%d', tonumber(kept[2][i + 1]) - 1) end
  end
end
local record = ARGV[5] .. string.format('%d', removed) .. ARGV[6] .. upTo .. ARGV[7]
local first = append(seq, audit, {record})
local answer = first .. ' ' .. record
redis.call('SET', op, answer, 'EX', ${OPERATION_S})
return answer
`);

const DAY_MS = 86_400_000;

/** How much the stream keeps: whichever bound is reached first. */
export interface AuditBounds {
  /** How old a record may become, milliseconds. */
  keepMs: number;
  records: number;
}

/**
 * Trims the stream where it holds more than the bounds allow, and logs the record that says so. A record may stay for a
 * day (or a hundredth of `keepMs`, where that is less) beyond its age; of too many a hundredth more is removed.
 */
export async function trimAudit(
  redis: Redis,
  prefix: string,
  bounds: AuditBounds,
  nowMs: number,
  log: Log,
): Promise<void> {
  const oldestMs = Math.max(0, nowMs - bounds.keepMs);
  const lateMs = oldestMs - Math.min(DAY_MS, Math.floor(bounds.keepMs / 100));
  const keys = [`${prefix}:op:${nanoid()}`, `${prefix}:audit:seq`, `${prefix}:audit`];
  // The script puts its two numbers in the place of each `#`.
  const entry = { atMs: nowMs, who: 'sweep', what: 'audit-trimmed', ids: { removed: '#', upToSeq: '#' } };
  const args = [
    oldestMs,
    lateMs,
    bounds.records,
    bounds.records - Math.ceil(bounds.records / 100),
    ...JSON.stringify(entry).split('"#"'),
  ];
  const answer = await change(redis, () => run(redis, TRIM, keys, args));
  if (typeof answer !== 'string' || answer === '') return;
  const [first = '', ...rest] = answer.split(' ');
  const record: unknown = JSON.parse(rest.join(' '));
  if (typeof record === 'object' && record !== null) {
    log.info({ audit: { seq: Number(first), ...record } }, 'audit');
  }
}
