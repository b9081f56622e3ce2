import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { blockOf } from '../../../src/access/reading/address-block.js';
import {
  type Coverage,
  coverageOf,
  type Origin,
  surroundingsOf,
} from '../../../src/access/rules/coverage.js';

const ONE = { cidr: '203.0.113.25/32', family: 4 as const, isPrivate: false };
const RANGE = { ...ONE, cidr: '203.0.113.0/28' };
const HOME = { ...ONE, cidr: '10.1.2.3/32', isPrivate: true };
const SIX = { cidr: '2001:db8::25/128', family: 6 as const, isPrivate: false };
const LISTS = new Map([
  ['pl-office', ['198.51.100.0/24', '203.0.113.24/31']],
  ['pl-empty', []],
  ['pl-odd', ['everywhere']],
]);

const range = (cidr: string): Origin => ({ kind: 'range', cidr });
const list = (listId: string): Origin => ({ kind: 'list', listId });
const group: Origin = { kind: 'group', groupId: 'sg-1' };

describe('tcp/22 is covered', () => {
  test.each<[string, string, number | undefined, number | undefined, Coverage]>([
    ['tcp/22', 'tcp', 22, 22, 'all'],
    ['tcp/22 by its number', '6', 22, 22, 'all'],
    ['all ports of TCP', 'tcp', 0, 65_535, 'all'],
    ['a range of ports with 22', 'tcp', 20, 30, 'all'],
    ['TCP without ports', 'tcp', undefined, undefined, 'all'],
    ['all protocols', '-1', -1, -1, 'all'],
    ['all protocols without ports', '-1', undefined, undefined, 'all'],
    ['tcp/23', 'tcp', 23, 23, 'none'],
    ['ports below', 'tcp', 1, 21, 'none'],
    ['UDP', 'udp', 22, 22, 'none'],
    ['ICMP', 'icmp', -1, -1, 'none'],
    ['another protocol', '50', undefined, undefined, 'none'],
  ])('by a rule for %s, or not', (_, protocol, fromPort, toPort, coverage) => {
    const ports = fromPort === undefined || toPort === undefined ? {} : { fromPort, toPort };
    const traffic = { protocol, ...ports, from: range('203.0.113.25/32') };
    expect(coverageOf(traffic, ONE, LISTS)).toBe(coverage);
  });
});

describe('a source is let in, or not, by a rule for tcp/22 from', () => {
  test.each<[string, typeof ONE | typeof SIX, Origin, Coverage]>([
    ['the source itself', ONE, range('203.0.113.25/32'), 'all'],
    ['a wider range', ONE, range('203.0.113.0/24'), 'all'],
    ['everybody', ONE, range('0.0.0.0/0'), 'all'],
    ['another address', ONE, range('203.0.113.26/32'), 'none'],
    ['a part of a range', RANGE, range('203.0.113.3/32'), 'part'],
    ['everybody of the other family', ONE, range('::/0'), 'none'],
    ['everybody of IPv6', SIX, range('::/0'), 'all'],
    ['a prefix list with the source', ONE, list('pl-office'), 'all'],
    ['a prefix list without the source', HOME, list('pl-office'), 'none'],
    [
      'a prefix list with a part of the source',
      { ...ONE, cidr: '203.0.113.0/24' },
      list('pl-office'),
      'part',
    ],
    ['an empty prefix list', ONE, list('pl-empty'), 'none'],
    ['a prefix list that was not read', ONE, list('pl-secret'), 'unknown'],
    ['a prefix list that cannot be read', ONE, list('pl-odd'), 'unknown'],
    ['a group, which stands for private addresses', ONE, group, 'none'],
    ['a group, which may have the private source', HOME, group, 'unknown'],
    ['a group, which may have the IPv6 source', SIX, group, 'unknown'],
    ['somebody whom EC2 did not name', ONE, { kind: 'other' }, 'unknown'],
  ])('%s', (_, source, from, coverage) => {
    const traffic = { protocol: 'tcp', fromPort: 22, toPort: 22, from };
    expect(coverageOf(traffic, source, LISTS)).toBe(coverage);
  });
});

test('a rule that lets in an address of the source is never judged `none`, and `all` is judged only of a rule that lets in the whole source', () => {
  const block = fc
    .tuple(fc.nat(0xffffff), fc.integer({ min: 20, max: 32 }))
    .map(([low, prefix]) => blockOf(`10.${low >> 16}.${(low >> 8) & 255}.${low & 255}/${prefix}`));
  const ports = fc.tuple(fc.nat(65_535), fc.nat(65_535)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)]);
  fc.assert(
    fc.property(
      block,
      block,
      ports,
      fc.constantFrom('tcp', '-1', 'udp'),
      (source, other, around, protocol) => {
        const [fromPort = 0, toPort = 0] = around;
        const traffic = { protocol, fromPort, toPort, from: range(other.cidr) };
        const coverage = coverageOf(traffic, { cidr: source.cidr, family: 4, isPrivate: true }, new Map());
        const shared = [source.first, source.last].some((at) => other.first <= at && at <= other.last);
        const holds = shared || (source.first <= other.first && other.first <= source.last);
        const isSsh = protocol === '-1' || (protocol === 'tcp' && fromPort <= 22 && 22 <= toPort);
        expect(coverage === 'none').toBe(!(isSsh && holds));
        if (coverage === 'all') expect(other.first <= source.first && source.last <= other.last).toBe(true);
      },
    ),
  );
});

describe('all rules together', () => {
  const rule = (ruleId: string, from: Origin, ours = false) => ({
    ruleId,
    groupId: 'sg-1',
    traffic: { protocol: '-1', from },
    ours,
  });

  test('are summed up as five and a count: first those that let all of the source in, foreign ones before owned ones', () => {
    const part = rule('sgr-part', range('203.0.113.3/32'));
    const all = Array.from({ length: 6 }, (_, n) =>
      rule(`sgr-${n}`, range(`203.0.113.0/${16 + n}`), n === 0),
    );
    const found = surroundingsOf([part, ...all.slice(0, 1)], RANGE, LISTS);
    expect(found).toEqual({
      read: true,
      rules: [
        { ruleId: 'sgr-0', groupId: 'sg-1', ours: true },
        { ruleId: 'sgr-part', groupId: 'sg-1', part: true },
      ],
    });
    const many = surroundingsOf([part, ...all], RANGE, LISTS);
    expect(many.rules.map(({ ruleId }) => ruleId)).toEqual(['sgr-1', 'sgr-2', 'sgr-3', 'sgr-4', 'sgr-5']);
    expect(many.more).toBe(2);
    expect(surroundingsOf(all.slice(1), RANGE, LISTS)).not.toHaveProperty('more');
  });

  test('do not count as read where one of them could not be read', () => {
    expect(surroundingsOf([], ONE, LISTS)).toEqual({ read: true, rules: [] });
    expect(surroundingsOf([rule('sgr-1', list('pl-secret'))], ONE, LISTS)).toEqual({
      read: false,
      rules: [],
    });
  });
});
