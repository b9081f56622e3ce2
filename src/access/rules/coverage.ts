/**
 * Judges whether an ingress rule lets a source reach tcp/22: a rule covers it with all ports, all protocols or a wider
 * range as well as with tcp/22 alone. All groups of an interface add up.
 */
import { blockOf, isRange, overlap, within } from '../reading/address-block.js';
import type { Source } from '../reading/source.js';
import type { OpenRule, Surroundings } from '../request/request.js';

/** What an ingress rule lets in, as EC2 says it. */
export interface Traffic {
  /** `tcp`, `udp`, `icmp`, a protocol's number, or `-1` for all. */
  protocol: string;
  /** Absent, or -1, where the rule names no port. */
  fromPort?: number;
  toPort?: number;
  from: Origin;
}

/** Whom a rule lets in. `other`: EC2 said nothing that this version knows. */
export type Origin =
  | { kind: 'range'; cidr: string }
  | { kind: 'group'; groupId: string }
  | { kind: 'list'; listId: string }
  | { kind: 'other' };

/** How much of a source a rule lets reach tcp/22. `unknown`: the rule's source is none that the bot reads or has read. */
export type Coverage = 'none' | 'part' | 'all' | 'unknown';

/** The ranges of prefix lists by their ids; a list that was not read is absent. */
export type Lists = ReadonlyMap<string, readonly string[]>;

/** Judges one rule. */
export function coverageOf(
  traffic: Traffic,
  source: Pick<Source, 'cidr' | 'family' | 'isPrivate'>,
  lists: Lists,
): Coverage {
  if (!coversSsh(traffic)) return 'none';
  const { from } = traffic;
  switch (from.kind) {
    case 'range':
      return ofRanges([from.cidr], source.cidr);
    case 'list': {
      const ranges = lists.get(from.listId);
      return ranges ? ofRanges(ranges, source.cidr) : 'unknown';
    }
    case 'group':
      // A group stands for the private IPv4 and the IPv6 addresses of the interfaces that carry it.
      return source.family === 4 && !source.isPrivate ? 'none' : 'unknown';
    case 'other':
      return 'unknown';
  }
}

const SSH_PORT = 22;

function coversSsh({ protocol, fromPort = -1, toPort = -1 }: Traffic): boolean {
  if (protocol === '-1') return true;
  if (protocol !== 'tcp' && protocol !== '6') return false;
  return fromPort === -1 || toPort === -1 || (fromPort <= SSH_PORT && SSH_PORT <= toPort);
}

function ofRanges(ranges: readonly string[], cidr: string): Coverage {
  const source = blockOf(cidr);
  let coverage: Coverage = 'none';
  for (const range of ranges) {
    if (!isRange(range)) {
      coverage = coverage === 'part' ? 'part' : 'unknown';
      continue;
    }
    const block = blockOf(range);
    if (within(source, block)) return 'all';
    if (overlap(source, block)) coverage = 'part';
  }
  return coverage;
}

/** How many rules are named; the others are counted, since the card has room for few. */
const NAMED = 5;

/** Judges all rules of all groups together. */
export function surroundingsOf(
  rules: readonly { ruleId: string; groupId: string; traffic: Traffic; ours: boolean }[],
  source: Pick<Source, 'cidr' | 'family' | 'isPrivate'>,
  lists: Lists,
): Surroundings {
  const judged = rules.map((rule) => ({ rule, coverage: coverageOf(rule.traffic, source, lists) }));
  const open = judged
    .filter(({ coverage }) => coverage === 'all' || coverage === 'part')
    .sort(
      (a, b) =>
        Number(a.coverage === 'part') - Number(b.coverage === 'part') ||
        Number(a.rule.ours) - Number(b.rule.ours),
    )
    .map(
      ({ rule: { ruleId, groupId, ours }, coverage }): OpenRule => ({
        ruleId,
        groupId,
        ...(ours ? { ours } : {}),
        ...(coverage === 'part' ? { part: true } : {}),
      }),
    );
  const more = open.length - NAMED;
  return {
    read: judged.every(({ coverage }) => coverage !== 'unknown'),
    rules: open.slice(0, NAMED),
    ...(more > 0 ? { more } : {}),
  };
}
