/**
 * A Redis in plain JavaScript, for a machine that has none: the sandbox and the tests use it, the bot itself asks for
 * a REDIS_URL. It listens on 127.0.0.1 only and keeps nothing.
 *
 * By itself: `node dist/sandbox/redis.js --port 6379`.
 */
import { realpathSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  attachSession,
  createRedisCommandExecutor,
  createStringData,
  type KeyspaceEntry,
  type RedisDatabase,
  RedisServerState,
  SocketConnectionTransport,
} from 'js-redis-server/core';

export interface EmbeddedRedis {
  /** `redis://127.0.0.1:PORT` */
  url: string;
  /** Cuts every connection and stops. All data is gone then. */
  close(): Promise<void>;
}

/** The version that the embedded Redis claims to be, which is one that the tests also run with. */
const COMPATIBILITY = 'redis-7.0';

/**
 * How often the server looks among all keys for expired ones. A client that asks for an expired key finds none anyway.
 */
const EXPIRY_MS = 1_000;

/** Starts an embedded Redis on `port`, or on a free port. @throws the system's error where the port is taken */
export async function startEmbeddedRedis(port = 0): Promise<EmbeddedRedis> {
  const state = new RedisServerState({
    databaseCount: 16,
    compatibility: COMPATIBILITY,
    activeExpiryIntervalMs: EXPIRY_MS,
  });
  copyLess(state.getDatabase(0));
  const executor = createRedisCommandExecutor({ compatibility: COMPATIBILITY });
  // The package's own server would bind every address of the machine, and end only once every client has left.
  const sockets = new Set<Socket>();
  const server = createServer({ keepAlive: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    const clientAddress = `${socket.remoteAddress}:${socket.remotePort}`;
    const { session } = attachSession(new GatheringTransport(socket), { state, executor, clientAddress });
    socket.once('close', () => {
      sockets.delete(socket);
      // Without this, a blocking command of a client that left would keep the process alive, and take a later entry.
      session.close();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject).listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('the embedded Redis has no port');
  return {
    url: `redis://127.0.0.1:${address.port}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
      state.close();
    },
  };
}

/**
 * Sends the answers to commands that came together in one piece. By itself the package sends each answer alone once the
 * system has taken the answer before it. The system then holds back the second answer until the client has confirmed
 * the first, which takes a client some 40 ms.
 */
class GatheringTransport extends SocketConnectionTransport {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    super(socket);
    this.#socket = socket;
  }

  override write(chunk: Buffer): Promise<void> {
    this.#socket.cork();
    process.nextTick(() => this.#socket.uncork());
    // Where the client has left, its session ends by itself.
    super.write(chunk).catch(() => {});
    return Promise.resolve();
  }
}

/**
 * Lets the server answer without copies of its values. By itself it copies a whole value for each look, once more for
 * each client that waits for the key, and all values for a look at the names of the keys. With a thousand timers in one
 * sorted set, and the records of many installations, that is most of its work. Nobody here changes a value that was
 * read, a waiting client asks which key changed and never which value was written, and a look at names asks only for
 * the kinds of the values.
 */
function copyLess(database: RedisDatabase): void {
  const { mutations } = database;
  const tell = mutations.emit.bind(mutations);
  const nothing = createStringData(Buffer.alloc(0));
  const entries = new Map<string, KeyspaceEntry>();
  mutations.emit = (event) => {
    if (event.type === 'flush') entries.clear();
    if (event.type === 'delete' || event.type === 'evict') entries.delete(event.key.toString('latin1'));
    if (event.type === 'write') entries.set(event.key.toString('latin1'), event);
    tell(event.type === 'write' ? { ...event, value: nothing } : event);
  };
  database.entriesSnapshot = () => {
    database.sweepExpired();
    return [...entries.values()];
  };
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
