/**
 * A Redis in plain JavaScript, for a machine that has none: the sandbox and the tests use it, the bot itself asks for
 * a REDIS_URL. It listens on 127.0.0.1 only and keeps nothing.
 *
 * By itself: `node dist/sandbox/redis.js --port 6379`.
 */
import { realpathSync } from 'node:fs';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  ClientSession,
  createRedisCommandExecutor,
  createStringData,
  type RedisDatabase,
  RedisServerState,
  Resp2Server,
} from 'js-redis-server/core';

export interface EmbeddedRedis {
  /** `redis://127.0.0.1:PORT` */
  url: string;
  /** Cuts every connection and stops. All data is gone then. */
  close(): Promise<void>;
}

/** The version that the embedded Redis claims to be, which is one that the tests also run with. */
const COMPATIBILITY = 'redis-7.0';

/** Starts an embedded Redis on `port`, or on a free port. @throws the system's error where the port is taken */
export async function startEmbeddedRedis(port = 0): Promise<EmbeddedRedis> {
  const state = new RedisServerState({ databaseCount: 16, compatibility: COMPATIBILITY });
  copyLess(state.getDatabase(0));
  const redis = new Resp2Server({
    server: state,
    executor: createRedisCommandExecutor({ compatibility: COMPATIBILITY }),
  });
  // The server's own close() waits for clients to leave, and clients that reconnect never do.
  const sockets = new Set<Socket>();
  redis.server.on('connection', (socket) => {
    sockets.add(socket);
    // The server's own listener came first: the newest session is the one of this socket.
    const session = state.getConnectedClients().at(-1);
    socket.once('close', () => {
      sockets.delete(socket);
      // Without this, a blocking command of a client that left would keep the process alive, and take a later entry.
      if (session instanceof ClientSession) session.close();
    });
  });
  // The server's own listen() would bind every address of the machine.
  await new Promise<void>((resolve, reject) => {
    redis.server.once('error', reject);
    redis.server.listen(port, '127.0.0.1', () => {
      redis.server.off('error', reject);
      resolve();
    });
  });
  return {
    url: `redis://127.0.0.1:${redis.getPort()}`,
    async close() {
      const closed = redis.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/**
 * The server copies a whole value for each look at it, and once more for whoever waits for its key. With a thousand
 * timers in one sorted set that is most of what it does. Nobody here changes what was read, and whoever waits for a key
 * asks which key changed, never what was written: so both do without the copies.
 */
function copyLess(database: RedisDatabase): void {
  const { mutations } = database;
  const tell = mutations.emit.bind(mutations);
  const nothing = createStringData(Buffer.alloc(0));
  mutations.emit = (event) => tell(event.type === 'write' ? { ...event, value: nothing } : event);
  database.getSortedSet = (key) =>
    database.getType(key) === null
      ? null
      : database.updateSortedSet(key, (set) => ({ type: 'zset', members: new Map(set.entries()) }));
}

const startedFile = process.argv[1];
if (startedFile && realpathSync(startedFile) === fileURLToPath(import.meta.url)) await runAlone();

async function runAlone(): Promise<void> {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '0' } } });
  const redis = await startEmbeddedRedis(Number(values.port));
  console.log(`${redis.url}\nThis Redis keeps nothing: what is stored is gone when it stops.`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void redis.close());
  // A parent process that ends without a word closes the channel.
  process.once('disconnect', () => void redis.close());
}
