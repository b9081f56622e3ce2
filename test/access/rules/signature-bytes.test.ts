/** No byte of anything that is signed can change and still verify: tried one by one, not sampled. */
import { describe, expect, test } from '@jest/globals';
import {
  groupTagValue,
  type Lease,
  leaseTagKey,
  leaseTagValue,
  readGroupTag,
  readLeaseTag,
} from '../../../src/access/rules/lease.js';
import { sign, verify } from '../../../src/access/rules/signature.js';
import { createSeal, type Fields } from '../../../src/redis/record.js';
import { keysOf } from '../../keys.js';
import { aRequest, aRule } from '../../redis/redis.js';

const RAW = Buffer.from('0123456789abcdef0123456789abcdef');

const keys = keysOf(RAW);

/** Every text that differs from the given one in one bit of one character, lacks a character, or has one twice. */
function* changesOf(text: string): Generator<string> {
  for (let at = 0; at < text.length; at++) {
    const [before, after] = [text.slice(0, at), text.slice(at + 1)];
    for (let bit = 1; bit < 256; bit <<= 1) {
      yield before + String.fromCharCode(text.charCodeAt(at) ^ bit) + after;
    }
    if (before + after !== text) yield before + after;
    yield before + text.charAt(at) + text.slice(at);
  }
}

/** The changed texts that still pass; throws where there was nothing to try. */
function passing(text: string, passes: (changed: string) => boolean): string[] {
  const all = [...changesOf(text)];
  if (all.length < 8 * text.length || text === '') throw new Error(`nothing to change in ${text}`);
  return all.filter(passes);
}

describe('a signature', () => {
  const kind = 'lease';
  const fields = [1_800_000_060_000, 'U0JANE', '203.0.113.25/32'];
  const signature = sign(keys, kind, fields);

  test('verifies unchanged', () => {
    expect(verify(keys, kind, fields, signature)).toBe(true);
  });

  test('does not verify with any of its characters changed', () => {
    expect(passing(signature, (changed) => verify(keys, kind, fields, changed))).toEqual([]);
    for (let at = 0; at < signature.length; at++) {
      for (let code = 0; code < 256; code++) {
        const changed = signature.slice(0, at) + String.fromCharCode(code) + signature.slice(at + 1);
        if (verify(keys, kind, fields, changed)) expect(changed).toBe(signature);
      }
    }
  });

  test('does not verify with any character of its kind changed', () => {
    expect(passing(kind, (changed) => verify(keys, changed, fields, signature))).toEqual([]);
  });

  test('does not verify with any character of any text among its fields changed', () => {
    for (const [index, field] of fields.entries()) {
      if (typeof field !== 'string') continue;
      const holds = (changed: string) => verify(keys, kind, fields.with(index, changed), signature);
      expect(passing(field, holds)).toEqual([]);
    }
  });

  test('does not verify with any bit of any number among its fields changed', () => {
    const view = new DataView(new ArrayBuffer(8));
    for (let bit = 0; bit < 64; bit++) {
      view.setFloat64(0, 1_800_000_060_000);
      const byte = bit >> 3;
      view.setUint8(byte, view.getUint8(byte) ^ (1 << (bit & 7)));
      expect(verify(keys, kind, fields.with(0, view.getFloat64(0)), signature)).toBe(false);
    }
  });

  test('does not verify with any bit of the key changed', () => {
    for (let bit = 0; bit < 8 * RAW.length; bit++) {
      const other = Buffer.from(RAW);
      other[bit >> 3] = (other[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(verify(keysOf(other), kind, fields, signature)).toBe(false);
    }
  });
});

describe('a tag', () => {
  const place = { installation: 'corp', groupId: 'sg-0123456789abcdef0', source: '203.0.113.25/32' };
  const lease: Lease = {
    requestId: 'K7QF2',
    endsAtMs: 1_800_000_060_000,
    openedAtMs: 1_800_000_000_000,
    user: 'U0JANE',
    target: 'ws-janedoe01',
  };
  const key = leaseTagKey(lease.requestId);
  const value = leaseTagValue(lease, place, keys);

  test('of a lease proves nothing with any character of its key or value changed', () => {
    expect(readLeaseTag(key, value, place, keys)).toEqual(lease);
    expect(passing(value, (changed) => !!readLeaseTag(key, changed, place, keys))).toEqual([]);
    expect(passing(key, (changed) => !!readLeaseTag(changed, value, place, keys))).toEqual([]);
  });

  test('of a lease proves nothing on any rule but its own', () => {
    for (const part of ['installation', 'groupId', 'source'] as const) {
      const holds = (changed: string) => !!readLeaseTag(key, value, { ...place, [part]: changed }, keys);
      expect(passing(place[part], holds)).toEqual([]);
    }
  });

  const mark = {
    installation: 'corp',
    vpcId: 'vpc-0a1b2c3d4e5f60718',
    name: 'workspace-ssh-corp-ws-janedoe01',
  };
  const groupValue = groupTagValue(mark, lease.openedAtMs, keys);

  test('of a group proves nothing with any character of its value changed, or on any other group', () => {
    expect(readGroupTag(groupValue, mark, keys)).toBe(lease.openedAtMs);
    const holds = (changed: string) => readGroupTag(changed, mark, keys) !== undefined;
    expect(passing(groupValue, holds)).toEqual([]);
    for (const part of ['installation', 'vpcId', 'name'] as const) {
      const elsewhere = (changed: string) =>
        readGroupTag(groupValue, { ...mark, [part]: changed }, keys) !== undefined;
      expect(passing(mark[part], elsewhere)).toEqual([]);
    }
  });

  test('of one kind never passes for the other', () => {
    expect(readGroupTag(value, mark, keys)).toBeUndefined();
    expect(readLeaseTag(key, groupValue, place, keys)).toBeUndefined();
  });
});

describe('a record', () => {
  const seal = createSeal('corp', keys);
  const request = aRequest('K7QF2');
  const rule = aRule('sg-1', 3, { state: 'open', ruleId: 'sgr-1' });
  const verifies = (open: () => unknown) => {
    try {
      return open() !== undefined;
    } catch {
      return false;
    }
  };

  test.each([
    {
      what: 'request',
      sealed: seal.request(request),
      open: (fields: Fields) => seal.openRequest('K7QF2', fields, 'a key'),
    },
    {
      what: 'rule',
      sealed: seal.rule(rule),
      open: (fields: Fields) => seal.openRule('sg-1', '203.0.113.25/32', fields, 'a key'),
    },
  ])('of a $what is not believed with any character of body, version or signature changed', (one) => {
    const fields = [String(one.sealed.version), one.sealed.body, one.sealed.sig];
    expect(verifies(() => one.open(fields))).toBe(true);
    for (const [index, field] of fields.entries()) {
      const holds = (changed: string) => verifies(() => one.open(fields.with(index, changed)));
      expect(passing(field, holds)).toEqual([]);
    }
  });

  test('is not believed under any other name', () => {
    const { version, body, sig } = seal.request(request);
    const holds = (id: string) => verifies(() => seal.openRequest(id, [String(version), body, sig], 'a key'));
    expect(passing('K7QF2', holds)).toEqual([]);
  });
});
