/**
 * A proxy between the bot and Redis: shows every call, and can cut the bot off without losing anything that is
 * stored.
 */
import { connect, createServer, type Socket } from 'node:net';
import { type RespValue, respReader } from './resp.js';

export interface RedisCall {
  at: number;
  command: string[];
  reply: RespValue;
  ms: number;
}

export interface RedisLine {
  /** The value for `REDIS_URL`. */
  url: string;
  /** While true every connection is refused. */
  down: boolean;
  onCall(listener: (call: RedisCall) => void): void;
  close(): Promise<void>;
}

export async function startRedisLine(target: string): Promise<RedisLine> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  const listeners: ((call: RedisCall) => void)[] = [];
  let down = false;
  const server = createServer((client) => {
    if (down) {
      client.resetAndDestroy();
      return;
    }
    const redis = connect(Number(port), hostname);
    for (const [socket, other] of [
      [client, redis],
      [redis, client],
    ] as const) {
      socket.setNoDelay(true);
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.once('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
    watch(client, redis, (call) => {
      for (const listener of listeners) listener(call);
    });
    client.pipe(redis);
    redis.pipe(client);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the line to Redis has no port');
  return {
    url: `redis://127.0.0.1:${address.port}`,
    get down() {
      return down;
    },
    set down(isDown) {
      down = isDown;
      if (isDown) for (const socket of sockets) socket.resetAndDestroy();
    },
    onCall: (listener) => listeners.push(listener),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Pairs calls with replies: Redis answers in the order in which it was asked. */
function watch(client: Socket, redis: Socket, tell: (call: RedisCall) => void): void {
  const [asked, answered] = [respReader(), respReader()];
  const waiting: { at: number; command: string[] }[] = [];
  client.on('data', (chunk: Buffer) => {
    for (const value of asked.push(chunk))
      waiting.push({ at: Date.now(), command: Array.isArray(value) ? value.map(String) : [String(value)] });
  });
  redis.on('data', (chunk: Buffer) => {
    for (const reply of answered.push(chunk)) {
      const question = waiting.shift();
      if (question) tell({ ...question, reply, ms: Date.now() - question.at });
    }
  });
}
