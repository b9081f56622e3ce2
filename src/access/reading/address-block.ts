/**
 * Addresses and blocks of them, read strictly. The only file that knows the `ip-cidr` library, which is more lenient
 * than a firewall may be.
 */
import IPCIDR from 'ip-cidr';

/** A single address, or a block of addresses that follow each other. */
export interface Block {
  family: 4 | 6;
  first: bigint;
  last: bigint;
  /** As EC2 writes it: no host bits, IPv6 lower case and compressed (RFC 5952). */
  cidr: string;
  prefix: number;
  /** True where the text had host bits (`203.0.113.25/24`), so that `cidr` looks different. */
  clearedHostBits: boolean;
}

/**
 * Reads an address or a CIDR; undefined for another text. Canonical notation only: `ip-cidr` also accepts zone ids, and
 * takes IPv4-mapped texts for IPv4.
 */
export function readBlock(text: string): Block | undefined {
  return IPV4.test(text) ? readIpv4(text) : readIpv6(text);
}

const IPV4 = /^\d{1,3}(\.\d{1,3}){3}(\/\d{1,2})?$/;

/** By plain arithmetic: a form is read while Slack waits, and the library takes many times as long. */
function readIpv4(text: string): Block | undefined {
  const [address = '', prefixText = '32'] = text.split('/');
  const numbers = [...address.split('.'), prefixText];
  const [prefix = 0, ...octets] = numbers.map(Number).toReversed();
  const isCanonical = numbers.every((number) => number === '0' || !number.startsWith('0'));
  if (!isCanonical || prefix > 32 || octets.some((octet) => octet > 255)) return undefined;
  const typed = octets.reduceRight((value, octet) => value * 256 + octet, 0);
  const size = 2 ** (32 - prefix);
  const first = typed - (typed % size);
  const written = [24, 16, 8, 0].map((bit) => Math.floor(first / 2 ** bit) % 256).join('.');
  return {
    family: 4,
    first: BigInt(first),
    last: BigInt(first + size - 1),
    cidr: `${written}/${prefix}`,
    prefix,
    clearedHostBits: typed !== first,
  };
}

function readIpv6(text: string): Block | undefined {
  const parts = /^(?<address>[0-9a-f:]{2,39})(?:\/(?<prefix>0|[1-9]\d{0,2}))?$/i.exec(text);
  const address = parts?.groups?.address;
  if (address === undefined) return undefined;
  const prefix = Number(parts?.groups?.prefix ?? 128);
  const whole = `${address}/${prefix}`;
  if (!IPCIDR.isValidCIDR(whole)) return undefined;
  const cidr = new IPCIDR(whole);
  const [first, last] = cidr.toRange<bigint>({ type: 'bigInteger' });
  const typed = IPCIDR.formatIP<bigint>(cidr.address, { type: 'bigInteger' });
  return {
    family: 6,
    first,
    last,
    cidr: `${cidr.addressStart.correctForm()}/${prefix}`,
    prefix,
    clearedHostBits: typed !== first,
  };
}

/**
 * The block of a text that was accepted before.
 * @throws where the text is no address and no CIDR
 */
export function blockOf(text: string): Block {
  const block = readBlock(text);
  if (!block) throw new Error(`Not a range of addresses: ${JSON.stringify(text)}`);
  return block;
}

/** Whether a text is a CIDR or an address, and so may stand in a policy's list. */
export function isRange(text: string): boolean {
  return readBlock(text) !== undefined;
}

/** Whether all of one range lies in another; both as {@link isRange} accepts them. */
export function isWithin(inner: string, outer: string): boolean {
  return within(blockOf(inner), blockOf(outer));
}

/** The family of a canonical CIDR or address. */
export function sourceFamily(cidr: string): 4 | 6 {
  return cidr.includes(':') ? 6 : 4;
}

/** A canonical CIDR as people read it: a single address without its `/32` or `/128`. */
export function showSource(cidr: string): string {
  return cidr.replace(sourceFamily(cidr) === 4 ? /\/32$/ : /\/128$/, '');
}

/** Whether all of one block lies in another. */
export function within(inner: Block, outer: Block): boolean {
  return inner.family === outer.family && inner.first >= outer.first && inner.last <= outer.last;
}

/** Whether two blocks share an address. */
export function overlap(a: Block, b: Block): boolean {
  return a.family === b.family && a.first <= b.last && b.first <= a.last;
}

/** The length of an address in bits. */
export function bits(family: 4 | 6): 32 | 128 {
  return family === 4 ? 32 : 128;
}

const COUNT = new Intl.NumberFormat('en-US');

/** How many addresses a block with a prefix has, for people: `1`, `65,536`, or `2^64` where the number is too long. */
export function countAddresses(family: 4 | 6, prefix: number): string {
  const power = bits(family) - prefix;
  return power <= 32 ? COUNT.format(2 ** power) : `2^${power}`;
}
