/** The settings that servers of each kind share: persistence, users and certificates. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileOf } from '../../../sandbox/town.js';
import { createAuthority } from '../certificates.js';

const PASSWORD = 'pass/word@1';
/** The user and the password, as they stand in `REDIS_URL`. */
export const PERSON = `workspace-ssh:${encodeURIComponent(PASSWORD)}`;
/** How long a primary may be silent before it is replaced, milliseconds. By default 30,000, and 15,000 in a Cluster. */
export const SILENT_MS = 1_000;

/** The user of docs/operating.md, as a line of redis.conf. */
function userLine(installation: string): string {
  const [, rest = ''] =
    /^ACL SETUSER (workspace-ssh on .+)$/m.exec(readFileSync(fileOf('docs/operating.md'), 'utf8')) ?? [];
  return `user ${rest.replace('PASSWORD', PASSWORD).replace('INSTALLATION', installation)}`;
}

/** Lines of redis.conf. */
export function settings(installation: string): string[] {
  return [
    'save ""',
    'appendonly yes',
    'maxmemory-policy noeviction',
    'repl-diskless-sync-delay 0',
    userLine(installation),
  ];
}

/** Certificates of a new authority in files: `lines` of redis.conf, and `env` for the bot. */
export function secured(folder: string) {
  const authority = createAuthority();
  const write = (name: string, text: string) => {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  };
  const own = authority.certify('redis.internal', 'localhost', '127.0.0.1');
  const bot = authority.certify('workspace-ssh');
  const [ca, cert, key] = [
    write('ca.pem', authority.cert),
    write('redis.pem', own.cert),
    write('redis.key', own.key),
  ];
  return {
    lines: [`tls-ca-cert-file ${ca}`, `tls-cert-file ${cert}`, `tls-key-file ${key}`],
    env: {
      REDIS_CA_FILE: ca,
      REDIS_CERT_FILE: write('bot.pem', bot.cert),
      REDIS_KEY_FILE: write('bot.key', bot.key),
    },
  };
}
