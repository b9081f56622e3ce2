/** The promise that nearly every outage is held against: what ends meanwhile is closed within one sweep. */
import { endOf } from '../leases.js';
import type { Verdict } from '../shapes.js';
import { allowedMs, type Judge, rulesSince, type Sky, type Span, seconds, WORK_MS } from './kinds.js';

/** The clocks of the bot and of the town are one, but a timer may fire a moment early. */
const EARLY_MS = 100;
const AFTER_END = 'after the end';
const AFTER_OUTAGE = 'after this was over';

/**
 * @param waits whether the promise counts from the end of the outage, as where AWS or the bot itself is away; otherwise
 *   it holds while the outage lasts
 */
export function closesInTime(sky: Sky, span: Span, waits: boolean): Judge {
  return (now) => {
    const ends = [...rulesSince(sky.aws, span.fromMs).values()].flatMap((life) => {
      const endsAtMs = endOf(life.rule);
      // A forged one is no access of anybody's: its own weather judges it.
      return endsAtMs === undefined || life.rule.byHand || endsAtMs < span.fromMs - sky.sweepMs
        ? []
        : [{ ...life, endsAtMs }];
    });
    if (ends.length === 0) {
      return over(span, now)
        ? { state: 'idle', text: 'No access was open, so there was nothing to close.' }
        : {
            state: 'watching',
            text: 'No access is open. Open some for a minute, and let it end in this weather.',
          };
    }
    // What somebody ended before its time, or deleted, says nothing about ends.
    const kept = ends.filter(
      ({ endsAtMs, goneAtMs, goneByHand = false }) =>
        goneAtMs === undefined || (goneAtMs >= endsAtMs - EARLY_MS && !goneByHand),
    );
    if (kept.length === 0) {
      const early = 'What was open went before its end, or by hand';
      return over(span, now)
        ? { state: 'idle', text: `${early}: nothing was left to close.` }
        : { state: 'watching', text: `${early}. Open some more, and let it end in this weather.` };
    }
    const due = kept.filter(({ endsAtMs, goneAtMs }) => endsAtMs <= now || goneAtMs !== undefined);
    const next = kept.find(({ endsAtMs, goneAtMs }) => endsAtMs > now && goneAtMs === undefined);
    if (due.length === 0 && next) {
      const left = `Access ends in ${Math.ceil((next.endsAtMs - now) / 1000)} s; then the rule must go.`;
      return over(span, now) && next.endsAtMs > (span.toMs ?? now) + WORK_MS
        ? { state: 'idle', text: 'No access ended in this weather. Try it again with a minute’s access.' }
        : { state: 'watching', text: left };
    }
    return judgeEach(sky, span, waits, now, due);
  };
}

interface Due {
  endsAtMs: number;
  goneAtMs?: number;
}

function judgeEach(sky: Sky, span: Span, waits: boolean, now: number, due: readonly Due[]): Verdict {
  const mayTakeMs = allowedMs(sky);
  const allowed = seconds(mayTakeMs);
  let worst = 0;
  for (const { endsAtMs, goneAtMs } of due) {
    const countsFrom = waits ? Math.max(endsAtMs, span.toMs ?? Number.POSITIVE_INFINITY) : endsAtMs;
    const late = (goneAtMs ?? now) - countsFrom;
    if (waits && span.toMs === undefined && goneAtMs === undefined)
      return {
        state: 'watching',
        text: `Access is over and its rule still stands. It must go within ${allowed} after this is over.`,
      };
    if (late > mayTakeMs)
      return {
        state: 'broken',
        text: `A rule was there for ${seconds(late)} ${countsFrom > endsAtMs ? AFTER_OUTAGE : AFTER_END}; ${allowed} are allowed.`,
      };
    if (goneAtMs === undefined)
      return {
        state: 'watching',
        text: `Over for ${seconds(now - countsFrom)}; the rule must go within ${allowed}.`,
      };
    worst = Math.max(worst, late);
  }
  const rules = due.length === 1 ? 'The rule went' : `${due.length} rules went`;
  const after = waits && due.some(({ endsAtMs }) => endsAtMs < (span.toMs ?? 0)) ? AFTER_OUTAGE : AFTER_END;
  return {
    state: 'held',
    text: `${rules} ${seconds(worst)} ${after}; ${allowed} are allowed.`,
  };
}

/** Whether the outage has been over for so long that nothing more comes of it. */
const over = (span: Span, now: number): boolean => span.toMs !== undefined && now >= span.toMs;
