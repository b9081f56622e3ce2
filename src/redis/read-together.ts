/** Scripts that read in one trip what one step needs. They change nothing, and pass bodies on as they are. */
import type { Redis } from 'ioredis';
import { FIELDS, type Fields } from './record.js';
import { read, run, script } from './script.js';

/** Reads the rules that a group's list names, or the one that is asked for: false where the key holds another kind of value. */
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
 * Reads the rules that a group's list names, or the one with this source. `fields` are undefined where the key of a record
 * holds another kind of value.
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

/** How many records a script reads at most, since Redis answers nobody else while a script runs. */
const AT_ONCE = 200;

/** Reads the members of two sorted sets, and the records of the first members: each once, those of the first set first. */
const OF_SETS = script(`
local found, seen = {}, {}
local first, second = redis.call('ZRANGE', KEYS[1], 0, -1), redis.call('ZRANGE', KEYS[2], 0, -1)
for _, ids in ipairs({first, second}) do
  for _, id in ipairs(ids) do
    if not seen[id] and #found < ${AT_ONCE} then
      seen[id] = true
      local fields = redis.pcall('HMGET', ARGV[1] .. id, ${FIELDS.map((field) => `'${field}'`).join(', ')})
      found[#found + 1] = not fields.err and fields
    end
  end
end
return {first, second, found}
`);

/** The members of two sorted sets, with the fields of the records that they name: in one trip for up to 200 records. */
export async function readOfSets(
  redis: Redis,
  sets: readonly [string, string],
  keyOf: (id: string) => string,
): Promise<{ first: string[]; ids: string[]; found: (Fields | undefined)[] }> {
  const answer = await read(() => run(redis, OF_SETS, [...sets], [keyOf('')]));
  const [first = [], second = [], some = []] = listOf(answer).map(listOf);
  const ids = [...new Set([...first, ...second].map(String))];
  const found = some.map(fieldsOf);
  if (ids.length > found.length)
    found.push(...(await readRecords(redis, ids.slice(found.length).map(keyOf))));
  return { first: first.map(String), ids, found };
}

const RECORDS = script(`
local found = {}
for i, key in ipairs(KEYS) do
  local fields = redis.pcall('HMGET', key, ${FIELDS.map((field) => `'${field}'`).join(', ')})
  found[i] = fields.err or fields
end
return found
`);

/** Says of each source whether it is a member of the list before it. */
const LISTED = script(`
local found = {}
for i, source in ipairs(ARGV) do
  local listed = redis.pcall('SISMEMBER', KEYS[i], source)
  found[i] = type(listed) == 'table' and 0 or listed
end
return found
`);

/** The fields of very many records; undefined for a key that holds no hash. */
export async function readRecords(redis: Redis, keys: readonly string[]): Promise<(Fields | undefined)[]> {
  const found: (Fields | undefined)[] = [];
  for (let at = 0; at < keys.length; at += AT_ONCE) {
    const some = keys.slice(at, at + AT_ONCE);
    found.push(...listOf(await read(() => run(redis, RECORDS, some, []))).map(fieldsOf));
  }
  return found;
}

/** Whether each source is a member of the list at the same place in `lists`; false where the key holds no list. */
export async function areListed(
  redis: Redis,
  lists: readonly string[],
  sources: readonly string[],
): Promise<boolean[]> {
  const found: boolean[] = [];
  for (let at = 0; at < lists.length; at += AT_ONCE) {
    const [some, theirs] = [lists.slice(at, at + AT_ONCE), sources.slice(at, at + AT_ONCE)];
    found.push(...listOf(await read(() => run(redis, LISTED, some, theirs))).map((one) => one === 1));
  }
  return found;
}

function listOf(reply: unknown): unknown[] {
  if (!Array.isArray(reply)) throw new Error('Redis answered a script that reads with no list');
  return reply;
}

function fieldsOf(reply: unknown): Fields | undefined {
  if (!Array.isArray(reply)) return undefined;
  return reply.map((field: unknown) => (typeof field === 'string' ? field : null));
}

/** `[a, 1, b, 2]`, as Redis gives scores, or `[[a, 1], [b, 2]]`, as it does by the newer protocol. */
export function pairs(reply: unknown[]): [string, unknown][] {
  const flat = reply.flat();
  return flat.flatMap((name, index) =>
    index % 2 === 0 ? [[String(name), flat[index + 1]] satisfies [string, unknown]] : [],
  );
}
