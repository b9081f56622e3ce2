/**
 * Delivers payloads to the app over Socket Mode or signed HTTP, and waits for the acknowledgement as long as Slack
 * does.
 */

import { strike } from '../faults.js';
import { parseJson } from '../parse-json.js';
import type { Delivery, Letter, Mail } from '../state/mail.js';
import type { Town } from '../state/town.js';
import { type HttpAnswer, postSigned } from './signed-http.js';
import type { SocketMode } from './socket-mode.js';

interface Attempt extends Delivery {
  noRetry?: boolean;
}
interface Retry {
  attempt: number;
  reason: string;
}

export function createMail(
  context: { town(): Town; socketMode(): SocketMode },
  httpEventsUrl?: string,
): Mail {
  let httpUrl = httpEventsUrl;
  let closed = false;
  const timers = new Set<NodeJS.Timeout>();
  const abandon = new Set<() => void>();

  async function attempt(letter: Letter, retry?: Retry): Promise<Attempt> {
    const town = context.town();
    const startedAt = Date.now();
    if (closed) return { acked: false, ackMs: 0, failure: 'dispatch_failed' };
    const lost = strike(town.settings.faults, [letter.name], ['lost-ack']) !== undefined;
    const twice = strike(town.settings.faults, [letter.name], ['twice']) !== undefined;
    const send = (): Promise<Outcome> =>
      httpUrl === undefined ? bySocket(letter, retry) : byHttp(httpUrl, letter, retry);
    const sent = send();
    if (twice) void send();
    const outcome = await (lost ? sent.then((): Outcome => ({ failure: 'operation_timeout' })) : sent);
    const ackMs = Date.now() - startedAt;
    const delivery: Attempt = {
      acked: outcome.failure === undefined,
      ackMs,
      ...(outcome.failure === undefined ? {} : { failure: outcome.failure }),
      ...(outcome.noRetry ? { noRetry: true } : {}),
      ...(letter.wantsResponse && outcome.response !== undefined ? { response: outcome.response } : {}),
    };
    const entry = {
      at: startedAt,
      kind: 'delivery' as const,
      method: letter.name,
      by: letter.by,
      request: retry
        ? { ...letter.payload, retry_attempt: retry.attempt, retry_reason: retry.reason }
        : letter.payload,
      response: outcome.failure ? { failure: outcome.failure } : (outcome.response ?? null),
      ms: ackMs,
    };
    town.journal.push(entry);
    town.emit({ type: 'journal', entry });
    return delivery;
  }

  /** @returns undefined after the acknowledgement time, or at once when the sandbox closes */
  function inTime<T>(promise: Promise<T>, stop?: () => void): Promise<T | undefined> {
    return new Promise((resolve) => {
      const done = (value: T | undefined): void => {
        clearTimeout(timer);
        abandon.delete(giveUp);
        resolve(value);
      };
      const giveUp = (): void => {
        done(undefined);
        stop?.();
      };
      const timer = setTimeout(giveUp, context.town().settings.ackTimeoutMs);
      abandon.add(giveUp);
      void promise.then(done);
    });
  }

  async function bySocket(letter: Letter, retry?: Retry): Promise<Outcome> {
    const acknowledged = context.socketMode().send({
      type: letter.kind,
      payload: letter.payload,
      accepts_response_payload: letter.wantsResponse,
      ...(retry ? { retry_attempt: retry.attempt, retry_reason: retry.reason } : {}),
    });
    if (!acknowledged) return { failure: 'dispatch_failed' };
    const answer = await inTime(acknowledged.then((payload) => ({ payload })));
    return answer ? { response: emptyAsNothing(answer.payload) } : { failure: 'operation_timeout' };
  }

  async function byHttp(url: string, letter: Letter, retry?: Retry): Promise<Outcome> {
    const { world } = context.town();
    const aborter = new AbortController();
    const answer = await inTime(
      postSigned(url, httpBody(letter), {
        signingSecret: world.app.signingSecret,
        contentType: letter.kind === 'events_api' ? 'application/json' : 'application/x-www-form-urlencoded',
        signal: aborter.signal,
        ...(retry
          ? {
              extraHeaders: {
                'x-slack-retry-num': String(retry.attempt),
                'x-slack-retry-reason': retry.reason,
              },
            }
          : {}),
      }),
      () => aborter.abort(),
    );
    if (answer === undefined) return { failure: 'operation_timeout' };
    if (answer === 'unreachable') return { failure: 'dispatch_failed' };
    if (answer.status < 200 || answer.status > 299)
      return { failure: 'dispatch_failed', noRetry: answer.noRetry };
    return { response: httpResponse(answer) };
  }

  function retryLater(letter: Letter, failed: Attempt, attemptNumber: number): void {
    const delay = context.town().settings.eventRetryDelaysMs[attemptNumber - 1];
    if (closed || failed.acked || failed.noRetry || delay === undefined) return;
    const reason = failed.failure === 'operation_timeout' ? 'http_timeout' : 'http_error';
    const timer = setTimeout(async () => {
      timers.delete(timer);
      const again = await attempt(letter, { attempt: attemptNumber, reason });
      retryLater(letter, again, attemptNumber + 1);
    }, delay);
    timers.add(timer);
  }

  return {
    deliver: attempt,
    async deliverEvent(letter) {
      const first = await attempt(letter);
      retryLater(letter, first, 1);
      return first;
    },
    deliverTo(url) {
      httpUrl = url;
    },
    close() {
      closed = true;
      for (const timer of timers) clearTimeout(timer);
      for (const giveUp of [...abandon]) giveUp();
    },
  };
}

interface Outcome {
  failure?: 'dispatch_failed' | 'operation_timeout';
  noRetry?: boolean;
  response?: unknown;
}

function httpBody(letter: Letter): string {
  if (letter.kind === 'events_api') return JSON.stringify(letter.payload);
  if (letter.kind === 'interactive') {
    return new URLSearchParams({ payload: JSON.stringify(letter.payload) }).toString();
  }
  const fields = Object.entries(letter.payload).map(([key, value]): [string, string] => [key, String(value)]);
  return new URLSearchParams(fields).toString();
}

function httpResponse(answer: HttpAnswer): unknown {
  if (answer.body.trim() === '') return undefined;
  return answer.contentType.includes('json') ? emptyAsNothing(parseJson(answer.body)) : { text: answer.body };
}

/** @returns undefined for `{}`, which the SDK sends for an app that acknowledges without a response */
function emptyAsNothing(payload: unknown): unknown {
  return typeof payload === 'object' && payload !== null && Object.keys(payload).length === 0
    ? undefined
    : payload;
}
