/** Ids of the forms that AWS uses; a made one is never given twice. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';

/** `prefix-` and 17 hex digits. */
export function newId(prefix: 'sg' | 'sgr' | 'eni'): string {
  return `${prefix}-${randomBytes(9).toString('hex').slice(0, 17)}`;
}

/** Always the same id for the same `of`. */
export function derivedId(prefix: string, of: string): string {
  return `${prefix}-${createHash('sha256').update(of).digest('hex').slice(0, 17)}`;
}

export const newRequestId = (): string => randomUUID();
