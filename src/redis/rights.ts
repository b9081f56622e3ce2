/**
 * The rights that the bot's user needs in Redis. Which of them it lacks is found by trying each command where the
 * command changes nothing: Redis' own `ACL DRYRUN` is a right that the user does not need otherwise.
 */
import type { Redis } from 'ioredis';
import type { Log } from '../workflow/ports.js';

/** How long the key stays where a bot stops amid the tries. */
const KEPT_MS = 60_000;

/**
 * Every command that the bot and BullMQ send, in scripts too, with arguments for a key that holds a text: most commands
 * are for another kind of value and are refused as such, after Redis has looked at the rights.
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
    // The last one, since it takes the key away.
    ['del', key],
  ];
}

/** The commands that the bot's user must be allowed to send. */
export const COMMANDS: readonly string[] = tries('', 0).map(([command]) => command);

/** What the bot's user may do, as Redis said it last. */
export interface Rights {
  /** Looks, and says in the log which rights are missing, where that is news. Resolves once Redis has answered. */
  look(): Promise<void>;
  /**
   * False where something was missing when it was looked at last. It is looked at again then, for the next caller, since
   * an operator gives the rights while the bot runs.
   */
  suffice(): boolean;
}

/** The rights that are not known yet count as there. */
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

/** Something that the bot is not let do, and what an operator does about that. Neither ends with a full stop. */
export interface Lack {
  says: string;
  fix: string;
}

const GIVE_RIGHTS = 'give its user the rights that docs/operating.md lists';

/** What stands where `REDIS_URL` says that there is a single Redis. */
export const NOT_ALONE: Record<'cluster' | 'sentinel', Lack> = {
  cluster: { says: 'REDIS_URL names one node of a Redis Cluster', fix: 'begin it with redis+cluster://' },
  sentinel: {
    says: 'REDIS_URL names a Sentinel as if it were Redis',
    fix: 'begin it with redis+sentinel://, and end it with what the Sentinels call the primary',
  },
};

/** What is forbidden to the bot's user; undefined where Redis did not answer. */
export async function missingRights(redis: Redis, prefix: string): Promise<Lack[] | undefined> {
  const key = `${prefix}:probe:rights`;
  const answers = await Promise.all(
    tries(key, redis.options.db ?? 0).map(([command, ...args]) =>
      redis.call(command, ...args).then(
        () => ({ command, why: '' }),
        // Every other failure is that of a connection, which says nothing of rights.
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
