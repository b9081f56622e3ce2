/**
 * The rights that the bot's user needs in Redis. A missing right is found by sending each command in a way that changes
 * nothing. Redis' own `ACL DRYRUN` would be a further right, which the user needs for nothing else.
 */
import type { Redis } from 'ioredis';
import type { Log } from '../workflow/ports.js';

/** How long the key of the tries stays where the bot stops before it removes the key. */
const KEPT_MS = 60_000;

/**
 * Every command that the bot and BullMQ send, in scripts too, with arguments for a key that holds a text. Redis looks at
 * the rights first, and then refuses most of these commands, since they are for another kind of value.
 */
function tries(key: string, db: number): [command: string, ...args: (string | number)[]][] {
  return [
    ['set', key, 1, 'PX', KEPT_MS],
    ['bzpopmin', key, 0.01],
    ['eval', 'return 1', 1, key],
    ['evalsha', '0'.repeat(40), 1, key],
    ['exists', key],
    ['expire', key, KEPT_MS / 1_000],
    ['get', key],
    ['hdel', key, 'field'],
    ['hexists', key, 'field'],
    ['hget', key, 'field'],
    ['hgetall', key],
    ['hincrby', key, 'field', 1],
    ['hmget', key, 'field'],
    ['hmset', key, 'field', 1],
    ['hset', key, 'field', 1],
    ['incr', key],
    ['incrby', key, 1],
    ['llen', key],
    ['lpos', key, 'element'],
    ['lpush', key, 'element'],
    ['lrange', key, 0, 0],
    ['lrem', key, 0, 'element'],
    ['ltrim', key, 0, 0],
    ['persist', key],
    ['pexpire', key, KEPT_MS],
    ['ping'],
    ['pttl', key],
    ['rpoplpush', key, key],
    ['rpush', key, 'element'],
    ['sadd', key, 'member'],
    ['scard', key],
    ['select', db],
    ['sismember', key, 'member'],
    ['smembers', key],
    ['srem', key, 'member'],
    ['time'],
    ['xadd', key, '*', 'field', 1],
    ['xlen', key],
    ['xrange', key, '-', '+'],
    ['xtrim', key, 'MAXLEN', 0],
    ['zadd', key, 0, 'member'],
    ['zcard', key],
    ['zcount', key, 0, 0],
    ['zpopmin', key],
    ['zrange', key, 0, 0],
    ['zrangebyscore', key, 0, 0],
    ['zrem', key, 'member'],
    ['zremrangebyrank', key, 0, 0],
    ['zremrangebyscore', key, 0, 0],
    ['zrevrange', key, 0, 0],
    ['zrevrangebyscore', key, 0, 0],
    ['zscore', key, 'member'],
    // `del` comes last, since it removes the key that the other commands are tried on.
    ['del', key],
  ];
}

/** The commands that the bot's user must be allowed to send. */
export const COMMANDS: readonly string[] = tries('', 0).map(([command]) => command);

/** What the bot's user may do, as Redis said it last. */
export interface Rights {
  /** Tries all rights, and logs those that were not known to be missing. Resolves once Redis has answered. */
  look(): Promise<void>;
  /**
   * False where a right was missing at the last look. A new look begins then, so that the next caller learns of rights that
   * an operator gave while the bot runs.
   */
  suffice(): boolean;
}

/** Until the first look no right counts as missing. */
export function createRights(redis: Redis, prefix: string, log: Log): Rights {
  let missing: readonly Lack[] = [];
  let looking: Promise<void> | undefined;

  async function look(): Promise<void> {
    const found = await missingRights(redis, prefix);
    if (!found) return;
    const news = found.filter(({ says }) => !missing.some((known) => known.says === says));
    for (const { says, fix } of news) log.error({ prefix }, `${says}: ${fix}`);
    if (found.length === 0 && missing.length > 0) log.info({}, 'Redis lets the bot do all that it needs');
    missing = found;
  }

  const rights: Rights = {
    look() {
      looking ??= look().finally(() => {
        looking = undefined;
      });
      return looking;
    },
    suffice() {
      if (missing.length > 0) void rights.look();
      return missing.length === 0;
    },
  };
  return rights;
}

/** Something that Redis does not let the bot do, and what an operator does about it. Both are without a full stop. */
export interface Lack {
  says: string;
  fix: string;
}

const GIVE_RIGHTS = 'give its user the rights that docs/operating.md lists';

/** Where `REDIS_URL` names a single Redis: what else may answer there. */
export const NOT_ALONE: Record<'cluster' | 'sentinel', Lack> = {
  cluster: { says: 'REDIS_URL names one node of a Redis Cluster', fix: 'begin it with redis+cluster://' },
  sentinel: {
    says: 'REDIS_URL names a Sentinel as if it were Redis',
    fix: 'begin it with redis+sentinel://, and end it with what the Sentinels call the primary',
  },
};

/** What the bot's user may not do; undefined where Redis did not answer. */
export async function missingRights(redis: Redis, prefix: string): Promise<Lack[] | undefined> {
  const key = `${prefix}:probe:rights`;
  const answers = await Promise.all(
    tries(key, redis.options.db ?? 0).map(([command, ...args]) =>
      redis.call(command, ...args).then(
        () => ({ command, why: '' }),
        // Every other failure is a failure of the connection, which says nothing about rights.
        (error: Error) => (error.name === 'ReplyError' ? { command, why: error.message } : undefined),
      ),
    ),
  );
  const known = answers.filter((answer) => answer !== undefined);
  if (known.length < answers.length) return undefined;
  if (known.some(({ why }) => why.startsWith('MOVED'))) return [NOT_ALONE.cluster];
  const isStored = known.find(({ command }) => command === 'set');
  if (isStored?.why.startsWith('ERR unknown command')) return [NOT_ALONE.sentinel];
  const refused = known.filter(({ why }) => why.startsWith('NOPERM'));
  const commands = refused
    .filter(({ why }) => why.includes('to run'))
    .map(({ command }) => command.toUpperCase());
  const lacks = [
    ...(commands.length > 0 ? [`Redis does not let the bot run ${commands.join(', ')}`] : []),
    ...(refused.length > commands.length ? [`Redis does not let the bot use the keys ${prefix}*`] : []),
  ];
  return lacks.map((says) => ({ says, fix: GIVE_RIGHTS }));
}
