import { createHmac, randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readSigningKeys, sign, verify } from '../../../src/access/rules/signature.js';
import { anyCharacter } from '../../any-character.js';
import { keysOf } from '../../keys.js';

const raw = Buffer.alloc(32, 7);
const other = Buffer.alloc(48, 9);

describe('the signing keys', () => {
  test('are comma-separated base64; the first signs', () => {
    const reading = readSigningKeys(` ${raw.toString('base64')}, ${other.toString('base64')}\n`);
    expect(reading).toMatchObject({ ok: true });
    expect(reading.ok && reading.keys).toHaveLength(2);
  });

  test.each([
    ['', 'There is no signing key. Make one with `openssl rand -base64 32`.'],
    ['  ', 'There is no signing key. Make one with `openssl rand -base64 32`.'],
    [',', 'Signing key 1 is not base64. Make one with `openssl rand -base64 32`.'],
    ['secret', 'Signing key 1 is not base64. Make one with `openssl rand -base64 32`.'],
    ['c2hvcnQ=', 'Signing key 1 has 5 bytes, fewer than 32. Make one with `openssl rand -base64 32`.'],
    [`${raw.toString('base64')},`, 'Signing key 2 is not base64. Make one with `openssl rand -base64 32`.'],
    [raw.toString('base64url'), 'Signing key 1 is not base64. Make one with `openssl rand -base64 32`.'],
    // The last character before = carries bits that mean nothing: only zeros are strict.
    [
      raw.toString('base64').replace(/.=$/, 'd='),
      'Signing key 1 is not base64. Make one with `openssl rand -base64 32`.',
    ],
    [
      raw.toString('base64').replace(/^..../, '$& '),
      'Signing key 1 is not base64. Make one with `openssl rand -base64 32`.',
    ],
  ])('%j: %s', (text, problem) => {
    expect(readSigningKeys(text)).toEqual({ ok: false, problem });
  });

  test('do not show when they are logged', () => {
    expect(JSON.stringify(keysOf(raw))).toBe('[{}]');
  });
});

describe('a signature', () => {
  const keys = keysOf(raw);
  const fields = [1_767_225_600_000, 'U123', 'sgr'];

  test('is HMAC-SHA256 over the JSON of kind and fields, in base64url', () => {
    const expected = createHmac('sha256', raw)
      .update('["lease",1767225600000,"U123","sgr"]')
      .digest('base64url');
    expect(sign(keys, 'lease', fields)).toBe(expected);
    expect(expected).toMatch(/^[\w-]{43}$/);
    expect(verify(keys, 'lease', fields, expected)).toBe(true);
  });

  test('holds for one kind, and for fields as they were divided and typed', () => {
    const signature = sign(keys, 'lease', ['a', 'b', 1]);
    expect(verify(keys, 'group', ['a', 'b', 1], signature)).toBe(false);
    expect(verify(keys, 'lease', ['a,b', 1], signature)).toBe(false);
    expect(verify(keys, 'lease', ['ab', '', 1], signature)).toBe(false);
    expect(verify(keys, 'lease', ['a', 'b', '1'], signature)).toBe(false);
    expect(verify(keys, 'lease', ['a', 'b', 1, ''], signature)).toBe(false);
  });

  test('of a number that JSON cannot write is never made and never verifies', () => {
    expect(() => sign(keys, 'lease', [Number.NaN])).toThrow(RangeError);
    expect(verify(keys, 'lease', [Number.POSITIVE_INFINITY], sign(keys, 'lease', ['null']))).toBe(false);
  });

  const field = fc.oneof(fc.string(), fc.string({ unit: anyCharacter }), fc.integer());
  const signed = fc.record({ kind: fc.string(), fields: fc.array(field) });

  test('verifies unchanged, and with no byte changed, dropped or added', () => {
    fc.assert(
      fc.property(signed, fc.nat(42), fc.string({ maxLength: 2 }), ({ kind, fields }, at, put) => {
        const signature = sign(keys, kind, fields);
        const changed = signature.slice(0, at) + put + signature.slice(at + 1);
        expect(verify(keys, kind, fields, signature)).toBe(true);
        expect(verify(keys, kind, fields, changed)).toBe(changed === signature);
        expect(verify(keys, kind, fields, `${signature}=`)).toBe(false);
      }),
    );
    // The last character has two bits that base64url ignores.
    const signature = sign(keys, 'lease', fields);
    const same = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'].filter((last) =>
      verify(keys, 'lease', fields, signature.slice(0, -1) + last),
    );
    expect(same).toHaveLength(1);
  });

  test('does not verify for another kind, other fields or another key', () => {
    fc.assert(
      fc.property(signed, signed, (one, two) => {
        fc.pre(JSON.stringify(one) !== JSON.stringify(two));
        expect(verify(keys, two.kind, two.fields, sign(keys, one.kind, one.fields))).toBe(false);
        expect(verify(keysOf(other), one.kind, one.fields, sign(keys, one.kind, one.fields))).toBe(false);
      }),
    );
  });

  test('verifies after the keys were rotated, until its key is taken out', () => {
    fc.assert(
      fc.property(signed, ({ kind, fields }) => {
        const [old, middle, young] = [raw, other, randomBytes(32)];
        const signature = sign(keysOf(old), kind, fields);
        expect(verify(keysOf(young, middle, old), kind, fields, signature)).toBe(true);
        expect(verify(keysOf(young, middle), kind, fields, signature)).toBe(false);
        expect(verify(keysOf(old), kind, fields, sign(keysOf(young, old), kind, fields))).toBe(false);
      }),
      { numRuns: 50 },
    );
  });

  test('verifying never throws', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: anyCharacter }),
        fc.array(fc.oneof(fc.string(), fc.double())),
        (text, fields) => {
          expect(verify(keys, text, fields, text)).toBe(false);
        },
      ),
    );
  });
});
