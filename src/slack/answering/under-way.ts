/**
 * Bounds what one person has under way. Whoever sends thousands of commands at once costs the others no more than it takes
 * to say so: the store is not asked, and their acknowledgements and ends wait for nothing of it.
 */
import type { Log } from '../../workflow/ports.js';
import { seldom } from '../../workflow/seldom.js';

/** More than anybody types and clicks while an answer takes its time. `docs/security.md` says the number. */
export const MOST_UNDER_WAY = 50;

const TOO_MUCH = `*Not done.* I am still at ${MOST_UNDER_WAY} commands and clicks of yours. Do it again in a moment.`;

/**
 * Does the work of a person, unless too much of theirs is under way in this process: then they are told that, and nothing
 * is done.
 * @param tell shows mrkdwn to the person
 */
export type Bounded = (
  by: string,
  work: () => Promise<void>,
  tell: (mrkdwn: string) => Promise<unknown>,
) => Promise<void>;

export function boundEach(log: Log): Bounded {
  const underWay = new Map<string, number>();
  const warn = seldom(log, 'one person sends more at once than I work on', () => performance.now());
  return async (by, work, tell) => {
    const others = underWay.get(by) ?? 0;
    if (others >= MOST_UNDER_WAY) {
      warn({ user: by, most: MOST_UNDER_WAY });
      await tell(TOO_MUCH);
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
