/**
 * Sentences about a pause: for a person who asks for access, for lists, and in plain text where Slack shows neither
 * mentions nor dates.
 */
import type { Pause } from '../../access/request/pause.js';
import { mention, onDayAt } from './mrkdwn.js';

const GOES_ON = 'What is open stays open and ends on time.';

/** One line for `list` and Home, in mrkdwn. */
export function pausedLine(pause: Pause): string {
  return `*New access is paused* ${why(pause)} ${GOES_ON}`;
}

/** At the top of a form that is opened during a pause, in mrkdwn. */
export function notYetTaken(pause: Pause): string {
  return `${pausedLine(pause)} Nothing can be sent until it is resumed.`;
}

/** The answer to a person who asks for access during a pause, in mrkdwn. */
export function notTaken(pause: Pause): string {
  return `*Not sent.* New access is paused ${why(pause)} ${GOES_ON} Ask again when it is resumed.`;
}

/** The answer to a form that is sent during a pause, as plain text: it stands under a field. */
export function notTakenPlainly(pause: Pause): string {
  const by =
    pause.kind === 'by'
      ? `by ${pause.name ?? 'an admin'} since ${new Date(pause.sinceMs).toISOString().slice(0, 16).replace('T', ' ')} UTC.`
      : why(pause);
  return `Not sent. New access is paused ${by} ${GOES_ON} Send this again when it is resumed.`;
}

function why(pause: Pause): string {
  switch (pause.kind) {
    case 'by':
      return `by ${mention(pause.by)} since ${onDayAt(pause.sinceMs)}.`;
    case 'unverified':
      return '(somebody changed the record of the last pause by hand; an admin has to resume).';
    case 'newer':
      return '(a newer version of me wrote the record of the last pause, and I can’t read whether it is over).';
  }
}
