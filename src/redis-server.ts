/** Where Redis or Valkey is: read once into its parts, so that whoever connects parses no text and reads no file. */
import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { type AddressReading, isThisMachine, type Place } from './addresses.js';
import { textIn } from './secrets.js';

/** Where Redis or Valkey is, and the user by which the bot connects. */
export interface RedisServer {
  where: RedisWhere;
  username?: string;
  password?: string;
  /** The number of the database, 0 by default. */
  db: number;
  /** Unset without TLS. */
  tls?: RedisTls;
}

/** One address, or the servers that know where the primary is. */
export type RedisWhere =
  | ({ kind: 'address' } & Place)
  /** `name` is the primary's name among the Sentinels, `password` that of the Sentinels themselves. */
  | { kind: 'sentinel'; name: string; sentinels: readonly Place[]; password?: string }
  | { kind: 'cluster'; nodes: readonly Place[] };

/** As PEM: the authority that signs for Redis, in place of those that Node knows, and the bot's certificate with its key. */
export interface RedisTls {
  ca?: string;
  cert?: string;
  key?: string;
}

const FORMS: Record<RedisWhere['kind'], string> = {
  address: 'where your Redis or Valkey listens, such as redis://127.0.0.1:6379 or rediss://….',
  sentinel:
    'some of your Sentinels, and what they call the primary, such as redis+sentinel://10.0.0.1:26379,10.0.0.2:26379/mymaster.',
  cluster:
    'some nodes of your Cluster, such as redis+cluster://10.0.0.1:6379,10.0.0.2:6379. It has no database but 0.',
};
const ENCODE =
  'percent-encode the password (and the user): / is %2F, @ is %40, # is %23, ? is %3F, % is %25.';

const REDIS_PORT = 6_379;
const SENTINEL_PORT = 26_379;

/**
 * Reads `redis://[user][:password]@host[:port][/database]`, `redis+sentinel://…host[:port],…/name[/database]` and
 * `redis+cluster://…host[:port],…`, and `rediss` in each for TLS, without options. The problem repeats nothing of the
 * text.
 */
export function readRedisUrl(text: string): AddressReading<RedisServer> {
  const [, secure, by = '', rest = ''] = /^redis(s)?(\+sentinel|\+cluster)?:\/\/(.*)$/i.exec(text) ?? [];
  // The last @ ends the user's part. A password that was not encoded may hold an @ before it, of which the operator is told.
  const at = rest.lastIndexOf('@');
  const person = readPerson(rest.slice(0, Math.max(at, 0)));
  if (!person) return { ok: false, problem: ENCODE };
  const kind = /sentinel/i.test(by) ? 'sentinel' : by ? 'cluster' : 'address';
  const read = readWhere(kind, rest.slice(at + 1));
  if (!read) return { ok: false, problem: FORMS[kind] };
  return { ok: true, value: { ...read, ...person, ...(secure ? { tls: {} } : {}) } };
}

/** Reads what follows the user's part: the places, for Sentinels the name of the primary, and the database. */
function readWhere(kind: RedisWhere['kind'], text: string): Pick<RedisServer, 'where' | 'db'> | undefined {
  const [, hosts = '', name = '', database = '0'] =
    (kind === 'sentinel' ? /^([^/]*)\/([\w.-]+)(?:\/(\d{0,5}))?$/ : /^([^/]*)()(?:\/(\d{0,5}))?$/).exec(
      text,
    ) ?? [];
  const places = hosts
    .split(',')
    .map((host) => readPlace(host, kind === 'sentinel' ? SENTINEL_PORT : REDIS_PORT));
  const known = places.filter((place) => place !== undefined);
  const [first, ...others] = known;
  if (!first || known.length < places.length) return undefined;
  const db = Number(database);
  switch (kind) {
    case 'address':
      return others.length === 0 ? { where: { kind, ...first }, db } : undefined;
    case 'sentinel':
      return { where: { kind, name, sentinels: known }, db };
    case 'cluster':
      return db === 0 ? { where: { kind, nodes: known }, db } : undefined;
  }
}

function readPlace(text: string, usualPort: number): Place | undefined {
  const [, host, portText = `${usualPort}`] =
    /^(\[[0-9a-f:.]+\]|[^\s:/?#[\],]+)(?::(\d{1,5}))?$/i.exec(text) ?? [];
  const port = Number(portText);
  if (host === undefined || port < 1 || port > 65_535) return undefined;
  return { host: host.replace(/^\[|\]$/g, ''), port };
}

/** Reads `user:password`, percent-encoded. Undefined where a character in it is not encoded as it has to be. */
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

/** The Redis that the environment names, and the problems with it, which begin with the name of their variable. */
export interface RedisReading {
  redis?: RedisServer;
  problems: string[];
}

/**
 * Reads `REDIS_URL` with what belongs to it: `REDIS_SENTINEL_PASSWORD`, `REDIS_CA_FILE`, `REDIS_CERT_FILE` and
 * `REDIS_KEY_FILE`.
 * @param given the trimmed value of a variable, undefined where it is empty
 */
export function readRedis(
  given: (name: string) => string | undefined,
  readFile: (path: string) => Uint8Array,
): RedisReading {
  const url = given('REDIS_URL');
  const read = readRedisUrl(url ?? '');
  if (!read.ok)
    return { problems: [`REDIS_URL is ${url === undefined ? 'missing' : 'wrong'}: ${read.problem}`] };
  const { where, tls, ...server } = read.value;
  const files = readTls(given, readFile);
  const problems = [...files.problems];
  if (!tls && files.names[0] !== undefined)
    problems.push(
      `${files.names[0]} is set, and REDIS_URL has no TLS: begin it with rediss instead of redis.`,
    );
  const password = given('REDIS_SENTINEL_PASSWORD');
  if (password !== undefined && where.kind !== 'sentinel')
    problems.push('REDIS_SENTINEL_PASSWORD is set, and REDIS_URL names no Sentinels: redis+sentinel://….');
  const asked = where.kind === 'sentinel' && password !== undefined ? { ...where, password } : where;
  return { redis: { ...server, where: asked, ...(tls ? { tls: files.tls } : {}) }, problems };
}

const TLS_FILES = { ca: 'REDIS_CA_FILE', cert: 'REDIS_CERT_FILE', key: 'REDIS_KEY_FILE' } as const;

/** Reads the files of the certificates and the key. `names` are those of their variables that are set. */
function readTls(
  given: (name: string) => string | undefined,
  readFile: (path: string) => Uint8Array,
): { tls: RedisTls; names: string[]; problems: string[] } {
  const tls: RedisTls = {};
  const names: string[] = [];
  const problems: string[] = [];
  for (const part of ['ca', 'cert', 'key'] as const) {
    const name = TLS_FILES[part];
    const path = given(name);
    if (path === undefined) continue;
    names.push(name);
    // The problem repeats no path: somebody may have written the key itself in place of a path.
    const read = textIn(path, readFile);
    if ('text' in read) tls[part] = read.text;
    else problems.push(`${name} ${read.problem}`);
  }
  if (problems.length === 0) problems.push(...wrongTls(tls));
  return { tls, names, problems };
}

function wrongTls({ ca, cert, key }: RedisTls): string[] {
  const problems: string[] = [];
  if (ca !== undefined && !works(() => new X509Certificate(ca)))
    problems.push(
      'REDIS_CA_FILE holds no certificate: it is PEM, and begins with -----BEGIN CERTIFICATE-----.',
    );
  if ((cert === undefined) !== (key === undefined))
    problems.push(
      `${cert === undefined ? TLS_FILES.cert : TLS_FILES.key} is missing: a certificate and its key go together.`,
    );
  else if (cert !== undefined && key !== undefined && !works(() => createSecureContext({ cert, key })))
    problems.push(
      'REDIS_CERT_FILE and REDIS_KEY_FILE do not fit: a certificate and its own private key, both PEM, the key without a passphrase.',
    );
  return problems;
}

function works(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}

const SCHEMES: Record<RedisWhere['kind'], string> = {
  address: '://',
  sentinel: '+sentinel://',
  cluster: '+cluster://',
};

/** The warning, as a sentence, of a Redis on another machine to which everything travels in the clear. */
export function exposedRedis({ where, tls }: RedisServer): string[] {
  if (tls || placesOf(where).every(({ host }) => isThisMachine(host))) return [];
  const rest = SCHEMES[where.kind];
  return [
    `REDIS_URL starts with redis${rest}: whoever is on the way reads the password and can change what is sent. Use rediss${rest}.`,
  ];
}

function placesOf(where: RedisWhere): readonly Place[] {
  switch (where.kind) {
    case 'address':
      return [where];
    case 'sentinel':
      return where.sentinels;
    case 'cluster':
      return where.nodes;
  }
}
