import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isRange, showSource, sourceFamily } from '../../../src/access/reading/address-block.js';
import {
  isSourceByName,
  looksLikeSource,
  readSource,
  type SourceLimits,
  type SourceReading,
} from '../../../src/access/reading/source.js';
import { anyCharacter } from '../../any-character.js';
import { runs } from '../../depth.js';

const strict: SourceLimits = {
  widestIpv4: 24,
  widestIpv6: 56,
  allowPrivate: false,
  allowDocumentation: false,
  denied: [],
  allowed: [],
};
const sandbox: SourceLimits = { ...strict, allowDocumentation: true };
const vpn: SourceLimits = { ...strict, allowPrivate: true };
const lax: SourceLimits = { ...sandbox, widestIpv4: 1, widestIpv6: 1, allowPrivate: true };

function problemOf(reading: SourceReading): string {
  return reading.ok ? `accepted as ${reading.source.cidr}` : reading.problem;
}

describe('an address or a CIDR becomes a canonical source', () => {
  test.each([
    ['203.0.113.25', '203.0.113.25/32'],
    ['  203.0.113.25\n', '203.0.113.25/32'],
    ['203.0.113.25/32', '203.0.113.25/32'],
    ['203.0.113.25/24', '203.0.113.0/24'],
    ['203.0.113.25/31', '203.0.113.24/31'],
    ['8.8.8.8', '8.8.8.8/32'],
    ['2001:DB8::7', '2001:db8::7/128'],
    ['2001:0db8:0000:0000:0001:0000:0000:0007', '2001:db8::1:0:0:7/128'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1/128'],
    ['2001:db8:1:2:3:4:5:6/64', '2001:db8:1:2::/64'],
    ['2600:1f18:4:5600::/56', '2600:1f18:4:5600::/56'],
  ])('%j is %s', (text, cidr) => {
    expect(readSource(text, sandbox)).toMatchObject({ ok: true, source: { cidr } });
  });

  test('a source tells how many addresses it has, and whether they are private', () => {
    expect(readSource('203.0.113.25/24', sandbox)).toEqual({
      ok: true,
      source: {
        cidr: '203.0.113.0/24',
        family: 4,
        addresses: '256',
        isSingle: false,
        isPrivate: false,
        clearedHostBits: true,
      },
    });
    expect(readSource('2001:db8::/64', sandbox)).toMatchObject({
      source: { family: 6, addresses: '2^64', clearedHostBits: false },
    });
    expect(readSource('10.1.2.3', vpn)).toMatchObject({
      source: { isSingle: true, isPrivate: true, addresses: '1' },
    });
    expect(readSource('10.1.0.0/16', { ...vpn, widestIpv4: 16 })).toMatchObject({
      source: { addresses: '65,536' },
    });
  });

  test('a source is shown without the prefix of a single address', () => {
    expect(showSource('203.0.113.25/32')).toBe('203.0.113.25');
    expect(showSource('2001:db8::7/128')).toBe('2001:db8::7');
    expect(showSource('2001:db8::/32')).toBe('2001:db8::/32');
    expect(sourceFamily('2001:db8::/32')).toBe(6);
    expect(sourceFamily('203.0.113.25')).toBe(4);
  });
});

describe('a source is refused with its problem', () => {
  test.each([
    ['', 'not-an-address'],
    ['my laptop', 'not-an-address'],
    ['203.0.113', 'not-an-address'],
    ['203.0.113.999', 'not-an-address'],
    ['203.0.113.25/99', 'not-an-address'],
    ['203.0.113.25/', 'not-an-address'],
    ['203.0.113.25/024', 'not-an-address'],
    ['203.0.113.25 /24', 'not-an-address'],
    ['203.0.113.025', 'not-an-address'],
    ['0313.0.0161.031', 'not-an-address'],
    ['0xcb.0.113.25', 'not-an-address'],
    ['3405803801', 'not-an-address'],
    ['203.0.113.25-30', 'not-an-address'],
    ['203.0.113.25,203.0.113.26', 'not-an-address'],
    ['２０３.0.113.25', 'not-an-address'],
    ['2001:db8:::7', 'not-an-address'],
    ['2001:db8::7::1', 'not-an-address'],
    ['2001:db8::12345', 'not-an-address'],
    ['2001:db8::7/129', 'not-an-address'],
    ['[2001:db8::7]', 'not-an-address'],
    ['fe80::1%eth0', 'zone'],
    ['fe80::1%eth0/64', 'zone'],
    ['::ffff:203.0.113.25', 'mapped'],
    ['::203.0.113.25', 'mapped'],
    ['64:ff9b::203.0.113.5/96', 'mapped'],
    ['::ffff:cb00:7119', 'mapped'],
    ['::ffff:cb00:7105/120', 'mapped'],
    ['64:ff9b::cb00:7119', 'mapped'],
    ['64:ff9b:1::1', 'mapped'],
    ['2002:cb00:7119::1', 'mapped'],
    ['0.0.0.0/0', 'everything'],
    ['203.0.113.25/0', 'everything'],
    ['::/0', 'everything'],
    ['2001:db8::/0', 'everything'],
    ['203.0.0.0/16', 'too-wide'],
    ['8.0.0.0/5', 'too-wide'],
    ['2600::/32', 'too-wide'],
    ['0.0.0.0', 'reserved'],
    ['127.0.0.1', 'reserved'],
    ['127.0.0.0/8', 'reserved'],
    ['169.254.169.254', 'reserved'],
    ['192.0.0.8', 'reserved'],
    ['192.88.99.1', 'reserved'],
    ['198.19.0.1', 'reserved'],
    ['224.0.0.251', 'reserved'],
    ['255.255.255.255', 'reserved'],
    ['240.0.0.1', 'reserved'],
    ['203.0.113.25', 'reserved'],
    ['198.51.100.0/24', 'reserved'],
    ['2001:db8::7', 'reserved'],
    ['3fff::1', 'reserved'],
    ['::', 'reserved'],
    ['::1', 'reserved'],
    ['fe80::1', 'reserved'],
    ['fec0::1', 'reserved'],
    ['ff02::1', 'reserved'],
    ['100::1', 'reserved'],
    ['2001::1', 'reserved'],
    ['2001:20::1', 'reserved'],
    ['4000::1', 'reserved'],
    ['5f00::1', 'reserved'],
    ['fe00::1', 'reserved'],
    ['10.0.0.5', 'private'],
    ['10.0.0.0/8', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'private'],
    ['fd12::1', 'private'],
  ])('%j: %s', (text, problem) => {
    expect(problemOf(readSource(text, strict))).toBe(problem);
  });

  test.each<[string, SourceLimits, string]>([
    ['8.0.0.0/5', lax, 'private'],
    ['11.0.0.0/7', lax, 'private'],
    ['126.0.0.0/7', lax, 'reserved'],
    ['192.0.0.0/16', { ...lax, allowDocumentation: false }, 'reserved'],
    ['203.0.112.0/22', { ...strict, widestIpv4: 22 }, 'reserved'],
    ['2001::/16', lax, 'reserved'],
    ['2000::/4', { ...lax, allowDocumentation: false }, 'mapped'],
    ['fc00::/6', lax, 'reserved'],
    ['172.0.0.0/8', lax, 'private'],
  ])(
    '%s is refused since a part of the range may never be opened, however wide the policy is',
    (text, limits, problem) => {
      expect(problemOf(readSource(text, limits))).toBe(problem);
    },
  );

  test('a range that is private as a whole is accepted where the policy allows private sources', () => {
    expect(problemOf(readSource('10.0.0.5', vpn))).toBe('accepted as 10.0.0.5/32');
    expect(problemOf(readSource('100.64.3.0/24', vpn))).toBe('accepted as 100.64.3.0/24');
    expect(problemOf(readSource('fd12::/64', vpn))).toBe('accepted as fd12::/64');
    expect(problemOf(readSource('172.16.0.0/11', { ...vpn, widestIpv4: 8 }))).toBe('private');
  });

  test('a source that touches the deny list is refused, also inside of the allow list', () => {
    const limits = { ...sandbox, denied: ['203.0.113.64/26', '2001:db8:bad::/48', '198.51.100.9'] };
    expect(problemOf(readSource('203.0.113.70', limits))).toBe('denied');
    expect(problemOf(readSource('203.0.113.0/24', limits))).toBe('denied');
    expect(problemOf(readSource('198.51.100.9', limits))).toBe('denied');
    expect(problemOf(readSource('2001:db8:bad:1::/64', limits))).toBe('denied');
    expect(problemOf(readSource('203.0.113.25', limits))).toBe('accepted as 203.0.113.25/32');
    expect(problemOf(readSource('203.0.113.70', { ...limits, allowed: ['203.0.113.0/24'] }))).toBe('denied');
  });

  test('a source must lie in the allow list with all of its addresses, where there is a list', () => {
    const limits = { ...sandbox, allowed: ['203.0.113.0/25', '2001:db8:1::/48'] };
    expect(problemOf(readSource('203.0.113.25', limits))).toBe('accepted as 203.0.113.25/32');
    expect(problemOf(readSource('203.0.113.0/24', limits))).toBe('not-allowed');
    expect(problemOf(readSource('198.51.100.7', limits))).toBe('not-allowed');
    expect(problemOf(readSource('2001:db8:1::7', limits))).toBe('accepted as 2001:db8:1::7/128');
  });

  test('a list with a mistake is a fault, and lets nobody in', () => {
    expect(() => readSource('203.0.113.25', { ...sandbox, denied: ['office'] })).toThrow('office');
    expect(() => readSource('203.0.113.25', { ...sandbox, allowed: ['203.0.113.0/33'] })).toThrow(
      '203.0.113.0/33',
    );
    expect(isRange('office')).toBe(false);
    expect(isRange('203.0.113.0/24')).toBe(true);
  });
});

describe('the refusal of a source says why, and what to do:', () => {
  test.each<[string, SourceLimits, string]>([
    [
      '203.0.113.25/16',
      strict,
      '203.0.0.0/16 is 65,536 addresses; the policy allows at most /24 (256). You probably need one: run `curl -4 https://checkip.amazonaws.com`.',
    ],
    [
      '2600::/32',
      strict,
      '2600::/32 is 2^96 addresses; the policy allows at most /56 (2^72). You probably need one: run `curl -6 https://checkip.global.api.aws`.',
    ],
    [
      '0.0.0.0/0',
      lax,
      '0.0.0.0/0 is the whole Internet, which is never opened. You probably need one: run `curl -4 https://checkip.amazonaws.com`.',
    ],
    [
      '203.0.113.999',
      strict,
      '`203.0.113.999` is not an IP address. Run `curl -4 https://checkip.amazonaws.com` on the computer that will connect.',
    ],
    [
      '2001:db8::zz7',
      strict,
      '`2001:db8::zz7` is not an IP address. Run `curl -6 https://checkip.global.api.aws` on the computer that will connect.',
    ],
    [
      'laptop.example.com',
      strict,
      '`laptop.example.com` is the name of a computer, and a firewall takes addresses only. Run `curl -4 https://checkip.amazonaws.com` on the computer that will connect.',
    ],
    [
      'my ip',
      strict,
      "I can't see your address, since Slack does not tell it. Run `curl -4 https://checkip.amazonaws.com` on the computer that will connect.",
    ],
    [
      '203.0.113.025',
      strict,
      '`203.0.113.025` has leading zeros, which programs read differently. Write it without them.',
    ],
    [
      '192.168.1.20',
      strict,
      '192.168.1.20 is private: AWS sees another address when you connect. Run `curl -4 https://checkip.amazonaws.com` on the computer that will connect.',
    ],
    [
      '127.0.0.1',
      strict,
      '127.0.0.1 is loopback, which means the computer itself: nobody connects from there. Run `curl -4 https://checkip.amazonaws.com` on the computer that will connect.',
    ],
    [
      '64:ff9b::cb00:7119',
      strict,
      '64:ff9b::cb00:7119 stands for IPv4 addresses inside IPv6 (NAT64). Give the IPv4 address itself: run `curl -4 https://checkip.amazonaws.com`.',
    ],
    [
      '8.0.0.0/5',
      lax,
      '8.0.0.0/5 contains 10.0.0.0/8, which is private. Ask for a smaller range, or for one address: run `curl -4 https://checkip.amazonaws.com`.',
    ],
    [
      '203.0.113.0/24',
      { ...sandbox, denied: ['203.0.113.64/26'] },
      '203.0.113.0/24 touches 203.0.113.64/26, which the policy refuses. Connect from another network, or ask your admins.',
    ],
    [
      '198.51.100.7',
      { ...sandbox, allowed: ['203.0.113.0/24', '192.0.2.0/26', '192.0.2.64/26', '192.0.2.128/26'] },
      '198.51.100.7 is outside the networks that the policy allows (203.0.113.0/24, 192.0.2.0/26, 192.0.2.64/26 and 1 more). Connect from one of them, by VPN perhaps, and give its address.',
    ],
  ])('%s', (text, limits, sentence) => {
    expect(readSource(text, limits)).toMatchObject({ sentence });
  });

  test('a long or crafted text is repeated short and on one line', () => {
    const reading = readSource(`\`oops\`\u202e\n${'x'.repeat(5000)}`, strict);
    expect(reading).toMatchObject({
      problem: 'not-an-address',
      sentence: expect.stringMatching(/^`'oops' x{52}…` is not/),
    });
  });
});

describe('a word of the command:', () => {
  test.each([
    '203.0.113.25',
    '203.0.113.25/32',
    '203.0.113.999',
    '203.0.113.25/99',
    '203.0.113',
    '203.0.113.',
    '203.0..25',
    '203.0.113.*',
    '203.0.113.25:22',
    '203.0.113.25%eth0',
    '2030.0.113.25',
    '0.0.0.0/0',
    '::',
    '::/0',
    '::1',
    '2001:db8::7',
    '2001:DB8::7/64',
    '[2001:db8::7]',
    '2001:db8::zz7',
    '2001:db8:1:2:3:4:5:6:7',
    'fe80::1%eth0',
    '::ffff:203.0.113.25',
  ])('%s is meant as an address', (word) => {
    expect(looksLikeSource(word)).toBe(true);
  });

  test.each([
    '',
    'fixing',
    'OPS-412',
    '12:30',
    '12:30:45',
    '9:05pm',
    '22.04',
    '1.5h',
    '2h',
    '2',
    'ws-8kd2x4f9m',
    '23.11.2026',
    '10/8',
    '24/7',
    'std::vector',
    ':bed:',
    'https://example.com/1.2.3.4',
    'arn:aws:ec2:eu-west-1',
    'note:',
    '...',
  ])('%j is not meant as an address', (word) => {
    expect(looksLikeSource(word)).toBe(false);
  });
});

test.each([
  ['laptop.example.com', true],
  ['home.dyndns.org', true],
  ['localhost', true],
  ['my ip', true],
  ['My-IP', true],
  ['myip', true],
  ['my ip address', true],
  ['my address', true],
  ['my laptop', false],
  ['e.g', false],
  ['fixing', false],
  ['1.2.3.4', false],
  ['https://example.com/a', false],
  ['OPS-412', false],
  ['', false],
])('the words %j name a source without its address: %j', (text, names) => {
  expect(isSourceByName(text)).toBe(names);
});

/** Reads canonical CIDRs without the module under test and without its library. */
function numbersOf(cidr: string): { family: 4 | 6; first: bigint; last: bigint } {
  const [address = '', prefix] = cidr.split('/');
  const family = address.includes(':') ? 6 : 4;
  const width = family === 4 ? 32 : 128;
  let groups: bigint[];
  if (family === 4) {
    groups = address.split('.').map((octet) => BigInt(octet));
  } else {
    const [head = '', tail] = address.split('::');
    const read = (part: string) => (part === '' ? [] : part.split(':').map((group) => BigInt(`0x${group}`)));
    const [before, after] = [read(head), read(tail ?? '')];
    groups = [...before, ...Array<bigint>(8 - before.length - after.length).fill(0n), ...after];
  }
  const each = family === 4 ? 8n : 16n;
  const value = groups.reduce((sum, group) => (sum << each) + group, 0n);
  const host = BigInt(width - Number(prefix ?? width));
  const first = (value >> host) << host;
  return { family, first, last: first + (1n << host) - 1n };
}

const FORBIDDEN = [
  [
    '0.0.0.0/8',
    '127.0.0.0/8',
    '169.254.0.0/16',
    '192.0.0.0/24',
    '192.88.99.0/24',
    '198.18.0.0/15',
    '224.0.0.0/3',
  ],
  ['::/3', '4000::/2', '8000::/2', 'c000::/3', 'e000::/4', 'f000::/5', 'f800::/6', 'fe00::/7', '2001::/23'],
  ['2002::/16'],
].flatMap((cidrs) => cidrs.map(numbersOf));
const DOCUMENTATION = ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '2001:db8::/32', '3fff::/20'].map(
  numbersOf,
);
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'].map(numbersOf);

const edges4 = [...FORBIDDEN, ...DOCUMENTATION, ...PRIVATE].filter(({ family }) => family === 4);
const edges6 = [...FORBIDDEN, ...DOCUMENTATION, ...PRIVATE].filter(({ family }) => family === 6);
const text4 = (value: bigint) => [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
const text6 = (value: bigint) =>
  [112n, 96n, 80n, 64n, 48n, 32n, 16n, 0n]
    .map((shift) => ((value >> shift) & 0xffffn).toString(16))
    .join(':');
const near = (edges: typeof edges4, most: bigint) =>
  fc
    .tuple(fc.constantFrom(...edges.flatMap(({ first, last }) => [first, last])), fc.bigInt(-300n, 300n))
    .map(([edge, step]) => (edge + step < 0n ? 0n : edge + step > most ? most : edge + step));
const cidr4 = fc
  .tuple(
    fc.oneof(fc.bigInt(0n, 2n ** 32n - 1n), near(edges4, 2n ** 32n - 1n)),
    fc.integer({ min: 0, max: 32 }),
  )
  .map(([value, prefix]) => `${text4(value)}/${prefix}`);
const cidr6 = fc
  .tuple(
    fc.oneof(fc.bigInt(0n, 2n ** 128n - 1n), near(edges6, 2n ** 128n - 1n)),
    fc.integer({ min: 0, max: 128 }),
  )
  .map(([value, prefix]) => `${text6(value)}/${prefix}`);
const cidr = fc.oneof(cidr4, cidr6);

describe('for any input', () => {
  test('a canonical source reads back as itself, and as EC2 writes it', () => {
    fc.assert(
      fc.property(cidr, (text) => {
        const reading = readSource(text, lax);
        if (!reading.ok) return;
        const { source } = reading;
        expect(readSource(source.cidr, lax)).toEqual({
          ok: true,
          source: { ...source, clearedHostBits: false },
        });
        expect(numbersOf(source.cidr)).toEqual(numbersOf(text));
        // The WHATWG URL parser, which writes IPv6 addresses as RFC 5952 asks, is the judge.
        const [address] = source.cidr.split('/');
        const host = source.family === 6 ? `[${address}]` : `${address}`;
        expect(new URL(`http://${host}/`).hostname).toBe(host);
        expect(looksLikeSource(text) && looksLikeSource(source.cidr)).toBe(true);
      }),
      { numRuns: runs(2000) },
    );
  });

  test('no accepted source overlaps a forbidden range, or is wider than the policy allows', () => {
    const limitsOf = fc.record({
      widestIpv4: fc.integer({ min: 0, max: 32 }),
      widestIpv6: fc.integer({ min: 0, max: 128 }),
      allowPrivate: fc.boolean(),
      allowDocumentation: fc.boolean(),
      denied: fc.array(cidr, { maxLength: 2 }),
      allowed: fc.array(cidr, { maxLength: 1 }),
    });
    let accepted = 0;
    fc.assert(
      fc.property(cidr, limitsOf, (text, limits) => {
        const reading = readSource(text, limits);
        if (!reading.ok) return;
        accepted += 1;
        const block = numbersOf(text);
        const touches = (ranges: (typeof block)[]) =>
          ranges.some(
            ({ family, first, last }) =>
              family === block.family && first <= block.last && block.first <= last,
          );
        const inside = (ranges: (typeof block)[]) =>
          ranges.some(
            ({ family, first, last }) =>
              family === block.family && first <= block.first && block.last <= last,
          );
        expect(touches(FORBIDDEN)).toBe(false);
        expect(touches(limits.denied.map(numbersOf))).toBe(false);
        if (!limits.allowDocumentation) expect(touches(DOCUMENTATION)).toBe(false);
        expect(touches(PRIVATE)).toBe(inside(PRIVATE) && limits.allowPrivate);
        expect(reading.source.isPrivate).toBe(inside(PRIVATE));
        if (limits.allowed.length > 0) expect(inside(limits.allowed.map(numbersOf))).toBe(true);
        const prefix = Number(reading.source.cidr.split('/')[1]);
        expect(prefix).toBeGreaterThanOrEqual(block.family === 4 ? limits.widestIpv4 : limits.widestIpv6);
        expect(prefix).toBeGreaterThan(0);
      }),
      { numRuns: runs(2000) },
    );
    expect(accepted).toBeGreaterThan(runs(10));
  });

  test('reading a hostile text as a source never throws, and answers with a short sentence', () => {
    const hostile = fc.oneof(
      fc.string({ unit: anyCharacter, maxLength: 300 }),
      fc.stringMatching(/^[0-9a-fA-F:./%\s]{0,60}$/),
      cidr.chain((text) =>
        fc
          .tuple(fc.nat(text.length), fc.string({ maxLength: 2 }))
          .map(([at, extra]) => text.slice(0, at) + extra + text.slice(at)),
      ),
    );
    fc.assert(
      fc.property(hostile, (text) => {
        const reading = readSource(text, strict);
        looksLikeSource(text);
        if (reading.ok) expect(text.trim()).toMatch(/^[0-9a-f.:/]+$/i);
        else expect(reading.sentence.length).toBeLessThan(300);
      }),
      { numRuns: runs(1000) },
    );
    for (const long of [':'.repeat(20_000), '1.'.repeat(20_000), '1:'.repeat(20_000), '0'.repeat(20_000)]) {
      expect(readSource(long, strict).ok).toBe(false);
      looksLikeSource(long);
    }
  });
});
