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

/** Those who know where the primary is. */
export type Guides =
  /** `name` is what the Sentinels call the primary, `password` their own. */
  | { kind: 'sentinel'; name: string; sentinels: readonly Place[]; password?: string }
  | { kind: 'cluster'; nodes: readonly Place[] };

/** How the bot comes to them. */
export interface Coming {
  /** As whom, at Redis and at the nodes of a Cluster. */
  person: { username?: string; password?: string };
  /** PEM. Unset without TLS. */
  tls?: { ca?: string; cert?: string; key?: string };
  /** A key of the installation. */
  key: string;
  /** How long each may take to answer, milliseconds. */
  timeoutMs: number;
}

/** How long a socket may take to close, milliseconds: ioredis waits so long for one that is closed already, too. */
export const CLOSED_MS = 250;

/** What ioredis connects through instead of to an address of its own. */
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

    /** Looks like a connection that broke, and so is tried again: a connector that rejects is never asked again. */
    private nowhere(cause = new Error('Connection is closed.')): Socket {
      this.firstError = cause;
      return new Socket().destroy();
    }
  };
}

/** Asks all at once, so that one which is silent holds up nothing. @throws Error with what each of them said */
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
      // The first error says more than the command's own, which is that the connection was closed.
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

/** The node itself, where it holds the key's slot, else the one that it names: `MOVED 3999 10.0.0.2:6379`. */
async function holderOf(redis: Redis, key: string, place: Place): Promise<Place> {
  try {
    await redis.exists(key);
    return place;
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : '';
    const [, host, port] = /^MOVED \d+ (.*):(\d+)$/.exec(said) ?? [];
    if (port === undefined || host === '?') throw cause;
    // A node that does not know its own address names none: that of whoever was asked holds for all.
    return { host: host || place.host, port: Number(port) };
  }
}
