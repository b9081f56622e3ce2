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
  return `${pausedLine(pause)} Until it is resumed, only access for a later time can be asked for.`;
}

/**
 * The answer to a person who asks for access during a pause, in mrkdwn.
 * @param orLater whether it can be asked for later instead
 */
export function notTaken(pause: Pause, { orLater }: { orLater?: true } = {}): string {
  const instead = orLater ? ', or now for a later time: `at 22:00`' : '';
  return `*Not sent.* New access is paused ${why(pause)} ${GOES_ON} Ask again when it is resumed${instead}.`;
}

/** What is added to the answer to a person who asks during a pause for a later time, in mrkdwn. */
export function pausedUntilThen(pause: Pause): string {
  return `New access is paused ${why(pause)} At its time it opens once that is over.`;
}

/**
 * The answer to a form that is sent during a pause, as plain text: it stands under a field.
 * @param orLater whether it can be asked for later instead
 */
export function notTakenPlainly(pause: Pause, { orLater }: { orLater?: true } = {}): string {
  const by =
    pause.kind === 'by'
      ? `by ${pause.name ?? 'an admin'} since ${new Date(pause.sinceMs).toISOString().slice(0, 16).replace('T', ' ')} UTC.`
      : why(pause);
  return `Not sent. New access is paused ${by} ${GOES_ON} Send this again when it is resumed${orLater ? ', or choose a later time' : ''}.`;
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
