/** Signing keys for tests, which are the same for the same bytes. */
import { readSigningKeys, type SigningKeys } from '../src/access/rules/signature.js';

/** @param bytes of each key, the one that signs first; at least 32 */
export function keysOf(...bytes: readonly Uint8Array[]): SigningKeys {
  const reading = readSigningKeys(bytes.map((key) => Buffer.from(key).toString('base64')).join(','));
  if (!reading.ok) throw new Error(reading.problem);
  return reading.keys;
}

/** A key of 32 times the same byte. */
export function keyOf(byte: number): SigningKeys {
  return keysOf(Buffer.alloc(32, byte));
}
