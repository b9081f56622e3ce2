/** A TCP proxy before Redis, which cuts, delays and silences connections while Redis itself runs undisturbed. */
import { connect, createServer, type Socket } from 'node:net';

/** `refused`: connections end at once. `silent`: connections stay, and nothing passes in either direction. */
type Weather = 'open' | 'refused' | 'silent';

export interface RedisProxy {
  /** `redis://127.0.0.1:PORT`, the same for the proxy's whole life. */
  readonly url: string;
  /** The port on 127.0.0.1 that new connections are passed on to. Connections that are there keep their port. */
  target: number;
  /** Setting `refused` cuts every connection. So does the change from `silent`: pieces sent in the silence are lost. */
  weather: Weather;
  /** How long each piece takes on the way, in each direction, milliseconds. */
  latencyMs: number;
  /** Cuts every connection without a word. */
  cut(): void;
  close(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1 and passes every connection on to `port` of 127.0.0.1. */
export async function startRedisProxy(port: number): Promise<RedisProxy> {
  const sockets = new Set<Socket>();
  let target = port;
  let weather: Weather = 'open';
  let latencyMs = 0;

  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy();
  };

  /** Passes pieces on in their order, each after its latency, and none while the line is silent. */
  function pass(from: Socket, to: Socket): void {
    // A timer for each piece would not keep the order: two timers can be due at once, and the latency can change.
    const waiting: { piece: Buffer; atMs: number }[] = [];
    const next = (): void => {
      const [first] = waiting;
      if (!first) return;
      setTimeout(() => {
        waiting.shift();
        if (to.writable) to.write(first.piece);
        next();
      }, first.atMs - Date.now()).unref();
    };
    from.on('data', (piece: Buffer) => {
      if (weather === 'silent') return;
      if (latencyMs === 0 && waiting.length === 0) {
        to.write(piece);
        return;
      }
      waiting.push({ piece, atMs: Date.now() + latencyMs });
      if (waiting.length === 1) next();
    });
    from.on('error', () => to.destroy());
    from.on('close', () => to.destroy());
  }

  function kept(socket: Socket): Socket {
    socket.setNoDelay(true);
    sockets.add(socket);
    return socket.once('close', () => sockets.delete(socket));
  }

  const server = createServer((client) => {
    if (weather === 'refused') {
      client.on('error', () => undefined);
      client.resetAndDestroy();
      return;
    }
    const upstream = kept(connect({ port: target, host: '127.0.0.1' }));
    pass(kept(client), upstream);
    pass(upstream, client);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');

  return {
    url: `redis://127.0.0.1:${address.port}`,
    get target() {
      return target;
    },
    set target(next) {
      target = next;
    },
    get weather() {
      return weather;
    },
    set weather(next) {
      const was = weather;
      weather = next;
      if (next === 'refused' || was === 'silent') cut();
    },
    get latencyMs() {
      return latencyMs;
    },
    set latencyMs(next) {
      latencyMs = next;
    },
    cut,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      cut();
      await closed;
    },
  };
}
