/**
 * Holds callers to Slack's rate limits with token buckets: a burst passes, a steady flood gets 429 and a Retry-After.
 */

import type { SlackRates } from '../settings.js';
import type { Method } from './method.js';

export interface Rates {
  /** @returns the whole seconds to wait, at least 1; undefined for a call that may go on */
  take(rates: SlackRates, rate: Method['rate'], method: string, channel: string): number | undefined;
}

export function createRates(now: () => number = Date.now): Rates {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return {
    take(rates, rate, method, channel) {
      if (!rates.enabled || rate === 'none') return undefined;
      const [key, capacity, perSecond] =
        rate === 'post'
          ? [`${method} ${channel}`, rates.postBurst, rates.postPerSecond]
          : [method, rates[rate], rates[rate] / 60];
      const at = now();
      const bucket = buckets.get(key) ?? { tokens: capacity, at };
      bucket.tokens = Math.min(capacity, bucket.tokens + ((at - bucket.at) / 1000) * perSecond);
      bucket.at = at;
      buckets.set(key, bucket);
      if (bucket.tokens < 1) return Math.max(1, Math.ceil((1 - bucket.tokens) / perSecond));
      bucket.tokens -= 1;
      return undefined;
    },
  };
}
