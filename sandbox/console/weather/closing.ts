/** Judges the promise in nearly every outage: access that ends meanwhile is closed within one sweep. */
import { endOf, leasesOf } from '../shown/leases.js';
import type { Verdict } from '../shown/shapes.js';
import {
  allowedMs,
  type Judge,
  type RuleLife,
  rulesSince,
  type Sky,
  type Span,
  seconds,
  WORK_MS,
} from './kinds.js';
import { endIsPosted } from './posted.js';

/** How far the bot's clock, which follows Redis' answers, may be from the town's. */
const EARLY_MS = 250;
/** The advice for a visitor who made weather too early: in most weather nothing can be opened. */
const FIRST_OPEN = 'Switch this off, open access for a minute, then switch it on again.';
const AFTER_END = 'after the end';
const AFTER_OUTAGE = 'after this was over';

/**
 * @param waits whether the promise counts from the end of the outage, as when AWS or the bot is away. Otherwise it holds
 *   during the outage too
 */
export function closesInTime(sky: Sky, span: Span, waits: boolean): Judge {
  return (now) => {
    const ends = endsIn(sky, span);
    if (ends.length === 0) {
      return over(span, now)
        ? { state: 'idle', text: 'No access was open, so there was nothing to close.' }
        : {
            state: 'watching',
            text: `No access is open. ${FIRST_OPEN}`,
          };
    }
    const kept = ends.filter(isByTime);
    if (kept.length === 0) {
      const early = 'What was open went before its end, or by hand';
      return over(span, now)
        ? { state: 'idle', text: `${early}: nothing was left to close.` }
        : { state: 'watching', text: `${early}. ${FIRST_OPEN}` };
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

/**
 * Judges weather in which Slack refuses calls: access ends all the same, and people read of the end once Slack takes
 * calls again. That may take two sweeps: a job that Slack delayed comes back by itself, and a lost job is found by the
 * sweep after the next.
 */
export function closesAndTells(sky: Sky, span: Span): Judge {
  const closes = closesInTime(sky, span, false);
  const mayTakeMs = allowedMs(sky, 2);
  return (now) => {
    const closed = closes(now);
    if (closed.state !== 'held') return closed;
    if (span.toMs === undefined) return { state: 'watching', text: `${closed.text} Slack tells nobody yet.` };
    const leases = endsIn(sky, span)
      .filter((life) => isByTime(life) && life.goneAtMs !== undefined)
      .flatMap(({ rule }) => leasesOf(rule));
    if (leases.every((lease) => endIsPosted(sky, lease)))
      return { state: 'held', text: `${closed.text} Whoever had access was told.` };
    return now - Math.max(span.toMs, ...leases.map(({ endsAtMs }) => endsAtMs)) > mayTakeMs
      ? { state: 'broken', text: `The rule went, and nobody was told within ${seconds(mayTakeMs)}.` }
      : { state: 'watching', text: `${closed.text} Whoever had access must be told.` };
  };
}

interface EndingLife extends RuleLife {
  endsAtMs: number;
}

/** The rules whose end falls into the weather. */
const endsIn = ({ aws, sweepMs }: Sky, { fromMs }: Span): EndingLife[] =>
  [...rulesSince(aws, fromMs).values()].flatMap((life) => {
    const endsAtMs = endOf(life.rule);
    // A forged rule is nobody's access, and a deed of its own judges it.
    return endsAtMs === undefined || life.rule.manual || endsAtMs < fromMs - sweepMs
      ? []
      : [{ ...life, endsAtMs }];
  });

/** Whether time alone ended the access: a rule that somebody ended early, or deleted, says nothing about ends. */
const isByTime = ({ endsAtMs, goneAtMs, goneManually = false }: EndingLife): boolean =>
  goneAtMs === undefined || (goneAtMs >= endsAtMs - EARLY_MS && !goneManually);

function judgeEach(sky: Sky, span: Span, waits: boolean, now: number, due: readonly EndingLife[]): Verdict {
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

/** Whether the outage is over. */
const over = (span: Span, now: number): boolean => span.toMs !== undefined && now >= span.toMs;
