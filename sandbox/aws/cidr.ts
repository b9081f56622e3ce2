/** Reads addresses and CIDR blocks as EC2 does, which stores every block in its canonical form. */
import { isIPv4, isIPv6 } from 'node:net';

export interface Address {
  family: 4 | 6;
  value: bigint;
}

export interface Block {
  family: 4 | 6;
  first: bigint;
  prefix: number;
  /** Canonical: host bits cleared, IPv6 compressed and in lower case. */
  text: string;
}

/** @returns undefined for text that is no address, such as one with a zone id (`fe80::1%eth0`) */
export function parseAddress(text: string): Address | undefined {
  if (isIPv4(text)) return { family: 4, value: joined(text.split('.').map(BigInt), 8n) };
  if (isIPv6(text) && !text.includes('%')) return { family: 6, value: joined(hextets(text), 16n) };
  return undefined;
}

/** @returns undefined for text that EC2 calls malformed, such as an address without a prefix length */
export function parseBlock(text: string): Block | undefined {
  const [, host = '', digits = ''] = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text) ?? [];
  const address = parseAddress(host);
  if (address === undefined) return undefined;
  const bits = address.family === 4 ? 32 : 128;
  const prefix = Number(digits);
  if (prefix > bits) return undefined;
  const hostBits = BigInt(bits - prefix);
  const first = (address.value >> hostBits) << hostBits;
  return { family: address.family, first, prefix, text: `${addressText(address.family, first)}/${prefix}` };
}

export function contains(block: Block, address: Address): boolean {
  const hostBits = BigInt((block.family === 4 ? 32 : 128) - block.prefix);
  return block.family === address.family && address.value >> hostBits === block.first >> hostBits;
}

export function addressText(family: 4 | 6, value: bigint): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.');
  const hex = value.toString(16).padStart(32, '0');
  return compressed((hex.match(/.{4}/g) ?? []).join(':'));
}

/** The URL parser writes IPv6 addresses canonically, dotted tails included. */
function compressed(text: string): string {
  return new URL(`http://[${text}]/`).hostname.slice(1, -1);
}

function hextets(text: string): bigint[] {
  const [head = '', tail] = compressed(text).split('::');
  const left = head.split(':').filter(Boolean);
  const right = (tail ?? '').split(':').filter(Boolean);
  const zeros = Array<string>(8 - left.length - right.length).fill('0');
  return [...left, ...zeros, ...right].map((part) => BigInt(`0x${part}`));
}

function joined(parts: bigint[], width: bigint): bigint {
  return parts.reduce((sum, part) => (sum << width) | part, 0n);
}
