/** Blocks of addresses that stand for something else than a computer on the Internet. */
import { type Block, blockOf } from './address-block.js';

/** A block, and what it is in a sentence: `203.0.113.0/24 is reserved for documentation`. */
export type Named = readonly [block: Block, what: string];

/** IPv6 addresses that stand for IPv4 addresses: translators on the way decide which computers they let in. */
export const WRAPPED = named([
  ['::ffff:0:0/96', 'IPv4-mapped'],
  ['64:ff9b::/96', 'NAT64'],
  ['64:ff9b:1::/48', 'NAT64'],
  ['2002::/16', '6to4'],
]);

/**
 * From the IANA special-purpose address registries: addresses that no computer ever connects from. Of two rows with
 * the same address the more telling one stands first; the last rows are all IPv6 that is neither global unicast
 * (2000::/3) nor private.
 */
export const RESERVED = named([
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
export const DOCUMENTATION = named([
  ['192.0.2.0/24', 'reserved for documentation'],
  ['198.51.100.0/24', 'reserved for documentation'],
  ['203.0.113.0/24', 'reserved for documentation'],
  ['2001:db8::/32', 'reserved for documentation'],
  ['3fff::/20', 'reserved for documentation'],
]);

/** RFC 1918, RFC 6598, RFC 4193. */
export const PRIVATE = named([
  ['10.0.0.0/8', 'private'],
  ['172.16.0.0/12', 'private'],
  ['192.168.0.0/16', 'private'],
  ['100.64.0.0/10', 'shared inside the network of a provider (CGNAT)'],
  ['fc00::/7', 'private'],
]);

function named(rows: readonly (readonly [cidr: string, what: string])[]): readonly Named[] {
  return rows.map(([cidr, what]) => [blockOf(cidr), what]);
}
