/** Slack's rate limit as one error that says when to come back, so that a job can wait instead of a connection. */
import { WebAPIRateLimitedError } from '@slack/web-api';

export class SlackBusy extends Error {
  constructor(
    readonly retryAfterMs: number,
    options?: ErrorOptions,
  ) {
    super(`Slack asks to wait ${retryAfterMs} ms`, options);
  }
}

/** @throws SlackBusy where Slack answered 429 */
export async function politely<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    if (cause instanceof WebAPIRateLimitedError) throw new SlackBusy(cause.retryAfter * 1000, { cause });
    throw cause;
  }
}
