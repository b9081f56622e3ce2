/** The ids that people type and policies name, in the forms in which AWS and Slack give them. */
import { withoutPunctuation } from './plain-text.js';

/** As the API of WorkSpaces defines them. `wsd-…` are its newer directories, which Directory Service does not know. */
export const WORKSPACE_ID = /^ws-[0-9a-z]{8,63}$/;
export const DIRECTORY_ID = /^(?:d-[0-9a-f]{8,63}|wsd-[0-9a-z]{8,63})$/;

/** A person in Slack: `U…`, or `W…` in an Enterprise organisation. */
export const USER_ID = /^[UW][A-Z0-9]+$/;
/** A user group of Slack by its id, `S…`, or by its handle in lower case, `@security`. */
export const USER_GROUP = /^(?:S[A-Z0-9]+|@[a-z0-9._-]+)$/;

/** The id in a text as a person types it, in either case and with punctuation after it; undefined for another text. */
export function readTargetId(text: string): string | undefined {
  const id = plain(text);
  return WORKSPACE_ID.test(id) || DIRECTORY_ID.test(id) ? id : undefined;
}

/** The kind of target that an id stands for. The id was read before, so only its beginning is looked at. */
export function targetById(
  id: string,
): { kind: 'workspace'; workspaceId: string } | { kind: 'directory'; directoryId: string } {
  return id.startsWith('ws-')
    ? { kind: 'workspace', workspaceId: id }
    : { kind: 'directory', directoryId: id };
}

/** Whether a word is meant as the id of a WorkSpace or a directory, even a mistyped one. `d-day` lacks a digit. */
export function isAlmostTargetId(word: string): boolean {
  return /^(?:wsd?-[0-9a-z]*|d-[a-z]*\d[0-9a-z]*)$/.test(plain(word)) || readTargetId(word) !== undefined;
}

/** The form of an id as a part of a larger pattern: without its `^` and `$`. */
export function unanchored(form: RegExp): string {
  return form.source.slice(1, -1);
}

export function isUserId(text: string): boolean {
  return USER_ID.test(text);
}

/** A user group as {@link USER_GROUP} has it, from its id or its handle in either case, with `@` or without. */
export function userGroup(text: string): string {
  return /^S[A-Z0-9]+$/.test(text) ? text : `@${text.replace(/^@/, '').toLowerCase()}`;
}

function plain(text: string): string {
  return withoutPunctuation(text.trim()).toLowerCase();
}
