/**
 * For each state: the heading of the requester's card, what a phone announces, and the line in lists. The card's body
 * is in `cards/access-card.ts`; the sentence for a late click is `standing` in `workflow/answer.ts`.
 */
import { spellDuration } from '../../access/reading/duration.js';
import { warnAtMs, wasWarned } from '../../access/request/duties.js';
import { waitedFor } from '../../access/request/needs.js';
import { followedOf, isMove } from '../../access/request/others/follows.js';
import { factsOf, isIn, type PhaseIn, type Request } from '../../access/request/request.js';
import { from, fromWhere, grantedBy, time, wanted } from './card-words.js';
import { because, lateness, takenBack } from './end-words.js';
import { wantedOfFollowed } from './follow-words.js';
import { opensThen, toOpen } from './later-words.js';
import { cutMarkup, mention, mentions, onDayAt, plain, sentence } from './mrkdwn.js';

/** The words for a request in its state. */
export interface StateWords {
  /** The first words of the requester's card, as mrkdwn. */
  heading: string;
  /** What a phone announces: never the ssh line, and never a time, since it knows no zone. */
  announced: string;
  /** For lists: with its time, and with the day where the request is over, since that may be days ago. */
  line: string;
}

export function wordsOf(request: Request): StateWords {
  const { phase, ask } = request;
  const asked = `asked ${time(request, ask.askedAtMs)}`;
  switch (phase.state) {
    case 'submitted': {
      const what = phase.waitsForAws ? 'Waiting for AWS' : 'Checking';
      return { heading: `*${what}*`, announced: what, line: `${what}, ${asked}` };
    }
    case 'pending': {
      const what = `Waiting for ${mentions(waitedFor(phase.need))}`;
      return { heading: `*${what}*`, announced: what, line: `${what}, ${asked}` };
    }
    case 'approved':
      return approvedWords(request, phase);
    case 'opening': {
      const until = `until ${time(request, phase.grant.endsAtMs)}`;
      return phase.waitsForAws
        ? {
            heading: '*Waiting for AWS*',
            announced: 'Approved, not open yet',
            line: `Waiting for AWS, ${until}`,
          }
        : {
            heading: `*Opening* · ${grantedBy(request, phase.review, phase.need)}`,
            announced: 'Opening',
            line: `Opening, ${until}`,
          };
    }
    case 'open': {
      const ends = time(request, phase.grant.endsAtMs);
      const line = `Open until ${ends}`;
      if (wasWarned({ ...request, phase })) {
        const left = spellDuration(phase.grant.endsAtMs - warnAtMs(phase.grant, ask.durationMs));
        return { heading: `*${left} left*: ends ${ends}`, announced: `${left} left`, line };
      }
      return {
        heading: `*${line}${isMove(request) ? `, from ${from(request)}` : ''}* · ${grantedBy(request, phase.review, phase.need)}`,
        announced: openNow(request),
        line,
      };
    }
    case 'closing': {
      if (phase.cause.kind === 'continued' && phase.troubleAtMs === undefined) {
        const what = `Continued as ${phase.cause.as}`;
        return { heading: `*${what}*`, announced: what, line: what };
      }
      const calm = phase.cause.kind === 'not-opened' ? 'Could not open' : 'Closing';
      const what = phase.troubleAtMs === undefined ? calm : 'Not closed yet';
      return {
        heading: `*${what}*`,
        announced: what,
        line: `${what}, since ${time(request, phase.closingAtMs)}`,
      };
    }
    case 'ended': {
      const late = lateness(phase.grant.endsAtMs, phase.endedAtMs, phase.cause);
      const why = because(phase.cause);
      return {
        heading: `*Ended ${time(request, phase.endedAtMs)}${late ? `, ${late}` : ''}: ${why}*`,
        announced: `Ended${late ? ` ${late}` : ''}: ${why}`,
        line: `${phase.cause.kind === 'continued' ? `Continued as ${phase.cause.as}` : 'Ended'} ${onDayAt(phase.endedAtMs)}`,
      };
    }
    case 'denied': {
      const what = `Denied by ${mention(phase.review.by)}`;
      return { heading: `*${what}*`, announced: what, line: `${what} ${onDayAt(phase.review.atMs)}` };
    }
    case 'refused':
      return {
        heading: '*Not allowed*',
        announced: `Not allowed: ${short(phase.refusal.sentence)}`,
        line: `Not allowed ${onDayAt(phase.atMs)}`,
      };
    case 'cancelled': {
      const what = phase.by === ask.requester ? 'Taken back' : takenBack(phase);
      return { heading: `*${what}*`, announced: what, line: `Taken back ${onDayAt(phase.atMs)}` };
    }
    case 'lapsed': {
      const what = phase.review ? 'Not opened in time' : 'No answer';
      return { heading: `*${what}*`, announced: what, line: `${what} ${onDayAt(phase.atMs)}` };
    }
    case 'failed':
      return {
        heading: '*Failed*',
        announced: `Failed: ${short(phase.refusal.sentence)}`,
        line: `Failed ${onDayAt(phase.atMs)}`,
      };
    case 'already-open':
      return {
        heading: '*Already open*',
        announced: 'Already open',
        line: `Already open ${onDayAt(phase.atMs)}`,
      };
  }
}

function openNow(request: Request): string {
  if (isMove(request)) return `SSH is open from ${from(request)}`;
  const long = spellDuration(request.ask.durationMs);
  return followedOf(request) ? `SSH stays open for ${long} more` : `SSH is open for ${long}`;
}

function approvedWords(request: Request, phase: PhaseIn<'approved'>): StateWords {
  const until = `until ${time(request, phase.lapsesAtMs)}`;
  switch (phase.waitsFor) {
    case 'nothing':
      return {
        heading: `*Opening* · ${grantedBy(request, phase.review, phase.need)}`,
        announced: 'Opening',
        line: `Waiting for AWS ${until}`,
      };
    case 'confirmation':
      return {
        heading: `*Open now from ${from(request)}?*`,
        announced: `Approved. Open now from ${from(request)}?`,
        line: `Approved, yours to open ${until}`,
      };
    case 'time': {
      if (phase.waitsForAws)
        return {
          heading: '*Waiting for AWS*',
          announced: 'Approved, not open yet',
          line: `Waiting for AWS ${until}`,
        };
      const line = opensThen(request);
      const by = grantedBy(request, phase.review, phase.need);
      return phase.reminded
        ? {
            heading: `*Soon*: ${line.charAt(0).toLowerCase()}${line.slice(1)}`,
            announced: 'SSH opens soon',
            line,
          }
        : { heading: `*${line}* · ${by}`, announced: 'Approved, opens later', line };
    }
    case 'resume':
      return {
        heading: '*Paused*',
        announced: 'Approved, not open yet: paused',
        line: `Paused, ${until} at the latest`,
      };
    case 'workspace':
      return {
        heading: '*Waiting for AWS*',
        announced: 'Approved, not open yet',
        line: `Waiting for AWS ${until}`,
      };
  }
}

/** One line on where a request stands, for lists. */
export function summary(request: Request): string {
  const emergency = request.ask.emergency ? ':rotating_light: Emergency · ' : '';
  const what = isIn(request, 'submitted', 'pending') ? `${toOpen(request)}${toFollow(request)}` : '';
  return `${emergency}${request.id} · ${wordsOf(request).line} · ${wanted(request.ask.target, factsOf(request))} from ${fromWhere(request)}${what}`;
}

/** `, 1 hour more for K7QF2, until 17:45`: in a list it would look like access beside the access that it follows. */
function toFollow(request: Request): string {
  const wants = wantedOfFollowed(request);
  return wants === undefined ? '' : `, ${wants}`;
}

/** A sentence for the line that a phone announces. */
function short(text: string): string {
  return cutMarkup(sentence(plain(text)), 200);
}
