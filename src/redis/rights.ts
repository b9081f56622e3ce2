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

/** Says which commands, or that the bot's keys, are forbidden to its user, once Redis answers. Stops nothing. */
export async function nameMissingRights(redis: Redis, prefix: string, log: Log): Promise<void> {
  const key = `${prefix}:probe:rights`;
  const refused = await Promise.all(
    tries(key, redis.options.db ?? 0).map(([command, ...args]) =>
      redis.call(command, ...args).then(
        () => undefined,
        (error: Error) => (error.message.startsWith('NOPERM') ? { command, why: error.message } : undefined),
      ),
    ),
  );
  const missing = refused.flatMap((one) => one ?? []);
  const commands = missing
    .filter(({ why }) => why.includes('to run'))
    .map(({ command }) => command.toUpperCase());
  const next = 'give its user the rights that docs/operating.md lists';
  if (commands.length > 0)
    log.error({ commands }, `Redis does not let the bot run ${commands.join(', ')}: ${next}`);
  if (missing.length > commands.length)
    log.error({ prefix }, `Redis does not let the bot use the keys ${prefix}*: ${next}`);
}
