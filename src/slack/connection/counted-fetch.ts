/** The fetch function for Slack's Web API, which counts each call by its method. */
import type { FetchFunction } from '@slack/web-api';
import { z } from 'zod';

/** Is told of a call, by its method, such as `chat.postMessage`, and how it went. */
export type Called = (method: string, outcome: 'answered' | 'refused' | 'throttled' | 'unanswered') => void;

/** Slack refuses with status 200, and says so in the body: https://docs.slack.dev/apis/web-api/#responses */
const Refusal = z.object({ ok: z.literal(false), error: z.string().optional() });

/** Counts a call once its whole answer is read, since only the body says whether Slack refused. */
export function countedFetch(called: Called): FetchFunction {
  return async (url, init) => {
    const method = /[a-zA-Z]+(?:\.[a-zA-Z]+)+$/.exec(new URL(url).pathname)?.[0] ?? 'other';
    try {
      const response = await globalThis.fetch(url, init);
      const text = await response.text();
      called(method, outcomeOf(response.status, text));
      // Slack's client reads the text once more. A copy of the response would make two streams of its body.
      return Object.assign(response, { text: async () => text });
    } catch (cause) {
      called(method, 'unanswered');
      throw cause;
    }
  };
}

function outcomeOf(status: number, text: string): Parameters<Called>[1] {
  if (status === 429) return 'throttled';
  if (status !== 200) return 'unanswered';
  // Nearly every answer of Slack begins like this: an answer that repeats a long message need not be taken apart.
  if (text.startsWith('{"ok":true,')) return 'answered';
  const refusal = Refusal.safeParse(parsed(text));
  if (!refusal.success) return 'answered';
  return refusal.data.error === 'ratelimited' || refusal.data.error === 'rate_limited'
    ? 'throttled'
    : 'refused';
}

/** Undefined where the text is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
