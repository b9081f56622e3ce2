/** Reads texts twice, by the bot and by hand: both must agree which source a text is, and whether it is allowed. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isRange } from '../../../src/access/reading/address-block.js';
import { readSource, type SourceLimits } from '../../../src/access/reading/source.js';
import { anyCharacter } from '../../any-character.js';
import { runs } from '../../depth.js';
import { liesInOne, type Reading, rangesOf, readByHand, touches } from './source-reading.js';

/** Limits that refuse nothing but the whole Internet. */
const NEVER = rangesOf(
  ...['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '192.0.0.0/24', '192.88.99.0/24', '198.18.0.0/15'],
  ...['224.0.0.0/3', '::/3', '4000::/2', '8000::/1', '2001::/23', '2002::/16'],
);
/** Ranges inside the last two rows of the table above that are in use all the same. */
const UNIQUE_LOCAL = rangesOf('fc00::/7');
const DOCUMENTATION = rangesOf(
  ...['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '2001:db8::/32', '3fff::/20'],
);
const PRIVATE = [
  ...rangesOf('10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'),
  ...UNIQUE_LOCAL,
];

/** Whether a policy with these limits lets a source be asked for. */
function mayBeAskedFor(source: Reading, limits: SourceLimits): boolean {
  const widest = source.family === 4 ? limits.widestIpv4 : limits.widestIpv6;
  if (source.prefix === 0 || source.prefix < widest) return false;
  if (liesInOne(source, PRIVATE) ? !limits.allowPrivate : touches(source, PRIVATE)) return false;
  if (touches(source, NEVER) && !liesInOne(source, UNIQUE_LOCAL)) return false;
  if (!limits.allowDocumentation && touches(source, DOCUMENTATION)) return false;
  if (limits.denied.length > 0 && touches(source, rangesOf(...limits.denied))) return false;
  return limits.allowed.length === 0 || liesInOne(source, rangesOf(...limits.allowed));
}

const write4 = (value: bigint) => [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
const write6 = (value: bigint) =>
  Array.from({ length: 8 }, (_, at) => ((value >> BigInt(112 - 16 * at)) & 0xffffn).toString(16)).join(':');
const edges = [...NEVER, ...DOCUMENTATION, ...PRIVATE];
/** Any address, and often one at the edge of a range that means something. */
function addresses(family: 4 | 6): fc.Arbitrary<bigint> {
  const most = 2n ** (family === 4 ? 32n : 128n) - 1n;
  const own = edges.filter((range) => range.family === family).flatMap(({ first, last }) => [first, last]);
  const near = fc
    .tuple(fc.constantFrom(...own), fc.bigInt(-2n, 2n))
    .map(([edge, step]) => (edge + step < 0n ? 0n : edge + step > most ? most : edge + step));
  return fc.oneof(fc.bigInt(0n, most), near);
}
const four = fc
  .tuple(addresses(4), fc.option(fc.integer({ min: 0, max: 33 })))
  .map(([value, prefix]) => write4(value) + (prefix === null ? '' : `/${prefix}`));
const six = fc
  .tuple(addresses(6), fc.option(fc.integer({ min: 0, max: 129 })), fc.boolean(), fc.boolean())
  .map(([value, prefix, isShort, isUpper]) => {
    const whole = write6(value);
    // `::` stands for any run of zeros here, not always for the run that RFC 5952 asks for.
    const address = isShort ? whole.replace(/(^|:)0(:0)*(:|$)/, '::') : whole;
    return (isUpper ? address.toUpperCase() : address) + (prefix === null ? '' : `/${prefix}`);
  });
const written = fc.oneof(four, six);

/** Changes that turn an address into a text that only looks like an address. */
const HOSTILE = [
  ...['0', '00', '0x', '.', '..', ':', '::', '/', '//', '%', '%eth0', '-', '+', '_', ',', ';', '[', ']', ' '],
  ...['\t', '\n', '\0', '\u00a0', '\u200b', '\u202e', '\ufeff', '\u3000', '\u0660', '\uff10', '\uff0e'],
  ...['\uff1a', '\u2044', '\u01c0', 'g', 'G', 'e', 'o', 'l', '1', '9', '255', '256', '/0', '/032', '/1e1'],
  ...['::ffff:', '64:ff9b::', '203.0.113.5', '\u{1d7d8}', '\u0131', '\u017f'],
];
const spoiled = fc
  .tuple(written, fc.array(fc.tuple(fc.nat(), fc.constantFrom(...HOSTILE), fc.nat(2)), { maxLength: 3 }))
  .map(([text, changes]) =>
    changes.reduce((before, [where, put, drop]) => {
      const at = where % (before.length + 1);
      return before.slice(0, at) + put + before.slice(at + drop);
    }, text),
  );
const soup = fc.string({ unit: fc.constantFrom(...'0123456789abcdefABCDEF::::....//% '), maxLength: 45 });
const anything = fc.string({ unit: anyCharacter, maxLength: 40 });
const text = fc.oneof(
  { weight: 5, arbitrary: spoiled },
  { weight: 3, arbitrary: written },
  { weight: 2, arbitrary: soup },
  { weight: 1, arbitrary: anything },
);

const LAX: SourceLimits = {
  widestIpv4: 1,
  widestIpv6: 1,
  allowPrivate: true,
  allowDocumentation: true,
  denied: [],
  allowed: [],
};

/** Compares without `expect`, which takes longer than all of the reading. */
function same(what: string, one: unknown, byHand: unknown): void {
  if (one !== byHand) throw new Error(`${what}: ${one}, and by hand ${byHand}`);
}

test('the bot and the reading by hand agree which texts are addresses or CIDRs', () => {
  let [are, areNot] = [0, 0];
  fc.assert(
    fc.property(text, (typed) => {
      const byHand = readByHand(typed);
      // readSource takes off white space around an address; the reading by hand does not.
      same('is a range', isRange(typed.trim()), byHand !== undefined);
      const reading = readSource(typed, LAX);
      if (!byHand) {
        areNot += 1;
        same('accepted', reading.ok, false);
        return;
      }
      are += 1;
      if (reading.ok) same('the CIDR', reading.source.cidr, byHand.cidr);
      // A sentence leaves out the prefix of a single address.
      else if (!reading.sentence.includes(byHand.cidr.replace(byHand.family === 4 ? /\/32$/ : /\/128$/, '')))
        throw new Error(`${byHand.cidr} is not in: ${reading.sentence}`);
    }),
    { numRuns: runs(8000) },
  );
  expect(are).toBeGreaterThan(runs(2000));
  expect(areNot).toBeGreaterThan(runs(2000));
});

test('the bot lets a source be asked for exactly where the reading by hand does, whatever the policy says', () => {
  const limits = fc.record({
    widestIpv4: fc.oneof(fc.constantFrom(1, 24), fc.integer({ min: 0, max: 32 })),
    widestIpv6: fc.oneof(fc.constantFrom(1, 56), fc.integer({ min: 0, max: 128 })),
    allowPrivate: fc.boolean(),
    allowDocumentation: fc.boolean(),
    denied: fc.oneof(
      fc.constant<string[]>([]),
      fc.tuple(written).map((cidrs) => cidrs.filter(isRange)),
    ),
    allowed: fc.oneof(
      fc.constant<string[]>([]),
      fc.constantFrom(['0.0.0.0/1', '2000::/3'], ['128.0.0.0/1', 'fc00::/7', '2001::/16'], ['10.0.0.0/9']),
    ),
  });
  let [may, mayNot] = [0, 0];
  fc.assert(
    fc.property(written, limits, (typed, policy) => {
      const byHand = readByHand(typed);
      if (!byHand) return;
      const expected = mayBeAskedFor(byHand, policy);
      const reading = readSource(typed, policy);
      same('may be asked for', reading.ok, expected);
      if (!reading.ok) {
        mayNot += 1;
        return;
      }
      may += 1;
      const { source } = reading;
      same('the CIDR', source.cidr, byHand.cidr);
      same('cleared host bits', source.clearedHostBits, byHand.clearedHostBits);
      same('private', source.isPrivate, liesInOne(byHand, PRIVATE));
      same('single', source.isSingle, byHand.first === byHand.last);
    }),
    { numRuns: runs(2500) },
  );
  expect(may).toBeGreaterThan(runs(120));
  expect(mayNot).toBeGreaterThan(runs(600));
});
