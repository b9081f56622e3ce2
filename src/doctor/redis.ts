/** Redis: whether the bot gets in, may do what it does, and keeps what it stores. */
import type { Lack } from '../redis/rights.js';
import type { RedisSeen } from '../redis/setup/look.js';
import { type Finding, fail, ok, unprovable, warn } from './finding.js';

/** The oldest version of Redis with what BullMQ's scripts and the audit log's XTRIM need. */
const OLDEST = [6, 2];
/** A command to the bot takes a few round trips, and Slack waits three seconds for the acknowledgement. */
const SLOW_MS = 50;

export function lookAtRedisSeen(seen: RedisSeen | { unreachable: string }, timeoutMs: number): Finding[] {
  if ('unreachable' in seen) return [unreachable(seen.unreachable)];
  const answers = ok('redis.connection', 'Redis answers.');
  if (seen.notAlone) return [answers, failure('redis.role', seen.notAlone)];
  return [
    answers,
    version(seen),
    role(seen),
    ...rights(seen.missing),
    seen.takesWrites
      ? ok('redis.write', 'Redis takes writes.')
      : fail(
          'redis.write',
          'Redis takes no write.',
          'Look for a full memory (maxmemory), a replica that only reads, and min-replicas-to-write.',
        ),
    eviction(seen.eviction),
    aof(seen.aof),
    latency(seen.latencyMs, timeoutMs),
  ];
}

/** What to do where the bot cannot connect, by the error of Redis or of the system. */
const FIXES: readonly [RegExp, string][] = [
  [
    /^DENIED/,
    'Set a password in Redis (requirepass) and write it into REDIS_URL, or set protected-mode no where nothing but the bot reaches Redis.',
  ],
  [/max number of clients/, 'Raise maxclients of Redis, or find who keeps so many connections to it.'],
  [
    /certificate required|handshake failure|alert/i,
    'Set REDIS_CERT_FILE and REDIS_KEY_FILE: this Redis lets nobody in without a certificate that it knows.',
  ],
  [
    /certificate|altnames/i,
    'Set REDIS_CA_FILE to the certificate of the authority that signs for Redis, and name Redis in REDIS_URL as its certificate does.',
  ],
  [/no Sentinel.*(AUTH|WRONGPASS)/, 'Set REDIS_SENTINEL_PASSWORD to the password of the Sentinels.'],
  [
    /WRONGPASS|NOAUTH|invalid password|AUTH/i,
    'Correct the user and the password in REDIS_URL, percent-encoded: / is %2F, @ is %40.',
  ],
  [
    /ECONNRESET|EPIPE|was closed|disconnected/,
    'See that REDIS_URL begins with rediss where Redis speaks TLS, and only there. It may want a certificate of the bot then: set REDIS_CERT_FILE and REDIS_KEY_FILE.',
  ],
  [/no Sentinel/, 'Correct the Sentinels and the name of the primary in REDIS_URL.'],
];

function unreachable(why: string): Finding {
  const known = FIXES.find(([words]) => words.test(why))?.[1];
  return fail(
    'redis.connection',
    // Redis ends some of its sentences with a full stop, and OpenSSL its own with a new line.
    `Redis cannot be used: ${why.trim().replace(/\.$/, '')}.`,
    known ?? 'Correct REDIS_URL, or start Redis there; rediss:// is for TLS.',
  );
}

function version({ version: found, valkey }: RedisSeen): Finding {
  const id = 'redis.version';
  if (found === undefined) return unprovable(id, 'Redis does not say its version.');
  const [major = 0, minor = 0] = found.split('.').map(Number);
  const [oldest = 0, least = 0] = OLDEST;
  if (major > oldest || (major === oldest && minor >= least))
    return ok(id, valkey ? `Redis is Valkey ${valkey}.` : `Redis is version ${found}.`);
  return fail(id, `Redis is version ${found}.`, `Use ${OLDEST.join('.')} or newer, or Valkey.`);
}

function role({ role: found }: RedisSeen): Finding {
  const id = 'redis.role';
  if (found === undefined) return unprovable(id, 'Redis does not say whether it is a primary.');
  if (found === 'primary') return ok(id, 'Redis is a primary.');
  return fail(id, 'Redis is a replica, which only reads.', 'Let REDIS_URL name the primary.');
}

function rights(missing: Lack[] | undefined): Finding[] {
  const id = 'redis.rights';
  if (!missing) return [unprovable(id, 'Whether the user of REDIS_URL may do all that the bot does.')];
  if (missing.length === 0) return [ok(id, 'The user of REDIS_URL may do all that the bot does.')];
  return missing.map((lack) => failure(id, lack));
}

function failure(id: string, { says, fix }: Lack): Finding {
  return fail(id, `${says}.`, `${fix[0]?.toUpperCase()}${fix.slice(1)}.`);
}

const WITH_INFO = 'Redis does not say. A user who may not run INFO needs +info for that';

function eviction(found: string | undefined): Finding {
  const id = 'redis.eviction';
  if (found === undefined) return unprovable(id, `Whether maxmemory-policy is noeviction: ${WITH_INFO}.`);
  if (found === 'noeviction') return ok(id, 'maxmemory-policy is noeviction.');
  return fail(
    id,
    `maxmemory-policy is ${found}: a full Redis would throw requests away.`,
    'Set maxmemory-policy noeviction.',
  );
}

function aof(found: boolean | undefined): Finding {
  const id = 'redis.aof';
  if (found === undefined) return unprovable(id, `Whether AOF is on: ${WITH_INFO}.`);
  if (found) return ok(id, 'AOF is on: a restart of Redis keeps what was stored.');
  return warn(
    id,
    'AOF is off: a restart of Redis loses what was stored. Open access ends on time all the same, by its tags; requests that wait are lost.',
    'Set appendonly yes.',
  );
}

function latency(ms: number, timeoutMs: number): Finding {
  const id = 'redis.latency';
  const shown = ms < 10 ? ms.toFixed(1) : String(Math.round(ms));
  if (ms <= SLOW_MS) return ok(id, `Redis answers within ${shown} ms.`);
  const says = `Redis takes ${shown} ms to answer, and TIME_REDIS gives a command ${timeoutMs} ms.`;
  return warn(id, says, 'Put the bot nearer to Redis: Slack waits three seconds for an acknowledgement.');
}
