/** The log: JSON lines on stdout, without a secret in them. */
import type { Writable } from 'node:stream';
import { type DestinationStream, type Logger, type LoggerOptions, pino, stdTimeFunctions } from 'pino';

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

const secretKeys = [
  'token',
  'botToken',
  'appToken',
  'signingSecret',
  'signingKeys',
  'secret',
  'secretAccessKey',
  'sessionToken',
  'password',
  'authorization',
  'Authorization',
  'cookie',
];

const isAudit = (fields: unknown): boolean =>
  typeof fields === 'object' && fields !== null && 'audit' in fields;

/** How many bytes may wait for a slow reader of the log. */
const WAITING_BYTES = 4 * 1024 * 1024;

/** The process has one destination for its log, which counts the lines that were lost. */
let standardOutput: DestinationStream | undefined;

/**
 * Makes the log. Lines go to stdout unless `destination` is given.
 * @param secrets texts that no line may hold, whatever form an error gives them
 */
export function createLog(
  level: LogLevel,
  secrets: readonly string[] = [],
  destination?: DestinationStream,
): Logger {
  if (!destination) standardOutput ??= neverWaiting(process.stdout);
  const numberOf = (one: LogLevel): number => pino.levels.values[one] ?? Number.POSITIVE_INFINITY;
  const threshold = numberOf(level);
  const options = {
    // Audit records are logged at every level, since their lines are the durable copy.
    level: level === 'silent' || threshold <= numberOf('info') ? level : 'info',
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: secretKeys.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]),
    hooks: {
      // Errors of libraries carry whole requests, at any depth and inside of texts, so the finished line is cleaned as well.
      streamWrite: withoutSecrets(secrets),
      logMethod(args, method, number) {
        if (number >= threshold || isAudit(args[0])) method.apply(this, args);
      },
    } satisfies LoggerOptions['hooks'],
  };
  return pino(options, destination ?? standardOutput);
}

/**
 * A destination that never makes the bot wait: access ends on time though nobody reads the log. pino's own destination
 * blocks the whole process while a pipe is full. Lines that cannot be written wait in memory; lines beyond `limit` bytes
 * are lost, and the first line that fits again says how many.
 */
export function neverWaiting(out: Writable, limit = WAITING_BYTES): DestinationStream {
  let lost = 0;
  // The reader of the log left: the bot goes on without one.
  out.on('error', () => undefined);
  return {
    write(line) {
      if (out.writableLength > limit) {
        lost += 1;
        return;
      }
      if (lost > 0) {
        const msg = `${lost} lines of the log were lost: they were not read in time`;
        out.write(`${JSON.stringify({ level: 'warn', time: new Date().toISOString(), lost, msg })}\n`);
        lost = 0;
      }
      out.write(line);
    },
  };
}

/** A secret that is shorter is not taken out: it would stand in many words, and the log could not be read without them. */
const SHORTEST_SECRET = 6;

/**
 * Replaces the given texts, as they are and as JSON and URLs write them, and whatever has the form of a Slack token, of a
 * user's part in a URL, or of an authorization header.
 */
export function withoutSecrets(secrets: readonly string[]): (text: string) => string {
  const known = secrets
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    .flatMap((secret) => [secret, encodeURIComponent(secret), encodeURI(secret)])
    // A body that was JSON already is escaped twice, since the log writes it as JSON once more.
    .flatMap((form) => [form, escaped(form), escaped(escaped(form))])
    .sort((a, b) => b.length - a.length);
  return (text) =>
    known
      .reduce((cleaned, secret) => cleaned.replaceAll(secret, '[redacted]'), text)
      .replace(/\b(xox[a-z](?:\.xox[a-z])?|xapp)-[\w-]+/g, '$1-[redacted]')
      .replace(/:\/\/[^\s"]+/g, withoutPerson)
      // A sentence about tokens names Slack's page Basic Information, which is no authorization header.
      .replace(/\b(Bearer|Basic) (?!Information\b)[\w.~+/=-]+/g, '$1 [redacted]');
}

/**
 * Takes the user's part out of `://user:password@host`, up to the last @, since a password may hold others. A pattern that
 * looks for the @ itself would take squared time on a long line.
 */
function withoutPerson(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 0 ? address : `://[redacted]${address.slice(at)}`;
}

function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
