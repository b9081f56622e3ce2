/** A time that was typed means an instant in the time zone of whoever typed it, which Slack knows. */
import { startAt } from '../../access/reading/when/start.js';
import type { Refusal, Request } from '../../access/request/request.js';
import type { Parts } from '../ports.js';

/**
 * The request with the instant at which it is to open, or why there is none. The time is that of the asking, however
 * long Slack takes to answer.
 * @throws where Slack does not answer
 */
export async function findStart<R extends Request>(
  parts: Parts,
  request: R,
): Promise<{ request: R } | { refusal: Refusal }> {
  const { later, requester, askedAtMs } = request.ask;
  if (!later || !('typed' in later)) return { request };
  const person = await parts.people.person(requester);
  const start = startAt(later.typed, person?.timeZone, askedAtMs);
  if ('sentence' in start) return { refusal: { sentence: start.sentence, retry: true } };
  return { request: { ...request, ask: { ...request.ask, later: start } } };
}
