/** Reads from a rule's tags whose access it is and when that ends, as anybody with the AWS console could. */
import type { Rule } from '../../aws/state/resources.js';

export interface LeaseShown {
  requestId: string;
  endsAtMs: number;
  openedAtMs: number;
  user: string;
  target: string;
}

const PREFIX = 'workspace-ssh:lease:';
export const INSTALLATION = 'workspace-ssh:installation';

/** The leases on a rule, unverified: only the bot has the keys to verify their signatures. */
export function leasesOf(rule: Pick<Rule, 'tags'>): LeaseShown[] {
  return Object.entries(rule.tags).flatMap(([key, value]) => {
    if (!key.startsWith(PREFIX)) return [];
    const [version, end, opened, user = '', target = ''] = value.split(' ');
    if (version !== 'v1') return [];
    const requestId = key.slice(PREFIX.length);
    return [{ requestId, endsAtMs: Number(end), openedAtMs: Number(opened), user, target }];
  });
}

/** The latest end of the leases on a rule, epoch milliseconds; undefined for a rule without a lease. */
export function endOf(rule: Pick<Rule, 'tags'>): number | undefined {
  const ends = leasesOf(rule).map(({ endsAtMs }) => endsAtMs);
  return ends.length > 0 ? Math.max(...ends) : undefined;
}
