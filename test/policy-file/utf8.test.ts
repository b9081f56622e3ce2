import { describe, expect, test } from '@jest/globals';
import { decodeUtf8 } from '../../src/policy-file/utf8.js';

const TEXT = 'a: 1\nb: "München", 日本\n';
const LATIN1 = 'This is not UTF-8: the file is probably Latin-1 (Windows-1252). Save it as UTF-8.';
const UTF16 = 'This file is UTF-16. Save it as UTF-8.';

describe('a policy file is UTF-8, or refused with the place:', () => {
  test.each<[what: string, bytes: Uint8Array, text: string]>([
    ['UTF-8', Buffer.from(TEXT), TEXT],
    ['UTF-8 with a byte order mark', Buffer.from(`\uFEFF${TEXT}`), TEXT],
    ['a replacement character that somebody wrote', Buffer.from('\uFFFD'), '\uFFFD'],
    ['an empty file', Buffer.from(''), ''],
  ])('%s is taken', (_, bytes, text) => {
    expect(decodeUtf8(bytes, 'p.yml')).toEqual({ ok: true, text });
  });

  test.each<[what: string, bytes: Uint8Array, problem: string]>([
    ['Latin-1', Buffer.from('a: 1\nb: "München"\n', 'latin1'), `p.yml:2:6 ${LATIN1}`],
    [
      'Latin-1 behind longer characters',
      Buffer.concat([Buffer.from('x: ü日 '), Buffer.of(0xe9)]),
      `p.yml:1:7 ${LATIN1}`,
    ],
    ['a surrogate as CESU-8 writes it', Buffer.of(0x61, 0xed, 0xa0, 0x80), `p.yml:1:2 ${LATIN1}`],
    ['an overlong slash', Buffer.of(0xc0, 0xaf), `p.yml:1:1 ${LATIN1}`],
    ['a character that is cut off', Buffer.from(TEXT).subarray(0, -2), `p.yml:2:16 ${LATIN1}`],
    ['UTF-16 with a byte order mark', Buffer.from(`\uFEFF${TEXT}`, 'utf16le'), `p.yml:1:1 ${UTF16}`],
    ['UTF-16 without', Buffer.from(TEXT, 'utf16le'), `p.yml:1:1 ${UTF16}`],
    ['UTF-16 in the other order', Buffer.from(`\uFEFF${TEXT}`, 'utf16le').swap16(), `p.yml:1:1 ${UTF16}`],
    ['a NUL byte', Buffer.from('a: 1\nb: \0'), 'p.yml:2:4 A NUL byte stands here: this file is no text.'],
  ])('%s is refused', (_, bytes, problem) => {
    expect(decodeUtf8(bytes, 'p.yml')).toEqual({ ok: false, problem });
  });
});
