/**
 * Does a change once for each command, click or sent form. A body of Slack verifies for five minutes, so whoever got
 * hold of one could post it again: `resume` would lift a newer pause, and `end` would end newer access.
 */
import type { Parts } from '../../workflow/ports.js';
import { StoreUnreachable } from '../../workflow/ports-store.js';
import type { Doing } from './faults.js';

/** Twice as long as a body of Slack verifies, since clocks differ. */
const REMEMBERED_MS = 10 * 60_000;

const AGAIN = '*Not done again.* Slack has sent me this before. If nothing came of it then, do it once more.';

/**
 * Runs `work`, unless the same delivery of Slack has begun a change before.
 *
 * The delivery is used up before the work, and also where the work finds nothing to do. A process that dies in between
 * leaves a change undone, which the person sees and does again, with another trigger: Slack repeats events, but neither
 * commands nor clicks. The other way round, a copy that comes while the first is at work would be done as well.
 *
 * Where the store does not say whether a delivery came before, access is closed all the same. What may open access is
 * not done.
 * @param trigger Slack's `trigger_id`, which is another one for each command, click and sent form
 * @param tell shows mrkdwn to the person
 */
export async function once(
  { store, log }: Pick<Parts, 'store' | 'log'>,
  { what, by, kind }: Doing,
  trigger: string,
  work: () => Promise<void>,
  tell: (mrkdwn: string) => Promise<unknown>,
): Promise<void> {
  if (kind === 'change' || kind === 'close') {
    try {
      if (!(await store.turn(`delivery:${trigger}`, REMEMBERED_MS))) {
        log.warn({ listener: what, user: by }, 'a delivery of Slack came again and was left out');
        await tell(AGAIN);
        return;
      }
    } catch (cause) {
      if (kind !== 'close' || !(cause instanceof StoreUnreachable)) throw cause;
    }
  }
  await work();
}
