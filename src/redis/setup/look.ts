/** Looks at Redis as a set-up needs it: whether the bot gets in, and whether what it stores is kept. */
import { connect } from 'node:net';
import type { Redis } from 'ioredis';
import type { Log } from '../../workflow/ports.js';
import { connectRecords, keyPrefix, type RedisAddress, takesWrites } from '../connections.js';
import { quickestAnswer } from '../replicas/clock.js';
import { type Lack, missingRights, NOT_ALONE } from '../rights.js';

/** What was seen of a Redis. A fact that the bot's user may not read is undefined. */
export interface RedisSeen {
  /** The version of Redis; for a Valkey the version of Redis that Valkey says it is compatible with. */
  version?: string;
  /** The version of Valkey; undefined where the server is no Valkey, or does not say so. */
  valkey?: string;
  role?: 'primary' | 'replica';
  /** Set where REDIS_URL names a single Redis, and a Sentinel or a node of a Cluster answers. */
  notAlone?: Lack;
  /** `maxmemory-policy`, such as `noeviction`. */
  eviction?: string;
  /** Whether Redis appends each write to a file (AOF). */
  aof?: boolean;
  /** The rights that the bot's user lacks; undefined where Redis did not let them be tried. */
  missing?: Lack[];
  takesWrites: boolean;
  /** The median time of a few PINGs, in milliseconds. */
  latencyMs: number;
  /** By how much Redis' clock is ahead of this machine's, give or take `uncertainMs`; undefined where Redis did not say. */
  clock?: { offMs: number; uncertainMs: number };
}

const QUIET: Log = { info() {}, warn() {}, error() {} };
const PINGS = 5;
/** A Redis that refuses new connections says so at once. */
const SAYS_WITHIN_MS = 250;

/**
 * Connects as the bot does, looks, and leaves.
 * @param local this machine's clock, epoch milliseconds
 * @returns `unreachable`: why there is no connection, in the words of Redis or of the system
 */
export async function lookAtRedis(
  address: RedisAddress,
  local: () => number,
): Promise<RedisSeen | { unreachable: string }> {
  const redis = connectRecords(address, QUIET);
  try {
    await connected(redis);
    // Redis refuses a wrong password in its answer to the first command.
    await redis.ping().catch((cause: Error) => {
      if (!cause.message.startsWith('NOPERM')) throw cause;
    });
    return await look(redis, address, local);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message || cause.name : String(cause);
    return { unreachable: (await saidUnasked(address)) ?? why };
  } finally {
    redis.disconnect();
  }
}

/**
 * Why Redis closes new connections: protected mode, or too many clients. Redis writes that to each new connection before
 * closing it, but a client that has sent something by then, as the bot has, only sees a broken connection. So this
 * connects once more and sends nothing. It does so for one address without TLS alone.
 */
function saidUnasked({ server: { where, tls } }: RedisAddress): Promise<string | undefined> {
  if (where.kind !== 'address' || tls) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const socket = connect({ host: where.host, port: where.port, timeout: SAYS_WITHIN_MS });
    const done = (said?: string) => {
      socket.destroy();
      resolve(said);
    };
    socket.once('data', (said) => done(/^-(.+?)(?:\. |\r|$)/s.exec(said.toString('utf8'))?.[1]));
    for (const end of ['timeout', 'error', 'close']) socket.once(end, () => done());
  });
}

function connected(redis: Redis): Promise<void> {
  return new Promise((resolve, reject) => {
    redis.once('ready', resolve);
    redis.once('error', reject);
    redis.once('close', () => reject(new Error('the connection was closed')));
  });
}

async function look(
  redis: Redis,
  { server, installation }: RedisAddress,
  local: () => number,
): Promise<RedisSeen> {
  const hello = factsOf(await redis.call('HELLO').catch(() => undefined));
  const info = linesOf(await redis.info().catch(() => ''));
  const version = info.get('redis_version') ?? hello.get('version');
  const valkey = info.get('valkey_version');
  const role = info.get('role') ?? hello.get('role');
  const mode = info.get('redis_mode') ?? hello.get('mode');
  const isAlone = server.where.kind !== 'address' || (mode !== 'cluster' && mode !== 'sentinel');
  const eviction = info.get('maxmemory_policy');
  const aof = info.get('aof_enabled');
  const isReplica = role !== undefined && role !== 'master' && role !== 'primary';
  // A replica refuses every write, and ioredis would look for the primary again after each refusal.
  const missing = isReplica ? undefined : await missingRights(redis, keyPrefix(installation));
  const clock = await quickestAnswer(redis, local);
  return {
    ...(version ? { version } : {}),
    ...(valkey ? { valkey } : {}),
    ...(role ? { role: isReplica ? 'replica' : 'primary' } : {}),
    ...(isAlone ? {} : { notAlone: NOT_ALONE[mode] }),
    ...(eviction ? { eviction } : {}),
    ...(aof ? { aof: aof === '1' } : {}),
    ...(missing ? { missing } : {}),
    takesWrites: await takesWrites(redis, installation),
    latencyMs: await latencyOf(redis),
    ...(clock ? { clock: { offMs: clock.offMs, uncertainMs: clock.tookMs / 2 } } : {}),
  };
}

async function latencyOf(redis: Redis): Promise<number> {
  const took: number[] = [];
  for (let ping = 0; ping < PINGS; ping += 1) {
    const before = performance.now();
    await redis.ping().catch(() => undefined);
    took.push(performance.now() - before);
  }
  return took.toSorted((a, b) => a - b)[Math.floor(PINGS / 2)] ?? 0;
}

/** The facts in the answer to HELLO, which needs no right: names and values in turn, or a map, by the protocol. */
function factsOf(answer: unknown): Map<string, string> {
  if (Array.isArray(answer)) {
    const texts = answer.map(String);
    return new Map(texts.flatMap((text, at) => (at % 2 === 0 ? [[text, texts[at + 1] ?? ''] as const] : [])));
  }
  const pairs: [unknown, unknown][] =
    answer instanceof Map
      ? [...answer]
      : typeof answer === 'object' && answer !== null
        ? Object.entries(answer)
        : [];
  return new Map(pairs.map(([name, value]) => [String(name), String(value)]));
}

/** The facts in the answer to INFO: `name:value`, one a line. */
function linesOf(text: string): Map<string, string> {
  return new Map(
    text.split(/\r?\n/).flatMap((line) => {
      const at = line.indexOf(':');
      return at > 0 ? [[line.slice(0, at), line.slice(at + 1)] as const] : [];
    }),
  );
}
