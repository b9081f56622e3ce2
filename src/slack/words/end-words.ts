/** Why and how late access ended, what still lets its source in, and who took a request back. */
import { showSource } from '../../access/reading/address-block.js';
import { spellDuration } from '../../access/reading/duration.js';
import {
  END_TRAITS,
  type EndCause,
  type OpenRule,
  type PhaseIn,
  type Surroundings,
} from '../../access/request/request.js';
import { type Block, quote } from './blocks.js';
import { code, mention } from './mrkdwn.js';

const LATE_MS = 60_000;

/** Who took a request back; no name where the bot did. */
export function takenBack(phase: { by: string }): string {
  if (phase.by === 'sweep') return 'Taken back: the account was deactivated';
  return phase.by === 'bot'
    ? 'Taken back: the access that it was asked for has ended'
    : `Taken back by ${mention(phase.by)}`;
}

/** The words of the person who ended access or took a request back. */
export function whySaid(by: EndCause | { reason?: string }): Block[] {
  return 'reason' in by && by.reason ? [quote(by.reason)] : [];
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
    case 'continued':
      return `continued as ${cause.as}${cause.to === undefined ? '' : `, from ${showSource(cause.to)}`}`;
    case 'not-opened':
      return 'it could not be opened';
  }
}

/** `14 minutes late`, where access ended a minute or more after its time was up. */
export function lateness(endsAtMs: number, endedAtMs: number, cause: EndCause): string | undefined {
  const lateMs = endedAtMs - endsAtMs;
  if (!END_TRAITS[cause.kind].isOfItsTime || lateMs < LATE_MS) return undefined;
  return `${spellDuration(Math.floor(lateMs / 60_000) * 60_000)} late`;
}

/** What was seen once access had ended: that its source is kept out, or what still lets it in. */
export function whatStays(phase: PhaseIn<'ended'>, source: string): string {
  const { shared, foreign, around, openedAtMs } = phase;
  if (around && around.rules.length > 0) return stillLetIn(phase, around, source);
  if (shared) return byAnotherRequest(source);
  if (foreign)
    return `My rule is gone. Somebody else’s rule in the same group lets ${source} in as well: new connections stay possible, and I don’t touch it.`;
  if (openedAtMs === undefined) return 'It had not been opened, and nothing of it is left.';
  if (around?.read) return `I checked: the rule is gone, new connections from ${source} are blocked.`;
  return `The rule is gone; I checked. Whether another rule lets ${source} in I could not read.`;
}

function stillLetIn({ shared }: PhaseIn<'ended'>, { rules, more = 0 }: Surroundings, source: string): string {
  const who = rules.every(({ part }) => part) ? `some of ${source}` : source;
  const [first] = rules;
  const all = rules.length + more;
  if (first && all === 1) {
    if (first.ours) return byAnotherRequest(who);
    return `My rule is gone. Somebody else’s rule ${named(first)} lets ${who} in as well: new connections stay possible, and I don’t touch it.`;
  }
  const list = [...rules.map(named), ...(more > 0 ? [`${more.toLocaleString('en-US')} more`] : [])];
  const last = list.pop() ?? '';
  const gone = shared ? 'Your part is over.' : 'My rule is gone.';
  return `${gone} ${all.toLocaleString('en-US')} other rules let ${who} in as well: ${list.join(', ')} and ${last}. New connections stay possible; I don’t touch what is not mine.`;
}

function byAnotherRequest(who: string): string {
  return `Your part is over, but the rule of another request still lets ${who} in: new connections stay possible until that one ends.`;
}

function named({ ruleId, groupId, ours }: OpenRule): string {
  const rule = `${code(ruleId)} in ${code(groupId)}`;
  return ours ? `${rule} (another request’s)` : rule;
}
