/**
 * Bounds what one person has under way, and how often they ask and look. Whoever sends thousands of commands costs the
 * others no more than it takes to say so: neither the store nor AWS is asked, and nobody's acknowledgement or end waits.
 */
import type { Log } from '../../workflow/ports.js';
import { seldom } from '../../workflow/seldom.js';
import type { Doing } from './faults.js';

/** More than anybody types and clicks while an answer takes its time. `docs/security.md` says these numbers. */
export const MOST_UNDER_WAY = 50;
/** How often a person may ask and look at once, and after that every 2 s: each time costs calls to AWS, or many reads. */
export const MOST_LOOKS = 100;
const A_LOOK_MS = 2_000;

const TOO_MUCH = `*Not done.* I am still at ${MOST_UNDER_WAY} commands and clicks of yours. Do it again in a moment.`;
const TOO_OFTEN = `*Not done.* You have asked me ${MOST_LOOKS} times in a short while, so now I answer every two seconds. Do it again in a moment; what decides or ends access I do at any time.`;

/**
 * Does the work of a person, unless too much of theirs is under way in this process, or they have asked and looked too
 * often: then they are told that, and nothing is done. What decides or ends access is done however often they asked.
 * @param tell shows mrkdwn to the person
 */
export type Bounded = (
  act: Pick<Doing, 'by' | 'kind'>,
  work: () => Promise<void>,
  tell: (mrkdwn: string) => Promise<unknown>,
) => Promise<void>;

/** @param now milliseconds of a clock that nobody sets */
export function boundEach(log: Log, now = () => performance.now()): Bounded {
  const underWay = new Map<string, number>();
  const warn = seldom(log, 'one person sends more than I work on', now);
  const mayLook = boundLooks(now);
  return async ({ by, kind }, work, tell) => {
    const others = underWay.get(by) ?? 0;
    const looks = kind === 'request' || kind === 'read';
    const tooMuch = others >= MOST_UNDER_WAY;
    if (tooMuch || (looks && !mayLook(by))) {
      warn({ user: by, most: tooMuch ? MOST_UNDER_WAY : MOST_LOOKS });
      await tell(tooMuch ? TOO_MUCH : TOO_OFTEN);
      return;
    }
    underWay.set(by, others + 1);
    try {
      await work();
    } finally {
      const left = (underWay.get(by) ?? 1) - 1;
      if (left > 0) underWay.set(by, left);
      else underWay.delete(by);
    }
  };
}

/** Whether a person may ask or look once more. What is refused does not count. */
function boundLooks(now: () => number): (by: string) => boolean {
  const wholeMs = MOST_LOOKS * A_LOOK_MS;
  /** Until when the looks of each person count. */
  const countsUntilMs = new Map<string, number>();
  let forgetAtMs = now() + wholeMs;
  return (by) => {
    const nowMs = now();
    if (nowMs >= forgetAtMs) {
      for (const [one, untilMs] of countsUntilMs) if (untilMs <= nowMs) countsUntilMs.delete(one);
      forgetAtMs = nowMs + wholeMs;
    }
    const untilMs = Math.max(countsUntilMs.get(by) ?? 0, nowMs) + A_LOOK_MS;
    if (untilMs - nowMs > wholeMs) return false;
    countsUntilMs.set(by, untilMs);
    return true;
  };
}
