/**
 * Tags in AWS and records in Redis can be written by others; only what carries a signature of this installation's
 * keys is believed.
 */
import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';

/** The first key signs, all verify. Key objects, so that logging one shows nothing. */
export type SigningKeys = readonly [KeyObject, ...KeyObject[]];

export type SigningKeysReading = { ok: true; keys: SigningKeys } | { ok: false; problem: string };

const MAKE_ONE = 'Make one with `openssl rand -base64 32`.';
const SHORTEST_BYTES = 32;

/**
 * Reads comma-separated keys, each padded base64 (RFC 4648, not base64url) of at least 32 bytes; white space around
 * a key is accepted. The problem never repeats any of the text.
 */
export function readSigningKeys(text: string): SigningKeysReading {
  if (text.trim() === '') return { ok: false, problem: `There is no signing key. ${MAKE_ONE}` };
  const keys: KeyObject[] = [];
  for (const [index, part] of text.split(',').entries()) {
    const encoded = part.trim();
    const bytes = Buffer.from(encoded, 'base64');
    const which = `Signing key ${index + 1}`;
    // Node skips what is not base64: only a text that comes back unchanged was base64.
    if (encoded === '' || bytes.toString('base64') !== encoded) {
      return { ok: false, problem: `${which} is not base64. ${MAKE_ONE}` };
    }
    if (bytes.length < SHORTEST_BYTES) {
      return {
        ok: false,
        problem: `${which} has ${bytes.length} bytes, fewer than ${SHORTEST_BYTES}. ${MAKE_ONE}`,
      };
    }
    keys.push(createSecretKey(bytes));
  }
  const [first, ...others] = keys;
  return first
    ? { ok: true, keys: [first, ...others] }
    : { ok: false, problem: `There is no signing key. ${MAKE_ONE}` };
}

/** Random bytes hold about 30 different values among 32, and practically never as few as this. */
const FEWEST_VALUES = 16;

/** The numbers, from 1, of keys that somebody could guess: too few different bytes, or bytes that count up or down. */
export function guessableKeys(keys: SigningKeys): number[] {
  return keys.flatMap((key, index) => (isGuessable(key.export()) ? [index + 1] : []));
}

function isGuessable(bytes: Uint8Array): boolean {
  const steps = bytes.slice(1).map((byte, index) => byte - (bytes[index] ?? 0));
  return new Set(bytes).size < FEWEST_VALUES || new Set(steps).size === 1;
}

/**
 * HMAC-SHA256 over `JSON.stringify([kind, ...fields])` with the first key: 43 characters of base64url. `kind` keeps
 * a signature of one kind of thing from passing for another. Throws for a number that is not finite, since JSON
 * cannot tell those apart.
 */
export function sign(keys: SigningKeys, kind: string, fields: readonly (string | number)[]): string {
  const text = signedText(kind, fields);
  if (text === undefined) throw new RangeError(`A field of a ${kind} is not finite`);
  return hmac(keys[0], text);
}

/** Whether any of the keys made this signature; in constant time, and false instead of an error for any input. */
export function verify(
  keys: SigningKeys,
  kind: string,
  fields: readonly (string | number)[],
  signature: string,
): boolean {
  const text = signedText(kind, fields);
  if (text === undefined || typeof signature !== 'string') return false;
  const given = Buffer.from(signature);
  let found = false;
  for (const key of keys) {
    // The text is compared, not the bytes that it stands for: two texts of base64url can mean the same bytes.
    const expected = Buffer.from(hmac(key, text));
    if (given.length === expected.length && timingSafeEqual(given, expected)) found = true;
  }
  return found;
}

function signedText(kind: string, fields: readonly (string | number)[]): string | undefined {
  if (fields.some((field) => typeof field === 'number' && !Number.isFinite(field))) return undefined;
  return JSON.stringify([kind, ...fields]);
}

function hmac(key: KeyObject, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64url');
}
