/** The log: JSON lines on stdout, with nothing in them that opens a door. */
import { type DestinationStream, type Logger, pino, stdTimeFunctions } from 'pino';

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

/** Makes the log. Lines go to stdout unless `destination` is given. */
export function createLog(level: LogLevel, destination?: DestinationStream): Logger {
  const options = {
    level,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: secretKeys.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]),
    // Errors of libraries carry whole requests, at any depth and inside of texts: the finished line is cleaned too.
    hooks: { streamWrite: withoutSecrets },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** Replaces Slack tokens, passwords in URLs and authorization headers in any text. */
export function withoutSecrets(text: string): string {
  return text
    .replace(/\b(xox[a-z](?:\.xox[a-z])?|xapp)-[\w-]+/g, '$1-[redacted]')
    .replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@"]*:)[^\s/@"]+@/gi, '$1[redacted]@')
    .replace(/\b(Bearer|Basic) [\w.~+/=-]+/g, '$1 [redacted]');
}
