/** The addresses in the environment: read once into their parts, so that whoever connects parses no text again. */

/** Where Redis or Valkey listens, and as whom the bot comes. */
export interface RedisServer {
  /** A name or an address; IPv6 without brackets. */
  host: string;
  port: number;
  username?: string;
  password?: string;
  /** The number of the database, 0 by default. */
  db: number;
  /** True for `rediss://`. */
  tls: boolean;
}

export type AddressReading<T> = { ok: true; value: T } | { ok: false; problem: string };

const REDIS_FORM = 'where your Redis or Valkey listens, such as redis://127.0.0.1:6379 or rediss://….';
const ENCODE =
  'percent-encode the password (and the user): / is %2F, @ is %40, # is %23, ? is %3F, % is %25.';

/** What is left of `redis://` and of the user's part: host, port, database. */
const PLACE = /^(\[[0-9a-f:.]+\]|[^\s:/?#[\]]+)(?::(\d{1,5}))?(?:\/(\d{0,5}))?$/i;

/**
 * Reads `redis://[user][:password]@host[:port][/database]` and `rediss://…`, without options. The problem repeats
 * nothing of the text.
 */
export function readRedisUrl(text: string): AddressReading<RedisServer> {
  const [, scheme = '', rest = ''] = /^(rediss?):\/\/(.*)$/i.exec(text) ?? [];
  // The last @: a password that is not encoded may hold others, and that is said instead of guessed at.
  const at = rest.lastIndexOf('@');
  const person = readPerson(rest.slice(0, Math.max(at, 0)));
  if (!person) return { ok: false, problem: ENCODE };
  const [, host, portText = '6379', db = '0'] = PLACE.exec(rest.slice(at + 1)) ?? [];
  const port = Number(portText);
  if (host === undefined || port < 1 || port > 65_535) return { ok: false, problem: REDIS_FORM };
  const value: RedisServer = {
    host: host.replace(/^\[|\]$/g, ''),
    port,
    ...person,
    db: Number(db),
    tls: scheme.toLowerCase() === 'rediss',
  };
  return { ok: true, value };
}

/** `user:password`, percent-encoded. Undefined where something in it is not. */
function readPerson(text: string): Pick<RedisServer, 'username' | 'password'> | undefined {
  const [, name = '', secret = ''] = /^([^:]*):?(.*)$/.exec(text) ?? [];
  if (/[\s/?#[\]@:]/.test(name + secret)) return undefined;
  try {
    const [username, password] = [decodeURIComponent(name), decodeURIComponent(secret)];
    return { ...(username ? { username } : {}), ...(password ? { password } : {}) };
  } catch {
    return undefined;
  }
}

/** Reads the address of Slack's Web API or what stands for it; the answer ends with a slash. */
export function readSlackUrl(text: string): AddressReading<string> {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) {
    const problem = 'leave it out for Slack itself; elsewhere it starts with http:// or https://.';
    return { ok: false, problem };
  }
  if (url.username || url.password || url.search || url.hash) {
    return { ok: false, problem: 'it has a host and a path alone: no user, no password, no ? and no #.' };
  }
  return { ok: true, value: url.href.endsWith('/') ? url.href : `${url.href}/` };
}

/** An address of this machine, and a port. */
export interface Listening {
  host: string;
  port: number;
}

/** Reads where metrics are answered: `9464`, on this machine alone, or `0.0.0.0:9464`, `[::1]:9464`. */
export function readListening(text: string): AddressReading<Listening> {
  const [, host = '127.0.0.1', portText = ''] =
    /^(?:(\[[0-9a-f:.]+\]|[^\s:/[\]]+):)?(\d{1,5})$/i.exec(text) ?? [];
  const port = Number(portText);
  if (port >= 1 && port <= 65_535) return { ok: true, value: { host: host.replace(/^\[|\]$/g, ''), port } };
  const problem = 'a port such as 9464, for this machine alone, or an address of this machine and a port.';
  return { ok: false, problem };
}

/** Where the AWS SDK reads an address of AWS that is not AWS's own. */
const AWS_URLS = ['', '_EC2', '_WORKSPACES', '_DIRECTORY_SERVICE', '_STS'].map(
  (service) => `AWS_ENDPOINT_URL${service}`,
);

/**
 * What the operator should know of addresses that are right and travel in the clear, each in a sentence.
 * @param given the text of a variable, undefined where it is not set
 */
export function exposedAddresses(
  redis: RedisServer,
  slackUrl: string | undefined,
  given: (name: string) => string | undefined,
): string[] {
  const sentences: string[] = [];
  if (!redis.tls && !isThisMachine(redis.host)) {
    sentences.push(
      'REDIS_URL starts with redis://: whoever is on the way reads the password and can change what is sent. Use rediss://.',
    );
  }
  if (isExposed(slackUrl)) {
    sentences.push(
      "SLACK_API_URL starts with http://: whoever is on the way reads the bot's token. Use https://.",
    );
  }
  for (const name of AWS_URLS.filter((one) => isExposed(given(one)))) {
    sentences.push(
      `${name} starts with http://: whoever is on the way can answer in AWS's place. Use https://.`,
    );
  }
  return sentences;
}

function isExposed(address: string | undefined): boolean {
  const url = address === undefined ? undefined : URL.parse(address);
  return url?.protocol === 'http:' && !isThisMachine(url.hostname);
}

function isThisMachine(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);
}
