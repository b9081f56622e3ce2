/**
 * Reads where a requester comes from, and refuses everything that would open a WorkSpace to more than the person
 * who asks. The only file that knows the `ip-cidr` library, which is more lenient than a firewall may be.
 */
import IPCIDR from 'ip-cidr';
import { quoted } from './quoting.js';

/** What the policy says about sources. Lists hold CIDRs or single addresses that {@link isRange} accepts. */
export interface SourceLimits {
  /** The shortest IPv4 prefix that may be asked for: 24 means at most 256 addresses. */
  widestIpv4: number;
  /** The shortest IPv6 prefix that may be asked for, for example 56. */
  widestIpv6: number;
  /** Private addresses (RFC 1918, 100.64.0.0/10, fc00::/7): for WorkSpaces that are reached through a VPN. */
  allowPrivate: boolean;
  /** Documentation addresses (203.0.113.0/24 and its like) count as public. For trying things out only. */
  allowDocumentation: boolean;
  denied: readonly string[];
  /** Empty: anywhere. A source must lie in one of these, not in two that touch. */
  allowed: readonly string[];
}

/** Where a requester comes from. */
export interface Source {
  /** As EC2 writes it: no host bits, IPv6 lower case and compressed (RFC 5952). `203.0.113.25/32`. */
  cidr: string;
  family: 4 | 6;
  /** How many addresses, for people: `1`, `65,536`, or `2^64` where nobody can read the number. */
  addresses: string;
  isSingle: boolean;
  isPrivate: boolean;
  /** What was typed had host bits (`203.0.113.25/24`), so that `cidr` looks different. */
  clearedHostBits: boolean;
}

/** Why a text is no source that may be asked for. */
export type SourceProblem =
  | 'not-an-address'
  | 'everything'
  | 'too-wide'
  | 'reserved'
  | 'denied'
  | 'not-allowed'
  | 'private'
  | 'mapped'
  | 'zone';

export type SourceReading =
  | { ok: true; source: Source }
  | { ok: false; problem: SourceProblem; sentence: string };

const FIND_OUT = 'run `curl -4 https://checkip.amazonaws.com`';
const FIND_OUT_THERE = 'Run `curl -4 https://checkip.amazonaws.com` on the computer that will connect.';

interface Block {
  family: 4 | 6;
  first: bigint;
  last: bigint;
  cidr: string;
  prefix: number;
  clearedHostBits: boolean;
}
type Named = readonly [block: Block, what: string];

/** IPv6 texts that stand for an IPv4 address: what they let in is decided elsewhere than in the text. */
const WRAPPED = named([
  ['::ffff:0:0/96', 'IPv4-mapped'],
  ['64:ff9b::/96', 'NAT64'],
  ['64:ff9b:1::/48', 'NAT64'],
  ['2002::/16', '6to4'],
]);

/**
 * From the IANA special-purpose address registries: what never is the address of a computer that connects. The more
 * telling name stands first; the last rows are all IPv6 that is neither global unicast (2000::/3) nor private.
 */
const RESERVED = named([
  ['0.0.0.0/8', 'reserved for "this network"'],
  ['127.0.0.0/8', 'loopback, which means the computer itself'],
  ['169.254.0.0/16', 'link-local, which never leaves the local network'],
  ['192.0.0.0/24', 'reserved for protocols'],
  ['192.88.99.0/24', 'reserved (the former 6to4 relays)'],
  ['198.18.0.0/15', 'reserved for benchmarks'],
  ['224.0.0.0/4', 'multicast'],
  ['255.255.255.255/32', 'broadcast'],
  ['240.0.0.0/4', 'reserved'],
  ['::/128', 'the unspecified address'],
  ['::1/128', 'loopback, which means the computer itself'],
  ['::/96', 'reserved (an old way to write IPv4)'],
  ['100::/64', 'reserved for discarding'],
  ['2001::/23', 'reserved for protocols (Teredo, ORCHID, benchmarks)'],
  ['fe80::/10', 'link-local, which never leaves the local network'],
  ['fec0::/10', 'site-local, which is no longer in use'],
  ['ff00::/8', 'multicast'],
  ['::/3', 'not in use on the Internet'],
  ['4000::/2', 'not in use on the Internet'],
  ['8000::/2', 'not in use on the Internet'],
  ['c000::/3', 'not in use on the Internet'],
  ['e000::/4', 'not in use on the Internet'],
  ['f000::/5', 'not in use on the Internet'],
  ['f800::/6', 'not in use on the Internet'],
  ['fe00::/7', 'not in use on the Internet'],
]);

/** RFC 5737, RFC 3849, RFC 9637. */
const DOCUMENTATION = named([
  ['192.0.2.0/24', 'reserved for documentation'],
  ['198.51.100.0/24', 'reserved for documentation'],
  ['203.0.113.0/24', 'reserved for documentation'],
  ['2001:db8::/32', 'reserved for documentation'],
  ['3fff::/20', 'reserved for documentation'],
]);

/** RFC 1918, RFC 6598, RFC 4193. */
const PRIVATE = named([
  ['10.0.0.0/8', 'private'],
  ['172.16.0.0/12', 'private'],
  ['192.168.0.0/16', 'private'],
  ['100.64.0.0/10', 'shared inside the network of a provider (CGNAT)'],
  ['fc00::/7', 'private'],
]);

/**
 * Reads an address or a CIDR and checks it against the limits. White space around it is accepted, nothing else that
 * is not canonical notation: leading zeros, zone ids and dotted tails in IPv6 are refused, host bits are cleared.
 *
 * A block is refused when any part of it is reserved or denied, and counts as private only when all of it is.
 * Never throws for any `text`; a malformed entry in `limits` is a fault and throws, so that a broken deny list
 * cannot let anybody in.
 */
export function readSource(text: string, limits: SourceLimits): SourceReading {
  const typed = text.trim();
  const block = readBlock(typed);
  if (!block) return unreadable(typed);

  const { family, cidr, prefix } = block;
  const shown = showSource(cidr);
  if (prefix === 0) {
    return refused(
      'everything',
      `${cidr} is the whole Internet, which is never opened. You probably need one: ${FIND_OUT}.`,
    );
  }

  const never = limits.allowDocumentation ? RESERVED : [...DOCUMENTATION, ...RESERVED];
  const denied = limits.denied.map(limitBlock);
  const wrapping = WRAPPED.find(([range]) => within(block, range));
  if (wrapping) return wrapped(shown, wrapping[1]);
  const reserved = never.find(([range]) => within(block, range));
  if (reserved)
    return refused('reserved', `${shown} is ${reserved[1]}: nobody connects from there. ${FIND_OUT_THERE}`);
  const own = PRIVATE.find(([range]) => within(block, range));
  if (own && !limits.allowPrivate) {
    return refused(
      'private',
      `${shown} is ${own[1]}: AWS sees another address when you connect. ${FIND_OUT_THERE}`,
    );
  }
  const refusing = denied.find((range) => within(block, range));
  if (refusing) return deniedBy(shown, refusing);

  const widest = family === 4 ? limits.widestIpv4 : limits.widestIpv6;
  if (prefix < widest) {
    const most = countAddresses(family, widest);
    return refused(
      'too-wide',
      `${cidr} is ${countAddresses(family, prefix)} addresses; the policy allows at most /${widest} (${most}). You probably need one: ${FIND_OUT}.`,
    );
  }

  const wrappingPart = WRAPPED.find(([range]) => overlap(block, range));
  if (wrappingPart) return wrapped(shown, wrappingPart[1]);
  const reservedPart = never.find(([range]) => overlap(block, range));
  if (reservedPart) return containing('reserved', shown, reservedPart);
  const privatePart = own ? undefined : PRIVATE.find(([range]) => overlap(block, range));
  if (privatePart) return containing('private', shown, privatePart);
  const refusingPart = denied.find((range) => overlap(block, range));
  if (refusingPart) return deniedBy(shown, refusingPart);

  const allowed = limits.allowed.map(limitBlock);
  if (allowed.length > 0 && !allowed.some((range) => within(block, range))) {
    const some = allowed.slice(0, 3).map((range) => showSource(range.cidr));
    const rest = allowed.length > some.length ? ` and ${allowed.length - some.length} more` : '';
    return refused(
      'not-allowed',
      `${shown} is outside the networks that the policy allows (${some.join(', ')}${rest}). Connect from one of them, by VPN perhaps, and give its address.`,
    );
  }

  return {
    ok: true,
    source: {
      cidr,
      family,
      addresses: countAddresses(family, prefix),
      isSingle: prefix === bits(family),
      isPrivate: own !== undefined,
      clearedHostBits: block.clearedHostBits,
    },
  };
}

/**
 * True for a word that is meant as an address or a CIDR, even a mistyped one (`203.0.113.999`, `203.0.113.25/99`,
 * `2001:db8::zz7`): it is answered as such and not taken for the first word of a reason. Times (`12:30`), version
 * numbers of two parts (`22.04`) and ordinary words are not.
 */
export function looksLikeSource(word: string): boolean {
  if (/^\d+\.\d+\.\d*\./.test(word) || /^\d{1,3}\.\d{1,3}\.\d{1,3}(?:\/\S*)?$/.test(word)) return true;
  if (/^\d{1,2}:\d{2}(?::\d{2})?[a-z]*$/i.test(word)) return false;
  if (word.length > 100) return false;
  const address = word.replace(/^\[/, '').replace(/[%/\]].*$/, '');
  if (!/^(?:::|[0-9a-f]{1,4}:)/i.test(address) || !/:.*:/.test(address)) return false;
  return /^[0-9a-f:.]+$/i.test(address) || (/^[0-9a-z:.]+$/i.test(address) && /\d/.test(address));
}

/** True for a CIDR or an address that can stand in a list of {@link SourceLimits}. */
export function isRange(text: string): boolean {
  return readBlock(text) !== undefined;
}

/** Whether all of one range lies in another; both as {@link isRange} accepts them. */
export function isWithin(inner: string, outer: string): boolean {
  return within(limitBlock(inner), limitBlock(outer));
}

/** The family of a canonical CIDR or address. */
export function sourceFamily(cidr: string): 4 | 6 {
  return cidr.includes(':') ? 6 : 4;
}

/** A canonical CIDR as people read it: a single address without its `/32` or `/128`. */
export function showSource(cidr: string): string {
  return cidr.replace(sourceFamily(cidr) === 4 ? /\/32$/ : /\/128$/, '');
}

function unreadable(text: string): SourceReading {
  const what = quoted(text);
  const typed = text.slice(0, 100);
  if (typed === '') return refused('not-an-address', `There is no address yet. ${FIND_OUT_THERE}`);
  if (/^[0-9a-f:.]*:[0-9a-f:.]*%/i.test(typed)) {
    return refused(
      'zone',
      `${what} has a zone (the part after %), which only your own computer knows. ${FIND_OUT_THERE}`,
    );
  }
  if (/^[0-9a-f:]*:\d+\.\d+\.\d+\.\d+(?:\/\d*)?$/i.test(typed)) {
    return refused(
      'mapped',
      `${what} is an IPv4 address wrapped in IPv6. Give the IPv4 address itself: ${FIND_OUT}.`,
    );
  }
  if (/^[\d.]+(?:\/\d+)?$/.test(typed) && /(?:^|[./])0\d/.test(typed)) {
    return refused(
      'not-an-address',
      `${what} has leading zeros, which programs read differently. Write it without them.`,
    );
  }
  return refused('not-an-address', `${what} is not an IP address. ${FIND_OUT_THERE}`);
}

function wrapped(shown: string, what: string): SourceReading {
  return refused(
    'mapped',
    `${shown} stands for IPv4 addresses inside IPv6 (${what}). Give the IPv4 address itself: ${FIND_OUT}.`,
  );
}

function deniedBy(shown: string, range: Block): SourceReading {
  const where = showSource(range.cidr);
  const what = where === shown ? 'is refused by the policy' : `touches ${where}, which the policy refuses`;
  return refused('denied', `${shown} ${what}. Connect from another network, or ask your admins.`);
}

function containing(problem: 'reserved' | 'private', shown: string, [range, what]: Named): SourceReading {
  return refused(
    problem,
    `${shown} contains ${showSource(range.cidr)}, which is ${what}. Ask for a smaller range, or for one address: ${FIND_OUT}.`,
  );
}

function refused(problem: SourceProblem, sentence: string): SourceReading {
  return { ok: false, problem, sentence };
}

/** Canonical notation only: `ip-cidr` also accepts zone ids, and takes IPv4-mapped texts for IPv4. */
function readBlock(text: string): Block | undefined {
  const parts = /^(?<address>\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f:]{2,39})(?:\/(?<prefix>0|[1-9]\d{0,2}))?$/i.exec(
    text,
  );
  const address = parts?.groups?.address;
  if (address === undefined) return undefined;
  const family = sourceFamily(address);
  const prefix = Number(parts?.groups?.prefix ?? bits(family));
  const whole = `${address}/${prefix}`;
  if (!IPCIDR.isValidCIDR(whole)) return undefined;
  const cidr = new IPCIDR(whole);
  const [first, last] = cidr.toRange<bigint>({ type: 'bigInteger' });
  const typed = IPCIDR.formatIP<bigint>(cidr.address, { type: 'bigInteger' });
  return {
    family,
    first,
    last,
    cidr: `${cidr.addressStart.correctForm()}/${prefix}`,
    prefix,
    clearedHostBits: typed !== first,
  };
}

function limitBlock(text: string): Block {
  const block = readBlock(text);
  if (!block) throw new Error(`Not a range of addresses: ${JSON.stringify(text)}`);
  return block;
}

function named(rows: readonly (readonly [cidr: string, what: string])[]): readonly Named[] {
  return rows.map(([cidr, what]) => [limitBlock(cidr), what]);
}

function within(inner: Block, outer: Block): boolean {
  return inner.family === outer.family && inner.first >= outer.first && inner.last <= outer.last;
}

function overlap(a: Block, b: Block): boolean {
  return a.family === b.family && a.first <= b.last && b.first <= a.last;
}

function bits(family: 4 | 6): 32 | 128 {
  return family === 4 ? 32 : 128;
}

function countAddresses(family: 4 | 6, prefix: number): string {
  const power = bits(family) - prefix;
  return power <= 32 ? (2 ** power).toLocaleString('en-US') : `2^${power}`;
}
