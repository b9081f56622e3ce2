/** Throttles calls with a token bucket for each action, as EC2 throttles an account in a Region. */
import type { AwsSettings, Bucket } from '../settings.js';

export interface Throttle {
  /** Takes a token. @returns false for an empty bucket */
  takes(service: string, action: string): boolean;
}

export function throttle(settings: AwsSettings, now: () => number): Throttle {
  const levels = new Map<string, { tokens: number; at: number }>();
  return {
    takes(service, action) {
      if (!settings.buckets.on) return true;
      const { size, refillPerSecond } = bucketFor(settings, service, action);
      const key = `${service} ${action}`;
      const level = levels.get(key) ?? { tokens: size, at: now() };
      const refilled = level.tokens + ((now() - level.at) / 1000) * refillPerSecond;
      const tokens = Math.min(size, refilled);
      levels.set(key, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now() });
      return tokens >= 1;
    },
  };
}

function bucketFor({ buckets }: AwsSettings, service: string, action: string): Bucket {
  if (service !== 'ec2') return buckets.workspaces;
  if (action === 'ModifyNetworkInterfaceAttribute') return buckets.modifyInterface;
  return action.startsWith('Describe') ? buckets.describe : buckets.mutate;
}
