/** Asking: the request is stored as `submitted`, and only then acknowledged. Nothing here waits for AWS or Slack. */

import { answerByMs } from '../../access/request/later.js';
import type { Pause } from '../../access/request/pause.js';
import type { Request } from '../../access/request/request.js';
import { submit } from '../../access/request/transitions/deciding.js';
import { askedIds, wake } from '../change.js';
import type { Parts } from '../ports.js';
import type { CheckedAsk } from './check-ask.js';
import { tooManyWaiting } from './person-limits.js';

/**
 * Stores a request, once for each Slack delivery (`delivery` is its `view.id` or `trigger_id`); none while new
 * openings are paused, since nobody should be asked for what will not open, but for a later time, at which the pause may
 * be over; and none of a person who has as many waiting as the policy allows, so that nobody else waits behind a flood.
 * `pause` is one during which access was asked for later.
 * @throws StoreUnreachable where it could not be stored, or not for certain
 */
export async function requestAccess(
  parts: Parts,
  asked: CheckedAsk & { requester: string; command: string },
  delivery: string,
): Promise<
  | { outcome: 'stored' | 'repeated'; request: Request; pause?: Pause }
  | { outcome: 'paused'; pause: Pause }
  | { outcome: 'too-many'; sentence: string }
> {
  const nowMs = parts.now();
  const ask = { ...asked, askedAtMs: nowMs };
  const giveUpAtMs = answerByMs(ask, nowMs, parts.policy.limits.unansweredMs, parts.times.lateYesMs);
  for (;;) {
    const request: Request = { id: parts.newId(), version: 1, ask, phase: submit(giveUpAtMs) };
    const entry = { atMs: nowMs, who: asked.requester, what: 'submitted', why: asked.reason };
    const ids = askedIds(asked);
    const audit = [{ ...entry, requestId: request.id, ...(Object.keys(ids).length > 0 ? { ids } : {}) }];
    const mostWaiting = parts.policy.limits.perPerson.waiting;
    const paused = asked.later ? ({ asksPause: true } as const) : ({ unlessPaused: true } as const);
    const stored = await parts.store.change({ request, audit, delivery, mostWaiting, ...paused });
    if (stored.outcome === 'paused') return stored;
    if (stored.outcome === 'conflict') continue; // the id is taken: draw another
    if (stored.outcome === 'too-many') {
      return { outcome: 'too-many', sentence: tooManyWaiting(stored.waiting) };
    }
    if (stored.outcome === 'repeated') {
      const first = await parts.store.load(stored.requestId);
      return { outcome: 'repeated', request: first ?? request };
    }
    // The acknowledgement waits for this answer and nothing more; the sweep finds the request if the timer is lost.
    wake(parts, request).catch((cause: unknown) =>
      parts.log.warn({ err: cause, id: request.id }, 'timer not set'),
    );
    return { outcome: 'stored', request, ...(stored.pause ? { pause: stored.pause } : {}) };
  }
}
