/** The way to Slack's Web API, on which each call is counted by its method. */
import type { FetchFunction } from '@slack/web-api';

/** Hears of a call, by its method, such as `chat.postMessage`, and how it went. */
export type Called = (method: string, outcome: 'answered' | 'throttled' | 'unanswered') => void;

/** Counts Slack's refusals as answers: they come with status 200. */
export function countedFetch(called: Called): FetchFunction {
  return async (url, init) => {
    const method = /[a-zA-Z]+(?:\.[a-zA-Z]+)+$/.exec(new URL(url).pathname)?.[0] ?? 'other';
    try {
      const response = await globalThis.fetch(url, init);
      called(method, response.status === 429 ? 'throttled' : response.ok ? 'answered' : 'unanswered');
      return response;
    } catch (cause) {
      called(method, 'unanswered');
      throw cause;
    }
  };
}
