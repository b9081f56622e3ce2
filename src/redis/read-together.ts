/** Scripts that read in one trip what one step needs. They change nothing, and pass bodies on as they are. */
import type { Redis } from 'ioredis';
import type { Fields } from './record.js';
import { read, run, script } from './script.js';

/** The rules that a group's list names, or the one of them that is asked for: false where another kind of key stands there. */
const RULES = script(`
local list, prefix, source = KEYS[1], ARGV[1], ARGV[2]
local sources
if source == '' then sources = redis.pcall('SMEMBERS', list) else sources = redis.pcall('SISMEMBER', list, source) end
if type(sources) == 'table' and sources.err then return sources end
if source ~= '' then sources = sources == 1 and {source} or {} end
local found = {}
for n, name in ipairs(sources) do
  local fields = redis.pcall('HMGET', prefix .. name, 'version', 'body', 'sig')
  found[n] = {name, not fields.err and fields}
end
return found
`);

/**
 * The rules that a group's list names, or the one of them with this source; `fields` are undefined where another kind of
 * key stands in the place of a record.
 */
export async function readRules(
  redis: Redis,
  list: string,
  prefix: string,
  source = '',
): Promise<{ source: string; fields: Fields | undefined }[]> {
  const found = await read(() => run(redis, RULES, [list], [prefix, source]));
  if (!Array.isArray(found)) return [];
  return found.map(([name, fields]) => ({
    source: String(name),
    fields: Array.isArray(fields) ? fields : undefined,
  }));
}

const HASHES = script(`
local found = {}
for n = 2, #KEYS do found[n - 1] = redis.call('HMGET', KEYS[n], 'version', 'body', 'sig') end
return {redis.call('EXISTS', KEYS[1]), found}
`);

/** Whether a key exists, and the fields of records. */
export async function readHashes(
  redis: Redis,
  key: string,
  hashes: readonly string[],
): Promise<{ exists: boolean; found: readonly Fields[] }> {
  const answer = await read(() => run(redis, HASHES, [key, ...hashes], []));
  const [exists, found] = Array.isArray(answer) ? answer : [];
  return { exists: exists === 1, found };
}
