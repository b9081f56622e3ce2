/**
 * Errors of Slack's client in the story's words, so that the story tells them apart. `SlackBusy` says when Slack wants to be
 * asked again, so that a job can wait instead of a connection.
 */
import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebAPIRequestError,
} from '@slack/web-api';
import { SlackFailed } from '../../workflow/ports.js';

/** Slack answered 429: it wants to be asked again in `retryAfterMs` milliseconds. */
export class SlackBusy extends SlackFailed {
  constructor(
    readonly retryAfterMs: number,
    options?: ErrorOptions,
  ) {
    super('busy', `Slack asks to wait ${retryAfterMs} ms`, options);
  }
}

/** @throws SlackBusy where Slack answered 429, SlackFailed where it refused the call or did not answer */
export async function politely<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (cause) {
    throw asSlackFailed(cause);
  }
}

/** An error of Slack's client in the story's words; another error as it is. */
export function asSlackFailed(cause: unknown): unknown {
  if (cause instanceof WebAPIRateLimitedError) return new SlackBusy(cause.retryAfter * 1000, { cause });
  if (cause instanceof WebAPIPlatformError) return new SlackFailed('refused', cause.message, { cause });
  if (cause instanceof WebAPIRequestError || cause instanceof WebAPIHTTPError)
    return new SlackFailed('away', cause.message, { cause });
  return cause;
}
