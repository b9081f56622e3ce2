/** Why and how late access ended, and who took a request back. */
import { spellDuration } from '../../access/reading/duration.js';
import type { EndCause } from '../../access/request/request.js';
import { mention } from './mrkdwn.js';

const LATE_MS = 60_000;

/** Who took a request back; no name where the bot did. */
export function takenBack(phase: { by: string }): string {
  return phase.by === 'sweep'
    ? 'Taken back: the account was deactivated'
    : `Taken back by ${mention(phase.by)}`;
}

/** Why access ended, to stand after "Ended 16:45". */
export function because(cause: EndCause): string {
  switch (cause.kind) {
    case 'expired':
      return 'time was up';
    case 'revoked':
      return `${mention(cause.by)} ended it`;
    case 'removed-outside':
      return cause.changed ? 'somebody changed it at AWS, so I removed it' : 'somebody removed it at AWS';
    case 'moved':
      return 'the WorkSpace has moved to another address';
    case 'terminated':
      return 'the WorkSpace no longer exists';
    case 'deactivated':
      return 'the account was deactivated';
    case 'adoption':
      return 'I found the rule after losing my storage, and closed it';
    case 'not-opened':
      return 'it could not be opened';
  }
}

/** `14 minutes late`, where access ended a minute or more after its time was up. */
export function lateness(endsAtMs: number, endedAtMs: number, cause: EndCause): string | undefined {
  const lateMs = endedAtMs - endsAtMs;
  if (cause.kind !== 'expired' || lateMs < LATE_MS) return undefined;
  return `${spellDuration(Math.floor(lateMs / 60_000) * 60_000)} late`;
}
