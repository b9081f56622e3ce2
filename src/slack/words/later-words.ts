/** What the cards say of access that is to open later. */
import { spellDuration } from '../../access/reading/duration.js';
import { startOf } from '../../access/request/later.js';
import type { Request, RequestIn } from '../../access/request/request.js';
import { factsOf } from '../../access/request/request.js';
import { atTime, fromWhere, wanted } from './card-words.js';
import { onDayAt } from './mrkdwn.js';

/** When access is to open: `today at 22:00`, in each reader's own time; undefined where that is once it is approved. */
function startWords({ ask }: Request): string | undefined {
  const startsAtMs = startOf(ask);
  if (startsAtMs !== undefined) return onDayAt(startsAtMs);
  if (!ask.later || !('typed' in ask.later)) return undefined;
  // The time zone of whoever typed it is not known yet.
  const { date, time } = ask.later.typed;
  return date === undefined ? `at ${time}` : `${date} at ${time}`;
}

/** `, to open today at 22:00`; empty for access that opens as soon as it is approved. */
export function toOpen(request: Request): string {
  const start = startWords(request);
  return start === undefined ? '' : `, to open ${start}`;
}

/** `Opens today at 22:00`. */
export function opensThen(request: Request): string {
  return `Opens ${startWords(request) ?? 'soon'}`;
}

/** Which time was taken of two, in a night in which clocks go back; undefined on other days. */
export function takenOfTwo({ ask: { later } }: Request): string | undefined {
  if (!later || !('startsAtMs' in later) || later.twice === undefined) return undefined;
  return `Clocks go back that night and show this time twice. I took the ${later.twice} one.`;
}

/** The text of the requester's card while approved access waits for its time. */
export function untilThen(request: RequestIn<'approved'>, by: string): string {
  const { ask, phase } = request;
  if (phase.waitsForAws)
    return `It was ${by}, and its time has come, but AWS does not answer or asks me to slow down. It opens as soon as AWS lets me. I give up ${atTime(request, phase.lapsesAtMs)} and tell you.`;
  const what = `For ${spellDuration(ask.durationMs)} from ${fromWhere(request)}, to ${wanted(ask.target, factsOf(request))}.`;
  return `${what} I look at everything again then.`;
}
