/**
 * Finds the primary each time that a connection is made: Sentinels say where it is, and so does any node of a Redis
 * Cluster. All keys of an installation are in one slot of a Cluster, so that one node serves all of them.
 */
import { connect as connectInTheClear, Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import { AbstractConnector, Redis, type RedisOptions } from 'ioredis';
import { timeOutFairly } from './fair-time-outs.js';

/** A name or an address (IPv6 without brackets), and a port. */
export interface Place {
  host: string;
  port: number;
}

/** The servers that know where the primary is. */
export type Guides =
  /** `name` is the primary's name among the Sentinels, `password` that of the Sentinels themselves. */
  | { kind: 'sentinel'; name: string; sentinels: readonly Place[]; password?: string }
  | { kind: 'cluster'; nodes: readonly Place[] };

/** How the bot connects to the guides and to the primary. */
export interface Coming {
  /** The bot's user at Redis and at the nodes of a Cluster. Sentinels have a password of their own. */
  person: { username?: string; password?: string };
  /** Certificates and the key as PEM; unset without TLS. */
  tls?: { ca?: string; cert?: string; key?: string };
  /** Some key of the installation, which shows the slot of a Cluster in which all of its keys are. */
  key: string;
  /** How long each guide may take to answer, milliseconds. */
  timeoutMs: number;
}

/** How long a socket may take to close, milliseconds. ioredis waits for this time even where the socket is closed already. */
export const CLOSED_MS = 250;

/** Makes the class by which ioredis finds the primary at each connection, instead of connecting to one address. */
export function connectorTo(guides: Guides, coming: Coming): new (options: unknown) => AbstractConnector {
  return class extends AbstractConnector {
    private giveUp = () => {};

    constructor() {
      super(CLOSED_MS);
    }

    override async connect(): Promise<Socket> {
      this.connecting = true;
      const stopped = new Promise<undefined>((resolve) => {
        this.giveUp = () => resolve(undefined);
      });
      const asked = askAll(guides, coming).catch((cause: Error) => cause);
      const found = await Promise.race([asked, stopped]);
      if (found === undefined || found instanceof Error) return this.nowhere(found);
      const stream = coming.tls ? connectSecurely({ ...found, ...coming.tls }) : connectInTheClear(found);
      stream.once('error', (cause) => {
        this.firstError = cause;
      });
      this.stream = stream;
      return stream;
    }

    override disconnect(): void {
      super.disconnect();
      this.giveUp();
    }

    /** A connection that looks broken, so that ioredis tries again: ioredis never asks a connector again that rejected. */
    private nowhere(cause = new Error('Connection is closed.')): Socket {
      this.firstError = cause;
      return new Socket().destroy();
    }
  };
}

/** Asks all guides at once, so that a silent guide holds up nothing. @throws Error with the answer of each guide */
async function askAll(guides: Guides, coming: Coming): Promise<Place> {
  const places = guides.kind === 'sentinel' ? guides.sentinels : guides.nodes;
  try {
    return await Promise.any(places.map((place) => ask(place, guides, coming)));
  } catch (cause) {
    const causes: unknown[] = cause instanceof AggregateError ? cause.errors : [cause];
    const whys = new Set(causes.map((why) => (why instanceof Error ? why.message || why.name : String(why))));
    const who = guides.kind === 'sentinel' ? 'no Sentinel' : 'no node of the Cluster';
    throw new Error(`${who} says where the primary is: ${[...whys].join('; ')}`);
  }
}

async function ask(place: Place, guides: Guides, { person, tls, key, timeoutMs }: Coming): Promise<Place> {
  const asSentinel = guides.kind === 'sentinel';
  const options: Omit<RedisOptions, 'replyMapping'> = {
    ...place,
    ...(asSentinel ? passwordOf(guides) : person),
    ...(tls ? { tls } : {}),
    retryStrategy: null,
    enableReadyCheck: false,
    disableClientInfo: true,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    disconnectTimeout: CLOSED_MS,
  };
  const redis = new Redis(options);
  timeOutFairly(redis);
  try {
    return await new Promise((resolve, reject) => {
      // The connection's first error says the cause. The command's own error only says that the connection was closed.
      redis.on('error', reject);
      const answer = asSentinel ? primaryNamed(redis, guides.name) : holderOf(redis, key, place);
      answer.then(resolve, reject);
    });
  } finally {
    redis.disconnect();
  }
}

function passwordOf({ password }: { password?: string }): { password?: string } {
  return password === undefined ? {} : { password };
}

async function primaryNamed(redis: Redis, name: string): Promise<Place> {
  const answer: unknown = await redis.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name);
  const [host, port] = Array.isArray(answer) ? answer.map(String) : [];
  if (!host || !port) throw new Error(`it knows none with the name ${name}`);
  return { host, port: Number(port) };
}

/** The node that was asked, where it holds the key's slot, else the node in its answer: `MOVED 3999 10.0.0.2:6379`. */
async function holderOf(redis: Redis, key: string, place: Place): Promise<Place> {
  try {
    await redis.exists(key);
    return place;
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : '';
    const [, host, port] = /^MOVED \d+ (.*):(\d+)$/.exec(said) ?? [];
    if (port === undefined || host === '?') throw cause;
    // A Cluster that does not know its own address leaves the host out: the address of the node that was asked is right then.
    return { host: host || place.host, port: Number(port) };
  }
}
