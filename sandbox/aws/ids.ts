/** Ids of the forms that AWS uses; a made one is never given twice. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';

/** What AWS takes, said here apart from the bot: an id that the bot takes and AWS does not is to fail. */
export const WORKSPACE_ID = /^ws-[0-9a-z]{8,63}$/;
export const DIRECTORY_ID = /^(d-[0-9a-f]{8,63}|wsd-[0-9a-z]{8,63})$/;

/** `prefix-` and 17 hex digits. */
export function newId(prefix: 'sg' | 'sgr' | 'eni'): string {
  return `${prefix}-${randomBytes(9).toString('hex').slice(0, 17)}`;
}

/** Always the same id for the same `of`. */
export function derivedId(prefix: string, of: string): string {
  return `${prefix}-${createHash('sha256').update(of).digest('hex').slice(0, 17)}`;
}

export const newRequestId = (): string => randomUUID();
