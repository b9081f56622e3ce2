/**
 * Reads where a requester comes from, and refuses everything that would open a WorkSpace to more than the person
 * who asks.
 */
import {
  type Block,
  bits,
  blockOf,
  countAddresses,
  overlap,
  readBlock,
  showSource,
  within,
} from './address-block.js';
import { quoted } from './quoting.js';
import { DOCUMENTATION, type Named, PRIVATE, RESERVED, WRAPPED } from './special-addresses.js';

/** What the policy says about sources. Lists hold CIDRs or single addresses that `isRange` accepts. */
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
  /** All of a source must lie in one of these; in two that touch is not enough. Empty: anywhere. */
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
  /** True where the text had host bits (`203.0.113.25/24`), so that `cidr` looks different. */
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

/** Prints the address of the computer that runs it. The first service answers over IPv4 alone, the second over both. */
export const PRINT_ADDRESS = {
  4: 'curl -4 https://checkip.amazonaws.com',
  6: 'curl -6 https://checkip.global.api.aws',
} as const;

const findOut = (family: 4 | 6) => `run \`${PRINT_ADDRESS[family]}\``;
const findOutThere = (family: 4 | 6) => `Run \`${PRINT_ADDRESS[family]}\` on the computer that will connect.`;

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
  // Each list is read before anything is judged: a malformed entry lets nobody in.
  const lists = {
    never: limits.allowDocumentation ? RESERVED : [...DOCUMENTATION, ...RESERVED],
    denied: limits.denied.map(blockOf),
    allowed: limits.allowed.map(blockOf),
    own: PRIVATE.find(([range]) => within(block, range)),
  };
  return (
    whyTooMuch(block) ??
    whyNoneOfIt(block, limits, lists) ??
    whyTooWide(block, limits) ??
    whyNotAllOfIt(block, lists) ??
    whyOutside(block, lists) ?? {
      ok: true,
      source: {
        cidr: block.cidr,
        family: block.family,
        addresses: countAddresses(block.family, block.prefix),
        isSingle: block.prefix === bits(block.family),
        isPrivate: lists.own !== undefined,
        clearedHostBits: block.clearedHostBits,
      },
    }
  );
}

interface Lists {
  /** Ranges from which nobody connects. */
  never: readonly Named[];
  denied: readonly Block[];
  allowed: readonly Block[];
  /** The private range that holds all of the block. */
  own: Named | undefined;
}

function whyTooMuch({ cidr, family, prefix }: Block): SourceReading | undefined {
  if (prefix > 0) return undefined;
  return refused(
    'everything',
    `${cidr} is the whole Internet, which is never opened. You probably need one: ${findOut(family)}.`,
  );
}

/** Why no address of the block may be asked for. */
function whyNoneOfIt(
  block: Block,
  limits: SourceLimits,
  { never, denied, own }: Lists,
): SourceReading | undefined {
  const shown = showSource(block.cidr);
  const there = findOutThere(block.family);
  const wrapping = WRAPPED.find(([range]) => within(block, range));
  if (wrapping) return wrapped(shown, wrapping[1]);
  const reserved = never.find(([range]) => within(block, range));
  if (reserved)
    return refused('reserved', `${shown} is ${reserved[1]}: nobody connects from there. ${there}`);
  if (own && !limits.allowPrivate)
    return refused('private', `${shown} is ${own[1]}: AWS sees another address when you connect. ${there}`);
  const refusing = denied.find((range) => within(block, range));
  return refusing && deniedBy(shown, refusing);
}

function whyTooWide({ cidr, family, prefix }: Block, limits: SourceLimits): SourceReading | undefined {
  const widest = family === 4 ? limits.widestIpv4 : limits.widestIpv6;
  if (prefix >= widest) return undefined;
  const most = countAddresses(family, widest);
  return refused(
    'too-wide',
    `${cidr} is ${countAddresses(family, prefix)} addresses; the policy allows at most /${widest} (${most}). You probably need one: ${findOut(family)}.`,
  );
}

/** Why a part of the block may not be asked for, so that the block may not either. */
function whyNotAllOfIt(block: Block, { never, denied, own }: Lists): SourceReading | undefined {
  const shown = showSource(block.cidr);
  const wrappingPart = WRAPPED.find(([range]) => overlap(block, range));
  if (wrappingPart) return wrapped(shown, wrappingPart[1]);
  const reservedPart = never.find(([range]) => overlap(block, range));
  if (reservedPart) return containing('reserved', shown, reservedPart);
  const privatePart = own ? undefined : PRIVATE.find(([range]) => overlap(block, range));
  if (privatePart) return containing('private', shown, privatePart);
  const refusingPart = denied.find((range) => overlap(block, range));
  return refusingPart && deniedBy(shown, refusingPart);
}

function whyOutside(block: Block, { allowed }: Lists): SourceReading | undefined {
  if (allowed.length === 0 || allowed.some((range) => within(block, range))) return undefined;
  const some = allowed.slice(0, 3).map((range) => showSource(range.cidr));
  const rest = allowed.length > some.length ? ` and ${allowed.length - some.length} more` : '';
  return refused(
    'not-allowed',
    `${showSource(block.cidr)} is outside the networks that the policy allows (${some.join(', ')}${rest}). Connect from one of them, by VPN perhaps, and give its address.`,
  );
}

/**
 * True for a word that is meant as an address or a CIDR, even a mistyped one (`203.0.113.999`, `203.0.113.25/99`,
 * `2001:db8::zz7`): a mistyped address is asked back, and not taken for the first word of a reason. False for times
 * (`12:30`), version numbers of two parts (`22.04`) and ordinary words.
 */
export function looksLikeSource(word: string): boolean {
  if (/^\d+\.\d+\.\d*\./.test(word) || /^\d{1,3}\.\d{1,3}\.\d{1,3}(?:\/\S*)?$/.test(word)) return true;
  if (/^\d{1,2}:\d{2}(?::\d{2})?[a-z]*$/i.test(word)) return false;
  if (word.length > 100) return false;
  const [address = ''] = word.replace(/^\[/, '').split(/[%/\]]/, 1);
  if (!/^(?:::|[0-9a-f]{1,4}:)/i.test(address) || !/:.*:/.test(address)) return false;
  return /^[0-9a-f:.]+$/i.test(address) || (/^[0-9a-z:.]+$/i.test(address) && /\d/.test(address));
}

/** Whether a text stands where an address would, and names a computer (`laptop.example.com`) or means `my ip`. */
export function isSourceByName(text: string): boolean {
  return text.length <= 253 && (COMPUTER_NAME.test(text) || OWN_ADDRESS.test(text));
}

const COMPUTER_NAME = /^(?:localhost|(?:[a-z0-9][a-z0-9-]*\.)+[a-z]{2,63})$/i;
const OWN_ADDRESS = /^my[-_ ]?(?:ip|address|ip[-_ ]?address)$/i;

function unreadable(text: string): SourceReading {
  const what = quoted(text);
  const typed = text.slice(0, 100);
  const family = /:.*:/.test(typed) ? 6 : 4;
  if (typed === '') return refused('not-an-address', `There is no address yet. ${findOutThere(4)}`);
  if (OWN_ADDRESS.test(typed))
    return refused(
      'not-an-address',
      `I can't see your address, since Slack does not tell it. ${findOutThere(4)}`,
    );
  if (isSourceByName(typed)) {
    return refused(
      'not-an-address',
      `${what} is the name of a computer, and a firewall takes addresses only. ${findOutThere(4)}`,
    );
  }
  if (/^[0-9a-f.]*:[0-9a-f:.]*%/i.test(typed)) {
    return refused(
      'zone',
      `${what} has a zone (the part after %), which only your own computer knows. ${findOutThere(6)}`,
    );
  }
  if (/^[0-9a-f:]*:\d+\.\d+\.\d+\.\d+(?:\/\d*)?$/i.test(typed)) {
    return refused(
      'mapped',
      `${what} is an IPv4 address wrapped in IPv6. Give the IPv4 address itself: ${findOut(4)}.`,
    );
  }
  if (/^[\d.]+(?:\/\d+)?$/.test(typed) && /(?:^|[./])0\d/.test(typed)) {
    return refused(
      'not-an-address',
      `${what} has leading zeros, which programs read differently. Write it without them.`,
    );
  }
  return refused('not-an-address', `${what} is not an IP address. ${findOutThere(family)}`);
}

function wrapped(shown: string, what: string): SourceReading {
  return refused(
    'mapped',
    `${shown} stands for IPv4 addresses inside IPv6 (${what}). Give the IPv4 address itself: ${findOut(4)}.`,
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
    `${shown} contains ${showSource(range.cidr)}, which is ${what}. Ask for a smaller range, or for one address: ${findOut(range.family)}.`,
  );
}

function refused(problem: SourceProblem, sentence: string): SourceReading {
  return { ok: false, problem, sentence };
}
