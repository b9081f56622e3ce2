/**
 * The connections to Redis. Records and queues fail fast and never send a command twice by themselves, because a
 * repeated change must carry its operation id; workers wait for Redis as long as it takes.
 */
import { Redis, type RedisOptions } from 'ioredis';
import type { Log } from '../workflow/ports.js';
import { timeOutFairly } from './fair-time-outs.js';
import { CLOSED_MS, type Coming, connectorTo, type Guides, type Place } from './primary.js';

/** Where Redis is and how long a command may take. */
export interface RedisAddress {
  server: {
    where: ({ kind: 'address' } & Place) | Guides;
    username?: string;
    password?: string;
    db: number;
    /** Unset without TLS. */
    tls?: NonNullable<Coming['tls']>;
  };
  installation: string;
  /** TIME_REDIS: a command without an answer after this time has failed, milliseconds. */
  timeoutMs: number;
}

/** How long to wait before the next attempt to connect: little at first, 2 s at most, without an end to the attempts. */
function reconnectAfterMs(times: number): number {
  return Math.min(times * 50, 2_000);
}

/** A worker blocks for up to 10 s and its own watchdog takes one more: silence beyond that is a dead connection. */
const WORKER_SILENCE_MS = 12_000;

/**
 * Connects for records and for adding timers: a command fails at once while Redis is away, and after
 * `timeoutMs` when it does not answer. Nothing is queued and nothing is sent again.
 *
 * Measured with ioredis' defaults: a `SET` that ended in "Command timed out" was stored all the same, and a
 * compare-and-set whose answer was lost was sent again, so that the winner read that it had lost.
 */
export function connectRecords(address: RedisAddress, log: Log): Redis {
  const redis = connect(
    address,
    {
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      // With 0 a command whose connection was lost fails right away, instead of at its time-out.
      maxRetriesPerRequest: 0,
      commandTimeout: address.timeoutMs,
      reconnectOnError: isElsewhere(address),
    },
    log,
  );
  writeTogether(redis);
  timeOutFairly(redis);
  return redis;
}

/**
 * Lets commands that are sent in one turn of the event loop leave in one write. Each keeps its own answer and time-out. Many
 * ends or many forms at once are hundreds of commands, and each write is a call to the operating system.
 */
function writeTogether(redis: Redis): void {
  const send = redis.sendCommand.bind(redis);
  let held: Redis['stream'] | undefined;
  redis.sendCommand = (...given) => {
    if (held === undefined && redis.status === 'ready') {
      const { stream } = redis;
      held = stream;
      stream.cork();
      // Node runs immediates once it has read all sockets that had something to read.
      setImmediate(() => {
        held = undefined;
        stream.uncork();
      });
    }
    return send(...given);
  };
}

/** Connects for BullMQ workers, which wait for Redis for ever (BullMQ asks for `maxRetriesPerRequest: null`). */
export function connectWorkers(address: RedisAddress, log: Log): Redis {
  const goesOn = isElsewhere(address);
  return connect(
    address,
    {
      maxRetriesPerRequest: null,
      socketTimeout: WORKER_SILENCE_MS,
      reconnectOnError: (error) => (goesOn(error) ? 2 : false),
    },
    log,
  );
}

/**
 * The prefix of everything that an installation keeps in Redis. The braces are a hash tag: all keys live in one slot
 * of a Redis Cluster, so that one script may change them together.
 *
 * @throws TypeError when the name would break the hash tag.
 */
export function keyPrefix(installation: string): string {
  if (!/^[A-Za-z0-9._-]+$/.test(installation)) {
    throw new TypeError(`INSTALLATION ${JSON.stringify(installation)} may have letters, digits and ._- only`);
  }
  return `{wssh:${installation}}`;
}

/** The key by which {@link takesWrites} tries a write stays this long. */
const PROBE_MS = 1_000;

/**
 * Whether Redis takes a write now. A replica that may only read, a full memory and too few replicas refuse writes, and
 * answer PING all the same.
 */
export async function takesWrites(redis: Redis, installation: string): Promise<boolean> {
  const probe = `${keyPrefix(installation)}:probe`;
  try {
    return (await redis.set(probe, '1', 'PX', PROBE_MS)) === 'OK';
  } catch {
    return false;
  }
}

/**
 * Whether an answer of Redis says that another server is the primary by now: ioredis then connects anew, and so looks for
 * the primary. After a failover the old primary refuses writes, and a node of a Cluster names the new one, or knows none yet.
 */
function isElsewhere({ server }: RedisAddress): (answer: Error) => boolean {
  const words = server.where.kind === 'cluster' ? /READONLY|MOVED|CLUSTERDOWN/ : /READONLY/;
  return ({ message }) => words.test(message);
}

function connect(
  { server, installation, timeoutMs }: RedisAddress,
  options: Omit<RedisOptions, 'replyMapping'>,
  log: Log,
): Redis {
  const { where, tls, db, ...person } = server;
  const secure = tls ? { tls } : {};
  const coming = { person, ...secure, key: `${keyPrefix(installation)}:probe`, timeoutMs };
  const redis = new Redis({
    ...(where.kind === 'address'
      ? { host: where.host, port: where.port }
      : { Connector: connectorTo(where, coming) }),
    ...person,
    ...secure,
    db,
    retryStrategy: reconnectAfterMs,
    // ioredis' check needs INFO, which the bot's user may not send. A Redis that still loads its data refuses each command.
    enableReadyCheck: false,
    connectTimeout: Math.max(timeoutMs, 5_000),
    disconnectTimeout: CLOSED_MS,
    ...options,
  });
  // Each call that waits for the connection adds a listener, and Node would warn operators of many as of a leak.
  redis.setMaxListeners(0);
  logOutages(redis, log);
  return redis;
}

/** Logs once when Redis goes and once when it is back. An error event without a listener would end the process. */
function logOutages(redis: Redis, log: Log): void {
  let down = false;
  const goes = (reason: string) => {
    if (!down) log.warn({ reason }, 'Redis is unreachable');
    down = true;
  };
  redis.on('error', (error: Error) => goes(error.message || error.name));
  redis.on('reconnecting', () => goes('the connection was closed'));
  redis.on('ready', () => {
    if (down) log.info({}, 'Redis is back');
    down = false;
  });
}
