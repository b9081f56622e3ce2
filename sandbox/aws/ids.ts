/** Makes ids in AWS's forms, each of them once. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';

/** The ids that AWS takes. Written apart from the bot's own forms, so that an id that only the bot takes fails here. */
export const WORKSPACE_ID = /^ws-[0-9a-z]{8,63}$/;
export const DIRECTORY_ID = /^(d-[0-9a-f]{8,63}|wsd-[0-9a-z]{8,63})$/;

/** @returns a new id: the prefix, `-` and 17 hex digits */
export function newId(prefix: 'sg' | 'sgr' | 'eni'): string {
  return `${prefix}-${randomBytes(9).toString('hex').slice(0, 17)}`;
}

/** @returns an id in the form of {@link newId}, always the same for the same `of` */
export function derivedId(prefix: string, of: string): string {
  return `${prefix}-${createHash('sha256').update(of).digest('hex').slice(0, 17)}`;
}

export const newRequestId = (): string => randomUUID();
