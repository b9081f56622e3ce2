/** Makes certificates for a trial, signed by an authority of its own, since Node reads certificates and makes none. */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';

/** PEM. */
export interface Certified {
  cert: string;
  key: string;
}

export interface Authority {
  /** PEM. */
  cert: string;
  /** Certifies a new key for the names and IPv4 addresses at which a server answers; the first is its subject. */
  certify(...names: [string, ...string[]]): Certified;
}

const DAY_MS = 86_400_000;

/** @returns an authority that is believed for a day */
export function createAuthority(): Authority {
  const own = newKey();
  const issuer = nameOf('a trial');
  return {
    cert: certificate(issuer, issuer, own.publicKey, own.privateKey, CONSTRAINT_OF_AUTHORITY),
    certify(...names) {
      const { publicKey, privateKey } = newKey();
      const cert = certificate(nameOf(names[0]), issuer, publicKey, own.privateKey, alternatives(names));
      return { cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
    },
  };
}

function newKey() {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

/** A certificate as RFC 5280 (4.1) describes it, in DER. */
function certificate(
  subject: Buffer,
  issuer: Buffer,
  of: KeyObject,
  signer: KeyObject,
  extension: Buffer,
): string {
  const nowMs = Date.now();
  const signed = sequence(
    tagged(0xa0, integer(Buffer.of(2))),
    integer(Buffer.concat([Buffer.of(1), randomBytes(8)])),
    ECDSA_WITH_SHA256,
    issuer,
    sequence(time(nowMs - DAY_MS), time(nowMs + DAY_MS)),
    subject,
    of.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(extension)),
  );
  const whole = sequence(signed, ECDSA_WITH_SHA256, bits(sign('sha256', signed, signer)));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function tagged(tag: number, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}

function sequence(...contents: Buffer[]): Buffer {
  return tagged(0x30, ...contents);
}

function integer(content: Buffer): Buffer {
  return tagged(0x02, content);
}

function oid(...bytes: number[]): Buffer {
  return tagged(0x06, Buffer.from(bytes));
}

function bits(content: Buffer): Buffer {
  return tagged(0x03, Buffer.of(0), content);
}

/** An instant as certificates write it: `261130150622Z`. */
function time(ms: number): Buffer {
  const text = new Date(ms).toISOString().replace(/\D/g, '').slice(2, 14);
  return tagged(0x17, Buffer.from(`${text}Z`));
}

function nameOf(commonName: string): Buffer {
  const text = tagged(0x0c, Buffer.from(commonName));
  return sequence(tagged(0x31, sequence(oid(0x55, 4, 3), text)));
}

function alternatives(names: readonly string[]): Buffer {
  const each = names.map((name) =>
    isIP(name) ? tagged(0x87, Buffer.from(name.split('.').map(Number))) : tagged(0x82, Buffer.from(name)),
  );
  return sequence(oid(0x55, 0x1d, 0x11), tagged(0x04, sequence(...each)));
}

const ECDSA_WITH_SHA256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2));
/** The critical extension that lets a certificate sign others. */
const CONSTRAINT_OF_AUTHORITY = sequence(
  oid(0x55, 0x1d, 0x13),
  tagged(0x01, Buffer.of(0xff)),
  tagged(0x04, sequence(tagged(0x01, Buffer.of(0xff)))),
);
