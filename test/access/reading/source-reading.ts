/**
 * Reads sources by hand: without a library, a regular expression or anything from `src`. Where this reading and the
 * bot's differ, one of the two is wrong.
 */

export interface Range {
  family: 4 | 6;
  first: bigint;
  last: bigint;
}
export interface Reading extends Range {
  prefix: number;
  cidr: string;
  clearedHostBits: boolean;
}

/** Characters that may stand around an address: white space of Unicode and the byte order mark. */
const SPACE = new Set(
  [9, 10, 11, 12, 13, 32, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000, 0xfeff]
    .concat(Array.from({ length: 11 }, (_, index) => 0x2000 + index))
    .map((code) => String.fromCharCode(code)),
);

/** Reads a number of ASCII digits without leading zeros; undefined for another text. */
function readNumber(text: string, most: number): number | undefined {
  if (text.length === 0 || text.length > 3 || (text.length > 1 && text[0] === '0')) return undefined;
  let value = 0;
  for (const letter of text) {
    const digit = '0123456789'.indexOf(letter);
    if (digit < 0) return undefined;
    value = value * 10 + digit;
  }
  return value <= most ? value : undefined;
}

function readIpv4(text: string): bigint | undefined {
  const octets = text.split('.').map((octet) => readNumber(octet, 255));
  if (octets.length !== 4) return undefined;
  let value = 0n;
  for (const octet of octets) {
    if (octet === undefined) return undefined;
    value = value * 256n + BigInt(octet);
  }
  return value;
}

function readGroup(text: string): number | undefined {
  if (text.length < 1 || text.length > 4) return undefined;
  let value = 0;
  for (const letter of text) {
    const digit = '0123456789abcdef'.indexOf(letter >= 'A' && letter <= 'F' ? letter.toLowerCase() : letter);
    if (digit < 0) return undefined;
    value = value * 16 + digit;
  }
  return value;
}

/** Eight groups, of which `::` stands for one or more that are zero (RFC 4291). */
function readIpv6(text: string): bigint | undefined {
  const gap = text.indexOf('::');
  const groupsOf = (part: string) => (part === '' ? [] : part.split(':').map(readGroup));
  let groups: (number | undefined)[];
  if (gap < 0) {
    groups = groupsOf(text);
  } else {
    const [before, after] = [groupsOf(text.slice(0, gap)), groupsOf(text.slice(gap + 2))];
    const missing = 8 - before.length - after.length;
    if (missing < 1) return undefined;
    groups = [...before, ...Array<number>(missing).fill(0), ...after];
  }
  if (groups.length !== 8) return undefined;
  let value = 0n;
  for (const group of groups) {
    if (group === undefined) return undefined;
    value = value * 65_536n + BigInt(group);
  }
  return value;
}

/** RFC 5952: lower case, no leading zeros, `::` for the first longest run of two or more zero groups. */
function writeIpv6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) => (value >> BigInt(112 - 16 * index)) & 0xffffn);
  let [runAt, runLength] = [-1, 1];
  for (let at = 0; at < 8; at++) {
    let length = 0;
    while (at + length < 8 && groups[at + length] === 0n) length++;
    if (length > runLength) [runAt, runLength] = [at, length];
  }
  const write = (part: bigint[]) => part.map((group) => group.toString(16)).join(':');
  if (runAt < 0) return write(groups);
  return `${write(groups.slice(0, runAt))}::${write(groups.slice(runAt + runLength))}`;
}

function writeIpv4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
}

/** Reads an address or a CIDR; undefined for another text. */
export function readByHand(text: string): Reading | undefined {
  let [start, end] = [0, text.length];
  while (start < end && SPACE.has(text[start] ?? '')) start++;
  while (end > start && SPACE.has(text[end - 1] ?? '')) end--;
  const [address = '', prefixText, ...rest] = text.slice(start, end).split('/');
  if (rest.length > 0) return undefined;
  const family = address.includes(':') ? 6 : 4;
  const bits = family === 4 ? 32 : 128;
  const value = family === 4 ? readIpv4(address) : readIpv6(address);
  const prefix = prefixText === undefined ? bits : readNumber(prefixText, bits);
  if (value === undefined || prefix === undefined) return undefined;
  const size = 1n << BigInt(bits - prefix);
  const first = value - (value % size);
  const written = family === 4 ? writeIpv4(first) : writeIpv6(first);
  return {
    family,
    first,
    last: first + size - 1n,
    prefix,
    cidr: `${written}/${prefix}`,
    clearedHostBits: first !== value,
  };
}

export function rangesOf(...cidrs: string[]): Range[] {
  return cidrs.map((cidr) => {
    const range = readByHand(cidr);
    if (!range) throw new Error(`${cidr} is no range`);
    return range;
  });
}

export function touches(one: Range, ranges: readonly Range[]): boolean {
  return ranges.some(
    ({ family, first, last }) => family === one.family && first <= one.last && one.first <= last,
  );
}

export function liesInOne(one: Range, ranges: readonly Range[]): boolean {
  return ranges.some(
    ({ family, first, last }) => family === one.family && first <= one.first && one.last <= last,
  );
}
